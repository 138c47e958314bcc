"""Frames that were deleted, or not moved with their .blend: Blender shows that they are missing, and lives."""

import subprocess
import sys
from pathlib import Path

import bpy
from bl_ext.user_default.anidoc.anidoc_blender.strip_sizes import set_sizes
from bl_ext.user_default.anidoc.anidoc_blender.timeline import place_strip
from bl_ext.user_default.anidoc.backend.contracts.report import Coloured, Report
from bl_ext.user_default.anidoc.backend.contracts.shot import Exposure

from tests.support.fake_backend import png

SIZE = (64, 48)
NAMES = [f"d{n}" for n in range(20)]

RENDER = """
import sys, bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
scene = bpy.context.scene
scene.render.filepath = sys.argv[2]
for frame in (1, 7, 24, 40):
    scene.frame_set(frame)
    bpy.ops.render.render(write_still=True)
print("alive", flush=True)
"""


def _place(folder: Path) -> None:
    frames = folder / "frames"
    frames.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        (frames / f"{name}.png").write_bytes(png(*SIZE, (number, 200, 30, 255)))
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    coloured = tuple(Coloured(name, f"frames/{name}.png", "", "") for name in NAMES)
    exposures = tuple(Exposure(1 + 2 * number, 2, name) for number, name in enumerate(NAMES))
    place_strip(
        scene,
        folder,
        Report(outcome="done", width=SIZE[0], height=SIZE[1], coloured=coloured, failed=(), exposures=exposures),
    )


def test_every_picture_of_the_strip_has_its_size(tmp_path):
    _place(tmp_path / "job")
    (strip,) = bpy.context.scene.sequence_editor.strips
    assert {(e.orig_width, e.orig_height) for e in strip.elements} == {SIZE}
    assert [e.filename for e in strip.elements] == [f"{name}.png" for name in NAMES for _ in range(2)]


def test_a_size_told_again_is_the_new_one(tmp_path):
    _place(tmp_path / "job")
    (strip,) = bpy.context.scene.sequence_editor.strips
    assert set_sizes(strip, 1920, 1080)
    assert {(e.orig_width, e.orig_height) for e in strip.elements} == {(1920, 1080)}


def test_a_file_whose_frames_are_gone_renders_without_them(tmp_path):
    _place(tmp_path / "job")
    blend = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    for name in NAMES:
        (tmp_path / "job" / "frames" / f"{name}.png").unlink()
    done = subprocess.run(
        [sys.executable, "-c", RENDER, str(blend), str(tmp_path / "render")],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0 and "alive" in done.stdout, done.stdout[-500:] + done.stderr[-500:]
