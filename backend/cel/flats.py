"""The flat colours that a noisy picture stands for.

What JPEG and scans do to cel paint is small in the middle of an area and large along its edges, where colours run into each
other. So the flats are looked for where they are surest: first in the depth of areas, then in small ones, last along lines.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .palette import CONNECTED, to_lab

EVEN = 24
"""8-bit levels within a 3 x 3 square up to which its middle lies on no edge."""

DEEP, WITHIN = 16, 7
"""8-bit levels within a square of so many px up to which its middle lies deep in an area."""

CALM = (7, 14.0, 3.0)
"""Bilateral filter (Tomasi and Manduchi, ICCV 1998): px of its square, 8-bit levels and px that it mixes over."""

RIDGE, FAINT = 8.0, 3.0
"""L* by which a line is darker or lighter than on either side, and the same on edges."""

DARK, DARK_JPEG, DARKEST = 30.0, 45.0, 0.2
"""L* above 5 from which hue counts in full, in scans and in JPEG, and what it counts at black: hues of dark inks hardly show,
and JPEG blurs them."""

STRONG = 0.012
"""How much less a difference counts per unit of chroma, as in CIE94, where it is 0.045: strong colours are noisier."""

MIXED = np.array([1, 0.75, 0.75], np.float32)
"""What lightness and hue count off the depth of areas: JPEG keeps colour at half the resolution."""

APART = (3.0, 6.0, 8.0)
"""Evened CIE76 within which all is one flat: in the depth of areas, in small areas, along lines."""

NEAR = (3.0, 4.0, 4.0)
"""Evened CIE76 over which a flat's middle is taken, as above."""

LINE, LINE_SHARE = 40, 0.0005
"""px, and part of the figure, that a flat known from lines only has at least."""

STEP = 2.0
"""Side of the boxes of colours that are counted."""

MOST = 64
"""Flats at most."""

SHIFTS = 3
"""Times that a flat is moved to the middle of what is near it (mean shift: Comaniciu and Meer, PAMI 24(5), 2002)."""

LARGEST = 2_000_000
"""px. The flats of larger pictures are looked for in a smaller copy."""


@dataclass(frozen=True)
class Noisy:
    """A noisy picture, or a part of one, as its flats are looked for.

    figure       (h, w) bool, what is painted
    calm         (h, w, 3) uint8 sRGB with the noise taken out of areas
    raw, smooth  (h, w, 3) float32 evened L*a*b* (:func:`evened`) of the picture itself, and of ``calm``
    deep, small, line  (h, w) bool, no pixel in two: depth of areas, small areas, middles of lines
    """

    figure: np.ndarray
    calm: np.ndarray
    raw: np.ndarray
    smooth: np.ndarray
    deep: np.ndarray
    small: np.ndarray
    line: np.ndarray

    @property
    def even(self) -> np.ndarray:
        """(h, w) bool: pixels on no edge."""
        return self.deep | self.small


def noisy_part(rgb: np.ndarray, figure: np.ndarray, jpeg: bool) -> Noisy:
    """Of (h, w, 3) uint8 sRGB and what of it is painted, (h, w) bool; ``jpeg``: noisy at edges only."""
    calm = cv2.bilateralFilter(cv2.medianBlur(np.ascontiguousarray(rgb), 3), *CALM)
    raw, smooth = evened(to_lab(rgb), jpeg), evened(to_lab(calm), jpeg)
    even = figure & (widest_range(calm, 3) < EVEN)
    light = cv2.GaussianBlur(np.ascontiguousarray(raw[..., 0]), (0, 0), 0.6)
    line = figure & (_ridges(light, RIDGE) | (~even & _ridges(light, FAINT)))
    deep = figure & ~line & (widest_range(calm, WITHIN) < DEEP)
    return Noisy(figure, calm, raw, smooth, deep, even & ~line & ~deep, line)


