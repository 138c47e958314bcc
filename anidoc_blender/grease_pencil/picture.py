"""One frame as the camera sees it: the layers' held drawings put together into the strokes of one drawing."""

from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ...backend.contracts.drawing import Strokes, no_strokes
from ...backend.contracts.errors import AniDocError
from .chosen import Choice, Sight, evaluated, in_paint_order, layer_shows, layer_world, sights, view_layer_of
from .materials import MaterialTable, Slots
from .motion import Motion, varies
from .projection import View, view_at
from .strokes import fills_of, joined, lines_of, project, read_local


@dataclass(frozen=True)
class Held:
    """A layer's drawing held at the frame. Valid until Blender evaluates again."""

    sight: Sight
    layer: Any
    drawing: Any
    key: int
    world: np.ndarray
    label: str


@dataclass(frozen=True)
class Look:
    """What is seen at one frame, not yet read. ``signature`` is equal for two frames that surely show the same picture.

    ``alive`` keeps Blender's evaluated geometry in memory while its drawings are read.
    """

    frame: int
    view: View
    held: tuple[Held, ...]
    signature: tuple[Any, ...]
    original: bool
    alive: tuple[Any, ...] = field(repr=False, default=())


class Reader:
    """Reads frames of a scene. Undo between two steps does not break it: what Blender has replaced is looked up anew.

    ``layers`` and ``materials`` are the shot's tables; ``notes`` sentences about what could not be read.
    """

    def __init__(self, scene_name: str, choice: Choice) -> None:
        self.scene_name, self.choice = scene_name, choice
        self.layers: list[str] = []
        self.materials = MaterialTable()
        self.notes: dict[str, None] = {}
        self._layer_places: dict[str, int] = {}
        self._slots: dict[str, Slots] = {}
        self._slot_names: dict[str, tuple[str, ...]] = {}
        self._still: list[Sight] = []

    def scene(self) -> bpy.types.Scene:
        """The scene, found anew each time."""
        scene = bpy.data.scenes.get(self.scene_name)
        if scene is None:
            raise AniDocError(f"The scene {self.scene_name} is gone.", "Press the button again in the scene you want.")
        return scene

    def look(self, frame: int, motion: Motion, choice: Choice | None = None) -> Look:
        """What is seen at ``frame``. Unless the shot is still, the scene must stand at that frame."""
        scene = self.scene()
        view_layer = view_layer_of(scene)
        depsgraph = evaluated(view_layer)
        view = view_at(scene, depsgraph, frame)
        held: list[Held] = []
        alive: list[Any] = []
        signature: list[Any] = [view.key()]
        for sight in in_paint_order(self._sights(view_layer, depsgraph, motion, choice), view.axis):
            self._enter(sight)
            data: Any = sight.object.data
            if motion is not Motion.STILL:
                seen = sight.object.evaluated_get(depsgraph)
                self._take_slots(sight.label, seen)  # nodes may have added some
                geometry = seen.evaluated_geometry()
                data = geometry.grease_pencil
                alive.append(geometry)
                if varies(sight.object):
                    signature.append(object())
            for layer in data.layers if data is not None else ():
                wanted = (choice or self.choice).wants_layer(sight.names, layer.name)
                kept = layer.get_frame_at(frame) if wanted and layer_shows(layer, view_layer.name) else None
                if kept is None or kept.drawing is None:
                    continue
                world = layer_world(layer, sight, depsgraph)
                label = f"{sight.label}/{layer.name}"
                held.append(Held(sight, layer, kept.drawing, kept.frame_number, world, label))
                signature.append((label, kept.frame_number, world.tobytes(), sight.scale, layer.opacity))
                signature.append(layer.radius_offset)
        return Look(frame, view, tuple(held), tuple(signature), motion is Motion.STILL, tuple(alive))

    def lines(self, look: Look) -> Strokes:
        """The drawing: every stroke that is drawn as a line, bottom to top. Strokes that are only filled are left out."""
        return self._strokes(look, lines_of)

    def fills(self, look: Look) -> Strokes:
        """The filled shapes of the frame, bottom to top; their role is FILL alone."""
        return self._strokes(look, fills_of)

    def _strokes(self, look: Look, part: Any) -> Strokes:
        parts = []
        for held in look.held:
            # Blender has added the offset to evaluated radii already.
            offset = held.layer.radius_offset if look.original else 0.0
            place = self._place(held.label)
            local, cut = read_local(held.drawing, self._slots[held.sight.label], _identity(held.label), offset)
            strokes, broken = project(part(local), held.world, held.sight.scale, look.view, place, held.layer.opacity)
            if broken:
                self.notes[
                    f"{held.label}: points that are not numbers were left out (first at frame {look.frame})."
                ] = None
            if cut:
                self.notes[f"{held.label}: holdout strokes cut instead of drawing and were left out."] = None
            if held.layer.use_masks and any(not m.hide for m in held.layer.mask_layers):
                self.notes[f"{held.label}: its mask is not applied; the whole layer was read."] = None
            parts.append(strokes)
        return joined(parts) if parts else no_strokes()

    def _sights(self, view_layer: Any, depsgraph: Any, motion: Motion, choice: Choice | None) -> list[Sight]:
        """What stands in the scene; looked up once where nothing moves, for a scene may hold ten thousands of objects."""
        if motion is not Motion.STILL or choice is not None:
            return sights(view_layer, depsgraph, choice or self.choice)
        if not self._still or not all(_alive(s.object) for s in self._still):
            self._still = sights(view_layer, depsgraph, self.choice)
        return self._still

    def _enter(self, sight: Sight) -> None:
        """Every layer and material slot of an object enters the tables once, used or not, so that they keep their places."""
        if sight.label in self._slots:
            return
        for layer in sight.object.data.layers:
            self._place(f"{sight.label}/{layer.name}")
        self._take_slots(sight.label, sight.object)

    def _take_slots(self, label: str, ob: Any) -> None:
        names = tuple(slot.material.name_full if slot.material else "" for slot in ob.material_slots)
        if self._slot_names.get(label) != names:
            self._slot_names[label] = names
            self._slots[label] = self.materials.slots(ob.material_slots)

    def _place(self, label: str) -> int:
        if label not in self._layer_places:
            self._layer_places[label] = len(self.layers)
            self.layers.append(label[:500])
        return self._layer_places[label]


def _alive(ob: Any) -> bool:
    """Whether the object is still Blender's: undo and loading put new ones in the place of all."""
    try:
        return bool(ob.name)
    except ReferenceError:
        return False


def _identity(label: str) -> int:
    value = 0xCBF29CE484222325
    for byte in label.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value
