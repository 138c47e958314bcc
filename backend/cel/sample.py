"""Values of a picture between its pixels."""

from typing import Any

import cv2
import numpy as np

ROWS_AT_ONCE, WIDE = 30_000, 512
"""OpenCV's remap takes fewer than 32768 rows; a list of places is cut into rows so wide."""

NO_MAP: Any = None
"""OpenCV's second map, which a map of pairs does without."""


def look_up(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Bilinear values of (h, w) or (h, w, C) float32 or uint8 at (R, M) complex64 px, x + iy, the edge repeated outside."""
    where = at.view(np.float32).reshape(*at.shape, 2)
    out = np.empty(at.shape + image.shape[2:], image.dtype)
    for start in range(0, len(at), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        out[part] = cv2.remap(image, where[part], NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return out


def look_up_list(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    """:func:`look_up` at a list (N,) of places."""
    rows = -(-len(at) // WIDE)
    places = np.zeros((rows, WIDE), np.complex64)
    places.ravel()[: len(at)] = at
    return look_up(image, places).reshape(rows * WIDE, *image.shape[2:])[: len(at)]
