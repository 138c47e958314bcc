"""Regions: the pieces of paper that lines enclose, with the few numbers about each that colouring needs."""

from dataclasses import dataclass

import cv2
import numpy as np

from .nearest import grow
from .runs import runs_of

SMALLEST = 5
"""px. Pieces of paper smaller than this are flaws in the line; they take the nearest region's colour."""


@dataclass(frozen=True)
class Regions:
    """Regions of one drawing, numbered 0..R-1.

    labels    (H, W) int32, region of each pixel; line pixels belong to the nearest region
    paper     (H, W) bool, True off the lines
    area      (R,) int64 px of paper
    """

    labels: np.ndarray
    paper: np.ndarray
    area: np.ndarray

    def __len__(self) -> int:
        return len(self.area)


def find_regions(boundary: np.ndarray, smallest: int = SMALLEST) -> Regions:
    """Connected pieces of paper, (H, W) uint8 boundary 0/1 -> :class:`Regions`.

    Paper is joined through edges only (4-connectivity), so a diagonal line one pixel wide holds.
    A drawing that is all line gives one region.
    """
    paper = boundary == 0
    count, raw = cv2.connectedComponents(paper.view(np.uint8), connectivity=4)
    if count == 1:
        return Regions(np.zeros(boundary.shape, np.int32), paper, np.array([0]))
    runs = runs_of(raw)
    area = np.bincount(runs.value, runs.length, count).astype(np.int64)
    keep = area >= smallest
    keep[0] = False
    if not keep.any():
        keep[1:] = True
    number = np.full(count, -1, np.int32)
    number[keep] = np.arange(int(keep.sum()))
    labels = np.take(number, raw)
    if not keep[1:].all():
        paper = labels >= 0
    grow(labels)
    return Regions(labels, paper, area[keep])


def spots(labels: np.ndarray) -> np.ndarray:
    """(H, W) int32 gapless labels -> (R, 2) int64 x, y of a pixel well inside each region: its longest run's middle."""
    runs = runs_of(labels)
    order = np.argsort(runs.length, kind="stable")
    middle = np.empty(int(labels.max()) + 1, np.int64)
    middle[runs.value[order]] = (runs.start + runs.length // 2)[order]
    return np.stack([middle % labels.shape[1], middle // labels.shape[1]], 1)
