"""Pictures of few areas as runs of equal pixels: small to keep, quick to sum up."""

from dataclasses import dataclass

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

    @property
    def length(self) -> np.ndarray:
        """(N,) int64 px."""
        return np.diff(self.start, append=self.size[0] * self.size[1])

    def picture(self) -> np.ndarray:
        """The (H, W) pixels again."""
        return np.repeat(self.value, self.length).reshape(self.size)

    def samples(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(h, w): the pixels at so many ``rows`` (h,) and ``columns`` (w,), both ascending int64."""
        width = self.size[1]
        first = np.searchsorted(self.start, rows * width, "right") - 1
        many = np.searchsorted(self.start, rows * width + width) - first
        run, row = pixels_of(first, many), np.repeat(np.arange(len(rows)), many)
        # Of each run in these rows, how many columns lie before it.
        before = np.searchsorted(columns, np.arange(width))[np.maximum(self.start[run] - rows[row] * width, 0)]
        length = np.diff(row * len(columns) + before, append=len(rows) * len(columns))
        return np.repeat(self.value[run], length).reshape(len(rows), len(columns))


def runs_of(picture: np.ndarray) -> Runs:
    """(H, W) of any plain type, at least one pixel, as :class:`Runs`."""
    height, width = picture.shape
    flat = picture.ravel()
    start = np.append(0, changes(flat))
    return Runs((height, width), start, flat[start])


def rows_of(picture: np.ndarray, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(H, W) as runs that end with the row: first pixel (N,) int64, length (N,) int64, value (N,).

    inner (M,) int64: flat pixels that differ from the one to their left.
    """
    height, width = picture.shape
    rows = np.arange(0, height * width, width)
    start = np.insert(inner, np.searchsorted(inner, rows), rows)
    return start, np.diff(start, append=height * width), picture.ravel()[start]


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
