"""In-between with AniDoc: the stretch between two keys painted by a real backend process with small random weights."""

import json

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import compat
from bl_ext.user_default.anidoc.anidoc_blender.client import life

from tests.support.shots import make_shot, picture, rendered


def test_drawings_and_colours_then_colours_alone_then_the_same_drawing(
    monkeypatch, torch_python, tiny_weights, tmp_path
):
    for name in ("ANIDOC_PYTHON", "ANIDOC_TORCH_PYTHON"):
        monkeypatch.setenv(name, torch_python)
    monkeypatch.setenv("ANIDOC_WEIGHTS", str(tiny_weights))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # tiny networks are no quicker with more
    scene = make_shot((1, 5, 9), end=10)  # the filled drawing at frame 1 is outside the second stretch
    character = bpy.data.objects["Character"]
    bpy.context.view_layer.objects.active = character
    lines = character.data.layers["Lines"]
    scene.anidoc.engine, scene.anidoc.diffusion.steps, scene.anidoc.diffusion.background = "anidoc", 1, "cut"
    settings = scene.anidoc_inbetween
    settings.colour = True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    folder = tmp_path / "anidoc" / "shot" / scene.name
    with life.hold():  # the model is loaded once
        scene.frame_set(2)
        assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
        assert {f.frame_number: f.keyframe_type for f in lines.frames}[3] == "BREAKDOWN"
        (strip,) = scene.sequence_editor.strips
        assert compat.strip_bounds(strip) == (1, 9)
        scene.frame_set(6)
        settings.drawings, settings.count = False, 2
        assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
        assert [f.frame_number for f in lines.frames] == [1, 3, 5, 9]
        (strip,) = scene.sequence_editor.strips
        assert compat.strip_bounds(strip) == (1, 11)  # what was painted before stays
        job, report = (json.loads((folder / f"{name}.json").read_text()) for name in ("job", "report"))
        assert [e["frame"] for e in job["exposures"]] == [5, 6, 8, 9] and len(report["coloured"]) == 4
        for exposure in job["exposures"]:
            frame = picture(folder / "frames" / f"{exposure['drawing']}.png")
            # Cut out along the lines, those of the in-betweens that no layer has as well; inside the model has painted.
            assert frame[2, 2, 3] == 0 and frame[60, 80, 3] == 255 and np.ptp(frame[40:80, 60:100, :3]) > 0
        assert rendered(scene, tmp_path, 7)[60, 80, 3] == 255
        for point in lines.get_frame_at(9).drawing.strokes[0].points:
            point.position.x -= 0.1
        with pytest.raises(RuntimeError, match="first and the last drawing are the same"):
            bpy.ops.anidoc.inbetween()
