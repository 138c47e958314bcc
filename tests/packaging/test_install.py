"""A user installs the zip in each supported Blender, finds everything, and can take it away without a trace."""

import json
import os
from pathlib import Path

import pytest

from tools import processes
from tools.environments import BLENDERS, ROOT, blender_environment, python_of

VERSIONS = os.environ.get("ANIDOC_BLENDERS", " ".join(BLENDERS)).split()
NOTHING = {"classes": [], "properties": [], "handlers": [], "modules": []}


@pytest.fixture(scope="module", params=VERSIONS)
def seen(request, extension: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What visit.py saw in a Blender that knows nothing yet."""
    python = python_of(blender_environment(request.param))
    assert python.exists(), f"Blender {request.param} is not set up; run python3 dev.py setup"
    resources = tmp_path_factory.mktemp(f"blender {request.param}")
    script = ROOT / "tests" / "packaging" / "visit.py"
    variables = {"BLENDER_USER_RESOURCES": str(resources), "PYTHONPATH": ""}
    code, output = processes.run([python, script, extension], resources, 240, variables, quiet=True)
    reports = [line.removeprefix("VISIT ") for line in output.splitlines() if line.startswith("VISIT ")]
    assert code == 0 and len(reports) == 1, output
    report = json.loads(reports[0])
    assert report["blender"].startswith(request.param)
    return report


def test_it_installs_and_is_switched_on(seen):
    assert seen["before"] == NOTHING
    assert seen["install"] == ["FINISHED"] and seen["enabled"]
    assert {"colorize_shot", "set_up", "cancel"} <= set(seen["operators"])


def test_preferences_and_user_folder_are_found_under_the_extensions_own_name(seen):
    assert seen["preferences"] == "ANIDOC_AP_preferences"
    assert seen["user_folder"]["exists"] and seen["user_folder"]["path"].endswith("anidoc")


def test_switching_off_leaves_nothing_registered(seen):
    assert seen["on"]["classes"]
    assert seen["off"] == {**NOTHING, "modules": seen["off"]["modules"]}  # Blender itself keeps modules in memory
    assert seen["on_again"] == seen["on"]


def test_uninstalling_takes_the_files_and_the_user_folder_away(seen):
    assert seen["uninstall"] == ["FINISHED"]
    assert seen["gone"]["classes"] == [] and seen["gone"]["handlers"] == [] and seen["gone"]["properties"] == []
    assert seen["left"] == []
    assert not seen["user_folder_left"]
