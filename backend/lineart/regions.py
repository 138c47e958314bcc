"""Regions: the pieces of paper that lines enclose, with the few numbers about each that colouring needs."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from .lengths import changes, pixels_of
from .nearest import grow
from .runs import Runs, pieces

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
    size = (boundary.shape[0], boundary.shape[1])
    paper = boundary == 0
    # With one line pixel around, every run of paper ends with its row.
    framed = cv2.copyMakeBorder(boundary, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    change = changes(framed)
    start, end = change[::2], change[1::2]
    if len(start) == 0:
        return Regions(Runs(size, np.array([0]), np.zeros(1, np.int32)), paper, np.array([0]))
    number, count = pieces(start, end, size[1] + 2)
    length = end - start
    start = start - start // (size[1] + 2) * 2 - (size[1] + 1)  # without the frame
    area = np.bincount(number, length, count).astype(np.int64)
    keep = area >= smallest
    if not keep.any():
        keep[:] = True
    if not keep.all():
        lost = np.flatnonzero(~keep[number])
        paper.ravel()[pixels_of(start[lost], length[lost])] = False
        kept = keep[number]
        start, length, number = start[kept], length[kept], (np.cumsum(keep) - 1)[number[kept]]
    # OpenCV has no whole numbers beyond 16 bits here; in 32 bits these are exact up to more than there are regions.
    value = np.zeros(2 * len(start) + 1, np.uint16 if len(keep) < 1 << 16 else np.float32)
    value[1::2] = number + 1
    borders = np.stack([start, start + length], 1).ravel()
    labels = np.repeat(value, np.diff(borders, prepend=0, append=boundary.size)).reshape(size)
    grow(labels)
    start = np.append(0, changes(labels))
    return Regions(Runs(size, start, labels.ravel().take(start).astype(np.int32) - 1), paper, area[keep])


def spots(labels: Runs, wanted: np.ndarray) -> np.ndarray:
    """(N, 2) int64 x, y of a pixel well inside each of the regions ``wanted`` (R,) bool: its longest run's middle."""
    mine = wanted[labels.value]
    start, length, value = labels.start[mine], labels.length[mine], labels.value[mine]
    order = np.argsort(length, kind="stable")
    middle = np.zeros(len(wanted), np.int64)
    middle[value[order]] = (start + length // 2)[order]
    return np.stack([middle % labels.size[1], middle // labels.size[1]], 1)[wanted]


def at_the_edge(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool: the pieces of a ``mask`` (H, W) bool that touch the picture's edge."""
    if not (mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()):
        return np.zeros(mask.shape, bool)
    count, found = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    pieces = np.asarray(found, np.int32)
    outer = np.zeros(count, bool)
    for side in (pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]):
        outer[side] = True
    outer[0] = False
    return outer[pieces]
