"""What the AniDoc engine's tests start from: no models and no environment but those that a test makes."""

import os
import subprocess
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import messages, task
from bl_ext.user_default.anidoc.anidoc_blender.client import life
from bl_ext.user_default.anidoc.anidoc_blender.models import state
from bl_ext.user_default.anidoc.anidoc_blender.setup import environment

from tests.support.shots import ROOT, children, wait_until

_MAKE = (
    "import sys, pathlib; from tests.support.tiny_model import make_weights; make_weights(pathlib.Path(sys.argv[1]))"
)


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    """Models are kept in the test's own folder; afterwards no process is left."""
    for name in ("ANIDOC_PYTHON", "ANIDOC_TORCH_PYTHON", "ANIDOC_WEIGHTS", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANIDOC_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    environment.look()
    state.look()
    yield
    task.stop()
    life.leave_nothing()
    assert wait_until(lambda: not children()), children()
    messages.show()
    monkeypatch.undo()
    environment.look()
    state.look()


@pytest.fixture
def online():
    """Blender's switch."""
    bpy.context.preferences.system.use_online_access = True
    yield
    bpy.context.preferences.system.use_online_access = False


@pytest.fixture(scope="session")
def torch_python() -> str:
    """The interpreter that has torch: ANIDOC_TORCH_PYTHON, else this checkout's .venv-anidoc."""
    scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    chosen = ROOT / ".venv-anidoc" / scripts
    if not chosen.exists():
        pytest.skip("there is no .venv-anidoc; python3 dev.py test --only anidoc makes it")
    return str(chosen)


@pytest.fixture(scope="session")
def tiny_weights(torch_python, tmp_path_factory) -> Path:
    """Small random weights in the released layout: those beside the checkout, else made by the environment that has torch."""
    beside = ROOT.parent / "shared" / "parity" / "weights"
    if beside.is_dir():
        return beside
    folder = tmp_path_factory.mktemp("weights")
    subprocess.run([torch_python, "-c", _MAKE, str(folder)], cwd=ROOT, check=True, timeout=240)
    return folder
