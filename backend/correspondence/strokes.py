"""Grease Pencil strokes as correspondence: a line with a stable id is the same line in every drawing.

What must be found out is which part of a line is which: where something hides a piece of it, it starts or ends elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contracts.correspondence import Tracks
from ..contracts.drawing import FILL, LINE, SEPARATION, Strokes

APART = 16.0
"""px along a line between points that are followed."""

FINE = 24
"""Places along a line at which two versions of it are laid on each other."""

WHOLE = 0.12
"""Two versions whose lengths differ by less than this part are taken for the whole line, stretched."""

SLIDE = 24
"""Offsets tried when one version is a piece of the other."""

MISFIT = 0.12
"""Of a line's length: versions that lie worse than this on each other are not believed."""


@dataclass(frozen=True)
class _Path:
    """A stroke by length: points (N, 2) float64 px, along (N,) px."""

    points: np.ndarray
    along: np.ndarray
    closed: bool

    @property
    def length(self) -> float:
        return float(self.along[-1])

    def at(self, length: np.ndarray) -> np.ndarray:
        """Points (M, 2) at lengths (M,) px; a closed line goes round."""
        length = np.mod(length, self.length) if self.closed and self.length > 0 else length
        return np.stack([np.interp(length, self.along, self.points[:, k]) for k in (0, 1)], 1)


def _path(strokes: Strokes, number: int) -> _Path:
    # Strokes count from the picture's corner, points of a correspondence from the middle of its first pixel.
    points = strokes.points[strokes.of(number)].astype(np.float64) - 0.5
    closed = bool(strokes.cyclic[number])
    if closed:
        points = np.concatenate([points, points[:1]])
    steps = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(0)
    return _Path(points, np.concatenate([[0.0], np.cumsum(steps)]), closed)


def known_lines(strokes: Strokes) -> dict[int, int]:
    """Stroke number by id, of drawn lines whose id is known and borne once."""
    drawn = (strokes.role & (LINE | SEPARATION) > 0) & (strokes.role != FILL) & (np.diff(strokes.offsets) > 1)
    ids, first, count = np.unique(strokes.ids, return_index=True, return_counts=True)
    return {int(i): int(n) for i, n, c in zip(ids, first, count, strict=True) if i >= 0 and c == 1 and drawn[n]}


def stroke_points(strokes: Strokes, apart: float = APART) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points to follow on a drawing's known lines: (N, 2) float32 px, their line's id (N,), how far along it (N,) px."""
    points, ids, along = [], [], []
    for ident, number in known_lines(strokes).items():
        path = _path(strokes, number)
        count = max(1, round(path.length / apart))
        where = (np.arange(count) + 0.5) * path.length / count
        points.append(path.at(where))
        ids.append(np.full(count, ident, np.int64))
        along.append(where)
    if not points:
        return np.zeros((0, 2), np.float32), np.zeros(0, np.int64), np.zeros(0)
    return np.concatenate(points).astype(np.float32), np.concatenate(ids), np.concatenate(along)


def stroke_tracks(drawings: Sequence[Strokes], apart: float = APART, first: int = 0) -> Tracks:
    """Points along the lines of drawing ``first``, followed by id through all drawings."""
    points, ids, along = stroke_points(drawings[first], apart)
    return follow_lines(drawings, first, points, ids, along)


def follow_lines(
    drawings: Sequence[Strokes], first: int, points: np.ndarray, ids: np.ndarray, along: np.ndarray
) -> Tracks:
    """Points (N, 2) px, ``along`` px along the lines ``ids`` of drawing ``first``, through all drawings."""
    places = np.repeat(points[None].astype(np.float32), len(drawings), 0)
    visible = np.zeros((len(drawings), len(points)), bool)
    visible[first] = True
    own = known_lines(drawings[first])
    for n, drawing in enumerate(drawings):
        if n == first:
            continue
        theirs = known_lines(drawing)
        grown, moved = _general(drawings[first], own, drawing, theirs)
        for ident in np.unique(ids):
            if int(ident) not in theirs or int(ident) not in own:
                continue
            here = ids == ident
            a, b = _path(drawings[first], own[int(ident)]), _path(drawing, theirs[int(ident)])
            where = _laid(a, b, along[here], grown, moved)
            if where is None:
                continue
            there = (where >= 0) & (where <= b.length) | b.closed
            places[n, here] = b.at(where)
            visible[n, here] = there
    return Tracks(places, visible)


def _general(a: Strokes, own: dict[int, int], b: Strokes, theirs: dict[int, int]) -> tuple[float, np.ndarray]:
    """How much larger the lines of b are than the same ones of a (median), and how far they moved (2,) px."""
    ratios, ways = [], []
    for ident in own.keys() & theirs.keys():
        one, other = _path(a, own[ident]), _path(b, theirs[ident])
        if one.length > 4 and other.length > 4:
            ratios.append(other.length / one.length)
            ways.append(other.points.mean(0) - one.points.mean(0))
    if not ratios:
        return 1.0, np.zeros(2)
    return float(np.median(ratios)), np.median(np.array(ways), axis=0)


def _laid(a: _Path, b: _Path, along: np.ndarray, grown: float, moved: np.ndarray) -> np.ndarray | None:
    """Where on b (px along it) the places ``along`` a are; None where the two do not lie on each other at all."""
    if a.length < 1e-6 or b.length < 1e-6:
        return np.full(len(along), b.length / 2)
    ratio = b.length / (a.length * grown)
    whole = [(b.length / a.length, 0.0)]
    if a.closed and b.closed:
        tries = [(b.length / a.length, o) for o in np.linspace(0, b.length, 4 * SLIDE, endpoint=False)]
    elif abs(np.log(ratio)) < WHOLE:
        tries = whole
    else:
        # One is a piece of the other: same size, slid along.
        tries = [(grown, o) for o in np.linspace(0, b.length - a.length * grown, SLIDE)] + whole
    best = None
    for scale, offset in tries:
        low, high = max(0.0, -offset / scale), min(a.length, (b.length - offset) / scale)
        if a.closed and b.closed:
            low, high = 0.0, a.length
        where = np.linspace(low, high, FINE)
        p, q = a.at(where), b.at(where * scale + offset)
        error, way = _rigid_error(p, q)
        # Straight lines slide freely: then they go with everything else.
        cost = error / max(high - low, 1e-6) + 0.02 * float(np.hypot(*(way - moved))) / max(a.length, 1.0)
        if (scale, offset) == whole[0]:
            cost += 0.5 * max(0.0, abs(np.log(ratio)) - WHOLE) * 0.1
        if best is None or cost < best[0]:
            best = (cost, error / max(high - low, 1e-6), scale, offset)
    assert best is not None
    if best[1] > MISFIT:
        return None
    return along * best[2] + best[3]


def _rigid_error(p: np.ndarray, q: np.ndarray) -> tuple[float, np.ndarray]:
    """How far (root mean square px) points p (N, 2), turned, grown and moved for the best, miss q; and the middle's way."""
    pm, qm = p.mean(0), q.mean(0)
    a, b = (p - pm) @ np.array([1, 1j]), (q - qm) @ np.array([1, 1j])
    spread = float((abs(a) ** 2).sum())
    turn = (np.conj(a) @ b) / spread if spread > 0 else 1.0
    return float(np.sqrt((abs(b - turn * a) ** 2).mean())), qm - pm
