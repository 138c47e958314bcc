"""Pictures of few areas as runs of equal pixels: small to keep, quick to sum up."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .lengths import changes, pixels_of


@dataclass(frozen=True)
class Runs:
    """Pixels in reading order, as runs of one value each; a run may go on into the next row.

    size (height, width); start (N,) int64 flat pixel number where a run begins, the first 0; value (N,)
    """

    size: tuple[int, int]
    start: np.ndarray
    value: np.ndarray

    @cached_property
    def length(self) -> np.ndarray:
        """(N,) int64 px."""
        return np.diff(self.start, append=self.size[0] * self.size[1])

    def picture(self) -> np.ndarray:
        """The (H, W) pixels again."""
        return np.repeat(self.value, self.length).reshape(self.size)

    def samples(self, rows: np.ndarray, columns: np.ndarray) -> "Runs":
        """The pixels (h, w) at so many ``rows`` (h,) and ``columns`` (w,), both ascending int64."""
        width = self.size[1]
        first = np.searchsorted(self.start, rows * width, "right") - 1
        many = np.searchsorted(self.start, rows * width + width) - first
        run, row = pixels_of(first, many), np.repeat(np.arange(len(rows)), many)
        # Of each run in these rows, how many columns lie before it.
        before = np.searchsorted(columns, np.arange(width))[np.maximum(self.start[run] - rows[row] * width, 0)]
        start = row * len(columns) + before
        kept = np.append(start[1:] != start[:-1], start[-1] < len(rows) * len(columns))
        start, value = start[kept], self.value[run[kept]]
        new = np.append(True, value[1:] != value[:-1])
        return Runs((len(rows), len(columns)), start[new], value[new])

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same as runs that end with their row: first pixel (N,) int64, length (N,) int64, value (N,)."""
        height, width = self.size
        first = np.arange(0, height * width, width)
        inner = self.start % width != 0
        start, value = self.start[inner], self.value[inner]
        at = np.searchsorted(start, first)
        start = np.insert(start, at, first)
        value = np.insert(value, at, self.value[np.searchsorted(self.start, first, "right") - 1])
        return start, np.diff(start, append=height * width), value


def runs_of(picture: np.ndarray) -> Runs:
    """(H, W) of any plain type, at least one pixel, as :class:`Runs`."""
    height, width = picture.shape
    flat = picture.ravel()
    start = np.append(0, changes(flat))
    return Runs((height, width), start, flat[start])


def boxes(runs: Runs, regions: np.ndarray) -> list[tuple[slice, slice]]:
    """The smallest rectangles that hold each of the ``regions`` (N,), every one of which is the value of some of the ``runs``."""
    if len(regions) == 0:
        return []
    height, width = runs.size
    number = np.full(int(runs.value.max()) + 1, -1, np.intp)
    number[regions] = np.arange(len(regions))
    mine = number[runs.value]
    kept = np.flatnonzero(mine >= 0)
    mine, first = mine[kept], runs.start[kept]
    last = first + runs.length[kept] - 1
    # A run that goes on into the next row reaches both sides of the picture.
    whole = first // width != last // width
    left, right = np.where(whole, 0, first % width), np.where(whole, width - 1, last % width)
    low, high = np.full((2, len(regions)), max(height, width), np.intp), np.zeros((2, len(regions)), np.intp)
    for axis, (least, most) in enumerate(((first // width, last // width), (left, right))):
        np.minimum.at(low[axis], mine, least)
        np.maximum.at(high[axis], mine, most)
    return [(slice(low[0, n], high[0, n] + 1), slice(low[1, n], high[1, n] + 1)) for n in range(len(regions))]


def pieces(start: np.ndarray, end: np.ndarray, width: int) -> tuple[np.ndarray, int]:
    """Which runs hang together through edges of pixels: (N,) the piece of each, and how many there are.

    Runs (N,) ``start`` and ``end`` (one past the last) as flat pixel numbers, in reading order, none of which reaches
    both sides of a picture of this ``width``. Pieces are numbered in reading order. Every run first follows the one it
    meets above; what more it meets joins pieces (run-based labelling as by He, Chao and Suzuki, IEEE TIP 17(5), 2008;
    pointers are halved as by Shiloach and Vishkin, J. Algorithms 3(1), 1982).
    """
    first = _up_to(end, start - width)
    above = _below(start, end - width) - first
    order = np.arange(len(start))
    root = _roots(np.where(above > 0, first, order))
    several = np.flatnonzero(above > 1)
    more = above[several] - 1
    one, other = root[np.repeat(several, more)], root[pixels_of(first[several] + 1, more)]
    while len(one):
        link = order.copy()
        np.minimum.at(link, np.maximum(one, other), np.minimum(one, other))
        link = _roots(link)
        root, one, other = link[root], link[one], link[other]
        apart = one != other
        one, other = one[apart], other[apart]
    own = root == order
    return (np.cumsum(own) - 1)[root], int(own.sum())


def _up_to(places: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """``np.searchsorted(places, asked, "right")`` where both rise: then to merge them is faster than to search."""
    order = np.argsort(np.concatenate([places, asked]), kind="stable")
    found = np.flatnonzero(order >= len(places))
    found -= np.arange(len(asked))
    return found


def _below(places: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """``np.searchsorted(places, asked)`` where both rise."""
    order = np.argsort(np.concatenate([asked, places]), kind="stable")
    found = np.flatnonzero(order < len(asked))
    found -= np.arange(len(asked))
    return found


def _roots(parent: np.ndarray) -> np.ndarray:
    """(N,) of which each is its own parent or has a lower one -> the last ancestor of each."""
    while True:
        older = parent.take(parent)
        if np.array_equal(older, parent):
            return parent
        parent = older