def noisy_whole(rgb: np.ndarray, figure: np.ndarray, jpeg: bool) -> Noisy:
    """The same of a whole picture, (H, W, 3) uint8; of a smaller copy where it is larger than ``LARGEST``."""
    total = figure.size
    if total > LARGEST:
        size = [round(side * (LARGEST / total) ** 0.5) for side in figure.shape[::-1]]
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        figure = cv2.resize(figure.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return noisy_part(rgb, figure, jpeg)


def find_flats(part: Noisy) -> np.ndarray:
    """(K, 3) float32 evened L*a*b*: the flats of what is painted, largest first."""
    line = max(LINE, LINE_SHARE * int(part.figure.sum()))
    flats = _modes(part.smooth[part.deep], CONNECTED, 0, np.zeros((0, 3), np.float32))
    flats = _modes(part.smooth[part.small] * MIXED, CONNECTED, 1, flats * MIXED) / MIXED
    return _modes(part.raw[part.line] * MIXED, line, 2, flats * MIXED) / MIXED


def evened(lab: np.ndarray, jpeg: bool) -> np.ndarray:
    """(..., 3) float32 L*a*b* with hues drawn together where noise in them is large: in dark and in strong colours."""
    light = np.clip((lab[..., :1] - 5) / (DARK_JPEG if jpeg else DARK), DARKEST, 1)
    count = light / (1 + STRONG * np.hypot(lab[..., 1:2], lab[..., 2:]))
    return np.concatenate([lab[..., :1], lab[..., 1:] * count], -1)


def widest_range(rgb: np.ndarray, side: int) -> np.ndarray:
    """(H, W) uint8: how far 8-bit levels lie apart in the square around each pixel, in the channel where they do most."""
    box = np.ones((side, side), np.uint8)
    return widest(cv2.absdiff(cv2.dilate(rgb, box), cv2.erode(rgb, box)))


def widest(rgb: np.ndarray) -> np.ndarray:
    """(H, W) uint8: the largest of three channels."""
    red, green, blue = cv2.split(rgb)
    return cv2.max(cv2.max(red, green), blue)


def _ridges(light: np.ndarray, least: float) -> np.ndarray:
    """(h, w) bool: what is darker than its neighbours on two opposite sides by ``least``, or lighter."""
    out = np.zeros(light.shape, bool)
    wide = cv2.copyMakeBorder(light, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    height, width = light.shape
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        one, other = (wide[1 + s * dy : 1 + s * dy + height, 1 + s * dx : 1 + s * dx + width] for s in (1, -1))
        out |= light < np.minimum(one, other) - least
        out |= light > np.maximum(one, other) + least
    return out


def _modes(colours: np.ndarray, least: float, stage: int, flats: np.ndarray) -> np.ndarray:
    """``flats`` (K, 3) and those that colours (N, 3) not near to them crowd around, at least ``least`` px each."""
    if len(colours) == 0:
        return flats
    apart, near = APART[stage], NEAR[stage]
    box = np.round(colours / STEP).astype(np.int64) + 100  # a and b reach from -128 to 127
    _, number, count = np.unique(box @ (1 << 16, 1 << 8, 1), return_inverse=True, return_counts=True)
    middle = np.stack([np.bincount(number, colours[:, k]) / count for k in range(3)], 1)
    left, found = np.ones(len(count), bool), list(flats)
    for flat in found:
        left &= np.linalg.norm(middle - flat, axis=1) > apart
    while left.any() and len(found) < MOST:
        at = middle[np.where(left, count, -1).argmax()]
        for _ in range(SHIFTS):
            close = left & (np.linalg.norm(middle - at, axis=1) <= near)
            if close.any():
                at = np.average(middle[close], axis=0, weights=count[close])
        mine = left & (np.linalg.norm(middle - at, axis=1) <= apart)
        if count[mine].sum() < least:
            break
        found.append(at)
        left &= ~mine
    return np.array(found, np.float32).reshape(-1, 3)
