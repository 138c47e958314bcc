"""Strokes as a small black and white picture, for comparing drawings."""

import cv2
import numpy as np

from ..contracts.drawing import Strokes

WORKING = 300_000
"""px. Drawings are compared at no more than this size."""

_SHIFT = 4


def lines_picture(strokes: Strokes, size: tuple[int, int]) -> tuple[np.ndarray, float]:
    """(h, w) uint8, 1 on the strokes' middle lines, and what the drawing's px were multiplied by."""
    shrink = min(1.0, (WORKING / max(size[0] * size[1], 1)) ** 0.5)
    height, width = max(8, round(size[0] * shrink)), max(8, round(size[1] * shrink))
    out = np.zeros((height, width), np.uint8)
    fixed = np.round((np.clip(strokes.points.astype(np.float64) * shrink, -9000, 9000) - 0.5) * (1 << _SHIFT))
    whole = fixed.astype(np.int32)
    for s in range(len(strokes)):
        line = whole[strokes.of(s)]
        if len(line):
            cv2.polylines(out, [line[:, None]], bool(strokes.cyclic[s]), 1, 1, cv2.LINE_8, _SHIFT)
    return out, shrink
