"""Pictures of few areas as runs of equal pixels: small to keep, quick to sum up."""

from dataclasses import dataclass

import numpy as np


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


def runs_of(picture: np.ndarray) -> Runs:
    """(H, W) of any plain type, at least one pixel, as :class:`Runs`."""
    height, width = picture.shape
    flat = picture.ravel()
    start = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    return Runs((height, width), start, flat[start])


def rows_of(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(H, W) as runs that end with the row: first pixel (N,) int64, length (N,) int64, value (N,)."""
    height, width = picture.shape
    new = np.empty(picture.shape, bool)
    new[:, 0] = True
    np.not_equal(picture[:, 1:], picture[:, :-1], out=new[:, 1:])
    start = np.flatnonzero(new)
    return start, np.diff(start, append=height * width), picture.ravel()[start]
