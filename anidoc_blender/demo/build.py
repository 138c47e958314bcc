"""Build the demo shot: camera, Grease Pencil object with layers and materials, drawings on twos, one filled key."""

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from ...backend.demo.design import Colour
from ...backend.demo.shot import DemoDrawing, DemoShot, demo_shot
from ...backend.demo.strokes import DemoStroke
from .. import compat
from ..colour import colour_to_blender

#: Pixels of the render frame to one Blender unit.
PIXELS_PER_UNIT = 100.0
#: Layers of the character, bottom to top; the artist's filled key lies under the lines.
LAYERS = ("Key", "Separation", "Details", "Lines")
#: Each drawing is exposed for two frames.
ON_TWOS = 2


def build_demo_scene(
    scene: bpy.types.Scene, count: int = 24, seed: int = 0, width: int = 1280, height: int = 720
) -> bpy.types.Object:
    """Fill the scene with the demo shot and give the Grease Pencil object. The scene then stands at its filled key."""
    shot = demo_shot(count, width, height, seed)
    _set_up_render(scene, shot)
    _add_camera(scene, shot)
    character = _add_character(scene, shot)
    scene.frame_set(_frame(shot.key))
    return character


def _frame(number: int) -> int:
    """Where drawing ``number`` begins."""
    return 1 + ON_TWOS * number


def _set_up_render(scene: bpy.types.Scene, shot: DemoShot) -> None:
    scene.render.resolution_x, scene.render.resolution_y = shot.width, shot.height
    scene.render.resolution_percentage = 100
    scene.render.fps, scene.render.fps_base = 24, 1.0
    scene.frame_start, scene.frame_end = 1, ON_TWOS * len(shot.drawings)
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.look = "None"
    world = bpy.data.worlds.new("Paper")
    world.color = (1.0, 1.0, 1.0)
    scene.world = world


def _add_camera(scene: bpy.types.Scene, shot: DemoShot) -> None:
    lens = bpy.data.cameras.new("Camera")
    lens.type = "ORTHO"
    lens.ortho_scale = max(shot.width, shot.height) / PIXELS_PER_UNIT
    camera = bpy.data.objects.new("Camera", lens)
    camera.location = (0.0, -10.0, shot.height / 2.0 / PIXELS_PER_UNIT)
    camera.rotation_euler = (np.pi / 2.0, 0.0, 0.0)
    scene.collection.objects.link(camera)
    scene.camera = camera


def _add_material(data: Any, name: str, colour: Colour, fill: bool) -> None:
    material = bpy.data.materials.new(name)
    bpy.data.materials.create_gpencil_data(material)
    style: Any = material.grease_pencil
    style.color = colour_to_blender((*colour, 255))
    style.fill_color = colour_to_blender((*colour, 255))
    if not compat.FILL_BY_STROKE:
        style.show_stroke, style.show_fill = not fill, fill
    material.anidoc.separation = name == "Separation"  # pyright: ignore[reportAttributeAccessIssue]
    data.materials.append(material)


def _add_character(scene: bpy.types.Scene, shot: DemoShot) -> bpy.types.Object:
    data = compat.grease_pencils().new("Character")
    for name, colour in shot.inks.items():
        _add_material(data, name, colour, fill=False)
    for name, colour in shot.colours.items():
        _add_material(data, name, colour, fill=True)
    slots = {material.name.partition(".")[0]: index for index, material in enumerate(data.materials)}
    for name in LAYERS:
        layer = data.layers.new(name)
        layer.use_lights = False
    for drawing in shot.drawings:
        frame = _frame(drawing.number)
        for name in LAYERS[1:]:
            strokes = [stroke for stroke in drawing.strokes if stroke.layer == name]
            _write(data.layers[name].frames.new(frame).drawing, strokes, slots, shot, filled=False)
    key = data.layers["Key"]
    _write(key.frames.new(_frame(shot.key)).drawing, _fills(shot.drawings[shot.key]), slots, shot, filled=True)
    if shot.key + 1 < len(shot.drawings):
        key.frames.new(_frame(shot.key + 1))
    character = bpy.data.objects.new("Character", data)
    scene.collection.objects.link(character)
    return character


def _fills(drawing: DemoDrawing) -> list[DemoStroke]:
    """The drawing's flats as the closed strokes an artist's fill tool leaves, back to front."""
    return [
        DemoStroke(flat.polygon, np.ones(len(flat.polygon)), "Key", flat.colour, cyclic=True, ident=0)
        for flat in drawing.flats
    ]


def _write(drawing: Any, strokes: Sequence[DemoStroke], slots: dict[str, int], shot: DemoShot, filled: bool) -> None:
    """Put strokes into a drawing with one call for each attribute."""
    if not strokes:
        return
    drawing.add_strokes([len(stroke.points) for stroke in strokes])
    pixels = np.concatenate([stroke.points for stroke in strokes])
    places = np.zeros((len(pixels), 3), np.float32)
    places[:, 0] = (pixels[:, 0] - shot.width / 2.0) / PIXELS_PER_UNIT
    places[:, 2] = (shot.height - pixels[:, 1]) / PIXELS_PER_UNIT
    radius = np.concatenate([stroke.radius for stroke in strokes]) / PIXELS_PER_UNIT
    _set(drawing, "position", "FLOAT_VECTOR", "POINT", "vector", places)
    _set(drawing, "radius", "FLOAT", "POINT", "value", radius.astype(np.float32))
    _set(drawing, "opacity", "FLOAT", "POINT", "value", np.ones(len(pixels), np.float32))
    _set(drawing, "cyclic", "BOOLEAN", "CURVE", "value", np.array([stroke.cyclic for stroke in strokes]))
    material = np.array([slots[stroke.material] for stroke in strokes], np.int32)
    _set(drawing, "material_index", "INT", "CURVE", "value", material)
    if compat.FILL_BY_STROKE and filled:
        _set(drawing, "fill_id", "INT", "CURVE", "value", np.arange(1, len(strokes) + 1, dtype=np.int32))
        _set(drawing, "hide_stroke", "BOOLEAN", "CURVE", "value", np.ones(len(strokes), bool))
    drawing.tag_positions_changed()


def _set(drawing: Any, name: str, kind: str, domain: str, field: str, values: np.ndarray) -> None:
    """Write one attribute, made first where a fresh drawing lacks it."""
    attribute = drawing.attributes.get(name) or drawing.attributes.new(name, kind, domain)
    attribute.data.foreach_set(field, np.ascontiguousarray(values).ravel())
