"""Putting an in-between's strokes together: what moves, what is still being drawn on, what is already going."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..contracts.drawing import Strokes, no_strokes

if TYPE_CHECKING:
    from .curves import Curves
    from .tween import Pair

FEWEST = 2
"""Points without a counterpart that make a piece of their own; fewer are carried along."""


@dataclass(frozen=True)
class Piece:
    """Points ``a`` to ``b`` (excluded) of a stroke that the other key does not have; ``tied`` at its start and end."""

    stroke: int
    a: int
    b: int
    tied: tuple[bool, bool]


def pieces(strokes: Strokes, found: np.ndarray) -> list[Piece]:
    """The runs of points without a counterpart, stroke by stroke."""
    out = []
    for s in range(len(strokes)):
        part = strokes.of(s)
        missing = ~found[part]
        if not missing.any():
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(np.int8), [0]])))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            if b - a >= min(FEWEST, len(missing)):
                out.append(Piece(s, part.start + int(a), part.start + int(b), (a > 0, b < len(missing))))
    return out


def assemble(pair: "Pair", time: float) -> Strokes:
    """The drawing at ``time``: the first key's strokes where they have got to, then what only the second key has."""
    parts = [_leaving(pair, time)]
    if pair.alone[1] and pair.tracks[1] is not None:
        parts.append(_coming(pair, time))
    return _joined(parts)


def _leaving(pair: "Pair", time: float) -> Strokes:
    first, there = pair.first, pair.goals[0]
    points = pair.tracks[0].at(time)
    radius, opacity = first.radius.astype(np.float64), first.opacity.astype(np.float64)
    rows = np.flatnonzero(there.found)
    for values, given in ((radius, pair.last.radius), (opacity, pair.last.opacity)):
        later = _along_curves(pair.curves[1], given, there.curve[rows], there.along[rows])
        values[rows] += time * (later - values[rows])
    keep = np.ones(len(points), bool)
    for piece in pair.alone[0]:
        keep[piece.a : piece.b] = _kept(points[piece.a : piece.b], 1 - time, piece.tied)
    return _cut(first, points, radius, opacity, keep, pair.cuts[0])


def _coming(pair: "Pair", time: float) -> Strokes:
    last = pair.last
    assert pair.tracks[1] is not None
    points = pair.tracks[1].at(1 - time)
    keep = np.zeros(len(points), bool)
    for piece in pair.alone[1]:
        # One point of what is matched goes along, so that the line does not come off.
        a, b = piece.a - piece.tied[0], piece.b + piece.tied[1]
        keep[a:b] = _kept(points[a:b], time, piece.tied)
    return _cut(last, points, last.radius.astype(np.float64), last.opacity.astype(np.float64), keep, pair.cuts[1])


def _kept(points: np.ndarray, part: float, tied: tuple[bool, bool]) -> np.ndarray:
    """Which points of a piece are drawn when ``part`` 0..1 of its length is: from where it is tied, else from its start."""
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(points)))])
    whole = max(float(along[-1]), 1e-9)
    if tied[0] and tied[1]:
        return np.minimum(along, whole - along) <= 0.5 * part * whole
    if tied[1]:
        return whole - along <= part * whole
    return along <= part * whole


def _along_curves(curves: "Curves", values: np.ndarray, curve: np.ndarray, along: np.ndarray) -> np.ndarray:
    """(K,) the strokes' ``values`` (N,) at places on the curves, between points in proportion."""
    order = np.lexsort((curves.on, curves.of))
    reach = float(curves.length.max(initial=0.0)) + 1.0
    key = curves.of[order] * (2 * reach) + curves.on[order]
    whole = curves.length[curve]
    along = np.where(curves.closed[curve], np.mod(along, np.maximum(whole, 1e-9)), np.clip(along, 0, whole))
    # Between the last point of one curve and the first of the next lies a gap as wide as a curve.
    wanted = np.clip(curve * (2 * reach) + along, key[0], key[-1])
    high = np.clip(np.searchsorted(key, wanted), 1, len(key) - 1)
    low = high - 1
    other = curves.of[order[low]] != curve
    low = np.where(other, high, low)
    high = np.where(curves.of[order[high]] != curve, low, high)
    gap = key[high] - key[low]
    part = np.where(gap > 0, (wanted - key[low]) / np.where(gap > 0, gap, 1.0), 0.0)
    return values[order[low]] * (1 - part) + values[order[high]] * part


def _cut(
    strokes: Strokes, points: np.ndarray, radius: np.ndarray, opacity: np.ndarray, keep: np.ndarray, cuts: np.ndarray
) -> Strokes:
    """The strokes with new points, cut where points are left out and after the points ``cuts``."""
    owner = np.repeat(np.arange(len(strokes)), np.diff(strokes.offsets))
    rows = np.flatnonzero(keep)
    if len(rows) == 0:
        return no_strokes()
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (np.diff(rows) > 1) | (np.diff(owner[rows]) != 0) | np.isin(rows[:-1], cuts)
    starts = np.flatnonzero(fresh)
    offsets = np.append(starts, len(rows)).astype(np.int32)
    source = owner[rows[starts]]
    whole = np.diff(offsets) == np.diff(strokes.offsets)[source]
    return Strokes(
        points=np.column_stack([points.real, points.imag])[rows].astype(np.float32),
        radius=radius[rows].astype(np.float32),
        opacity=np.clip(opacity[rows], 0, 1).astype(np.float32),
        offsets=offsets,
        layer=strokes.layer[source],
        material=strokes.material[source],
        cyclic=strokes.cyclic[source] & whole,
        role=strokes.role[source],
        ids=np.where(whole, strokes.ids[source], -1),
    )


def _joined(parts: list[Strokes]) -> Strokes:
    parts = [p for p in parts if len(p)]
    if not parts:
        return no_strokes()
    shifts = np.cumsum([0, *(len(p.points) for p in parts[:-1])])
    offsets = np.concatenate([[0], *(p.offsets[1:] + shift for p, shift in zip(parts, shifts, strict=True))])
    arrays = {
        name: np.concatenate([getattr(p, name) for p in parts])
        for name in ("points", "radius", "opacity", "layer", "material", "cyclic", "role", "ids")
    }
    return Strokes(offsets=offsets.astype(np.int32), **arrays)
