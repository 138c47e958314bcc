"""Bezier, NURBS and Catmull-Rom strokes as polylines, evaluated as Blender evaluates them. Numpy only, no bpy.

Grease Pencil hands over the control points of such strokes, modifiers applied or not. The formulas are those of
Blender's curves (source/blender/blenkernel/intern/curve_{bezier,catmull_rom,nurbs}.cc): the same number of points at
the same parameters, so that the polyline read here is the one that Blender draws. Of NURBS, where Blender has changed
the parameters, those of 5.2 are used in every version (so many points to a knot span); the curve is the same.
"""

from dataclasses import dataclass

import numpy as np

CATMULL_ROM, POLY, BEZIER, NURBS = 0, 1, 2, 3
"""Values of the attribute ``curve_type``."""

RESOLUTION = 12
"""Points per segment where the attribute ``resolution`` is absent (Blender's default)."""

ORDER = 4
"""Of a NURBS curve where the attribute ``nurbs_order`` is absent."""

_ENDPOINT, _BEZIER_KNOTS, _ENDPOINT_BEZIER = 1, 2, 3
"""Values of the attribute ``knots_mode``; 0 is Normal, 4 Custom (read as Normal: its knots are not handed out)."""


@dataclass(frozen=True)
class Controls:
    """Strokes as Blender keeps them. N points in S strokes.

    offsets       (S + 1,) int
    curve_type    (S,) int
    cyclic        (S,) bool
    resolution    (S,) int
    order, knots  (S,) int, of NURBS
    left, right   (N, 3) float, handles of Bezier strokes, in the space of the points
    weight        (N,) float, of NURBS
    """

    offsets: np.ndarray
    curve_type: np.ndarray
    cyclic: np.ndarray
    resolution: np.ndarray
    order: np.ndarray
    knots: np.ndarray
    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray


