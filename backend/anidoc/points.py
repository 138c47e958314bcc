"""Points as the control network reads them: which ones, and their maps. Needs no torch."""

import numpy as np

from ..contracts.correspondence import Correspondence

MOST_MATCHES = 50
"""Pairs of a still map, as in training (paper, section 3.2)."""
MOST_TRACKS = 10
"""Points followed through a pass: what the released program is called with."""
HEAT_SIGMA = 8.0
"""px at 512 x 320; the width of the paper's heat maps in the sparse mode."""
_FEWEST_SEEN = 0.15
"""Share of the frames in which a point must be seen; one that only flashes up helps no frame."""


def landed(points: np.ndarray, width: int, height: int) -> np.ndarray:
    """The pixels under ``points`` (..., 2): rounded half to even, those outside moved to the border. int64 (x, y)."""
    whole = np.round(points).astype(np.int64)
    return np.stack([whole[..., 0].clip(0, width - 1), whole[..., 1].clip(0, height - 1)], axis=-1)


def point_map(points: np.ndarray, width: int, height: int, visible: np.ndarray | None = None) -> np.ndarray:
    """(H, W) uint8: zero, and the number 1..N at the pixel of each of the N points (N, 2). On one pixel the later wins."""
    picture = np.zeros((height, width), np.uint8)
    pixels = landed(points, width, height)
    for i in range(len(pixels)) if visible is None else np.flatnonzero(visible):
        picture[pixels[i, 1], pixels[i, 0]] = i + 1
    return picture


def heat_map(
    points: np.ndarray, width: int, height: int, visible: np.ndarray | None = None, sigma: float | None = None
) -> np.ndarray:
    """(H, W) float32: each point's number times a Gaussian around it (paper, sparse mode); the nearest point counts.

    At the point itself the value is that of ``point_map``. ``sigma`` in px (default: the paper's at this size).
    """
    sigma = HEAT_SIGMA * width / 512 if sigma is None else sigma
    heat, weight = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pixels = landed(points, width, height)
    for i in range(len(pixels)) if visible is None else np.flatnonzero(visible):
        bell = np.exp(-((x - pixels[i, 0]) ** 2 + (y - pixels[i, 1]) ** 2) / (2 * sigma**2))
        nearer = bell >= np.maximum(weight, np.float32(1e-3))
        weight[nearer], heat[nearer] = bell[nearer], bell[nearer] * (i + 1)
    return heat


def choose_points(points: Correspondence, width: int, height: int, most: int = MOST_TRACKS) -> np.ndarray:
    """Up to ``most`` points, as indices in the order of their numbers: seen often, sure, and far from one another.

    Points that stand still stay in, so that a still or slow shot keeps its correspondence (the release drops them).
    The same points give the same choice.
    """
    if not len(points):
        return np.zeros(0, np.int64)
    pixels, seen = points.tracks.points, points.tracks.visible
    inside = ((pixels >= 0) & (pixels <= (width - 1, height - 1))).all(axis=2) & seen
    share = inside.mean(axis=0)
    worth = share * (points.confidence if len(points.confidence) else 1.0)
    worth = np.where(share >= _FEWEST_SEEN, worth, 0.0)
    places = np.stack(
        [np.where(inside, pixels[..., axis], 0).sum(axis=0) / np.maximum(1, inside.sum(axis=0)) for axis in (0, 1)],
        axis=1,
    )
    far = np.full(len(points), float(np.hypot(width, height)))
    order: list[int] = []
    while len(order) < most:
        best = int(np.argmax(far * worth))
        if far[best] * worth[best] <= 0:
            break
        order.append(best)
        far = np.minimum(far, np.hypot(*(places - places[best]).T))
        far[best] = 0.0
    return np.array(order, np.int64)
