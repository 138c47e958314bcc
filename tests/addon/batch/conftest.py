"""Files with several scenes for the tests of batches."""

from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import messages, task
from bl_ext.user_default.anidoc.anidoc_blender.batch import state
from bl_ext.user_default.anidoc.anidoc_blender.client import life

from tests.support.shots import children, fake_python, make_shot, part, wait_until


@pytest.fixture(autouse=True)
def nothing_left():
    """After each test no work, no process and no queue is left."""
    yield
    life.leave_nothing()
    state.use(None)
    assert task.current() is None and life._held == 0
    assert wait_until(lambda: not children()), children()
    messages.show()


@pytest.fixture
def use(monkeypatch, tmp_path, backend_python):
    """Have the fake backend in a mode colour; report page and in-betweens are still made by the real one."""

    def choose(mode: str) -> None:
        monkeypatch.setenv("ANIDOC_PYTHON", str(fake_python(tmp_path, mode, backend_python)))

    return choose


@pytest.fixture
def demo_file(tmp_path) -> Path:
    """A saved file with six scenes of the demo, ticked; the third has no camera."""
    build = part("anidoc_blender.demo.build").build_demo_scene
    for n in range(6):
        scene = bpy.context.scene if n == 0 else bpy.data.scenes.new("new")
        scene.name = f"Shot {n + 1}"
        character = build(scene, count=2, seed=n, width=320, height=180)
        key = scene.anidoc.references.add()
        filled = character.data.layers["Key"].frames[0].frame_number
        key.kind, key.frame, key.is_key = "DRAWING", filled, True
        scene.anidoc_batch.use = True
    bpy.data.scenes["Shot 3"].camera = None
    return saved(tmp_path / "six.blend")


def several(count: int) -> list[bpy.types.Scene]:
    """The open file with ``count`` small ticked shots of two drawings: Scene A, Scene B ..."""
    first = make_shot((1, 3), end=4)
    scenes = [first]
    for _ in range(count - 1):
        with bpy.context.temp_override(scene=first):
            bpy.ops.scene.new(type="FULL_COPY")
        scenes.append(next(s for s in bpy.data.scenes if s not in scenes))
    for n, scene in enumerate(scenes):
        scene.name = f"Scene {'ABCDEFGH'[n]}"
        scene.anidoc_batch.use = True
    return scenes


def saved(path: Path) -> Path:
    """Save the open file there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def written(folder: Path) -> dict[str, int]:
    """When each coloured frame below ``folder`` was written."""
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("frames/*.png")}
