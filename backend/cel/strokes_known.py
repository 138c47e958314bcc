"""Stroke identity: a region with the same strokes around it as a region of a key is that region, however far it moved.

Grease Pencil strokes keep their number when a drawing is copied and bent on; where each drawing is drawn anew they have none,
and nothing is said here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contracts.drawing import Drawing, Strokes
from ..contracts.shot import Shot
from .carry import Solved, region_colours
from .evidence import Evidence, digest
from .palette import Palette

VERSION = "strokes-1"
"""Part of every key: raised whenever the same input gives another result."""

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


def outlines(strokes: Strokes, labels: np.ndarray, count: int, scale: tuple[float, float]) -> Outlines:
    """From strokes in px of the frame and (h, w) int32 labels, ``scale`` (x, y) times as large as the frame."""
    known = np.flatnonzero(strokes.ids >= 0)
    ids, column = np.unique(strokes.ids[known], return_inverse=True)
    length = np.diff(strokes.offsets)
    which = np.full(len(strokes), -1)
    which[known] = column
    owner = np.repeat(which, length)
    points = strokes.points.astype(np.float64) * scale
    radius = strokes.radius * np.mean(scale) + BESIDE
    step = np.diff(points, axis=0)
    whole = np.hypot(step[:, 0], step[:, 1])
    # Between the last point of a stroke and the first of the next there is no line.
    within = (owner[:-1] >= 0) & (
        np.repeat(np.arange(len(length)), length)[1:] == np.repeat(np.arange(len(length)), length)[:-1]
    )
    use = np.flatnonzero(within & (whole > 1e-6))
    middle = (points[use] + points[use + 1]) / 2
    across = np.stack([-step[use, 1], step[use, 0]], 1) / whole[use, None] * radius[use, None]
    part = np.zeros((count, len(ids)), np.float32)
    height, width = labels.shape
    for side in (across, -across):
        x, y = np.floor(middle + side).astype(np.int64).T
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        np.add.at(part, (labels[y[inside], x[inside]], owner[use[inside]]), whole[use[inside]])
    return Outlines(ids, part / np.maximum(part.sum(1, keepdims=True), 1e-6))


def same_regions(target: Outlines, source: Outlines) -> np.ndarray:
    """(R,) int64: for each region of ``target`` the region of ``source`` that the same strokes enclose, or -1."""
    shared, mine, theirs = np.intersect1d(target.ids, source.ids, return_indices=True)
    if len(shared) < COPIED * max(len(target.ids), 1) or len(shared) == 0 or len(source.part) < 2:
        return np.full(len(target.part), -1)
    alike = np.zeros((len(target.part), len(source.part)), np.float32)
    for k, j in zip(mine.tolist(), theirs.tolist(), strict=True):
        # A stroke runs along a few regions only.
        a, b = np.flatnonzero(target.part[:, k]), np.flatnonzero(source.part[:, j])
        alike[a[:, None], b] += np.minimum(target.part[a, k][:, None], source.part[b, j])
    ranked = np.partition(alike, -2, axis=1)
    good = (ranked[:, -1] >= SAME) & (ranked[:, -1] - ranked[:, -2] >= APART)
    return np.where(good, alike.argmax(1), -1)


class KnownStrokes:
    """Regions of a shot's drawings known by their strokes from its keys."""

    def __init__(self, evidence: Evidence, shot: Shot, palette: Palette, keys: Sequence[tuple[str, str]]) -> None:
        """``keys``: drawings whose colours are known, and under which key."""
        self._evidence, self._shot, self._palette, self._keys = evidence, shot, palette, keys
        self._of_keys: dict[str, Outlines | None] = {}

    def _outlines(self, drawing: str) -> Outlines | None:
        given: Drawing = self._shot.drawings[self._shot.ids.index(drawing)]
        if given.strokes is None or not (given.strokes.ids >= 0).any():
            return None
        look = self._evidence.look(drawing)
        height, width = look.labels.shape
        return outlines(given.strokes, look.labels, look.count, (width / self._shot.width, height / self._shot.height))

    def known(self, drawing: str, key: str) -> str:
        """The key of a drawing's solution with what its strokes tell; ``key`` itself where they tell nothing."""
        for source, solved in self._keys:
            if source not in self._of_keys:
                self._of_keys[source] = self._outlines(source)
            if self._of_keys[source] is not None:
                key = self._from(drawing, key, source, solved)
        return key

    def _from(self, drawing: str, key: str, source: str, source_key: str) -> str:
        evidence, colours = self._evidence, len(self._palette)
        new = f"known-{digest(VERSION, key, source_key, evidence.look_key(source))}"
        if evidence.solved(new) is not None:
            return new
        mine, theirs = self._outlines(drawing), self._of_keys[source]
        solved, given = evidence.solved(key), evidence.solved(source_key)
        if mine is None or theirs is None or solved is None or given is None:
            return key
        look, other = evidence.look(drawing), evidence.look(source)
        same = same_regions(mine, theirs)
        colour = region_colours(given, other, colours)
        flat = _flat(given, other.labels, other.paper, colour)
        mended = (same >= 0) & flat[same]
        now = colour[same]
        picture = np.where(mended[look.labels], now[look.labels].astype(np.uint8), solved.colour)
        evidence.keep(
            new,
            Solved(
                picture, np.where(mended, np.maximum(solved.sure, np.float32(SURE)), solved.sure).astype(np.float32)
            ),
        )
        return new


def _flat(solved: Solved, labels: np.ndarray, paper: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """(R,) bool: regions of one colour; a region with a tone edge in it is carried with its edge."""
    own = colour[labels[paper]] == solved.colour[paper]
    total = np.bincount(labels[paper], minlength=len(colour))
    return np.bincount(labels[paper], own, len(colour)) >= 0.97 * np.maximum(total, 1)
