"""Regions: the pieces of paper that lines enclose, with the few numbers about each that colouring needs."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from .lengths import changes
from .nearest import grow
from .runs import Runs, pieces, pixels_of

SMALLEST = 5
"""px. Pieces of paper smaller than this are flaws in the line; they take the nearest region's colour."""


@dataclass(frozen=True)
class Regions:
    """Regions of one drawing, numbered 0..R-1.

    runs      region of each pixel of (H, W), int32; line pixels belong to the nearest region
    paper     (H, W) bool, True off the lines
    area      (R,) int64 px of paper
    """

    runs: Runs
    paper: np.ndarray
    area: np.ndarray

    @cached_property
    def labels(self) -> np.ndarray:
        """(H, W) int32, region of each pixel: four times as large as the picture, and made only where asked for."""
        return self.runs.picture()

    def __len__(self) -> int:
        return len(self.area)


def find_regions(boundary: np.ndarray, smallest: int = SMALLEST) -> Regions:
    """Connected pieces of paper, (H, W) uint8 boundary 0/1 -> :class:`Regions`.

    Paper is joined through edges only (4-connectivity), so a diagonal line one pixel wide holds.
    A drawing that is all line gives one region.
    """
    height, width = boundary.shape
    paper = boundary == 0
    # With one line pixel around, every run of paper ends with its row, and every pixel has eight neighbours.
    framed = cv2.copyMakeBorder(boundary, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1).ravel()
    row = width + 2
    change = changes(framed)
    start, end = change[::2], change[1::2]
    if len(start) == 0:
        return Regions(Runs((height, width), np.array([0]), np.zeros(1, np.int32)), paper, np.array([0]))
    number, count = pieces(start, end, row)
    area = np.bincount(number, end - start, count).astype(np.int64)
    keep = area >= smallest
    if not keep.any():
        keep[:] = True
    if not keep.all():
        lost = np.flatnonzero(~keep[number])
        at = pixels_of(start[lost], (end - start)[lost])
        paper.ravel()[at - row - 1 - (at // row - 1) * 2] = False
        kept = keep[number]
        start, end, number = start[kept], end[kept], (np.cumsum(keep) - 1)[number[kept]]
    kind = np.uint16 if len(keep) < 1 << 16 else np.int32
    value = np.zeros(2 * len(start) + 1, kind)
    value[1::2] = number + 1
    borders = np.stack([start, end], 1).ravel()
    labels = np.repeat(value, np.diff(borders, prepend=0, append=len(framed))).reshape(height + 2, row)
    grow(labels, _between(end, start, labels.shape))
    return Regions(_unframed(labels), paper, area[keep])


def _between(end: np.ndarray, start: np.ndarray, framed: tuple[int, int]) -> np.ndarray:
    """(N,) int64 the pixels of a ``framed`` (height, width) picture that lie in no run and not in the frame."""
    height, width = framed
    first, past = np.append(0, end), np.append(start, height * width)
    top, low = np.maximum(first // width, 1), np.minimum((past - 1) // width, height - 2)
    # What lies between two runs in different rows is cut at the ends of rows.
    rows = low - top + 1
    gap = np.repeat(np.arange(len(rows)), rows)
    left = (top[gap] + np.arange(len(gap)) - np.repeat(np.cumsum(rows) - rows, rows)) * width + 1
    first = np.maximum(first[gap], left)
    return pixels_of(first, np.maximum(np.minimum(past[gap], left + width - 2) - first, 0))


def _unframed(labels: np.ndarray) -> Runs:
    """Labels (H + 2, W + 2) from 1 on in a frame of 0 -> those within, from 0 on."""
    height, width = labels.shape
    flat = labels.ravel()
    start = changes(flat)
    value = flat[start].astype(np.int32)
    start, value = start[value > 0], value[value > 0]
    start -= width + 1 + (start // width - 1) * 2
    new = np.append(True, value[1:] != value[:-1])
    return Runs((height - 2, width - 2), start[new], value[new] - 1)


def spots(labels: Runs, wanted: np.ndarray) -> np.ndarray:
    """(N, 2) int64 x, y of a pixel well inside each of the regions ``wanted`` (R,) bool: its longest run's middle."""
    mine = wanted[labels.value]
    start, length, value = labels.start[mine], labels.length[mine], labels.value[mine]
    order = np.argsort(length, kind="stable")
    middle = np.zeros(len(wanted), np.int64)
    middle[value[order]] = (start + length // 2)[order]
    return np.stack([middle % labels.size[1], middle // labels.size[1]], 1)[wanted]
