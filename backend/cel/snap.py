"""Which of its flats each pixel of a noisy picture bears, lines whole and edges clean."""

import cv2
import numpy as np

from .flats import MIXED, Noisy

FIRST = 6.0
"""Evened CIE76 up to which a pixel off the edges is taken for the flat nearest to it before its surroundings are asked."""

REACH = (5, 9, 17)
"""px: sides of the squares in which a pixel on an edge looks for the flats on either side."""

AROUND, TOGETHER = 9, 10.0
"""Side of the square, px, in which flats are counted for a pixel near an edge, and what one that is all around saves it
(evened CIE76): a line keeps one colour along its way."""

INK, INKED = 35.0, 0.75
"""L* below which a flat is ink, and what its distance counts: a blend of ink and paint beside it makes the line no thinner."""

AT_ONCE = 1 << 15
"""Pixels that are compared with all flats in one go."""


def snapped(part: Noisy, flats: np.ndarray) -> np.ndarray:
    """(h, w) int16: number of the flat (K, 3) that each pixel bears, -1 outside the figure."""
    which = np.full(part.figure.shape, -1, np.int16)
    for mask, colours, weight in (
        (part.deep, part.smooth, np.float32(1)),
        (part.small, part.smooth, MIXED),
        (part.line, part.raw, MIXED),
    ):
        which[mask] = _nearest(colours[mask] * weight, flats * weight)
    which = _settled(part, flats, which, part.figure & ~part.deep, REACH[0], TOGETHER)
    for side in REACH:
        left = part.figure & (which < 0)
        if not left.any():
            break
        which = _settled(part, flats, which, left, side, 0)
    return which


def _nearest(colours: np.ndarray, flats: np.ndarray) -> np.ndarray:
    """(N,) int16: which of the flats (K, 3) lies nearest to each colour (N, 3), -1 where none is near."""
    out = np.empty(len(colours), np.int16)
    square = (flats * flats).sum(1)
    for n in range(0, len(colours), AT_ONCE):
        some = colours[n : n + AT_ONCE]
        best = (square - 2 * (some @ flats.T)).argmin(1)
        out[n : n + AT_ONCE] = np.where(np.linalg.norm(some - flats[best], axis=1) <= FIRST, best, -1)
    return out


def _settled(
    part: Noisy, flats: np.ndarray, which: np.ndarray, asked: np.ndarray, side: int, together: float
) -> np.ndarray:
    """``which`` (h, w) with the pixels ``asked`` (h, w) bool bearing that flat of those in a square around that suits best."""
    at = np.flatnonzero(asked)
    colours = part.raw.reshape(-1, 3)[at] * MIXED
    best, pick = np.full(len(at), np.inf, np.float32), which.ravel()[at]
    borne = which >= 0
    count = _around(borne, at) if together else None
    box = np.ones((side, side), np.uint8)
    for flat in np.unique(which[borne]).tolist():
        mine = which == flat
        some = np.flatnonzero(cv2.dilate(mine.view(np.uint8), box).ravel()[at])
        away = np.linalg.norm(colours[some] - flats[flat] * MIXED, axis=1) * (INKED if flats[flat, 0] < INK else 1)
        if count is not None:
            away -= together * _around(mine, at[some]) / np.maximum(count[some], 1)
        better = away < best[some]
        best[some[better]], pick[some[better]] = away[better], flat
    out = which.copy()
    out.ravel()[at] = pick
    return out


def _around(mask: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(N,) float32: how much of (h, w) bool lies around the flat pixel numbers ``at`` (N,)."""
    return cv2.boxFilter(mask.astype(np.float32), -1, (AROUND, AROUND), normalize=False).ravel()[at]
