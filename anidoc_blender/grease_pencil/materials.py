"""Grease Pencil materials as the engines see them: names, 8-bit sRGB colours, and whether a line is painted over."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...backend.contracts.drawing import FILL, LINE, SEPARATION
from ...backend.contracts.shot import Colour, Material
from ..colour import colour_from_blender, linear_to_srgb, srgb_to_linear
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

    def slots(self, given: Sequence[Any]) -> "Slots":
        """What an object's material slots (``Object.material_slots``) mean; an object without any draws black lines."""
        count = max(len(given), 1)
        index, role, holdout = np.zeros(count, np.int32), np.zeros(count, np.uint8), np.zeros(count, np.bool_)
        for i in range(count):
            material = given[i].material if i < len(given) else None
            material = material.original if material is not None else None
            style = getattr(material, "grease_pencil", None)
            if material is None or style is None:
                index[i], role[i] = self.place(_NO_MATERIAL), LINE
                continue
            index[i] = self.place(material_of(material))
            role[i] = _roles(material, style)
            holdout[i] = style.use_stroke_holdout or style.use_fill_holdout
        return Slots(self, index, role, holdout)

    def painted(self, index: np.ndarray, line: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """(S,) places of materials in the colours that strokes were painted with over their own (vertex colours).

        index       (S,) places of the strokes' materials
        line, fill  (S, 4) linear; alpha says how much of the colour covers the material's, 0 leaves it as it is
        """
        over = np.stack([line, fill], 1)
        levels = np.concatenate([linear_to_srgb(over[..., :3]), np.round(np.clip(over[..., 3:], 0, 1) * 255)], 2)
        levels[levels[..., 3] == 0] = 0
        rows = np.concatenate([index[:, None], levels.reshape(len(index), 8)], 1).astype(np.int64)
        kinds, which = np.unique(rows, axis=0, return_inverse=True)
        places = [self.place(_tinted(self.materials[k[0]], k[1:5], k[5:9])) for k in kinds]
        return np.array(places, np.int32)[which.reshape(-1)]


class Slots:
    """Per material slot of one object: place in the table, role bits it allows, whether it cuts instead of painting."""

    def __init__(self, table: MaterialTable, index: np.ndarray, role: np.ndarray, holdout: np.ndarray) -> None:
        self.table, self.index, self.role, self.holdout = table, index, role, holdout

    def of(self, material_index: np.ndarray) -> np.ndarray:
        """Slot of each stroke; an index beyond the slots means the last one, as when Blender draws."""
        return np.clip(material_index, 0, len(self.index) - 1)


def _tinted(material: Material, line: np.ndarray, fill: np.ndarray) -> Material:
    """The material in colours painted over it: (4,) sRGB levels, the last of which is how much they cover."""
    if not line[3] and not fill[3]:
        return material
    line_colour, fill_colour = _mixed(material.line, line), _mixed(material.fill, fill)
    r, g, b = (fill_colour if fill[3] else line_colour)[:3]
    return Material(f"{material.name} #{r:02x}{g:02x}{b:02x}"[:500], line_colour, fill_colour, material.separation)


def _mixed(own: Colour, over: np.ndarray) -> Colour:
    share = over[3] / 255
    linear = srgb_to_linear(np.array([own[:3], over[:3]], np.uint8))
    r, g, b = (int(v) for v in linear_to_srgb(linear[0] * (1 - share) + linear[1] * share))
    return r, g, b, own[3]


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