def evaluate(controls: Controls, position: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The polylines: (M, 3) points, (M, k) values carried along (radius, opacity), (S + 1,) offsets.

    position  (N, 3) float
    values    (N, k) float; interpolated as Blender does (linear along Bezier, by the curve's own weights else)
    """
    sizes = np.diff(controls.offsets)
    kind = np.where(sizes < 2, POLY, controls.curve_type)
    step = np.maximum(controls.resolution, 1)
    segments = sizes - 1 + controls.cyclic
    nurbs_points = _nurbs_fits(sizes, controls)
    kind = np.where((kind == NURBS) & ~nurbs_points, POLY, kind)
    counts = np.where(kind == POLY, sizes, segments * step + ~controls.cyclic)
    weights = {
        int(s): _nurbs_weights(int(sizes[s]), int(step[s]), controls, int(s)) for s in np.flatnonzero(kind == NURBS)
    }
    for s, w in weights.items():
        counts[s] = len(w)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    # Which stroke an evaluated point belongs to, and where in it.
    stroke = np.repeat(np.arange(len(sizes)), counts)
    k = np.arange(offsets[-1]) - offsets[stroke]
    on_curve = (kind[stroke] == BEZIER) | (kind[stroke] == CATMULL_ROM)
    segment = np.where(on_curve, k // step[stroke], k)
    t = np.where(on_curve, (k % step[stroke]) / step[stroke], 0.0)[:, None]

    def control(shift: int) -> np.ndarray:
        """Index of the control point ``shift`` places after the segment's first; open ends repeat their last point."""
        size = sizes[stroke]
        around, held = (segment + shift) % size, np.clip(segment + shift, 0, size - 1)
        return controls.offsets[:-1][stroke] + np.where(controls.cyclic[stroke], around, held)

    a, b = control(0), control(1)
    points, carried = position[a].astype(np.float64), values[a].astype(np.float64)
    m = np.flatnonzero(kind[stroke] == BEZIER)
    if len(m):
        u = t[m]
        points[m] = (
            (1 - u) ** 3 * position[a[m]]
            + 3 * (1 - u) ** 2 * u * controls.right[a[m]]
            + 3 * (1 - u) * u**2 * controls.left[b[m]]
            + u**3 * position[b[m]]
        )
        carried[m] = (1 - u) * values[a[m]] + u * values[b[m]]
    m = np.flatnonzero(kind[stroke] == CATMULL_ROM)
    if len(m):
        shares = [(w, control(shift)[m]) for w, shift in zip(_catmull_rom(t[m]), (-1, 0, 1, 2), strict=True)]
        points[m] = sum(w * position[i] for w, i in shares)
        carried[m] = sum(w * values[i] for w, i in shares)
    for s, w in weights.items():
        own, out = slice(*controls.offsets[s : s + 2]), slice(*offsets[s : s + 2])
        w = w * controls.weight[own]
        w /= w.sum(1, keepdims=True)
        points[out], carried[out] = w @ position[own], w @ values[own]
    return points, carried, offsets


def _catmull_rom(t: np.ndarray) -> tuple[np.ndarray, ...]:
    s = 1 - t
    return (
        -t * s * s / 2,
        (2 + t * t * (3 * t - 5)) / 2,
        (2 + s * s * (3 * s - 5)) / 2,
        -s * t * t / 2,
    )


def _nurbs_fits(sizes: np.ndarray, controls: Controls) -> np.ndarray:
    """(S,) bool: enough control points for the order; a curve that has too few is drawn as its control polygon."""
    order, knots = controls.order, controls.knots
    bezier = (knots == _BEZIER_KNOTS) | (knots == _ENDPOINT_BEZIER)
    enough = (sizes >= order) & (order >= 2)
    whole = ~controls.cyclic | (sizes % np.maximum(order - 1, 1) == 0)
    return enough & np.where(bezier, whole & ((knots != _BEZIER_KNOTS) | (sizes > order)), True)


def _nurbs_knots(points: int, order: int, mode: int, cyclic: bool) -> np.ndarray:
    bezier = mode in (_BEZIER_KNOTS, _ENDPOINT_BEZIER)
    end_point = mode in (_ENDPOINT, _ENDPOINT_BEZIER)
    repeat = order - 1 if bezier else 1
    head = (order - int(cyclic)) if end_point else (min(2, repeat) if bezier else 1)
    tail = 2 * order - 1 if cyclic else (order if end_point else 0)
    total = points + 2 * order - 1 if cyclic else points + order
    knots = np.zeros(total)
    first = 1 if end_point and cyclic else 0
    current, left = float(first), head
    for i in range(first, total - tail):
        knots[i] = current
        left -= 1
        if left == 0:
            current, left = current + 1, repeat
    for i in range(tail):
        knots[total - tail + i] = current + knots[i] - knots[0]
    return knots


def _nurbs_weights(points: int, resolution: int, controls: Controls, s: int) -> np.ndarray:
    """(M, points) share of each control point in each evaluated point, rational weights left out (Cox-de Boor)."""
    order, cyclic = int(controls.order[s]), bool(controls.cyclic[s])
    knots = _nurbs_knots(points, order, int(controls.knots[s]), cyclic)
    degree = order - 1
    wrapped = points + degree if cyclic else points
    spans = np.flatnonzero(knots[degree:wrapped] < knots[degree + 1 : wrapped + 1]) + degree
    span = np.repeat(spans, resolution)
    part = np.tile(np.arange(resolution) / resolution, len(spans))
    if not cyclic:
        span, part = np.append(span, spans[-1]), np.append(part, 1.0)
    u = (knots[span] + part * (knots[span + 1] - knots[span]))[:, None]
    basis = np.zeros((len(u), len(knots) - 1))
    basis[np.arange(len(u)), span] = 1
    for p in range(1, order):
        n = basis.shape[1] - 1
        rise = _ratio(u - knots[:n], knots[p : n + p] - knots[:n])
        fall = _ratio(knots[p + 1 : n + p + 1] - u, knots[p + 1 : n + p + 1] - knots[1 : n + 1])
        basis = rise * basis[:, :n] + fall * basis[:, 1:]
    folded = np.zeros((len(u), points))
    for i in range(wrapped):
        folded[:, i % points] += basis[:, i]
    return folded


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """A quotient of the recursion; knots that repeat make it 0 / 0, which counts as 0."""
    under = np.broadcast_to(under, over.shape)
    return np.divide(over, under, out=np.zeros_like(over), where=under > 0)
