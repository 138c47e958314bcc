"""The whole way: a Grease Pencil drawing, a job, the anidoc command, a strip, a rendered picture."""

import subprocess
from pathlib import Path

import bpy
import numpy as np
from bl_ext.user_default.anidoc.anidoc_blender.colour import colour_to_blender
from bl_ext.user_default.anidoc.anidoc_blender.compat import FILL_BY_STROKE, grease_pencils
from bl_ext.user_default.anidoc.anidoc_blender.job_writer import finish, write_job
from bl_ext.user_default.anidoc.anidoc_blender.shot_request import KeyRequest, ShotRequest
from bl_ext.user_default.anidoc.anidoc_blender.timeline import place_strip
from bl_ext.user_default.anidoc.backend.contracts.report import load_report

from tests.support.shots import stage

ROOT = Path(__file__).parents[2]
RED = (200, 30, 60, 255)


def square(drawing, half, material):
    """A closed square around the origin in the plane the camera looks at."""
    drawing.add_strokes([4])
    stroke = drawing.strokes[-1]
    stroke.cyclic, stroke.material_index = True, material
    for point, (x, z) in zip(stroke.points, [(-1, -1), (1, -1), (1, 1), (-1, 1)], strict=True):
        point.position = (x * half, 0, z * half)
    if FILL_BY_STROKE and material == 1:
        stroke.fill_id, stroke.hide_stroke = 1, True


def scene_with_a_square():
    scene = stage((160, 120))
    data = grease_pencils().new("Character")
    for name, fill in (("Line", False), ("Fill", True)):
        material = bpy.data.materials.new(name)
        bpy.data.materials.create_gpencil_data(material)
        material.grease_pencil.fill_color = colour_to_blender(RED)
        if not FILL_BY_STROKE:
            material.grease_pencil.show_fill, material.grease_pencil.show_stroke = fill, not fill
        data.materials.append(material)
    square(data.layers.new("Lines").frames.new(1).drawing, 1.0, 0)
    square(data.layers.new("Colour").frames.new(1).drawing, 1.0, 1)
    ob = bpy.data.objects.new("Character", data)
    scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return scene


def test_a_drawing_comes_back_coloured(tmp_path, backend_python):
    scene = scene_with_a_square()
    finish(write_job(ShotRequest(scene.name, tmp_path, first=1, last=2, keys=(KeyRequest(1),))))
    subprocess.run([backend_python, "-m", "backend", "run", str(tmp_path)], cwd=ROOT, check=True, timeout=60)
    place_strip(scene, tmp_path, load_report(tmp_path))

    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.frame_start, scene.frame_end = 1, 2
    scene.render.filepath = str(tmp_path / "render_")
    bpy.ops.render.render(animation=True)
    for frame in (1, 2):
        rendered = bpy.data.images.load(str(tmp_path / f"render_{frame:04}.png"))
        rendered.colorspace_settings.name = "Non-Color"
        pixels = np.empty(160 * 120 * 4, np.float32)
        rendered.pixels.foreach_get(pixels)
        pixels = np.round(pixels.reshape(120, 160, 4) * 255).astype(int)
        assert tuple(pixels[60, 80]) == RED
        assert pixels[5, 5, 3] == 0
