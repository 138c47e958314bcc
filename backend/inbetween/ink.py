"""The lines of a scanned in-between put right by the motions of its places: strays go, what both keys show is added.

Strokes are matched one by one and may go astray; the motions of places (``middle.py``) are found from everything around.
A line stays where a key has one at the place it should have come from; and a line that both keys have there, and that no
stroke stands for yet, is drawn, midway between the two.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..lineart.thin import thin
from .field import look
from .trace import draw, trace

NEAR = 5.0
"""px at a picture of ``field.USUAL`` px diagonal, as all lengths here: a line this near in a key bears a line out."""

TOGETHER = 4.0
"""px. Lines of both keys this near to the same place are one line."""

AWAY = 3.0
"""px. A line is added where none stands nearer than this."""

STOOD_FOR = 6.0
"""px. Lines of a key this near to where a drawn line came from are drawn already."""

CRUMB = 10
"""px of area. Smaller pieces are left out."""


@dataclass(frozen=True)
class Places:
    """Where every pixel of the in-between lies in either key: (H, W) complex64 px each."""

    first: np.ndarray
    last: np.ndarray


def settled(drawn: np.ndarray, keys: tuple[np.ndarray, np.ndarray], places: Places) -> np.ndarray:
    """The drawn lines put right. ``drawn`` and both ``keys`` (H, W) uint8, 1 on lines -> (H, W) uint8, lines 0 on 255."""
    scale = max(float(np.hypot(*drawn.shape)) / 650.0, 0.2)
    skeletons = [thin(key) for key in keys]
    width = 2 * float(np.mean([trace(key).radius[:1] for key in keys]))
    both = places.first, places.last
    away = [
        look(np.minimum(_distance(bones), 30)[..., None].astype(np.float32), at)[..., 0]
        for bones, at in zip(skeletons, both, strict=True)
    ]
    kept = _redrawn((drawn > 0) & (np.minimum(*away) <= NEAR * scale), width, CRUMB * scale)
    shared = (away[0] + away[1] <= 2 * max(width / 2, 0.8) + 0.4) & (np.maximum(*away) <= TOGETHER * scale)
    shared &= _distance(kept) > AWAY * scale
    for at in both:
        shared &= _at(_distance(_landing(kept, at)), at) > STOOD_FOR * scale
    return np.where(_redrawn(kept | shared, width, CRUMB * scale), 0, 255).astype(np.uint8)


def _redrawn(lines: np.ndarray, width: float, least: float) -> np.ndarray:
    """(H, W) bool: the lines drawn anew along their middles, ``width`` px wide, without pieces of less than ``least`` px."""
    mask = cv2.morphologyEx(lines.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = np.asarray(stats)[:, cv2.CC_STAT_AREA] >= least
    strokes = trace(((mask > 0) & large[np.asarray(labels, np.intp)]).astype(np.uint8))
    if len(strokes) == 0:
        return np.zeros(lines.shape, bool)
    radius = np.full(len(strokes.points), width / 2, np.float32)
    return draw(replace(strokes, radius=radius), (lines.shape[0], lines.shape[1])) == 0


def _landing(lines: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(H, W) bool: the places in a key that lines of the in-between come from."""
    out = np.zeros(lines.shape, bool)
    x = np.clip(np.rint(np.real(at[lines])), 0, lines.shape[1] - 1).astype(np.intp)
    y = np.clip(np.rint(np.imag(at[lines])), 0, lines.shape[0] - 1).astype(np.intp)
    out[y, x] = True
    return out


def _at(image: np.ndarray, place: np.ndarray) -> np.ndarray:
    return look(np.minimum(image, 99)[..., None].astype(np.float32), place)[..., 0]


def _distance(lines: np.ndarray) -> np.ndarray:
    """(H, W) float32 px to the nearest line pixel."""
    if not lines.any():
        return np.full(lines.shape, 999, np.float32)
    return cv2.distanceTransform((lines == 0).astype(np.uint8), cv2.DIST_L2, 5)
