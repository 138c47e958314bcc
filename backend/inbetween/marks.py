"""Strokes and shapes as small pictures, for comparing drawings."""

import cv2
import numpy as np

from ..contracts.drawing import Strokes

WORKING = 300_000
"""px. Drawings are compared at no more than this size."""

_SHIFT = 4


def shrink_of(size: tuple[int, int], most: int = WORKING) -> float:
    """What a drawing's px of ``size`` (height, width) are multiplied by to be at most so many."""
    return min(1.0, (most / max(size[0] * size[1], 1)) ** 0.5)


def small_size(size: tuple[int, int], most: int = WORKING) -> tuple[int, int]:
    """Height and width of the small picture of a drawing of ``size`` (height, width) px."""
    shrink = shrink_of(size, most)
    return max(8, round(size[0] * shrink)), max(8, round(size[1] * shrink))


def lines_picture(strokes: Strokes, size: tuple[int, int], width: int = 1) -> np.ndarray:
    """(h, w) uint8, 1 on the strokes' middle lines, drawn ``width`` px wide; size (height, width) px of the drawing."""
    out = np.zeros(small_size(size), np.uint8)
    at = _fixed(strokes.points, shrink_of(size))
    for s in range(len(strokes)):
        line = at[strokes.of(s)]
        if len(line):
            cv2.polylines(out, [line[:, None]], bool(strokes.cyclic[s]), 1, width, cv2.LINE_8, _SHIFT)
    return out


def shapes_picture(shapes: Strokes, number: np.ndarray, paper: int, size: tuple[int, int]) -> np.ndarray:
    """(h, w) uint8: the ``number`` (S,) of the uppermost of closed shapes, ``paper`` where there is none."""
    out = np.full(small_size(size), paper, np.uint8)
    at = _fixed(shapes.points, shrink_of(size))
    for s in range(len(shapes)):
        _fill(out, at[shapes.of(s)], int(number[s]))
    return out


def inside(outline: np.ndarray, shrink: float, size: tuple[int, ...]) -> np.ndarray:
    """(h, w) bool: what a closed ``outline`` (N, 2) px of a drawing encloses, in its small picture of ``size`` (h, w)."""
    out = np.zeros(size, np.uint8)
    _fill(out, _fixed(outline, shrink), 1)
    return out > 0


def _fill(picture: np.ndarray, corners: np.ndarray, value: int) -> None:
    cv2.fillPoly(picture, [corners[:, None]], value, cv2.LINE_8, _SHIFT)


def _fixed(points: np.ndarray, shrink: float) -> np.ndarray:
    """(N, 2) px of the drawing as OpenCV's fixed-point coordinates in the small picture."""
    held = np.clip(points.astype(np.float64) * shrink, -9000, 9000)
    return np.round((held - 0.5) * (1 << _SHIFT)).astype(np.int32)
