"""Grease Pencil materials as the engines see them: names, 8-bit sRGB colours, and whether a line is painted over."""

from typing import Any

import numpy as np

from ...backend.contracts.drawing import FILL, LINE, SEPARATION
from ...backend.contracts.shot import Material
from ..colour import colour_from_blender
from ..compat import FILL_BY_STROKE

_NO_MATERIAL = Material("No material")


class MaterialTable:
    """The shot's materials, each once; grows while drawings are read.

    ``index`` gives the place in ``materials``. The same material keeps its place for the whole reading, and objects
    are entered slot by slot, so that the table, and with it every drawing's id, comes out the same the next time.
    """

    def __init__(self) -> None:
        self.materials: list[Material] = []
        self._places: dict[Material, int] = {}

    def place(self, material: Material) -> int:
        """Where ``material`` stands in the table; entered at its end if it is new."""
        if material not in self._places:
            self._places[material] = len(self.materials)
            self.materials.append(material)
        return self._places[material]

    def slots(self, data: Any, ob: Any) -> "Slots":
        """What the material slots of an object mean."""
        count = max(len(ob.material_slots), 1)
        index, role, holdout = np.zeros(count, np.int32), np.zeros(count, np.uint8), np.zeros(count, np.bool_)
        for i in range(count):
            material = ob.material_slots[i].material if i < len(ob.material_slots) else None
            style = getattr(material, "grease_pencil", None)
            if material is None or style is None:
                index[i], role[i] = self.place(_NO_MATERIAL), LINE
                continue
            index[i] = self.place(material_of(material))
            role[i] = _roles(material, style)
            holdout[i] = style.use_stroke_holdout or style.use_fill_holdout
        return Slots(index, role, holdout)


class Slots:
    """Per material slot of one object: place in the table, role bits it allows, whether it cuts instead of painting."""

    def __init__(self, index: np.ndarray, role: np.ndarray, holdout: np.ndarray) -> None:
        self.index, self.role, self.holdout = index, role, holdout

    def of(self, material_index: np.ndarray) -> np.ndarray:
        """Slot of each stroke; an index beyond the slots means the last one, as when Blender draws."""
        return np.clip(material_index, 0, len(self.index) - 1)


def material_of(material: Any) -> Material:
    """The datablock's name and colours. Its mark as separation line is the add-on's own property, off where it is absent."""
    style = material.grease_pencil
    name = material.name_full if material.library else material.name
    return Material(
        name=name[:500],
        line=colour_from_blender(style.color),
        fill=colour_from_blender(style.fill_color),
        separation=is_separation(material),
    )


def is_separation(material: Any) -> bool:
    """Whether the artist marked this material's lines as tone edges that are painted over."""
    return bool(getattr(getattr(material, "anidoc", None), "separation", False))


def _roles(material: Any, style: Any) -> int:
    if style.hide:
        return 0
    line = SEPARATION if is_separation(material) else LINE
    if FILL_BY_STROKE:
        return line | FILL
    return (line if style.show_stroke else 0) | (FILL if style.show_fill else 0)
