"""Drawing strokes of varying width as coverage, all segments of a drawing at once.

A stroke is the union of round cones: between two points the radius changes steadily. What a pixel is covered by is read
from its distance to the cone's edge, which is exact along straight edges and within 1/20 of a level elsewhere.
"""

import numpy as np

LONGEST = 12.0
"""px. Longer segments are cut, so that the square of pixels looked at around each one stays small."""

AT_ONCE = 4_000_000
"""Pixels looked at in one go: 16 MB for each of the few arrays this needs."""


def cones(
    points: np.ndarray, radius: np.ndarray, offsets: np.ndarray, cyclic: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Strokes to the cones between their points: (M, 6) float64 x0, y0, r0, x1, y1, r1, and the stroke (M,) of each.

    points (N, 2) px, radius (N,) px, offsets (S + 1,), cyclic (S,) bool. A stroke of one point gives one dot.
    """
    rows = np.column_stack([points, radius]).astype(np.float64)
    sizes = np.diff(offsets)
    stroke = np.repeat(np.arange(len(sizes)), sizes)
    last = np.zeros(len(rows), bool)
    last[offsets[1:][sizes > 0] - 1] = True
    follower = np.arange(len(rows)) + 1
    follower[last] = offsets[:-1][sizes > 0]
    # The last point leads on only where the stroke closes; the only point of a dot leads to itself.
    leads = ~last | (cyclic[stroke] & (sizes[stroke] > 2)) | (sizes[stroke] == 1)
    start, end, stroke = rows[leads], rows[follower[leads]], stroke[leads]
    way = end - start
    pieces = np.maximum(np.ceil(np.hypot(way[:, 0], way[:, 1]) / LONGEST), 1).astype(np.intp)
    which = np.repeat(np.arange(len(start)), pieces)
    step = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = pieces[which]
    start, way = start[which], way[which]
    ends = [start + way * (step / share)[:, None], start + way * ((step + 1) / share)[:, None]]
    return np.concatenate(ends, 1), stroke[which]


def sweep(size: tuple[int, int], segments: np.ndarray, strength: np.ndarray | float = 1.0) -> np.ndarray:
    """How much the segments (M, 6) cover each pixel, times ``strength`` 0..1 of each: (H, W) uint8, 255 = all.

    Edges are one pixel wide and reach 128 where the pixel's centre is covered. Where segments meet the stronger counts.
    """
    height, width = size
    reach = np.maximum(segments[:, 2], segments[:, 5]) + 1.0
    low = np.floor(np.minimum(segments[:, :2], segments[:, 3:5]) - reach[:, None])
    high = np.ceil(np.maximum(segments[:, :2], segments[:, 3:5]) + reach[:, None])
    seen = (high > 0).all(1) & (low < (width, height)).all(1)
    side = np.clip((high - low).max(1), 1, None)
    # Squares of like size are looked at together; steps of a fifth keep the waste small and the groups few.
    classes = np.ceil(np.log(side) / np.log(1.2)).astype(np.int64)
    margin = int(side[seen].max(initial=1))
    canvas = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    strength = np.broadcast_to(np.asarray(strength, np.float32), len(segments))
    for group in np.unique(classes[seen]):
        members = np.flatnonzero(seen & (classes == group))
        k = int(side[members].max())
        room = max(1, AT_ONCE // (k * k))
        for part in (members[i : i + room] for i in range(0, len(members), room)):
            _raise(canvas, margin, segments[part], low[part], k, strength[part])
    return canvas[margin : margin + height, margin : margin + width]


def _raise(canvas: np.ndarray, margin: int, ends: np.ndarray, low: np.ndarray, k: int, strength: np.ndarray) -> None:
    """One group: squares of k x k pixels from ``low`` (M, 2) on, each compared with its own cone."""
    corner = low.astype(np.int64)
    local = ends.copy()
    local[:, :2] -= low
    local[:, 3:5] -= low
    x0, y0, r0, x1, y1, r1 = (local[:, i, None, None].astype(np.float32) for i in range(6))
    centres = np.arange(k, dtype=np.float32) + np.float32(0.5)
    dx, dy = centres[None, None, :] - x0, centres[None, :, None] - y0
    wx, wy = x1 - x0, y1 - y0
    norm = np.maximum(wx * wx + wy * wy, np.float32(1e-12))
    along = dx * (wx / norm) + dy * (wy / norm)
    np.clip(along, 0, 1, out=along)
    away = np.square(dx - along * wx)
    away += np.square(dy - along * wy)
    value = r0 + (r1 - r0) * along - np.sqrt(away) + np.float32(0.5)
    np.clip(value, 0, 1, out=value)
    value *= strength[:, None, None] * np.float32(255)
    levels = (value + np.float32(0.5)).astype(np.uint8).reshape(-1)
    wide = canvas.shape[1]
    first = (corner[:, 1] + margin) * wide + corner[:, 0] + margin
    pattern = (np.arange(k)[:, None] * wide + np.arange(k)).reshape(-1)
    some = np.flatnonzero(levels)
    places = first[some // (k * k)] + pattern[some % (k * k)]
    np.maximum.at(canvas.reshape(-1), places, levels[some])
