"""Drawing strokes of varying width as coverage, all segments of a drawing at once.

A stroke is the union of round cones: between two points the radius changes steadily. How much of a pixel is covered is read
from its distance to the cone's edge, as if that edge ran straight through the pixel.
"""

import numpy as np

from .lengths import pixels_of

LONGEST = 12.0
"""px. Longer segments are cut, so that the square of pixels looked at around each one stays small."""

BROAD = 200
"""px. Rectangles longer than this are looked at one by one, and only where they lie in the picture."""

NEAR = 0.999
"""px from the edge of a segment to that side of a pixel from which on less than 1/510 of it is covered, which rounds to
nothing; with some to spare for the calculation."""

WASTE = 8_000
"""Pixels that may be looked at in vain so that more segments can be looked at in one go."""

AT_ONCE = 50_000
"""Pixels looked at in one go: the few arrays this needs stay in the processor's cache."""


def cones(
    points: np.ndarray, radius: np.ndarray, offsets: np.ndarray, cyclic: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Strokes to the cones between their points: (M, 6) float64 x0, y0, r0, x1, y1, r1, and the stroke (M,) of each.

    points (N, 2) px, radius (N,) px, offsets (S + 1,), cyclic (S,) bool. A stroke of one point gives one dot.
    What cannot touch a picture of ``size`` (height, width) is left out.
    """
    rows = np.array([points[:, 0], points[:, 1], radius], np.float64)
    sizes = np.diff(offsets)
    stroke = np.repeat(np.arange(len(sizes)), sizes)
    last = np.zeros(len(radius), bool)
    last[offsets[1:][sizes > 0] - 1] = True
    follower = np.arange(1, len(radius) + 1)
    follower[last] = offsets[:-1][sizes > 0]
    # The last point leads on only where the stroke closes; the only point of a dot leads to itself.
    closes = (cyclic & (sizes > 2)) | (sizes == 1)
    leads = np.flatnonzero(~last | closes[stroke])
    start, end, stroke = rows.take(leads, 1), rows.take(follower.take(leads), 1), stroke.take(leads)
    way = end - start
    far = np.flatnonzero(~(_inside(start, size) & _inside(end, size)))
    if len(far):
        enters, leaves = _within(start[:, far], end[:, far], size)
        seen = np.ones(len(leads), bool)
        seen[far] = enters <= leaves
        start[:, far] += way[:, far] * enters
        way[:, far] *= leaves - enters
        start, way, stroke = start[:, seen], way[:, seen], stroke[seen]
    out = np.concatenate([start, start + way])
    pieces = np.ceil(np.hypot(way[0], way[1]) / LONGEST)
    long = np.flatnonzero(pieces > 1)
    if len(long):
        share = pieces[long].astype(np.intp)
        which = np.repeat(long, share)
        step, share = pixels_of(np.zeros(len(long), np.intp), share), np.repeat(share, share)
        start, way = start[:, which], way[:, which]
        cut = np.concatenate([start + way * (step / share), start + way * ((step + 1) / share)])
        whole = np.flatnonzero(pieces <= 1)
        out, stroke = np.concatenate([out[:, whole], cut], 1), np.append(stroke[whole], stroke[which])
    return out.T, stroke


def _inside(points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(N,) bool: points (2 or more, N) in a picture of this (height, width)."""
    x, y = points[0], points[1]
    return (x >= 0) & (x <= size[1]) & (y >= 0) & (y <= size[0])


def _within(start: np.ndarray, end: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Between which fractions 0..1 of their way segments, (3, N) x, y and radius each, can touch the picture (Liang and Barsky, ACM TOG 3(1), 1984).

    A stroke may run far out of the picture; only what is near it is worth cutting into pieces.
    """
    reach = np.maximum(start[2], end[2]) + 2
    enters, leaves = np.zeros(len(reach)), np.ones(len(reach))
    for axis, most in ((0, size[1]), (1, size[0])):
        at, way = start[axis], end[axis] - start[axis]
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
    picture = np.zeros(size, np.uint8)
    _lay(picture, segments, strength, 0)
    return picture


def bound(boundary: np.ndarray, segments: np.ndarray) -> None:
    """Put 1 into contiguous ``boundary`` (H, W) uint8 where segments (M, 6) cover half a pixel or more; in place."""
    _lay(boundary, segments, 1.0, 7)


def _lay(picture: np.ndarray, segments: np.ndarray, strength: np.ndarray | float, halved: int) -> None:
    """Put what segments cover, ``halved`` so often, into a contiguous ``picture`` where it is more than what is there."""
    ends = np.ascontiguousarray(segments.T)
    strength = np.broadcast_to(np.asarray(strength, np.float32), len(segments))
    # By axis, the first pixel and the one past the last whose middle is near enough to be covered.
    at, radius = ends.reshape(2, 3, -1)[:, :2], ends[2::3, None]
    first, past = np.ceil((at - radius).min(0) - NEAR), np.floor((at + radius).max(0) + NEAR)
    limit = np.array(picture.shape[::-1])[:, None]
    seen = ((past > np.maximum(first, 0)) & (first < limit)).all(0)
    broad = (past - first).max(0) > BROAD
    if (seen & ~broad).any():
        mine = np.flatnonzero(seen & ~broad)
        _lay_narrow(picture, ends[:, mine], (first[:, mine], past[:, mine]), strength[mine], halved)
    for i in np.flatnonzero(seen & broad):
        _lay_broad(picture, ends[:, i : i + 1], strength[i : i + 1], halved)


def _lay_narrow(
    picture: np.ndarray, ends: np.ndarray, spans: tuple[np.ndarray, np.ndarray], strength: np.ndarray, halved: int
) -> None:
    """Segments (6, M) that touch nothing but rectangles of pixels from the first to past the last, (2, M) each x, y."""
    start, sides = spans[0], (spans[1] - spans[0]).astype(np.intp)
    limit = np.array(picture.shape[::-1])[:, None]
    # The longer side comes first, whether it lies or stands: what is alike is looked at together.
    stands = sides[1] > sides[0]
    order, alike = _alike(np.maximum(*sides), np.minimum(*sides))
    ends = np.where(stands, ends[[1, 0, 2, 4, 3, 5]], ends)
    start, limit = np.where(stands, start[::-1], start), np.where(stands, limit[::-1], limit)
    steps = np.where(stands, [[picture.shape[1]], [1]], [[1], [picture.shape[1]]])
    # Numbers are counted from a corner of each segment's own: they stay small.
    corner = np.floor(ends.reshape(2, 3, -1)[:, :2].min(0) - (ends[2::3].max(0) + 1.0))
    own = np.concatenate([_seen_from(ends, *corner), (start - corner).astype(np.float32) + np.float32(0.5), [strength]])
    own = own.take(order, 1)
    first, *steps = np.stack([(start * steps).sum(0).astype(np.intp), *steps]).take(order, 1)
    # Rectangles may be larger than what they are for: some reach out of the picture.
    beyond = ((start < 0) | (limit - start < sides.max())).any(0).take(order)
    room, places = np.empty((3, AT_ONCE), np.float32), np.empty(AT_ONCE, np.intp)
    for begin, end, long, short in alike:
        i, j = np.arange(long)[:, None], np.arange(short)[:, None]
        at_once = AT_ONCE // (long * short)
        for part in (slice(n, min(n + at_once, end)) for n in range(begin, end, at_once)):
            mine = own[:, part]
            du, dv = i.astype(np.float32) + mine[6], j.astype(np.float32) + mine[7]
            levels = _levels(mine[:6], du, dv, mine[8], room)
            if halved:
                levels >>= halved
            where = places[: levels.size].reshape(levels.shape)
            np.add((i * steps[0][part] + first[part])[:, None], j * steps[1][part], out=where)
            if beyond[part].any():
                some = order[part]
                u, v = i + start[0, some], j + start[1, some]
                there = ((u >= 0) & (u < limit[0, some]))[:, None] & ((v >= 0) & (v < limit[1, some]))
                levels *= there
                where *= there
            np.maximum.at(picture.reshape(-1), where.reshape(-1), levels.reshape(-1))


def _alike(long: np.ndarray, short: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int, int, int]]]:
    """An order of rectangles (M,) in which neighbours are alike, and groups: (first, past the last, long, short side).

    Not too many groups, and not much larger than the rectangles in them.
    """
    # The shorter sides go up and down in turn, so that there are no leaps.
    key = (long * 256 + np.where(long % 2, 255 - short, short)).astype(np.uint16)
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    groups, begin, held, sides = [], 0, 0, (0, 0)
    kinds = zip(
        first.tolist(), np.append(first[1:], len(key)).tolist(), long[order[first]], short[order[first]], strict=True
    )
    for start, end, length, breadth in kinds:
        more = (end - start) * int(length) * int(breadth)
        both = max(sides[0], int(length)), max(sides[1], int(breadth))
        if held and both[0] * both[1] * (end - begin) - held - more > WASTE:
            groups.append((begin, start, *sides))
            begin, held, both = start, 0, (int(length), int(breadth))
        held, sides = held + more, both
    groups.append((begin, len(key), *sides))
    return order, groups


def _seen_from(ends: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cones (6, M) as float32, counted from corners (M,) of their own."""
    out = ends.copy()
    out[::3] -= x
    out[1::3] -= y
    return out.astype(np.float32)


def _lay_broad(picture: np.ndarray, cone: np.ndarray, strength: np.ndarray, halved: int) -> None:
    """A segment (6, 1) as broad as a brush of hundreds of pixels: row by row of what lies in the picture."""
    height, width = picture.shape
    reach = cone[2::3].max() + 1.0
    (left, right), (top, bottom) = ((cone[k::3].min() - reach, cone[k::3].max() + reach) for k in (0, 1))
    x0, x1 = max(int(np.floor(left)), 0), min(int(np.ceil(right)), width)
    end = min(int(np.ceil(bottom)), height)
    rows = max(1, AT_ONCE // max(x1 - x0, 1))
    for y0 in range(max(int(np.floor(top)), 0), end, rows):
        y1 = min(y0 + rows, end)
        room = np.empty((3, (y1 - y0) * (x1 - x0)), np.float32)
        local = _seen_from(cone, np.array([float(x0)]), np.array([float(y0)]))[[1, 0, 2, 4, 3, 5]]
        dy, dx = (np.arange(n, dtype=np.float32)[:, None] + np.float32(0.5) for n in (y1 - y0, x1 - x0))
        levels = _levels(local, dy, dx, strength, room)[..., 0] >> halved
        np.maximum(picture[y0:y1, x0:x1], levels, out=picture[y0:y1, x0:x1])


def _levels(local: np.ndarray, du: np.ndarray, dv: np.ndarray, strength: np.ndarray, room: np.ndarray) -> np.ndarray:
    """(k, l, M) uint8: what each cone (6, M) float32 covers of its own pixels, whose middles are at (k, M) and (l, M).

    The cones lie side by side, because NumPy is quick along the last axis and rectangles are small. Works in ``room``,
    (3, at least k l M) float32. Which axis of a cone comes first does not matter.
    """
    u0, v0, r0, u1, v1, r1 = local
    shape = (len(du), len(dv), len(u0))
    along, away, share = (part[: shape[0] * shape[1] * shape[2]].reshape(shape) for part in room)
    du, dv = (du - u0)[:, None], dv - v0
    wu, wv = u1 - u0, v1 - v0
    norm = np.maximum(wu * wu + wv * wv, np.float32(1e-12))
    np.add(du * (wu / norm), dv * (wv / norm), out=along)
    np.clip(along, 0, 1, out=along)
    np.square(np.subtract(du, np.multiply(along, wu, out=away), out=away), out=away)
    away += np.square(np.subtract(dv, np.multiply(along, wv, out=share), out=share), out=share)
    value = along
    value *= r1 - r0
    value += r0
    value -= np.sqrt(away, out=away)
    value += np.float32(0.5)
    np.clip(value, 0, 1, out=value)
    value *= strength * np.float32(255)
    value += np.float32(0.5)
    return value.astype(np.uint8)
