"""The lines of a scanned in-between: every pixel looked up in a key along the motion of its place.

So the lines keep the artist's own width and swelling, stand where the colours stand, and none is drawn twice. Lines of two
strokes that were matched wrongly cannot come about, because no strokes are matched.
"""

import cv2
import numpy as np

from .blend import Places
from .field import look

HALF = 0.5
"""How much of a key's line must lie on a pixel, seen between the key's pixels, for the pixel to be drawn."""

CRUMB = 10
"""px of area at a picture of ``field.USUAL`` px diagonal. Smaller pieces are left out: motions that part leave them."""


def lines_between(keys: tuple[np.ndarray, np.ndarray], places: Places, further: np.ndarray, time: float) -> np.ndarray:
    """(H, W) uint8, lines 0 on 255: the in-between's lines from both ``keys`` (H, W) uint8, 1 on lines.

    ``further`` (H, W) bool: where the further key is looked up instead of the nearer one.
    """
    one, other = (
        look(key[..., None].astype(np.float32), at)[..., 0]
        for key, at in zip(keys, (places.first, places.last), strict=True)
    )
    near, far = (one, other) if time <= 0.5 else (other, one)
    drawn = (np.where(further, far, near) > HALF).astype(np.uint8)
    _, found, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    labels = np.asarray(found, np.intp)
    scale = max(float(np.hypot(*drawn.shape)) / 650.0, 0.2)
    large = np.asarray(stats)[:, cv2.CC_STAT_AREA] >= CRUMB * scale
    # A dot that the artist drew is as small as a crumb, but stands in a key as small as it is.
    small = [_small(key, CRUMB * scale) for key in keys]
    dots = np.zeros(len(large), bool)
    for key, at in zip(small, (places.first, places.last), strict=True):
        seen = look(key[..., None].astype(np.float32), at)[..., 0] > HALF
        dots[np.unique(labels[seen & (drawn > 0)])] = True
    return np.where((drawn > 0) & (large | dots)[labels], 0, 255).astype(np.uint8)


def _small(lines: np.ndarray, least: float) -> np.ndarray:
    """(H, W) uint8: the pieces of lines with an area of less than ``least`` px."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    little = np.asarray(stats)[:, cv2.CC_STAT_AREA] < least
    little[0] = False
    return little[np.asarray(labels, np.intp)].astype(np.uint8)
