"""Regions: the pieces of paper that lines enclose, with the few numbers about each that colouring needs."""

from dataclasses import dataclass

import cv2
import numpy as np

SMALLEST = 5
"""px. Pieces of paper smaller than this are flaws in the line; they take the nearest region's colour."""


@dataclass(frozen=True)
class Regions:
    """Regions of one drawing, numbered 0..R-1.

    labels    (H, W) int32, region of each pixel; line pixels belong to the nearest region
    paper     (H, W) bool, True off the lines
    area      (R,) int64 px of paper
    centre    (R, 2) float64 x, y of the paper's centroid
    box       (R, 4) int32 x, y, width, height
    border    (R,) bool, touches the edge of the picture
    """

    labels: np.ndarray
    paper: np.ndarray
    area: np.ndarray
    centre: np.ndarray
    box: np.ndarray
    border: np.ndarray

    def __len__(self) -> int:
        return len(self.area)


def find_regions(boundary: np.ndarray, smallest: int = SMALLEST) -> Regions:
    """Connected pieces of paper, (H, W) uint8 boundary 0/1 -> :class:`Regions`.

    Paper is joined through edges only (4-connectivity), so a diagonal line one pixel wide holds.
    A drawing that is all line gives one region.
    """
    paper = boundary == 0
    count, found, stats, centre = cv2.connectedComponentsWithStats(paper.astype(np.uint8), connectivity=4)
    raw = found.astype(np.int32, copy=False)
    keep = stats[:, cv2.CC_STAT_AREA] >= smallest
    keep[0] = False
    if not keep.any():
        keep[1:] = True
    number = np.full(count, -1, np.int32)
    number[keep] = np.arange(int(keep.sum()))
    if not keep.any():
        height, width = boundary.shape
        return Regions(
            np.zeros(boundary.shape, np.int32),
            paper,
            np.array([0]),
            np.array([[width / 2, height / 2]]),
            np.array([[0, 0, width, height]], np.int32),
            np.array([True]),
        )
    labels = number[raw]
    paper = labels >= 0
    _, closest = cv2.distanceTransformWithLabels(
        (~paper).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = closest.astype(np.int32, copy=False)
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    owner[nearest[paper]] = labels[paper]
    labels = np.where(paper, labels, owner[nearest])
    edge = np.zeros(count, bool)
    for side in (raw[0], raw[-1], raw[:, 0], raw[:, -1]):
        edge[side] = True
    return Regions(
        labels,
        paper,
        stats[keep, cv2.CC_STAT_AREA].astype(np.int64),
        centre[keep],
        stats[keep, :4].astype(np.int32),
        edge[keep],
    )
