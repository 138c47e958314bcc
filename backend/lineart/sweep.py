"""Drawing strokes of varying width as coverage, all segments of a drawing at once.

A stroke is the union of round cones: between two points the radius changes steadily. How much of a pixel is covered is read
from its distance to the cone's edge, as if that edge ran straight through the pixel.
"""

import numpy as np

LONGEST = 12.0
"""px. Longer segments are cut, so that the square of pixels looked at around each one stays small."""

BROAD = 200
"""px. Squares larger than this are looked at one by one, and only where they lie in the picture."""

AT_ONCE = 50_000
"""Pixels looked at in one go: the few arrays this needs stay in the processor's cache."""


def cones(
    points: np.ndarray, radius: np.ndarray, offsets: np.ndarray, cyclic: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Strokes to the cones between their points: (M, 6) float64 x0, y0, r0, x1, y1, r1, and the stroke (M,) of each.

    points (N, 2) px, radius (N,) px, offsets (S + 1,), cyclic (S,) bool. A stroke of one point gives one dot.
    What cannot touch a picture of ``size`` (height, width) is left out.
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
    far = np.flatnonzero(~(_inside(start, size) & _inside(end, size)))
    if len(far):
        enters, leaves = _within(start[far], end[far], size)
        seen = np.ones(len(start), bool)
        seen[far] = enters <= leaves
        start[far] += way[far] * enters[:, None]
        way[far] *= (leaves - enters)[:, None]
        start, way, stroke = start[seen], way[seen], stroke[seen]
    pieces = np.maximum(np.ceil(np.hypot(way[:, 0], way[:, 1]) / LONGEST), 1).astype(np.intp)
    which = np.repeat(np.arange(len(start)), pieces)
    step = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = pieces[which]
    start, way = start[which], way[which]
    ends = [start + way * (step / share)[:, None], start + way * ((step + 1) / share)[:, None]]
    return np.concatenate(ends, 1), stroke[which]


def _inside(points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(N,) bool: points (N, 2 or more) in a picture of this (height, width)."""
    x, y = points[:, 0], points[:, 1]
    return (x >= 0) & (x <= size[1]) & (y >= 0) & (y <= size[0])


def _within(start: np.ndarray, end: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Between which fractions 0..1 of their way segments can touch the picture (Liang and Barsky, ACM TOG 3(1), 1984).

    A stroke may run far out of the picture; only what is near it is worth cutting into pieces.
    """
    reach = np.maximum(start[:, 2], end[:, 2]) + 2
    enters, leaves = np.zeros(len(start)), np.ones(len(start))
    for axis, most in ((0, size[1]), (1, size[0])):
        at, way = start[:, axis], end[:, axis] - start[:, axis]
        still = way == 0
        safe = np.where(still, 1.0, way)
        low, high = (-reach - at) / safe, (most + reach - at) / safe
        inside = (at >= -reach) & (at <= most + reach)
        first, second = np.minimum(low, high), np.maximum(low, high)
        enters = np.maximum(enters, np.where(still, np.where(inside, 0.0, 2.0), first))
        leaves = np.minimum(leaves, np.where(still, 1.0, second))
    return enters, leaves


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
    broad = side > BROAD
    strength = np.broadcast_to(np.asarray(strength, np.float32), len(segments))
    members = np.flatnonzero(seen & ~broad)
    # Squares of like size are looked at together; steps of a fifth keep the waste small and the groups few.
    classes = np.ceil(np.log(side[members]) / np.log(1.2)).astype(np.int16)
    members = members[np.argsort(classes, kind="stable")]
    groups = np.split(members, np.cumsum(np.bincount(classes))[:-1]) if len(members) else []
    margin = int(side[members].max(initial=1))
    canvas = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    picture, flat, wide = canvas[margin : margin + height, margin : margin + width], canvas.reshape(-1), canvas.shape[1]
    corner = ((low[:, 1] + margin) * wide + low[:, 0] + margin).astype(np.intp)
    room = np.empty((3, AT_ONCE), np.float32)
    for group in groups:
        k = int(side[group].max(initial=1))
        pattern = (np.arange(k)[:, None] * wide + np.arange(k))[..., None]
        step = AT_ONCE // (k * k)
        for part in (group[i : i + step] for i in range(0, len(group), step)):
            levels = _levels(segments[part], low[part], (k, k), strength[part], room)
            np.maximum.at(flat, (pattern + corner[part]).reshape(-1), levels.reshape(-1))
    for i in np.flatnonzero(seen & broad):
        _sweep_broad(picture, segments[i], low[i], high[i], strength[i])
    return picture


def _sweep_broad(picture: np.ndarray, segment: np.ndarray, low: np.ndarray, high: np.ndarray, strength: float) -> None:
    """A segment as broad as a brush of hundreds of pixels: row by row of what lies in the picture."""
    height, width = picture.shape
    x0, x1 = max(int(low[0]), 0), min(int(high[0]), width)
    rows = max(1, AT_ONCE // max(x1 - x0, 1))
    for y0 in range(max(int(low[1]), 0), min(int(high[1]), height), rows):
        y1 = min(y0 + rows, int(min(high[1], height)))
        corner = np.array([[x0, y0]], float)
        room = np.empty((3, (y1 - y0) * (x1 - x0)), np.float32)
        levels = _levels(segment[None], corner, (y1 - y0, x1 - x0), np.array([strength], np.float32), room)[..., 0]
        np.maximum(picture[y0:y1, x0:x1], levels, out=picture[y0:y1, x0:x1])


def _levels(
    ends: np.ndarray, low: np.ndarray, size: tuple[int, int], strength: np.ndarray, room: np.ndarray
) -> np.ndarray:
    """(h, w, M) uint8: what each cone covers of its own rectangle of ``size`` (h, w) pixels from ``low`` (M, 2) on.

    The cones lie side by side, because NumPy is quick along the last axis and squares are small. Works in ``room``,
    (3, at least h w M) float32.
    """
    local = ends.T.copy()
    local[:2] -= low.T
    local[3:5] -= low.T
    x0, y0, r0, x1, y1, r1 = local.astype(np.float32)
    along, away, share = (part[: size[0] * size[1] * len(ends)].reshape(*size, -1) for part in room)
    dx = np.arange(size[1], dtype=np.float32)[:, None] + np.float32(0.5) - x0
    dy = (np.arange(size[0], dtype=np.float32)[:, None] + np.float32(0.5) - y0)[:, None]
    wx, wy = x1 - x0, y1 - y0
    norm = np.maximum(wx * wx + wy * wy, np.float32(1e-12))
    np.add(dx * (wx / norm), dy * (wy / norm), out=along)
    np.clip(along, 0, 1, out=along)
    np.square(np.subtract(dx, np.multiply(along, wx, out=away), out=away), out=away)
    away += np.square(np.subtract(dy, np.multiply(along, wy, out=share), out=share), out=share)
    value = along
    value *= r1 - r0
    value += r0
    value -= np.sqrt(away, out=away)
    value += np.float32(0.5)
    np.clip(value, 0, 1, out=value)
    value *= strength * np.float32(255)
    value += np.float32(0.5)
    return value.astype(np.uint8)
