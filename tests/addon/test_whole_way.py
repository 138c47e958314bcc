"""The whole way: a Grease Pencil drawing, a job, the anidoc command, a strip, a rendered picture."""

import subprocess
from pathlib import Path

import bpy
import numpy as np
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.read import read_drawing
from bl_ext.user_default.anidoc.anidoc_blender.timeline import place_strip
from bl_ext.user_default.anidoc.backend.contracts.drawing import FILL, picture_id
from bl_ext.user_default.anidoc.backend.contracts.files import write_bytes
from bl_ext.user_default.anidoc.backend.contracts.job import DrawingFile, Job, KeyFile
from bl_ext.user_default.anidoc.backend.contracts.jobfolder import save_job, strokes_to_bytes
from bl_ext.user_default.anidoc.backend.contracts.report import load_report
from bl_ext.user_default.anidoc.backend.contracts.shot import Exposure, Material

ROOT = Path(__file__).parents[2]
RED = (200, 30, 60, 255)


def square(drawing, half, material):
    """A closed square around the origin in the plane the camera looks at."""
    drawing.add_strokes([4])
    stroke = drawing.strokes[-1]
    stroke.cyclic, stroke.material_index = True, material
    for point, (x, z) in zip(stroke.points, [(-1, -1), (1, -1), (1, 1), (-1, 1)], strict=True):
        point.position = (x * half, 0, z * half)


def scene_with_a_square():
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 160, 120
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    lens = bpy.data.cameras.new("Camera")
    lens.type, lens.ortho_scale = "ORTHO", 4.0
    camera = bpy.data.objects.new("Camera", lens)
    camera.location, camera.rotation_euler = (0, -5, 0), (np.pi / 2, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    pencils = bpy.data.grease_pencils_v3 if bpy.app.version < (5, 0) else bpy.data.grease_pencils
    data = pencils.new("Character")
    for name, fill in (("Line", False), ("Fill", True)):
        material = bpy.data.materials.new(name)
        bpy.data.materials.create_gpencil_data(material)
        material.grease_pencil.show_fill, material.grease_pencil.show_stroke = fill, not fill
        data.materials.append(material)
    square(data.layers.new("Lines").frames.new(1).drawing, 1.0, 0)
    square(data.layers.new("Colour").frames.new(1).drawing, 1.0, 1)
    ob = bpy.data.objects.new("Character", data)
    scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return scene, ob


def test_a_drawing_comes_back_coloured(tmp_path, backend_python):
    scene, ob = scene_with_a_square()
    everything = read_drawing(scene, ob, 1)
    assert len(everything) == 2 and everything.role[1] == FILL
    name = picture_id(everything, 160, 120)

    write_bytes(tmp_path / "drawings" / f"{name}.npz", strokes_to_bytes(everything))
    write_bytes(tmp_path / "keys" / f"{name}.npz", strokes_to_bytes(everything))
    save_job(
        tmp_path,
        Job(
            name="square",
            width=160,
            height=120,
            drawings=(DrawingFile(name, f"drawings/{name}.npz"),),
            exposures=(Exposure(1, 2, name),),
            materials=(Material("Line"), Material("Fill", fill=RED)),
            keys=(KeyFile(name, f"keys/{name}.npz"),),
        ),
    )
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
