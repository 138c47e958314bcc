"""The lines of a scanned in-between: every pixel looked up in a key along the motion of its place.

So the lines keep the artist's own width and swelling, stand where the colours stand, and none is drawn twice. Lines of two
strokes that were matched wrongly cannot come about, because no strokes are matched.
"""

import cv2
import numpy as np

from ..lineart.sketch import coloured
from ..lineart.white import on_white
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


def coloured_lines(picture: np.ndarray, lines: np.ndarray) -> np.ndarray | None:
    """(H, W, 4) float32: 1 on the coloured (separation) lines of a key (H, W, 4) uint8 whose ``lines`` are (H, W) uint8 1 on
    lines, and before it their colour on white, 0 elsewhere. None where there are none."""
    own = coloured(picture, lines).astype(np.float32)
    if not own.any():
        return None
    return np.dstack([on_white(picture)[..., :3] * own[..., None], own])


def in_own_colours(
    drawn: np.ndarray,
    keys: tuple[np.ndarray, np.ndarray],
    coloured: tuple[np.ndarray | None, np.ndarray | None],
    places: Places,
    further: np.ndarray,
    time: float,
) -> np.ndarray:
    """(H, W, 4) uint8 on white: the lines ``drawn`` of :func:`lines_between`, those that come from ``coloured`` ones of the
    ``keys`` (as :func:`coloured_lines` gives them) in their colours, the others black."""
    inked = drawn == 0
    from_last = further[inked] ^ (time > 0.5)
    out = np.full((*drawn.shape, 4), 255, np.uint8)
    colours = np.zeros((len(from_last), 3), np.uint8)
    for last, (key, own, at) in enumerate(zip(keys, coloured, (places.first, places.last), strict=True)):
        here = from_last == bool(last)
        if own is None or not here.any():
            continue
        spots = at[inked][here][:, None]
        seen, line = look(own, spots)[:, 0], look(key[..., None].astype(np.float32), spots)[:, 0, 0]
        it_is = seen[:, 3] >= HALF * np.maximum(line, HALF)
        colours[np.flatnonzero(here)[it_is]] = np.rint(seen[it_is, :3] / seen[it_is, 3:])
    out[inked, :3] = colours
    return out


def _small(lines: np.ndarray, least: float) -> np.ndarray:
    """(H, W) uint8: the pieces of lines with an area of less than ``least`` px."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    little = np.asarray(stats)[:, cv2.CC_STAT_AREA] < least
    little[0] = False
    return little[np.asarray(labels, np.intp)].astype(np.uint8)
