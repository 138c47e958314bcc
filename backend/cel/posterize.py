"""Keys and references whose colours are noisy (scans, JPEG, paint with a texture), brought to their flats."""

import cv2
import numpy as np

from .palette import OPAQUE, background, flats_of, rgb_of, to_lab

EVEN = 24
"""8-bit levels between a pixel's neighbours up to which it lies on no edge."""

NOISE, NOISY = 2, 0.07
"""8-bit levels from the middle of its neighbours from which a pixel off the edges is noise, and the part of the figure that must
be noise: cel pictures, softly shaded and resampled ones too, have at most 0.04, JPEG of quality 95 has 0.10 and more."""

GRAIN = 0.05
"""Part of the figure that flat colours cover at most where the noise is everywhere: a scan's grain, not JPEG."""

STEP = 3.0
"""CIE76. Side of the boxes of L*a*b* that colours are counted in."""

NEAR, APART = 4.0, 8.0
"""CIE76. A flat is the middle of what lies so near to it, and takes all that is not further away than the second."""

LEAST = 0.0005
"""Part of the figure that a flat has at least."""

MOST = 64
"""Flats at most."""

SHIFTS = 3
"""Times that a flat is moved to the middle of what is near it (mean shift: Comaniciu and Meer, PAMI 24(5), 2002)."""


def posterized(picture: np.ndarray, grain_only: bool = False) -> np.ndarray:
    """(H, W, 4) uint8 sRGB straight alpha, the same in its flats if the figure's colours are noisy.

    A flat that the picture holds as a colour of its own keeps that; others are the mean of their surroundings.
    ``grain_only``: JPEG, which is noisy at edges and flat elsewhere, stays as it is; sheets are read with a tolerance of
    their own (:mod:`.sheets.segments`), which knows ink from the blends beside it.
    """
    figure = ~background(picture) & (picture[..., 3] >= OPAQUE)
    rgb = np.ascontiguousarray(picture[..., :3])
    calm = cv2.medianBlur(rgb, 3)
    if not _noisy(rgb, calm, figure):
        return picture
    total, own = int(figure.sum()), flats_of(picture, ~figure)
    # White and black are cut off at the end of the scale, with whatever noise they have.
    if grain_only and sum(n for colour, n in own.items() if colour not in (0, 0xFFFFFF)) > GRAIN * total:
        return picture
    lab = to_lab(calm[figure][None])[0]
    box = np.round(lab / STEP).astype(np.int64) + 100  # a and b reach from -128 to 127
    _, number, count = np.unique(box @ (1 << 16, 1 << 8, 1), return_inverse=True, return_counts=True)
    middle = np.stack([np.bincount(number, lab[:, k]) / count for k in range(3)], 1)
    flats = _modes(middle, count, LEAST * total)
    nearest = np.linalg.norm(middle[:, None] - flats[None], axis=2).argmin(1)
    which = nearest[number]
    colours = _colours(own, calm[figure], which, len(flats))
    out = picture.copy()
    out[figure, :3] = colours[which]
    return out


def _noisy(rgb: np.ndarray, calm: np.ndarray, figure: np.ndarray) -> bool:
    """Whether the figure's colours, (H, W, 3) uint8, differ from pixel to pixel where no edge is."""
    box = np.ones((3, 3), np.uint8)
    even = figure & (_widest(cv2.absdiff(cv2.dilate(rgb, box), cv2.erode(rgb, box))) < EVEN)
    noise = even & (_widest(cv2.absdiff(rgb, calm)) >= NOISE)
    return bool(np.count_nonzero(noise) > NOISY * np.count_nonzero(even))


def _widest(rgb: np.ndarray) -> np.ndarray:
    """(H, W) uint8: the largest of three channels."""
    red, green, blue = cv2.split(rgb)
    return cv2.max(cv2.max(red, green), blue)


def _modes(middle: np.ndarray, count: np.ndarray, least: float) -> np.ndarray:
    """(M, 3) L*a*b* of boxes and the pixels (M,) in each -> (K, 3) the flats, largest first."""
    left = np.ones(len(count), bool)
    flats: list[np.ndarray] = []
    while left.any() and len(flats) < MOST:
        at = middle[np.where(left, count, -1).argmax()]
        for _ in range(SHIFTS):
            near = left & (np.linalg.norm(middle - at, axis=1) <= NEAR)
            if near.any():
                at = np.average(middle[near], axis=0, weights=count[near])
        mine = left & (np.linalg.norm(middle - at, axis=1) <= APART)
        if not mine.any() or (flats and count[mine].sum() < least):
            break
        flats.append(at)
        left &= ~mine
    return np.stack(flats)


def _colours(own: dict[int, int], calm: np.ndarray, which: np.ndarray, flats: int) -> np.ndarray:
    """(K, 3) uint8 sRGB: what each flat is painted with, from the figure's pixels (N, 3) uint8 and the flat of each."""
    count = np.maximum(np.bincount(which, minlength=flats), 1)
    mean = np.stack([np.bincount(which, calm[:, k], flats) / count for k in range(3)], 1)
    out = mean.round().astype(np.uint8)
    if own:
        colour = rgb_of(np.array(list(own)))  # commonest first
        near = np.linalg.norm(to_lab(out[None])[0][:, None] - to_lab(colour[None])[0][None], axis=2) <= NEAR
        has = near.any(1)
        out[has] = colour[near.argmax(1)[has]]
    return out
