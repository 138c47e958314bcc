"""Closing gaps: each loose end is joined to the line it points at, so that paint does not run out."""

import cv2
import numpy as np

SPREAD = np.deg2rad(np.array([0, 12, -12, 25, -25, 40, -40, 58, -58, 75, -75], np.float32))
"""Directions tried around a line's own, in radians: a drawn line rarely turns further within a gap."""

TURN_COST = 0.9
"""How much longer a link may be for pointing straight on rather than 75 degrees aside (fraction of its length)."""

AT_ONCE = 100
"""Ends whose rays are looked at in one go: they stay in the processor's cache."""


def links(boundary: np.ndarray, ends: np.ndarray, directions: np.ndarray, gap: float) -> np.ndarray:
    """Where to close: (M, 4) int32 segments x0, y0, x1, y1 from an end to the boundary pixel it would meet.

    boundary (H, W) uint8 0/1; ends (N, 2) px; directions (N, 2) unit, outward; gap in px. Rays leave each end in a
    fan about its direction; of those that meet a line within ``gap`` the shortest wins, straight ones preferred.
    """
    if len(ends) == 0 or gap < 1:
        return np.zeros((0, 4), np.int32)
    # Around the picture there is nothing to meet, as far as rays reach.
    margin = int(gap) + 3
    wide = cv2.copyMakeBorder(boundary, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    parts = (slice(first, first + AT_ONCE) for first in range(0, len(ends), AT_ONCE))
    return np.concatenate([_links(wide, margin, ends[part], directions[part], gap) for part in parts])


def _links(wide: np.ndarray, margin: int, ends: np.ndarray, directions: np.ndarray, gap: float) -> np.ndarray:
    """What :func:`links` says of some ends, in a boundary with a ``margin`` around it."""
    angle = np.arctan2(directions[:, 1], directions[:, 0])[:, None] + SPREAD[None]
    steps = np.arange(0.0, gap + 1.5, 0.5, dtype=np.float32)
    x, y = (
        np.rint(ends[:, axis, None, None] + way[..., None] * steps) + np.float32(margin)
        for axis, way in enumerate((np.cos(angle), np.sin(angle)))
    )
    place = y * wide.shape[1]
    place += x
    # Whole numbers are exact in 32 bits up to here.
    if wide.size >= 1 << 24:
        place = y.astype(np.float64) * wide.shape[1] + x
    on = wide.ravel().take(place.astype(np.intp)).view(bool)
    # A ray starts on its own line: what it meets counts only after it has left it.
    off = ~on
    left = np.where(off.any(2), off.argmax(2), len(steps))
    on &= np.arange(len(steps), dtype=np.int16) > left.astype(np.int16)[..., None]
    met = on.any(2)
    first = on.argmax(2)
    length = steps[first]
    price = np.where(met, length * (1 + TURN_COST * np.abs(SPREAD)[None] / SPREAD.max()), np.inf)
    # Sideways rays may only cross narrow gaps, else corners of open mouths and sleeves would be cut off.
    price[(np.abs(SPREAD)[None] > 0.75) & (length > gap * 0.5)] = np.inf
    best = price.argmin(1)
    rows = np.arange(len(ends))
    good = np.isfinite(price[rows, best])
    k = first[rows, best]
    out = np.stack([ends[:, 0], ends[:, 1], x[rows, best, k] - margin, y[rows, best, k] - margin], 1)[good]
    return out.astype(np.int32)


def draw_links(boundary: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """(H, W) uint8 0/1 with the closing lines drawn in, one pixel wide."""
    out = boundary.copy()
    if len(segments):
        cv2.polylines(out, list(segments.reshape(-1, 2, 2)), False, 1, 1, cv2.LINE_8)
    return out
