"""What is seen of the edges of filled shapes: the lines that an artist would have drawn round them."""

from dataclasses import replace

import cv2
import numpy as np

from ..contracts.tween import FlatKey
from .marks import shrink_of, small_size
from .near import search
from .pick import Picked, cut

NEAR = 2
"""px of the working size within which a shape must be seen for its edge to be seen."""


def seen_edges(key: FlatKey, keep: np.ndarray, shapes: np.ndarray, size: tuple[int, int]) -> Picked:
    """The strokes for which ``keep`` (S,) bool holds; of those that are ``shapes``, too, the runs that no other shape hides.

    size (height, width) px of the drawing."""
    of, runs, owner = key.strokes, [], []
    hides = _shown(key, shapes, size)
    for s in np.flatnonzero(keep).tolist():
        rows = np.arange(*of.offsets[s : s + 2])
        some = [rows] if s not in hides else _runs(rows, hides[s], bool(of.cyclic[s]))
        runs += some
        owner += [s] * len(some)
    points = np.concatenate([*runs, np.zeros(0, np.intp)]).astype(np.intp)
    strokes = np.array(owner, np.intp)
    sizes = np.array([len(run) for run in runs], np.int64)
    closed = of.cyclic[strokes] & (sizes == np.diff(of.offsets)[strokes])
    seen = cut(key, strokes, points, sizes)
    return replace(seen, key=replace(seen.key, strokes=replace(seen.key.strokes, cyclic=closed)))


def fill_of(key: FlatKey) -> np.ndarray:
    """(S,) which of the key's fills each of its strokes is, if it is filled: the one that begins where it begins."""
    assert key.fills is not None
    begins = [s.points[np.minimum(s.offsets[:-1], len(s.points) - 1)] for s in (key.strokes, key.fills)]
    return search(begins[0], begins[1], 1)[1][:, 0]


def _shown(key: FlatKey, shapes: np.ndarray, size: tuple[int, int]) -> dict[int, np.ndarray]:
    """For each shape, by its stroke: which of its points are seen."""
    fills, of = key.fills, key.strokes
    which = np.array([s for s in np.flatnonzero(shapes) if of.offsets[s + 1] > of.offsets[s]], np.intp)
    if fills is None or len(fills) == 0 or len(which) == 0:
        return {}
    shrink, top = shrink_of(size), np.full(small_size(size), -1, np.int32)
    for n in range(len(fills)):
        corners = np.round(fills.points[fills.of(n)].astype(np.float64) * shrink).astype(np.int32)
        if len(corners):
            cv2.fillPoly(top, [corners[:, None]], n)
    out = {}
    for s, n in zip(which.tolist(), fill_of(key)[which].tolist(), strict=True):
        near = cv2.dilate((top == n).astype(np.uint8), np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8))
        x, y = np.round(of.points[of.of(s)].astype(np.float64) * shrink).astype(np.intp).T
        inside = (x >= 0) & (y >= 0) & (x < near.shape[1]) & (y < near.shape[0])
        out[s] = ~inside
        out[s][inside] = near[y[inside], x[inside]] > 0
    return out


def _runs(rows: np.ndarray, shown: np.ndarray, closed: bool) -> list[np.ndarray]:
    """The seen runs of a stroke's points, of two and more; a closed one goes on over its beginning."""
    if shown.all():
        return [rows]
    if closed:
        first = int(np.flatnonzero(~shown)[0])
        rows, shown = np.roll(rows, -first), np.roll(shown, -first)
    parts = np.split(np.arange(len(rows)), np.flatnonzero(np.diff(shown.astype(np.int8))) + 1)
    return [rows[part] for part in parts if shown[part[0]] and len(part) > 1]
