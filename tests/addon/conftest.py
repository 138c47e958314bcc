"""A real Blender, as a Python module, with the add-on enabled from this checkout."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADDON = "bl_ext.user_default.anidoc"

_resources = Path(tempfile.mkdtemp(prefix="anidoc-blender-"))
os.environ["BLENDER_USER_RESOURCES"] = str(_resources)
_link = _resources / "extensions" / "user_default" / "anidoc"
_link.parent.mkdir(parents=True)
_link.symlink_to(ROOT, target_is_directory=True)

import bpy  # noqa: E402, I001  (reads its folders when imported, and makes addon_utils importable)
import addon_utils  # noqa: E402

addon_utils.modules_refresh()
addon_utils.enable(ADDON, default_set=True)


@pytest.fixture(autouse=True)
def empty_file():
    """Each test starts from an empty file."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    yield


@pytest.fixture(scope="session")
def backend_python() -> str:
    """The interpreter that has the Cel environment's packages."""
    chosen = os.environ.get("ANIDOC_PYTHON") or str(ROOT / ".venv" / "bin" / "python")
    assert Path(chosen).exists(), f"no interpreter at {chosen}; run python3 dev.py test"
    return chosen


def pytest_sessionfinish():
    """Blender 4.5 does not end while a timer of the add-on is registered."""
    addon_utils.disable(ADDON)
    sys.stdout.flush()
