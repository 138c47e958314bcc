"""What the lines around a place look like: rings of blurred line density, which can be turned, mirrored and scaled."""

import cv2
import numpy as np

from .layout import UNIT, Layout

RINGS = np.array([0.03, 0.06, 0.12, 0.24, 0.45])
"""Radii of the rings in figure units (the square root of the figure's area): from within an eye to half a body."""

ANGLES = 16
"""Places on a ring, 22.5 degrees apart."""

BLUR = 0.38
"""Blur of a ring in fractions of its radius, so that its places just overlap (as in DAISY, Tola et al., PAMI 2010)."""

TURN_COST = 0.0004
"""Squared distance that one step of turning costs: of two like places the upright one is taken."""

NEAR, FAR = slice(0, 3), slice(2, 5)
"""The rings that tell a region itself, and those that tell its place in the figure."""


def surroundings(layout: Layout, scale: float = 1.0) -> np.ndarray:
    """(N, rings, ANGLES, 2) float32 line and figure density around each point, rings ``scale`` times as wide."""
    turn = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    radii = RINGS * UNIT * scale
    pad = int(radii[-1] * 1.1) + 2
    maps = [np.pad(m, pad) for m in (layout.line, layout.figure.astype(np.float32))]
    x, y = (layout.points + pad).T
    out = np.empty((len(x), len(radii), ANGLES, 2), np.float32)
    for k, radius in enumerate(radii):
        sigma = radius * BLUR
        shrink = max(1, int(sigma / 1.5))
        column = ((x[:, None] + radius * np.cos(turn)) / shrink).astype(np.intp)
        row = ((y[:, None] + radius * np.sin(turn)) / shrink).astype(np.intp)
        for channel, (full, gain) in enumerate(zip(maps, (2 * sigma / scale, 1.0), strict=True)):
            small = full
            if shrink > 1:
                size = (full.shape[1] // shrink, full.shape[0] // shrink)
                small = cv2.resize(full, size, interpolation=cv2.INTER_AREA)
            small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
            np.clip(column, 0, small.shape[1] - 1, out=column)
            np.clip(row, 0, small.shape[0] - 1, out=row)
            out[:, k, :, channel] = small[row, column] * gain
    return out


def mirrored(around: np.ndarray) -> np.ndarray:
    """The same surroundings, left and right exchanged."""
    return around[:, :, (ANGLES // 2 - np.arange(ANGLES)) % ANGLES]


def turned(around: np.ndarray, steps: int) -> np.ndarray:
    """(N, D) float32: turned by ``steps`` of 360 / ANGLES degrees, one row a place."""
    return np.roll(around, steps, axis=2).reshape(len(around), -1)


def distances(one: np.ndarray, other: np.ndarray, steps: list[int], upright: int = 0) -> np.ndarray:
    """(N, M) float32 mean squared difference of surroundings, the best of the turns of ``other``."""
    a = one.reshape(len(one), -1)
    best = None
    for step in steps:
        b = turned(other, step)
        gap = (b * b).sum(1)[None] - 2 * (a @ b.T)
        gap += TURN_COST * (step - upright) ** 2 * a.shape[1]
        best = gap if best is None else np.minimum(best, gap, out=best)
    assert best is not None
    best += (a * a).sum(1)[:, None]
    return np.maximum(best, 0) / a.shape[1]
