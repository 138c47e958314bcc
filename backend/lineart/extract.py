"""Line art from a coloured picture, without weights: drawn lines, and the edges of flats that no line marks.

Made for coloured animation: drawn lines are thin and darker than what is on both sides (a black top-hat), and flats
meet in steps of colour (the gradient in CIE L*a*b*, thinned as in Canny, IEEE PAMI 8(6), 1986). What comes out is
binarized, as the AniDoc paper does with every extractor: grey values would betray the colours to a model.
"""

from dataclasses import dataclass

import cv2
import numpy as np

THRESHOLD = 200
"""Grey level above which a pixel is paper and below which it is line (paper, section 3.3)."""

BROADEST = 0.012
"""Width of the broadest drawn line, as a part of the picture's shorter side."""

DARKER = 24.0
"""L* by which a drawn line is darker than both its sides to be full black."""

EDGE = 14.0
"""CIE76 across a pixel at which the edge of a flat is full black."""

CALM = 0.8
"""px. Pictures are smoothed by this much first: compression and grain have edges of their own."""


@dataclass(frozen=True)
class Extract:
    """What is asked for.

    threshold  0..255, as above
    edges      whether edges of flats become lines where no line is drawn
    width      px of these lines
    """

    threshold: int = THRESHOLD
    edges: bool = True
    width: int = 2


def extract(picture: np.ndarray, asked: Extract | None = None) -> np.ndarray:
    """(H, W, 4) or (H, W, 3) uint8 sRGB -> (H, W) uint8, 0 on lines and 255 on paper. Transparent is white paper."""
    asked = asked or Extract()
    return binarized(line_strength(picture, asked), asked.threshold)


def binarized(grey: np.ndarray, threshold: int = THRESHOLD) -> np.ndarray:
    """(H, W) uint8 dark on white -> 255 where lighter than ``threshold``, else 0."""
    return np.where(grey > threshold, np.uint8(255), np.uint8(0))


def line_strength(picture: np.ndarray, asked: Extract | None = None) -> np.ndarray:
    """(H, W) uint8 grey, dark lines on white, before binarization."""
    asked = asked or Extract()
    lab = _lab(picture)
    ink = drawn_lines(lab)
    strength = ink
    if asked.edges:
        edges = flat_edges(lab)
        # Both sides of a drawn line are edges of flats as well: the line speaks for them.
        reach = 2 * _radius(ink.shape) + 1
        beside = cv2.dilate((ink > 0.4).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
        thin = np.where(beside, 0, edges).astype(np.float32)
        if asked.width > 1:
            thin = cv2.dilate(thin, np.ones((asked.width, asked.width), np.uint8))
        strength = np.maximum(ink, thin)
    return np.rint(255 * (1 - np.clip(strength, 0, 1))).astype(np.uint8)


def _lab(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) float32 CIE L*a*b*, over white, calmed."""
    rgb = picture[..., :3].astype(np.float32) / 255
    if picture.shape[2] == 4:
        cover = picture[..., 3:].astype(np.float32) / 255
        rgb = rgb * cover + (1 - cover)
    return cv2.cvtColor(cv2.GaussianBlur(rgb, (0, 0), CALM), cv2.COLOR_RGB2LAB)


def _radius(shape: tuple[int, ...]) -> int:
    return max(2, round(BROADEST * min(shape[:2]) / 2))


def drawn_lines(lab: np.ndarray) -> np.ndarray:
    """(H, W) float32 0..1: how much a pixel is part of something thin and darker than its surroundings."""
    size = 2 * _radius(lab.shape) + 3
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    light = np.ascontiguousarray(lab[..., 0])
    return np.clip((cv2.morphologyEx(light, cv2.MORPH_CLOSE, disc) - light) / DARKER, 0, 1)


def flat_edges(lab: np.ndarray) -> np.ndarray:
    """(H, W) float32 0..1: ridges of the colour gradient, one pixel wide."""
    dx = cv2.Scharr(lab, cv2.CV_32F, 1, 0, scale=1 / 32)
    dy = cv2.Scharr(lab, cv2.CV_32F, 0, 1, scale=1 / 32)
    # The direction of steepest change over all three channels (Di Zenzo, CVGIP 33(1), 1986).
    xx, yy, xy = (dx * dx).sum(2), (dy * dy).sum(2), (dx * dy).sum(2)
    root = np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    size = np.sqrt(np.maximum((xx + yy) / 2 + root, 0)).astype(np.float32)
    angle = (0.5 * np.arctan2(2 * xy, xx - yy)).astype(np.float32)
    y, x = np.indices(size.shape, np.float32)
    ahead, behind = (
        cv2.remap(size, x + s * np.cos(angle), y + s * np.sin(angle), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for s in (1, -1)
    )
    ridge = (size >= ahead) & (size > behind)
    return np.where(ridge, np.clip(size / EDGE, 0, 1), 0).astype(np.float32)
