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
    ends = np.ascontiguousarray(segments.T)
    x0, y0, r0, x1, y1, r1 = ends
    reach = np.maximum(r0, r1) + 1.0
    left, right = np.floor(np.minimum(x0, x1) - reach), np.ceil(np.maximum(x0, x1) + reach)
    top, bottom = np.floor(np.minimum(y0, y1) - reach), np.ceil(np.maximum(y0, y1) + reach)
    seen = (right > 0) & (bottom > 0) & (left < width) & (top < height)
    side = np.maximum(np.maximum(right - left, bottom - top), 1)
    broad = side > BROAD
    strength = np.broadcast_to(np.asarray(strength, np.float32), len(segments))
    members = np.flatnonzero(seen & ~broad)
    # Squares of like size are looked at together; steps of a fifth keep the waste small and the groups few.
    classes = np.ceil(np.log(side[members]) / np.log(1.2)).astype(np.int16)
    members = members[np.argsort(classes, kind="stable")]
    sides, left_there, top_there, strengths = side[members], left[members], top[members], strength[members]
    margin = int(sides.max(initial=1))
    canvas = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    picture, flat, wide = canvas[margin : margin + height, margin : margin + width], canvas.reshape(-1), canvas.shape[1]
    corner = ((top_there + margin) * wide + left_there + margin).astype(np.intp)
    local = _seen_from(ends[:, members], left_there, top_there)
    room = np.empty((3, AT_ONCE), np.float32)
    past = np.cumsum(np.bincount(classes)).tolist()
    for first, last in zip([0, *past], past, strict=False):
        k = int(sides[first:last].max(initial=1))
        pattern = (np.arange(k)[:, None] * wide + np.arange(k))[..., None]
        step = AT_ONCE // (k * k)
        for part in (slice(i, min(i + step, last)) for i in range(first, last, step)):
            levels = _levels(local[:, part], (k, k), strengths[part], room)
            np.maximum.at(flat, (pattern + corner[part]).reshape(-1), levels.reshape(-1))
    for i in np.flatnonzero(seen & broad):
        box = [int(edge[i]) for edge in (left, top, right, bottom)]
        _sweep_broad(picture, ends[:, i : i + 1], box, strength[i : i + 1])
    return picture


def _seen_from(ends: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cones (6, M) as float32, counted from corners (M,) of their own."""
    out = ends.copy()
    out[::3] -= x
    out[1::3] -= y
    return out.astype(np.float32)


def _sweep_broad(picture: np.ndarray, cone: np.ndarray, box: list[int], strength: np.ndarray) -> None:
    """A segment as broad as a brush of hundreds of pixels: row by row of what lies in the picture.

    cone (6, 1); box x0, y0, x1, y1; strength (1,) float32
    """
    height, width = picture.shape
    x0, x1, end = max(box[0], 0), min(box[2], width), min(box[3], height)
    rows = max(1, AT_ONCE // max(x1 - x0, 1))
    for y0 in range(max(box[1], 0), end, rows):
        y1 = min(y0 + rows, end)
        room = np.empty((3, (y1 - y0) * (x1 - x0)), np.float32)
        local = _seen_from(cone, np.array([float(x0)]), np.array([float(y0)]))
        levels = _levels(local, (y1 - y0, x1 - x0), strength, room)[..., 0]
        np.maximum(picture[y0:y1, x0:x1], levels, out=picture[y0:y1, x0:x1])


def _levels(local: np.ndarray, size: tuple[int, int], strength: np.ndarray, room: np.ndarray) -> np.ndarray:
    """(h, w, M) uint8: what each cone (6, M) float32 covers of its own rectangle of ``size`` (h, w) pixels.

    The cones lie side by side, because NumPy is quick along the last axis and squares are small. Works in ``room``,
    (3, at least h w M) float32.
    """
    x0, y0, r0, x1, y1, r1 = local
    along, away, share = (part[: size[0] * size[1] * len(x0)].reshape(*size, -1) for part in room)
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
