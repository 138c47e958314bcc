"""Small real scenes to read: a camera, Grease Pencil objects, strokes; and an independent way to project points."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.anidoc.anidoc_blender import compat
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.chosen import Choice
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.exposures import walk
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.picture import Reader
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

SQUARE = ((-1, -1), (1, -1), (1, 1), (-1, 1))
CROSS = ((-1, 0), (1, 0))


def stage(width: int = 320, height: int = 240, ortho: float | None = 4.0, last: int = 8) -> Any:
    """The open scene with a camera 5 units before the drawing plane (x right, z up); 80 px a unit by default."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    scene.frame_start, scene.frame_end = 1, last
    scene.camera = camera("Camera", (0, -5, 0), ortho)
    return scene


def camera(name: str, location: Sequence[float], ortho: float | None = 4.0) -> Any:
    """A camera that looks along y."""
    lens = bpy.data.cameras.new(name)
    if ortho is not None:
        lens.type, lens.ortho_scale = "ORTHO", ortho
    ob = bpy.data.objects.new(name, lens)
    ob.location, ob.rotation_euler = location, (np.pi / 2, 0, 0)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def material(
    name: str, line: Sequence[float] = (0, 0, 0, 1), fill: Sequence[float] = (0, 0, 0, 0), role: str = "line"
) -> Any:
    """A Grease Pencil material; ``role`` is line, fill or both (which Blender 5.2 asks the strokes instead)."""
    made = bpy.data.materials.new(name)
    bpy.data.materials.create_gpencil_data(made)
    style = made.grease_pencil
    style.color, style.fill_color = line, fill
    if not compat.FILL_BY_STROKE:
        style.show_stroke, style.show_fill = role != "fill", role != "line"
    return made


def pencil(name: str = "Character", *materials: Any, link: bool = True) -> Any:
    """A Grease Pencil object without layers."""
    data = compat.grease_pencils().new(name)
    for m in materials or (material("Line"),):
        data.materials.append(m)
    ob = bpy.data.objects.new(name, data)
    if link:
        bpy.context.scene.collection.objects.link(ob)
    return ob


def layer(ob: Any, name: str = "Lines") -> Any:
    """A layer on top, whose colours no lamp changes."""
    made = ob.data.layers.new(name)
    made.use_lights = False
    return made


def key(on: Any, frame: int, *paths: Sequence[Sequence[float]], **about: Any) -> Any:
    """A key of a layer with one stroke for each path of (x, z) or (x, y, z); ``about`` as in ``stroke``."""
    drawing = on.frames.new(frame).drawing
    for path in paths:
        stroke(drawing, path, **about)
    return drawing


def stroke(
    drawing: Any, path: Sequence[Sequence[float]], *, closed: bool = False, slot: int = 0, role: str = "line",
    radius: float | None = None, opacity: float | None = None,
) -> None:  # fmt: skip
    """One more stroke, through ``path``."""
    points = np.array([p if len(p) == 3 else (p[0], 0, p[1]) for p in path], np.float32)
    start = len(drawing.attributes["position"].data) if len(drawing.curve_offsets) else 0
    drawing.add_strokes([len(points)])
    made = drawing.strokes[len(drawing.strokes) - 1]
    for point, at in zip(made.points, points, strict=True):
        point.position = at
        if radius is not None:
            point.radius = radius
        if opacity is not None:
            point.opacity = opacity
    if closed:
        made.cyclic = True
    if slot:
        made.material_index = slot
    if compat.FILL_BY_STROKE and role != "line":
        made.fill_id = start + 1
        made.hide_stroke = role == "fill"
    drawing.tag_positions_changed()


def armature() -> Any:
    """A rig of one upright bone, Arm."""
    rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bone = rig.data.edit_bones.new("Arm")
    bone.head, bone.tail = (0, 0, 0), (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def read(scene: Any, first: int | None = None, last: int | None = None, choice: Choice | None = None) -> list[Any]:
    """Everything the walk through the shot sees."""
    reader = Reader(scene.name, choice or Choice())
    steps = walk(reader, scene.frame_start if first is None else first, scene.frame_end if last is None else last)
    return [seen for batch in steps for seen in batch]


def look(scene: Any, frame: int = 1, choice: Choice | None = None) -> Any:
    """The strokes seen at one frame."""
    return read(scene, frame, frame, choice)[0].strokes


def blenders_pixels(scene: Any, world: Sequence[Sequence[float]]) -> np.ndarray:
    """(N, 2) px by Blender's own helper for add-ons, an independent way to the same numbers."""
    bpy.context.view_layer.update()
    r = scene.render
    size = np.array([r.resolution_x, r.resolution_y]) * r.resolution_percentage // 100
    seen = np.array([world_to_camera_view(scene, scene.camera, Vector(p)) for p in world])
    return np.stack([seen[:, 0], 1 - seen[:, 1]], 1) * size


def picture(path: Path, colour: Sequence[int] = (200, 30, 60, 255), size: tuple[int, int] = (8, 6)) -> Path:
    """A small PNG of one colour."""
    image = bpy.data.images.new(path.stem, *size, alpha=True)
    image.pixels.foreach_set(np.tile(np.array(colour, np.float32) / 255, size[0] * size[1]))
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path
