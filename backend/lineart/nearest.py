"""For every pixel asked the nearest of some given pixels, and labels that grow until they meet."""

from collections.abc import Iterator

import cv2
import numpy as np

from .lengths import places


def nearest(seeds: np.ndarray, asked: np.ndarray, mask: int = 3) -> np.ndarray:
    """(H, W) bool seeds and pixels asked -> (N,) int64 flat pixel number of the seed nearest to each pixel asked.

    There must be a seed. Pixels asked are answered in reading order. Distances are those of a chamfer mask of
    so many px (Borgefors, CVGIP 34(3), 1986), as OpenCV measures them.
    """
    away = np.logical_not(seeds).view(np.uint8)
    _, number = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, mask, labelType=cv2.DIST_LABEL_PIXEL)
    # OpenCV numbers the seeds in reading order, from 1 on.
    return np.flatnonzero(seeds)[number[asked].astype(np.intp, copy=False) - 1]


ROUNDS = 12
"""Pixels that labels grow one by one; what is further away (solid black) is measured instead."""

FEW = 40
"""Where no more than one of so many pixels has no label, these are looked at alone, otherwise the whole picture is."""

EDGES, CORNERS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), np.ones((3, 3), np.uint8)
"""What a pixel takes a label from: only through its edges, and through its corners as well."""


def grow(labels: np.ndarray) -> None:
    """Give each pixel of ``labels`` (H, W) uint16 or float32 that is 0 that of a nearest one that is not, in place.

    Lines are thin, so they are peeled from both sides: by edges and by corners in turn, which makes octagons of
    circles (Rosenfeld and Pfaltz, Pattern Recognition 1(1), 1968). The larger of two equally near labels is taken.
    """
    flat, alone = labels.ravel(), None
    for turn in range(ROUNDS):
        if alone is None:
            asked = np.equal(labels, 0)
            many = np.count_nonzero(asked)
            if many * FEW > labels.size:
                more = cv2.dilate(labels, CORNERS if turn % 2 else EDGES)
                cv2.copyTo(more, asked.view(np.uint8), labels)
                continue
            alone = places(asked)
        if len(alone) == 0:
            return
        near = np.zeros(len(alone), labels.dtype)
        for beside in _beside(alone, labels.shape, turn % 2 > 0):
            np.maximum(near, flat.take(beside), out=near)
        flat[alone] = near
        alone = alone.compress(near == 0)
    far = np.equal(labels, 0)
    if far.any() and not far.all():
        labels[far] = flat[nearest(~far, far)]


def _beside(at: np.ndarray, size: tuple[int, ...], corners: bool) -> Iterator[np.ndarray]:
    """Flat numbers (N,) of the pixels beside those ``at`` (N,), or, where the picture ends, of one that is nearer."""
    height, width = size
    y, x = np.divmod(at, width)
    up, down = np.where(y > 0, at - width, at), np.where(y < height - 1, at + width, at)
    left, right = np.where(x > 0, -1, 0), np.where(x < width - 1, 1, 0)
    yield from (up, down, at + left, at + right)
    if corners:
        yield from (up + left, up + right, down + left, down + right)
