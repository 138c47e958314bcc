"""The demo shot in a real Blender: what an artist finds in it, and the command that colours it and makes the film."""

import json
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
from bl_ext.user_default.anidoc.anidoc_blender.demo.build import build_demo_scene
from bl_ext.user_default.anidoc.backend.demo.shot import demo_shot
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

ROOT = Path(__file__).parents[2]


def held(layer, frame):
    return layer.get_frame_at(frame).drawing


def values(drawing, name, field, width=1):
    data = drawing.attributes[name].data
    array = np.empty(len(data) * width, np.float32)
    data.foreach_get(field, array)
    return array.reshape(-1, width) if width > 1 else array


def test_the_shot_is_on_twos_with_one_filled_key():
    scene = bpy.context.scene
    layers = build_demo_scene(scene, count=4).data.layers
    assert [layer.name for layer in layers] == ["Key", "Separation", "Details", "Lines"]
    assert [frame.frame_number for frame in layers["Lines"].frames] == [1, 3, 5, 7]
    assert (scene.frame_start, scene.frame_end, scene.render.fps) == (1, 8, 24)
    assert len(held(layers["Key"], 3).strokes) > 40
    assert layers["Key"].get_frame_at(1) is None and len(held(layers["Key"], 5).strokes) == 0, "on its own drawing only"
    assert scene.frame_current == 3, "the artist sees it"


def test_lines_lie_where_the_drawing_has_them():
    scene = bpy.context.scene
    character = build_demo_scene(scene, count=1)
    bpy.context.view_layer.update()
    shot = demo_shot(1)
    drawn = [stroke for stroke in shot.drawings[0].strokes if stroke.layer == "Lines"]
    drawing = held(character.data.layers["Lines"], 1)
    assert len(drawing.strokes) == len(drawn)
    local = values(drawing, "position", "vector", 3)
    pixels = np.concatenate([stroke.points for stroke in drawn])
    for index in range(0, len(local), 97):
        seen = world_to_camera_view(scene, scene.camera, character.matrix_world @ Vector(local[index]))
        there = np.array([seen.x * shot.width, (1.0 - seen.y) * shot.height])
        assert np.abs(there - pixels[index]).max() < 0.02
    widths = values(drawing, "radius", "value") * 100.0
    assert np.allclose(widths, np.concatenate([stroke.radius for stroke in drawn]), atol=1e-4)


def test_edges_of_tones_are_separation_lines():
    data = build_demo_scene(bpy.context.scene, count=1).data
    marked = {material.name for material in data.materials if material.anidoc.separation}
    assert marked == {"Separation"}
    used = {stroke.material_index for stroke in held(data.layers["Separation"], 1).strokes}
    assert {data.materials[index].name for index in used} == {"Separation"}


def test_add_demo_shot_leaves_a_scene_ready_to_be_coloured():
    assert bpy.ops.anidoc.add_demo_shot(count=4, seed=3) == {"FINISHED"}
    scene = bpy.data.scenes["AniDoc Demo"]
    assert [(r.kind, r.frame, r.is_key) for r in scene.anidoc.references] == [("DRAWING", 3, True)]
    assert scene.camera is not None and scene.view_settings.view_transform == "Standard"


def test_the_view_it_was_pressed_in_looks_through_the_camera():
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda a: a.width * a.height)
    area.type = "VIEW_3D"
    view = area.spaces.active
    view.region_3d.view_perspective = "PERSP"
    with bpy.context.temp_override(window=window, area=area):
        assert bpy.ops.anidoc.add_demo_shot(count=1) == {"FINISHED"}
    assert window.scene.name == "AniDoc Demo"
    assert view.region_3d.view_perspective == "CAMERA"
    assert (view.shading.type, view.shading.background_type) == ("SOLID", "WORLD"), "on the white paper"


def test_the_command_leaves_film_sheet_and_file(tmp_path, backend_python):
    out = tmp_path / "a demo"
    command = [backend_python, "-m", "backend", "demo", "--out", out, "--drawings", "3", "--blender", sys.executable]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for name in ("demo.blend", "demo.mp4", "demo.gif", "contact-sheet.png"):
        assert (out / name).stat().st_size > 1000
        assert str(out / name) in ended.stdout
    said = [line.strip() for line in ended.stdout.splitlines()]
    assert "drawing 3 drawings in Grease Pencil strokes" in said and "rendering the strip, 6 frames" in said
    frames = json.loads((out / "demo.json").read_text())["frames"]
    assert len(frames) == 6
    picture = bpy.data.images.load(frames[0])
    picture.colorspace_settings.name = "Non-Color"
    levels = np.empty(len(picture.pixels), np.float32)
    picture.pixels.foreach_get(levels)
    found = {tuple(colour) for colour in np.round(levels.reshape(-1, 4) * 255).astype(int)}
    colours = demo_shot(1).colours
    for name in ("Coat", "Coat shadow", "Hair", "Skin", "Scarf", "Boots", "Trousers", "Leather"):
        assert (*colours[name], 255) in found, f"{name} is in the rendered strip to the bit"


def test_the_command_says_in_a_sentence_that_blender_is_missing(tmp_path, backend_python):
    command = [backend_python, "-m", "backend", "demo", "--out", tmp_path / "x", "--blender", tmp_path / "no blender"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "There is no Blender at" in ended.stderr and "Traceback" not in ended.stderr
