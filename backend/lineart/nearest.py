"""For every pixel asked the nearest of some given pixels, and labels that grow until they meet."""

import cv2
import numpy as np


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


def grow(labels: np.ndarray, asked: np.ndarray) -> None:
    """Give each pixel ``asked`` of framed ``labels`` (H + 2, W + 2) that of a nearest one that has any, in place.

    Labels count from 1; asked pixels (N,) int64, flat numbers, are 0, and so is the frame, which gives and takes none.
    Lines are few pixels, so they are peeled from both sides: by edges and by corners in turn, which makes octagons of
    circles (Rosenfeld and Pfaltz, Pattern Recognition 1(1), 1968). The larger of two equally near labels is taken.
    """
    row, flat = labels.shape[1], labels.ravel()
    edges, corners = (1, -1, row, -row), (row + 1, row - 1, 1 - row, -row - 1)
    open_still = asked
    for turn in range(ROUNDS):
        if len(open_still) == 0:
            return
        near = flat.take(open_still + edges[0])
        for step in edges[1:] if turn % 2 == 0 else edges[1:] + corners:
            np.maximum(near, flat.take(open_still + step), out=near)
        flat[open_still] = near
        open_still = open_still.compress(near == 0)
    if len(open_still) and len(open_still) < len(asked):
        inner = labels[1:-1, 1:-1]
        far = inner == 0
        inner[far] = inner.ravel()[nearest(~far, far)]
