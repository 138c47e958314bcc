"""Stroke identity: a region with the same strokes around it as a region of a key is that region, however far it moved.

Grease Pencil strokes keep their number when a drawing is copied and bent on; where each drawing is drawn anew they have none,
and nothing is said here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..contracts.drawing import Drawing, Strokes
from ..contracts.shot import Shot
from .carry import Solved, region_colours
from .evidence import Evidence
from .look import Look
from .palette import Palette

VERSION = "strokes-1"
"""Part of the key of what comes of it: raised whenever the same input gives another result."""

SAME, APART = 0.7, 0.3
"""Part of two outlines that is drawn by the same strokes from which they are one region's, and by how much less the next
region's may be. Counted on generated walks (docs/cel-engine.md): 99 % of such regions bear one colour."""

COPIED = 0.7
"""Part of a drawing's strokes that the key must have, too. Numbers made of what strokes look like are shared by chance by three
of five strokes of drawings that have nothing to do with each other."""

BESIDE = 1.5
"""px of the working size beyond a line's edge at which the region beside it is asked for."""

SURE = 0.95
"""Confidence in a region known by its strokes."""


@dataclass(frozen=True)
class Outlines:
    """Who draws each region's outline: ids (N,) int64 of strokes, sorted; part (R, N) float32 of the outline, rows to 1."""

    ids: np.ndarray
    part: np.ndarray

    @cached_property
    def drawn(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same as a list, stroke by stroke: number (M,) of the stroke, the region (M,) and the part (M,)."""
        part = self.part.T.ravel()
        at = np.flatnonzero(part != 0)
        stroke = at // max(len(self.part), 1)
        return stroke, at - stroke * len(self.part), part[at]


def outlines(strokes: Strokes, labels: np.ndarray, count: int, scale: tuple[float, float]) -> Outlines:
    """From strokes in px of the frame and (h, w) int32 labels, ``scale`` (x, y) times as large as the frame."""
    known = np.flatnonzero(strokes.ids >= 0)
    ids, column = np.unique(strokes.ids[known], return_inverse=True)
    length = np.diff(strokes.offsets)
    stroke = np.repeat(np.arange(len(length)), length)
    which = np.full(len(strokes), -1)
    which[known] = column
    owner = which[stroke]
    x, y = (strokes.points[:, axis].astype(np.float64) * scale[axis] for axis in (0, 1))
    radius = strokes.radius * np.mean(scale) + BESIDE
    dx, dy = np.diff(x), np.diff(y)
    whole = np.hypot(dx, dy)
    # Between the last point of a stroke and the first of the next there is no line.
    within = (owner[:-1] >= 0) & (stroke[1:] == stroke[:-1])
    use = np.flatnonzero(within & (whole > 1e-6))
    middle_x, middle_y = (x[use] + x[use + 1]) / 2, (y[use] + y[use + 1]) / 2
    whole, owner = whole[use], owner[use]
    across_x, across_y = -dy[use] / whole * radius[use], dx[use] / whole * radius[use]
    part = np.zeros(count * len(ids))
    height, width = labels.shape
    for side in (1, -1):
        column = np.floor(middle_x + side * across_x).astype(np.int64)
        row = np.floor(middle_y + side * across_y).astype(np.int64)
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        number = labels.ravel()[row[inside] * width + column[inside]] * np.int64(len(ids)) + owner[inside]
        part += np.bincount(number, whole[inside], len(part))
    part = part.reshape(count, len(ids)).astype(np.float32)
    return Outlines(ids, part / np.maximum(part.sum(1, keepdims=True), 1e-6))


def same_regions(target: Outlines, source: Outlines) -> np.ndarray:
    """(R,) int64: for each region of ``target`` the region of ``source`` that the same strokes enclose, or -1."""
    shared, mine, theirs = np.intersect1d(target.ids, source.ids, assume_unique=True, return_indices=True)
    if len(shared) < COPIED * max(len(target.ids), 1) or len(shared) == 0 or len(source.part) < 2:
        return np.full(len(target.part), -1)
    (k, a, ours), (j, b, other) = (_of_these(one, which) for one, which in ((target, mine), (source, theirs)))
    # A stroke runs along a few regions only: each of the target's is weighed against each of the source's.
    first, many = np.searchsorted(j, k), np.bincount(j, minlength=len(shared))[k]
    here = np.repeat(np.arange(len(k)), many)
    there = np.arange(len(here)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    both = np.minimum(ours[here], other[there])
    size = len(target.part), len(source.part)
    alike = np.bincount(a[here] * size[1] + b[there], both, size[0] * size[1]).reshape(size)
    best, rows = alike.argmax(1), np.arange(size[0])
    first = alike[rows, best]
    alike[rows, best] = 0
    good = (first >= SAME) & (first - alike.max(1) >= APART)
    return np.where(good, best, -1)


def _of_these(one: Outlines, strokes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """:attr:`Outlines.drawn` of these ``strokes`` (K,), ascending numbers, as which of them they count from now on."""
    stroke, region, part = one.drawn
    rank = np.full(len(one.ids), -1)
    rank[strokes] = np.arange(len(strokes))
    rank = rank[stroke]
    these = rank >= 0
    return rank[these], region[these], part[these]


@dataclass(frozen=True)
class _Known:
    """A key's regions: their outlines, the colour (R,) that each bears most of, and whether it bears hardly another (R,)."""

    outlines: Outlines
    colour: np.ndarray
    flat: np.ndarray


class KnownStrokes:
    """Regions of a shot's drawings known by their strokes from its keys."""

    def __init__(self, evidence: Evidence, shot: Shot, palette: Palette, keys: Sequence[tuple[str, str]]) -> None:
        """``keys``: drawings whose colours are known, and under which key."""
        self._evidence, self._shot, self._palette, self._keys = evidence, shot, palette, keys
        self._of_keys: dict[str, _Known | None] = {}

    def _outlines(self, drawing: str) -> Outlines | None:
        given: Drawing = self._shot.drawings[self._shot.ids.index(drawing)]
        if given.strokes is None or not (given.strokes.ids >= 0).any():
            return None
        look = self._evidence.look(drawing)
        height, width = look.labels.shape
        return outlines(given.strokes, look.labels, look.count, (width / self._shot.width, height / self._shot.height))

    def known(self, drawing: str, solved: Solved) -> Solved:
        """The ``solved`` colours of a drawing with what its strokes tell; the same object where they tell nothing."""
        mine = None
        for key in self._keys:
            known = self._of(key)
            if known is not None:
                mine = mine or self._outlines(drawing)
                if mine is None:
                    break
                solved = _with(solved, self._evidence.look(drawing), same_regions(mine, known.outlines), known)
        return solved

    def _of(self, key: tuple[str, str]) -> _Known | None:
        if key[0] not in self._of_keys:
            self._of_keys[key[0]] = self._of_key(*key)
        return self._of_keys[key[0]]

    def _of_key(self, drawing: str, key: str) -> _Known | None:
        found, solved = self._outlines(drawing), self._evidence.solved(key)
        if found is None or solved is None:
            return None
        look = self._evidence.look(drawing)
        colour = region_colours(solved, look, len(self._palette))
        return _Known(found, colour, _flat(solved, look.labels, look.paper, colour))


def _with(solved: Solved, look: Look, same: np.ndarray, known: _Known) -> Solved:
    """A solution in which each region is as the key's region ``same`` (R,) says, where there is one, and it is flat."""
    mended = (same >= 0) & known.flat[same]
    colour = solved.colour.copy()
    look.fill(colour, mended, known.colour[same])
    sure = np.where(mended, np.maximum(solved.sure, np.float32(SURE)), solved.sure).astype(np.float32)
    return Solved(colour, sure)


def _flat(solved: Solved, labels: np.ndarray, paper: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """(R,) bool: regions of one colour; a region with a tone edge in it is carried with its edge."""
    own = colour[labels[paper]] == solved.colour[paper]
    total = np.bincount(labels[paper], minlength=len(colour))
    return np.bincount(labels[paper], own, len(colour)) >= 0.97 * np.maximum(total, 1)
