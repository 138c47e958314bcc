"""Key drawings laid flat: an object's layers as strokes in one plane, in units that the backend takes for pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...backend.contracts.drawing import LINE, Strokes
from ...backend.contracts.tween import FlatKey
from ..grease_pencil.attributes import stroke_offsets, values
from ..grease_pencil.curves import CATMULL_ROM, POLY
from ..grease_pencil.strokes import RADIUS
from ..messages import Refusal
from .keys import Chosen, key_at

ACROSS = 1000.0
"""px from corner to corner of what the keys fill."""

MARGIN = 40.0
"""px around it."""


@dataclass(frozen=True)
class Source:
    """Where a flat key's strokes come from: for each layer with a key its name, first stroke and first point."""

    layers: tuple[str, ...]
    strokes: tuple[int, ...]
    points: tuple[int, ...]


@dataclass(frozen=True)
class Plane:
    """A plane in the object's space: flat = (p - origin) @ axes * scale + shift; the third is the depth."""

    origin: np.ndarray
    axes: np.ndarray
    scale: float
    shift: np.ndarray
    height: int
    width: int

    def lay(self, points: np.ndarray) -> np.ndarray:
        """(N, 3) in the object's space -> (N, 3) px: x, y, depth."""
        return (points - self.origin) @ self.axes * self.scale + self.shift

    def raise_(self, flat: np.ndarray) -> np.ndarray:
        """The way back."""
        return (flat - self.shift) / self.scale @ self.axes.T + self.origin


def plane_of(points: np.ndarray) -> Plane:
    """The plane that (N, 3) points lie in best (principal axes)."""
    good = points[np.isfinite(points).all(1)]
    if len(good) == 0:
        good = np.zeros((1, 3))
    origin = good.mean(0)
    _, _, axes = np.linalg.svd((good - origin)[:: max(1, len(good) // 20000)], full_matrices=True)
    axes = axes.T
    flat = (good - origin) @ axes
    low, high = flat.min(0), flat.max(0)
    scale = ACROSS / max(float(np.hypot(*(high - low)[:2])), 1e-9)
    shift = np.array([MARGIN, MARGIN, 0.0]) - np.array([low[0], low[1], 0.0]) * scale
    width, height = ((high - low)[:2] * scale + 2 * MARGIN).astype(int) + 1
    return Plane(origin, axes, scale, shift, int(height), int(width))


def read_keys(ob: Any, chosen: Chosen) -> tuple[Plane, list[FlatKey], list[Source]]:
    """All keys of the object's chosen layers. Raises ``Refusal`` for curves that cannot be moved point by point."""
    read = [_read(ob, chosen, frame) for frame in chosen.frames]
    plane = plane_of(np.concatenate([points for points, _, _ in read]))
    keys = []
    for points, strokes, _ in read:
        flat = plane.lay(points)
        moved = Strokes(
            **{
                **{name: getattr(strokes, name) for name in strokes.__dataclass_fields__},
                "points": flat[:, :2].astype(np.float32),
                "radius": (strokes.radius * plane.scale).astype(np.float32),
            }
        )
        keys.append(FlatKey(moved, np.nan_to_num(flat[:, 2]).astype(np.float32)))
    return plane, keys, [source for _, _, source in read]


def local_matrix(layer: Any) -> np.ndarray:
    """(4, 4) float64: from the layer's own space to the object's. What a layer is parented to moves both alike."""
    return np.array(layer.matrix_local, np.float64)


def _read(ob: Any, chosen: Chosen, frame: int) -> tuple[np.ndarray, Strokes, Source]:
    points, radius, opacity, sizes, material, cyclic, number = [], [], [], [], [], [], []
    names, first_stroke, first_point = [], [], []
    for index, name in enumerate(chosen.layers):
        layer = ob.data.layers[name]
        key = key_at(layer, frame)
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
        role=np.full(count, LINE, np.uint8),
        ids=np.full(count, -1, np.int64),
    )
    return joined, strokes, Source(tuple(names), tuple(first_stroke), tuple(first_point))
