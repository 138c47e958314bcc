"""Each region's vote: what every palette colour would cost it, and which colours it may be given at all."""

import numpy as np
from scipy.ndimage import find_objects

from ..cel.palette import BACKGROUND
from .evidence import costs, ink_at
from .expected import Expected, border_regions
from .seen import Seen

SAMPLE = 1500
"""Pixels asked of each region; more change no vote."""

FORBIDDEN = np.float32(1e6)
"""nats. More than any evidence."""

COVER_NATS = 6.0
"""nats a grain. What the video's own alpha says is believed against any colour."""


def samples(mask: np.ndarray, most: int = SAMPLE) -> np.ndarray:
    """Flat numbers of at most ``most`` pixels of a mask, spread evenly, the same every time."""
    at = np.flatnonzero(mask)
    if len(at) <= most:
        return at
    return at[((np.arange(most) + 0.5) * len(at) / most).astype(np.intp)]


def vote(seen: Seen, expected: Expected) -> np.ndarray:
    """(R, P) float32 nats: what it costs each region to be one flat palette colour."""
    look = seen.look
    count, every = look.count, np.arange(len(expected.colours))
    out = np.zeros((count, len(every)), np.float32)
    for region, box in enumerate(find_objects(look.labels + 1)):
        if box is None:
            continue
        mine = (look.labels[box] == region) & look.paper[box]
        at = samples(mine)
        if len(at) == 0:
            continue
        out[region] = pixel_costs(seen, expected, box, at, every).sum(0) * (mine.sum() / len(at))
    allow(out, border_regions(seen), expected)
    return out


def pixel_costs(
    seen: Seen, expected: Expected, box: tuple[slice, slice], at: np.ndarray, which: np.ndarray
) -> np.ndarray:
    """(N, K) float32 nats of the pixels ``at`` (flat numbers within ``box``) under the colours ``which``."""
    inked = ink_at(seen.lined[box].ravel()[at], expected)
    out = costs(seen.picture[box].reshape(-1, 3)[at], inked, expected, which)
    if seen.part is not None:
        out *= seen.part[box].ravel()[at][:, None] ** 2
    if seen.cover is not None:
        cover = seen.cover[box].ravel()[at][:, None]
        free = np.where(which[None] == BACKGROUND, 0, COVER_NATS / expected.grain)
        there = np.where(which[None] == BACKGROUND, COVER_NATS / expected.grain, out)
        out = (cover * there + (1 - cover) * free).astype(np.float32)
    return out


def allow(cost: np.ndarray, outside: np.ndarray, expected: Expected) -> None:
    """Forbid in (R, P) costs, in place, what colour alone cannot decide.

    Where paint and background look alike, a region at the picture's edge is background and an enclosed one paint.
    """
    if not expected.clear:
        cost[:, BACKGROUND] += FORBIDDEN
        return
    if expected.alike.any():
        cost[np.ix_(outside, expected.alike)] += FORBIDDEN
        cost[~outside, BACKGROUND] += FORBIDDEN
