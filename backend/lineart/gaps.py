"""Closing gaps: each loose end is joined to the line it points at, so that paint does not run out."""

import cv2
import numpy as np

SPREAD = np.deg2rad(np.array([0, 12, -12, 25, -25, 40, -40, 58, -58, 75, -75], np.float32))
"""Directions tried around a line's own, in radians: a drawn line rarely turns further within a gap."""

TURN_COST = 0.9
"""How much longer a link may be for pointing straight on rather than 75 degrees aside (fraction of its length)."""

STOPS = (3.0, 6.0, 11.0)
"""px from an end where its rays wait until it is known which of them are worth following further."""


def fan(ends: np.ndarray, directions: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rays in a fan from each of the ends (N, 2), ``spread`` (R,) radians about its direction (N, 2), end by end: where they
    start (2, N R) and their way (2, N R), unit."""
    angle = np.arctan2(directions[:, 1], directions[:, 0])[:, None] + spread[None]
    return np.repeat(ends.T, len(spread), axis=1), np.stack([np.cos(angle).ravel(), np.sin(angle).ravel()])


class Page:
    """Lines (H, W) uint8 0/1 with so much empty paper around them that rays of ``reach`` px may leave the picture."""

    def __init__(self, boundary: np.ndarray, reach: float) -> None:
        m = self.margin = int(reach) + 3
        self._wide = cv2.copyMakeBorder(boundary, m, m, m, m, cv2.BORDER_CONSTANT, value=0)

    def along(self, start: np.ndarray, way: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x and y (S, R), whole numbers: the pixels of the page, ``margin`` further in than the picture's, so many px (S,) along
        rays from ``start`` (2, R) on their ``way`` (2, R)."""
        x, y = (one * steps[:, None] + first for first, one in zip(start, way, strict=True))
        for place in (x, y):
            np.rint(place, out=place)
            place += np.float32(self.margin)
        return x, y

    def lines(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Bool of the shape of x and y: whether there is a line."""
        # Whole numbers are exact in 32 bits up to here.
        if self._wide.size >= 1 << 24:
            y = y.astype(np.float64)
        place = y * self._wide.shape[1]
        place += x
        return self._wide.ravel().take(place.astype(np.intp)).view(bool)


def links(boundary: np.ndarray, ends: np.ndarray, directions: np.ndarray, gap: float) -> np.ndarray:
    """Where to close: (M, 4) int32 segments x0, y0, x1, y1 from an end to the boundary pixel it would meet.

    boundary (H, W) uint8 0/1; ends (N, 2) px; directions (N, 2) unit, outward; gap in px. Rays leave each end in a
    fan about its direction; of those that meet a line within ``gap`` the shortest wins, straight ones preferred.
    """
    if len(ends) == 0 or gap < 1:
        return np.zeros((0, 4), np.int32)
    page, (start, way) = Page(boundary, gap), fan(ends, directions, SPREAD)
    steps = np.arange(0.0, gap + 1.5, 0.5, dtype=np.float32)
    dearer = np.tile(1 + TURN_COST * np.abs(SPREAD) / SPREAD.max(), len(ends))
    # Sideways rays may only cross narrow gaps, else corners of open mouths and sleeves would be cut off.
    sideways = np.tile(np.abs(SPREAD) > 0.75, len(ends))
    shape, count = (len(ends), len(SPREAD)), start.shape[1]
    price, met = np.full(count, np.inf, np.float32), np.zeros(count, np.intp)
    # A ray starts on its own line: what it meets counts only after it has left it.
    left, rays = np.zeros(count, bool), np.arange(count)
    stops = [*np.searchsorted(steps, STOPS).tolist(), len(steps)]
    for begin, stop in zip([0, *stops], stops, strict=False):
        if begin == len(steps):
            break
        if begin:
            # What a ray meets from here on costs at least this; if that is as much as the end has to pay, it is in vain.
            cheapest = np.repeat(_least(price.reshape(shape)), len(SPREAD))
            worth = (dearer * steps[begin] <= cheapest) & np.isinf(price) & ~(sideways & (steps[begin] > gap * 0.5))
            rays = rays.compress(worth.take(rays))
        gone = left.take(rays)
        here = np.full(len(rays), stop, np.int32)
        for n, on in enumerate(page.lines(*page.along(start[:, rays], way[:, rays], steps[begin:stop])), begin):
            here[on & gone & (here == stop)] = n
            gone |= ~on
        left[rays] = gone
        hit = np.flatnonzero(here < stop)
        mine, here = rays.take(hit), here.take(hit)
        far = steps.take(here)
        met[mine] = here
        price[mine] = np.where(sideways.take(mine) & (far > gap * 0.5), np.float32(np.inf), far * dearer.take(mine))
    prices = price.reshape(shape)
    good = np.flatnonzero(np.isfinite(_least(prices)))
    best = good * len(SPREAD) + prices[good].argmin(1)
    where = np.rint(start[:, best] + way[:, best] * steps.take(met.take(best)))
    return np.concatenate([ends[good], where.T], 1).astype(np.int32)


def _least(prices: np.ndarray) -> np.ndarray:
    """(N,) the least of each end's (N, R): NumPy is quick along the last axis, and here that is short."""
    return np.ascontiguousarray(prices.T).min(0)


def draw_links(boundary: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """(H, W) uint8 0/1 with the closing lines drawn in, one pixel wide."""
    out = boundary.copy()
    if len(segments):
        cv2.polylines(out, list(segments.reshape(-1, 2, 2)), False, 1, 1, cv2.LINE_8)
    return out
