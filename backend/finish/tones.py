"""Tones within a region: where the video clearly shows several palette colours inside one outline, each keeps its place.

Artists shade without lines, and lines stay open; one colour a region would lose both. Each pixel's evidence is weighed
against its surroundings in the region (a Potts model, solved by mean field as in Kraehenbuehl and Koltun, NIPS 2011,
with one Gaussian in place and none in colour), and a piece of another colour stays only if its evidence, away from its
own soft edge, pays for it.
"""

import cv2
import numpy as np
from scipy.ndimage import find_objects

from .expected import Expected, border_regions
from .seen import Seen
from .votes import FORBIDDEN, allow, pixel_costs, samples

SMOOTH = 1.5
"""px of the working size. Radius (sigma) of the surroundings that a pixel listens to."""

TOGETHER = 8.0
"""nats. What a pixel pays whose surroundings are all of another colour."""

ROUNDS = 6
"""Times that pixels listen to each other."""

PRICE = 25.0
"""nats. What a piece of a second colour must bring in; a small patch of noise brings a tenth of it."""

MOST = 6
"""Colours in one region besides its commonest."""

LEAST = 30
"""px. Smaller regions are flat."""

HELD = 1.5
"""nats. What a colour is favoured by at places that bore it in the drawing before."""


def colour(
    seen: Seen, expected: Expected, votes: np.ndarray, held: np.ndarray | None, tones: bool = True
) -> np.ndarray:
    """(h, w) uint8 palette index of each pixel at the working size.

    votes (R, P) nats; held (h, w) int16 palette index that the drawing before had at this place, -1 where not known.
    """
    look = seen.look
    flat = votes.argmin(1).astype(np.uint8)
    out = flat[look.labels]
    if not tones:
        return out
    outside = border_regions(seen)
    for region, box in enumerate(find_objects(look.labels + 1)):
        if box is None or look.area[region] < LEAST:
            continue
        mine = (look.labels[box] == region) & look.paper[box]
        forbidden = np.zeros((1, len(expected.colours)), np.float32)
        allow(forbidden, outside[region : region + 1], expected)
        _tones(
            out[box], mine, seen, expected, box, int(flat[region]), forbidden[0], None if held is None else held[box]
        )
    return out


def _tones(
    out: np.ndarray,
    mine: np.ndarray,
    seen: Seen,
    expected: Expected,
    box: tuple[slice, slice],
    flat: int,
    forbidden: np.ndarray,
    held: np.ndarray | None,
) -> None:
    """Put one region's tones into ``out`` (its box of the picture) in place."""
    paper = mine.astype(np.float32)
    weight = np.maximum(cv2.GaussianBlur(paper, (0, 0), SMOOTH), 1e-3)
    which = _candidates(mine, paper, weight, seen, expected, box, flat, forbidden)
    if len(which) < 2:
        return
    every = np.arange(mine.size)
    cost = pixel_costs(seen, expected, box, every, which).reshape(*mine.shape, len(which))
    cost -= cost[..., :1].copy()
    liked = cost
    if held is not None:
        liked = cost - (HELD / expected.grain) * (held[..., None] == which).astype(np.float32)
    chosen = np.where(mine, _settle(liked, paper, weight, expected.grain), 0)
    for k in range(1, len(which)):
        piece = (chosen == k).astype(np.uint8)
        if not piece.any():
            continue
        count, found = cv2.connectedComponents(piece, connectivity=4)
        # A soft edge between two colours looks like a third: only what lies off its own edge counts.
        core = cv2.erode(np.where(mine, piece, 1).astype(np.uint8), np.ones((3, 3), np.uint8)) & piece
        gain = np.bincount(found.ravel(), np.where(core > 0, -cost[..., k], 0).ravel(), count)
        stays = gain > PRICE
        stays[0] = False
        out[stays[found]] = which[k]


def _candidates(
    mine: np.ndarray,
    paper: np.ndarray,
    weight: np.ndarray,
    seen: Seen,
    expected: Expected,
    box: tuple[slice, slice],
    flat: int,
    forbidden: np.ndarray,
) -> np.ndarray:
    """(K,) palette indices that a region may hold, its flat colour first: those that explain much of it better."""
    every = np.arange(len(expected.colours))
    at = samples(mine)
    smooth = cv2.GaussianBlur(seen.picture[box] * paper[..., None], (0, 0), SMOOTH) / weight[..., None]
    cost = pixel_costs(seen, expected, box, at, every)
    cover = None if seen.cover is None else seen.cover[box]
    calm = Seen(smooth, cover, seen.look, seen.depth[box], seen.lined[box])
    whole = (slice(0, mine.shape[0]), slice(0, mine.shape[1]))
    best = (pixel_costs(calm, expected, whole, at, every) + forbidden).argmin(1)
    scale = mine.sum() / len(at)
    gains = [(float((cost[best == k, flat] - cost[best == k, k]).sum() * scale), int(k)) for k in np.unique(best)]
    others = [k for gain, k in sorted(gains, reverse=True) if gain > PRICE and k != flat and forbidden[k] < FORBIDDEN]
    return np.array([flat, *others[:MOST]])


def _settle(cost: np.ndarray, paper: np.ndarray, weight: np.ndarray, grain: float) -> np.ndarray:
    """(h, w) int: which of the K colours each pixel takes after listening to its surroundings in the region."""

    def around(layers: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(layers * paper[..., None], (0, 0), SMOOTH).reshape(cost.shape) / weight[..., None]

    doubt = 2 * grain * around(cost)
    for _ in range(ROUNDS):
        doubt -= doubt.min(2, keepdims=True)
        belief = np.exp(-np.minimum(doubt, 50))
        belief /= belief.sum(2, keepdims=True)
        doubt = cost - TOGETHER * around(belief)
    return doubt.argmin(2)
