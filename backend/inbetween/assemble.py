"""Putting an in-between's strokes together: what moves, what is still being drawn on, what is already going."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..contracts.drawing import Strokes

if TYPE_CHECKING:
    from .curves import Curves
    from .lead import Lead
    from .tween import Pair

FEWEST = 2
"""Points without a counterpart that make a piece of their own; fewer are carried along."""

CRUMB = 6.0
"""px at a picture of 1000 px diagonal. Shorter bits of a line that is partly hidden are no lines."""


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


@dataclass(frozen=True)
class Part:
    """What one key gives to an in-between.

    points (N, 2) float32 px; rows (N,) which of the key's points; offsets (S + 1,) int32; source (S,) which of its
    strokes; whole (S,) bool: nothing was cut off
    """

    points: np.ndarray
    rows: np.ndarray
    offsets: np.ndarray
    source: np.ndarray
    whole: np.ndarray


def parts(pair: "Pair", time: float) -> tuple[Part, Part]:
    """The drawing at ``time``: the first key's strokes where they have got to, and what only the second key has."""
    if pair.lead is not None:
        return _layered(pair, pair.lead, time)
    points = pair.tracks[0].at(time)
    keep = np.ones(len(points), bool)
    for piece in pair.alone[0]:
        keep[piece.a : piece.b] = _kept(points[piece.a : piece.b], 1 - time, piece.tied)
    leaving = _cut(pair.first, points, keep, pair.cuts[0])
    backward = pair.tracks[1]
    if backward is None:
        return leaving, _cut(
            pair.last, np.zeros(len(pair.last.points)), np.zeros(len(pair.last.points), bool), pair.cuts[1]
        )
    points = backward.at(1 - time)
    keep = np.zeros(len(points), bool)
    for piece in pair.alone[1]:
        # One point of what is matched goes along, so that the line does not come off.
        a, b = piece.a - piece.tied[0], piece.b + piece.tied[1]
        keep[a:b] |= _kept(points[a:b], time, piece.tied)
    return leaving, _cut(pair.last, points, keep, pair.cuts[1])


def _layered(pair: "Pair", lead: "Lead", time: float) -> tuple[Part, Part]:
    """The same where areas lead: what only the nearer key has is there whole, what only the further key has where that key
    is seen; and whatever a higher area hides is left out."""
    seen = lead.overlap(time)
    out = []
    for side, strokes in enumerate((pair.first, pair.last)):
        track, own = pair.tracks[side], pair.curves[side].vertex
        assert track is not None
        here = track.at(time if side == 0 else 1 - time)
        hidden, shown = lead.covered(side, own, here, seen)
        free = np.full(len(own), side == 0)
        keep = free & ~hidden
        inside = lead.inside(side, own)
        for piece in pair.alone[side]:
            rows = slice(piece.a, piece.b)
            free[rows] = True
            if inside[rows].mean() < 0.5:
                keep[rows] = _kept(here[rows], 1 - time if side == 0 else time, piece.tied)
            else:
                keep[rows] = ~hidden[rows] if side == seen.nearer else shown[rows]
        for s in range(len(strokes)):
            part = strokes.of(s)
            keep[part] = _steady(keep[part], free[part], here[part], CRUMB * pair.scale)
        if side == 1:
            for piece in pair.alone[1]:
                # One point of what is matched goes along, so that the line does not come off.
                keep[piece.a - piece.tied[0]] |= keep[piece.a]
                keep[piece.b - 1 + piece.tied[1]] |= keep[piece.b - 1]
        out.append(_cut(strokes, here, keep, pair.cuts[side]))
    return out[0], out[1]


def _steady(keep: np.ndarray, free: np.ndarray, points: np.ndarray, least: float) -> np.ndarray:
    """Without gaps, of points that are ``free`` to be drawn, and then without crumbs shorter than ``least`` px; a stroke that
    is drawn whole stays however short."""
    step = np.abs(np.diff(points))
    length = 0.5 * (np.append(step, 0.0) + np.append(0.0, step))
    keep = keep.copy()
    for value in (True, False):
        bounds = np.concatenate([[0], np.flatnonzero(np.diff(keep)) + 1, [len(keep)]])
        for a, b in pairwise(bounds.tolist()):
            if keep[a:b].any() == value or length[a:b].sum() >= least or b - a == len(keep):
                continue
            if not value or (a > 0 and b < len(keep) and free[a:b].all()):
                keep[a:b] = value
    return keep


def carried(pair: "Pair", both: tuple[Part, Part], first: np.ndarray, last: np.ndarray, time: float) -> np.ndarray:
    """(N,) values of an in-between's points from the keys' own, ``first`` and ``last``: on the way from one to the other."""
    values, there = first.astype(np.float64), pair.goals[0]
    rows = np.flatnonzero(there.found)
    if len(rows):
        later = _along_curves(pair.curves[1], last.astype(np.float64), there.curve[rows], there.along[rows])
        values[rows] += time * (later - values[rows])
    return np.concatenate([values[both[0].rows], last[both[1].rows]]).astype(np.float32)


def assemble(pair: "Pair", time: float) -> Strokes:
    """The drawing at ``time`` as strokes."""
    both = parts(pair, time)
    keys = pair.first, pair.last
    names = ("layer", "material", "role")
    return Strokes(
        points=np.concatenate([p.points for p in both]),
        radius=carried(pair, both, pair.first.radius, pair.last.radius, time),
        opacity=np.clip(carried(pair, both, pair.first.opacity, pair.last.opacity, time), 0, 1),
        offsets=offsets_of(both),
        cyclic=np.concatenate([k.cyclic[p.source] & p.whole for k, p in zip(keys, both, strict=True)]),
        ids=np.concatenate([np.where(p.whole, k.ids[p.source], -1) for k, p in zip(keys, both, strict=True)]),
        **{n: np.concatenate([getattr(k, n)[p.source] for k, p in zip(keys, both, strict=True)]) for n in names},
    )


def offsets_of(both: tuple[Part, Part]) -> np.ndarray:
    """(S + 1,) int32: the strokes of both parts, one after the other."""
    return np.concatenate([both[0].offsets, both[1].offsets[1:] + both[0].offsets[-1]]).astype(np.int32)


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


def _cut(strokes: Strokes, points: np.ndarray, keep: np.ndarray, cuts: np.ndarray) -> Part:
    """The strokes with new ``points`` (N,) complex128, cut where points are left out and after the points ``cuts``."""
    owner = np.repeat(np.arange(len(strokes)), np.diff(strokes.offsets))
    rows = np.flatnonzero(keep)
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (np.diff(rows) > 1) | (np.diff(owner[rows]) != 0) | np.isin(rows[:-1], cuts)
    starts = np.flatnonzero(fresh)
    offsets = np.append(starts, len(rows)).astype(np.int32)
    source = owner[rows[starts]]
    whole = np.diff(offsets) == np.diff(strokes.offsets)[source]
    place = points[rows]
    return Part(np.column_stack([np.real(place), np.imag(place)]).astype(np.float32), rows, offsets, source, whole)
