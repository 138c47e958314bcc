"""In-betweens shown over their keys before they are put in: an object of its own that is never rendered."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...backend.contracts.tween import load_between
from .. import compat
from .flat import Source
from .plane import Plane
from .write import write_between

if TYPE_CHECKING:
    from .work import Plan

NAME = "In-between preview"

TINT = (0.1, 0.35, 1.0)
"""Blue, as in-betweens are pencilled on paper."""

FAINT = 0.6


def show(scene: bpy.types.Scene, ob: Any, folder: Path, plan: "Plan", plane: Plane, sources: list[Source]) -> None:
    """Lay all in-betweens over each other at the first key, tinted, where the object stands."""
    data = compat.grease_pencils().new(NAME)
    blue: dict[str, Any] = {}
    for material in ob.data.materials:
        data.materials.append(_blue(material, blue))
    first = plan.chosen.frames[0]
    for pair, frames in enumerate(plan.frames):
        keys = tuple(zip(plan.chosen.frames[pair : pair + 2], sources[pair : pair + 2], strict=True))
        for m in range(len(frames)):
            between = load_between(folder, pair, m)
            write_between(
                data,
                between,
                plane,
                keys,
                lambda name, m=m, pair=pair: _drawing(data, ob, name, pair, m, first),
                ob.data,
            )
    shown = bpy.data.objects.new(NAME, data)
    shown.matrix_world = ob.matrix_world
    shown.hide_render = shown.hide_select = True
    shown.show_in_front = True
    scene.collection.objects.link(shown)
    scene.anidoc_inbetween.waiting = shown.name  # pyright: ignore[reportAttributeAccessIssue]


def _drawing(data: Any, ob: Any, name: str, pair: int, number: int, first: int) -> Any:
    layer = data.layers.new(f"{pair}-{number} {name}")
    return _placed(layer, ob.data.layers[name], first)


def _blue(material: Any, made: dict[str, Any]) -> Any:
    """A copy of a material that draws and fills in blue. A layer's tint is not drawn since Blender 4.3, and the colours that
    the Tint modifier gives are not seen in solid shading."""
    if material is None or material.grease_pencil is None:
        return material
    if material.name_full not in made:
        copy = made[material.name_full] = material.copy()
        copy.name = NAME
        style = copy.grease_pencil
        style.color = (*TINT, style.color[3])
        style.fill_color = (*TINT, style.fill_color[3])
    return made[material.name_full]


def _placed(layer: Any, source: Any, first: int) -> Any:
    layer.translation, layer.rotation, layer.scale = source.translation, source.rotation, source.scale
    layer.use_lights = False
    layer.opacity = FAINT
    return layer.frames.new(first).drawing


def waiting(scene: bpy.types.Scene) -> bool:
    """Whether a preview waits for Apply or Discard."""
    return scene.anidoc_inbetween.waiting in bpy.data.objects  # pyright: ignore[reportAttributeAccessIssue]


def forget(scene: bpy.types.Scene) -> None:
    """Take the preview away."""
    settings: Any = scene.anidoc_inbetween  # pyright: ignore[reportAttributeAccessIssue]
    ob: Any = bpy.data.objects.get(settings.waiting)
    settings.waiting = ""
    if ob is None or not ob.name.startswith(NAME):
        return
    data = ob.data
    bpy.data.objects.remove(ob)
    if data is None or data.users:
        return
    materials = {m for m in data.materials if m is not None and m.name.startswith(NAME)}
    compat.grease_pencils().remove(data)
    for material in materials:
        if not material.users:
            bpy.data.materials.remove(material)
