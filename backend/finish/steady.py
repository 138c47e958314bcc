"""Colours steady over time: regions of neighbouring drawings vote together, and tones stay where they were."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..cel.flow import dense_flow
from ..cel.view import depth_of

SAME = 0.5
"""Of two regions, the one moved onto the other, both must be covered to at least this part to count as the same."""

NEAR = 30.0
"""8-bit levels. Regions whose own colours differ by more are not the same thing, however well they lie."""

SHARE = 0.7
"""How much of its evidence a region lends to the same region one drawing away."""

MOST_LENT = 60.0
"""nats. No neighbour outvotes clear evidence: what it lends for any colour is at most this."""

FLOW_FROM = 24
"""px. Pictures smaller than this have no flow."""


@dataclass(frozen=True)
class Link:
    """Drawing b beside drawing a.

    flow   (h, w, 2) float32 px: where each pixel of b lies in a
    pairs  (M, 2) int32 regions of a and b that are the same thing
    """

    flow: np.ndarray
    pairs: np.ndarray


def link(depth: tuple[np.ndarray, np.ndarray], labels: tuple[np.ndarray, np.ndarray], colours: tuple) -> Link:
    """Find what of drawing a is what of drawing b; each argument is a pair (of a, of b).

    depth (h, w) px to the nearest line; labels (h, w) int32; colours (R, 3) mean colours of the regions.
    """
    height, width = labels[1].shape
    flow = np.zeros((height, width, 2), np.float32)
    if min(height, width) >= FLOW_FROM:
        flow = dense_flow(depth_of(depth[1]), depth_of(depth[0]), (height, width)).everywhere()
    moved = _moved(labels[0].astype(np.float32), flow).astype(np.int64)
    count = len(colours[0])
    code, shared = np.unique(labels[1].astype(np.int64) * count + moved, return_counts=True)
    b, a = code // count, code % count
    size_a = np.bincount(moved.ravel(), minlength=count)
    size_b = np.bincount(labels[1].ravel(), minlength=len(colours[1]))
    near = np.linalg.norm(colours[0][a] - colours[1][b], axis=1) < NEAR
    same = (shared >= SAME * size_a[a]) & (shared >= SAME * size_b[b]) & near
    return Link(flow, np.stack([a[same], b[same]], 1).astype(np.int32))


def _moved(picture: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """(h, w) values of drawing a at the places of drawing b."""
    yy, xx = np.indices(picture.shape, np.float32)
    return cv2.remap(picture, xx + flow[..., 0], yy + flow[..., 1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def lend(votes: np.ndarray, own: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(R, P) nats for the regions of one drawing from the (R', P) votes of another; pairs (M, 2) regions there, here."""
    out = np.zeros_like(own)
    given = votes[pairs[:, 0]]
    given = np.minimum(given - given.min(1, keepdims=True), MOST_LENT)
    out[pairs[:, 1]] = SHARE * given
    return out


def held_by(before: np.ndarray, labels: np.ndarray, joined: Link) -> np.ndarray:
    """(h, w) int16: the palette index that the drawing before had at each place, -1 in regions it does not have."""
    known = np.zeros(int(labels.max()) + 1, bool)
    known[joined.pairs[:, 1]] = True
    return np.where(known[labels], _moved(before.astype(np.float32), joined.flow), -1).astype(np.int16)
