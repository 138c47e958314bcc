"""Which Grease Pencil objects and layers the shot is read from, and where they stand in the world."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...backend.contracts.errors import AniDocError


@dataclass(frozen=True)
class Choice:
    """What the artist chose, by name. Empty means everything visible.

    objects  names of Grease Pencil objects, or of the empties that instance them
    layers   (object, layer) names
    """

    objects: tuple[str, ...] = ()
    layers: tuple[tuple[str, str], ...] = ()

    def wants(self, names: tuple[str, ...]) -> bool:
        """Whether an object that goes by ``names`` (its own, its instancer's) belongs to the shot."""
        chosen = set(self.objects) or {ob for ob, _ in self.layers}
        return not chosen or not chosen.isdisjoint(names)

    def wants_layer(self, names: tuple[str, ...], layer: str) -> bool:
        """Whether one layer of that object belongs to the shot."""
        of_object = {name for ob, name in self.layers if ob in names}
        return not of_object or layer in of_object


@dataclass(frozen=True)
class Sight:
    """A Grease Pencil object as it stands in the scene, once for each instance. Valid until Blender evaluates again.

    label   what people call it; the same from frame to frame
    names   the object's name and its instancer's
    object  the original object
    world   (4, 4) float64
    """

    label: str
    names: tuple[str, ...]
    object: Any
    world: np.ndarray

    @property
    def scale(self) -> float:
        """What Grease Pencil multiplies thickness by: the length of the diagonal under the object's matrix.

        The layer's own scale moves points but, as seen in rendered lines, leaves their thickness alone.
        """
        return float(np.linalg.norm(self.world[:3, :3] @ np.full(3, 3**-0.5)))


def view_layer_of(scene: bpy.types.Scene) -> bpy.types.ViewLayer:
    """The view layer that is open for this scene, else its first."""
    context = bpy.context
    return context.view_layer if context.scene == scene and context.view_layer else scene.view_layers[0]


def evaluated(view_layer: bpy.types.ViewLayer) -> Any:
    """The view layer's dependency graph, up to date."""
    view_layer.update()
    depsgraph = view_layer.depsgraph
    if depsgraph is None:
        raise AniDocError(f"The view layer {view_layer.name} cannot be evaluated.", "Open its scene once.")
    return depsgraph


def sights(view_layer: bpy.types.ViewLayer, depsgraph: Any, choice: Choice) -> list[Sight]:
    """The chosen objects that can be seen, with instances, linked and overridden ones; in Blender's order."""
    unrendered = _unrendered(view_layer.layer_collection)
    found: list[Sight] = []
    count: dict[str, int] = {}
    for instance in depsgraph.object_instances:
        if instance.object.type != "GREASEPENCIL" or not instance.show_self:
            continue
        ob = instance.object.original
        parent = instance.parent.original if instance.is_instance and instance.parent else None
        names = (ob.name,) if parent is None else (ob.name, parent.name)
        if not choice.wants(names) or ob.hide_render:
            continue
        top = parent or ob
        if top.hide_render or top.name in unrendered:
            continue
        label = ob.name if parent is None else f"{parent.name}/{ob.name}"
        count[label] = count.get(label, 0) + 1
        if count[label] > 1:
            label = f"{label} {count[label]}"
        found.append(Sight(label, names, ob, np.array(instance.matrix_world, np.float64)))
    return found


def in_paint_order(found: list[Sight], axis: np.ndarray) -> list[Sight]:
    """The farthest object first, as Grease Pencil paints them; ``axis`` points towards the camera."""
    return sorted(found, key=lambda s: float(s.world[:3, 3] @ axis))


def layer_shows(layer: Any, view_layer_name: str) -> bool:
    """Whether a layer is visible: neither it nor a group around it is hidden, nor faded to nothing."""
    if layer.hide or layer.opacity <= 0 or layer.viewlayer_render not in ("", view_layer_name):
        return False
    group = layer.parent_group
    while group is not None:
        if group.hide:
            return False
        group = group.parent_group
    return True


def layer_world(layer: Any, sight: Sight, depsgraph: Any) -> np.ndarray:
    """(4, 4) float64 layer to world: the object's matrix, or that of the object or bone the layer is parented to."""
    local = np.array(layer.matrix_local, np.float64)
    if layer.parent is None:
        return sight.world @ local
    parent = layer.parent.original.evaluated_get(depsgraph)
    above = np.array(parent.matrix_world, np.float64)
    if parent.type == "ARMATURE" and layer.parent_bone and parent.pose and layer.parent_bone in parent.pose.bones:
        above = above @ np.array(parent.pose.bones[layer.parent_bone].matrix, np.float64)
    return above @ np.array(layer.matrix_parent_inverse, np.float64) @ local


def check_choice(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, choice: Choice, found: list[Sight]) -> None:
    """Say in one sentence what is wrong when something chosen is not there or nothing is. Raises ``AniDocError``."""
    seen = {name for s in found for name in s.names}
    for name in dict.fromkeys((*choice.objects, *(ob for ob, _ in choice.layers))):
        if name not in seen:
            raise _why_unseen(scene, view_layer, name)
    for name, layer_name in choice.layers:
        for sight in found:
            if name in sight.names:
                _check_layer(sight, layer_name, view_layer.name)
    if found:
        return
    if any(ob.type == "GREASEPENCIL" for ob in scene.objects):
        raise AniDocError(
            f"No Grease Pencil object of the scene {scene.name} is visible.",
            "Switch on the object's eye and camera icons in the outliner.",
        )
    lost = [library.name for library in bpy.data.libraries if library.is_missing]
    if lost:
        raise AniDocError(
            f"The linked file {lost[0]} is missing, and with it its drawings.",
            "Find it with File, External Data, Find Missing Files, or relocate the library.",
        )
    raise AniDocError(
        f"The scene {scene.name} has no Grease Pencil drawings.",
        "Add a Grease Pencil object and draw, or choose an image strip as the source.",
    )


def _check_layer(sight: Sight, layer_name: str, view_layer_name: str) -> None:
    layer = sight.object.data.layers.get(layer_name)
    if layer is None:
        raise AniDocError(f"{sight.object.name} has no layer {layer_name}.", "Choose the layers again.")
    if not layer_shows(layer, view_layer_name):
        raise AniDocError(
            f"The layer {layer_name} of {sight.object.name} is hidden.",
            "Switch its eye on (its group's too), give it opacity, or leave it out of the shot.",
        )


def _why_unseen(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, name: str) -> AniDocError:
    ob = scene.objects.get(name)
    if ob is None:
        return AniDocError(f"There is no object {name} in the scene {scene.name}.", "Choose the objects again.")
    if getattr(ob, "is_missing", False) or (ob.data is not None and ob.data.is_missing):
        return AniDocError(
            f"The linked data of {name} is missing.",
            "Find the file with File, External Data, Find Missing Files.",
        )
    if ob.type != "GREASEPENCIL" and ob.instance_type != "COLLECTION":
        return AniDocError(f"{name} is not a Grease Pencil object.", "Choose the objects again.")
    return AniDocError(
        f"{name} is hidden.",
        "Switch on its eye and camera icons in the outliner (its collection's too), or leave it out of the shot.",
    )


def _unrendered(layer_collection: Any) -> set[str]:
    """Names of objects that stand only in collections that are not rendered."""
    shown: set[str] = set()
    hidden: set[str] = set()

    def walk(node: Any, off: bool) -> None:
        off = off or node.collection.hide_render
        (hidden if off else shown).update(ob.name for ob in node.collection.objects)
        for child in node.children:
            walk(child, off)

    if any(c.hide_render for c in _collections(layer_collection)):
        walk(layer_collection, False)
    return hidden - shown


def _collections(node: Any) -> Iterator[Any]:
    yield node.collection
    for child in node.children:
        yield from _collections(child)
