"""Key drawings laid flat: an object's layers as strokes in one plane, in units that the backend takes for pixels."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...backend.contracts.drawing import FILL, LINE, Strokes
from ...backend.contracts.tween import FlatKey
from ..grease_pencil.attributes import stroke_offsets, values
from ..grease_pencil.curves import CATMULL_ROM, POLY
from ..grease_pencil.materials import MaterialTable
from ..grease_pencil.strokes import RADIUS, roles_of
from ..messages import Refusal
from .fills import Colours, beside, read_fills
from .keys import Chosen, key_at
from .plane import Plane, local_matrix, plane_of


@dataclass(frozen=True)
class Source:
    """Where a flat key's strokes come from: for each layer with a key its name, first stroke and first point."""

    layers: tuple[str, ...]
    strokes: tuple[int, ...]
    points: tuple[int, ...]


@dataclass(frozen=True)
class Keys:
    """All keys of the object's chosen layers, laid flat in a ``plane``.

    drawings  each key, then the filled drawings at the frames ``further``, whose colours keys take over
    sources   where the strokes of each key come from
    colours   of fills, which may lie on any layer
    """

    plane: Plane
    drawings: list[FlatKey]
    sources: list[Source]
    colours: Colours
    further: tuple[int, ...]

    @property
    def led(self) -> bool:
        """Whether anything is filled, so that areas lead the lines."""
        return any(drawing.fills is not None for drawing in self.drawings)


def read_keys(ob: Any, chosen: Chosen) -> Keys:
    """Read them. Raises ``Refusal`` for curves that cannot be moved point by point."""
    further = beside(ob, chosen)
    frames = chosen.frames + further
    read = [_read(ob, chosen, frame, held=frame in further) for frame in frames]
    plane = plane_of(np.concatenate([points for points, _, _ in read[: len(chosen.frames)]]))
    fills, colours = read_fills(ob, frames, plane)
    drawings = [_flat(plane, points, strokes, shapes) for (points, strokes, _), shapes in zip(read, fills, strict=True)]
    keys, others = drawings[: len(chosen.frames)], drawings[len(chosen.frames) :]
    sources = [source for _, _, source in read[: len(keys)]]
    return Keys(plane, [*keys, *(_in_sight(plane, other) for other in others)], sources, colours, further)


def _flat(plane: Plane, points: np.ndarray, strokes: Strokes, shapes: Strokes | None) -> FlatKey:
    flat = plane.lay(points)
    moved = replace(
        strokes,
        points=np.ascontiguousarray(flat[:, :2], np.float32),
        radius=(strokes.radius * plane.scale).astype(np.float32),
    )
    return FlatKey(moved, np.nan_to_num(flat[:, 2]).astype(np.float32), shapes)


def _in_sight(plane: Plane, drawing: FlatKey) -> FlatKey:
    """A further drawing where the keys are: the character may have walked there."""
    points = drawing.strokes.points
    points = points[np.isfinite(points).all(1)]
    size = np.array([plane.width, plane.height], np.float32)
    if len(points) == 0 or ((points >= 0) & (points < size)).all():
        return drawing
    shift = (size - points.min(0) - points.max(0)) / 2
    strokes, fills = (
        None if s is None else replace(s, points=s.points + shift) for s in (drawing.strokes, drawing.fills)
    )
    return FlatKey(strokes, drawing.depth, fills)


def _read(ob: Any, chosen: Chosen, frame: int, held: bool) -> tuple[np.ndarray, Strokes, Source]:
    """held: drawings that layers show at the frame count, too, not only those that begin there."""
    points, radius, opacity, sizes, material, cyclic, number, role = [], [], [], [], [], [], [], []
    slots = MaterialTable().slots(ob.material_slots)
    names, first_stroke, first_point = [], [], []
    for index, name in enumerate(chosen.layers):
        layer = ob.data.layers[name]
        key = layer.get_frame_at(frame) if held else key_at(layer, frame)
        if key is None:
            continue
        drawing = key.drawing
        offsets = stroke_offsets(drawing)
        s, n = len(offsets) - 1, int(offsets[-1])
        kind = values(drawing, "curve_type", s, CATMULL_ROM)
        if (~np.isin(kind, (POLY, CATMULL_ROM))).any():
            raise Refusal(
                f"The layer {name} has Bezier or NURBS strokes at frame {frame}.",
                "Convert them in Edit Mode: Stroke, Set Curve Type, Poly.",
            )
        names.append(name)
        first_stroke.append(sum(map(len, sizes)))
        first_point.append(sum(map(len, radius)))
        matrix = local_matrix(layer)
        local = values(drawing, "position", n, (0.0, 0.0, 0.0)).astype(np.float64)
        points.append(local @ matrix[:3, :3].T + matrix[:3, 3])
        radius.append(values(drawing, "radius", n, RADIUS))
        opacity.append(values(drawing, "opacity", n, 1.0))
        sizes.append(np.diff(offsets))
        material.append(values(drawing, "material_index", s, 0))
        cyclic.append(values(drawing, "cyclic", s, False))
        number.append(np.full(s, index))
        # A line whose material is hidden is a line all the same.
        does = roles_of(drawing, slots, s)
        role.append(np.where(does & FILL, does & (LINE | FILL), LINE))
    count = sum(map(len, sizes))
    joined = np.concatenate([*points, np.zeros((0, 3))])
    strokes = Strokes(
        points=joined[:, :2].astype(np.float32),
        radius=np.concatenate([*radius, np.zeros(0)]).astype(np.float32),
        opacity=np.concatenate([*opacity, np.zeros(0)]).astype(np.float32),
        offsets=np.concatenate([[0], np.cumsum(np.concatenate([*sizes, np.zeros(0, int)]))]).astype(np.int32),
        layer=np.concatenate([*number, np.zeros(0)]).astype(np.int32),
        material=np.concatenate([*material, np.zeros(0)]).astype(np.int32),
        cyclic=np.concatenate([*cyclic, np.zeros(0)]).astype(np.bool_),
        role=np.concatenate([*role, np.zeros(0)]).astype(np.uint8),
        ids=np.full(count, -1, np.int64),
    )
    return joined, strokes, Source(tuple(names), tuple(first_stroke), tuple(first_point))
