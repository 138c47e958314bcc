"""Laying each region of one drawing, with the lines around it, onto another drawing.

Parts of a figure turn, slide and grow as pieces, and between two drawings of a run they move further than dense
optical flow can follow. So each region looks for its own similarity transform, from several starting guesses: where
dense flow sends it, where regions of like shape lie, and where its neighbours went. What counts is how well the
lines in and around the region fall onto the other drawing's lines.
"""

from dataclasses import dataclass

import cv2
import numpy as np

POINTS = 96
"""Places compared for each region and guess."""

ROWS_AT_ONCE = 30_000
"""OpenCV's remap takes fewer than 32768 rows."""

FAR, NEAR = 24.0, 8.0
"""px of the working size. Distances to a line are compared up to FAR while searching, up to NEAR when judging."""

STEPS = 4
"""Gauss-Newton steps at each of the two reaches."""

SHAPE_GUESSES = 4
"""Regions of like shape that each region tries."""

FLOW_BONUS = 0.04
"""Cost by which a transform must beat dense flow to be taken instead."""

MARGIN = 10.0
"""px. How far around itself even the smallest region looks."""

SETTLED = 0.06
"""Cost below which a region lies so well that no other place is tried."""

WIDTH_COST, KIND_COST = 0.35, 0.25
"""What a place costs that lies in a region of another thickness, or outside the figure instead of in it, against one
px too far from a line of ``NEAR``."""

AREA_SHARE = 1.0
"""How much of a region's kind is its size (log of its area over log of the picture's)."""

RIM = 3
"""px. A region this near to the picture's edge counts as outside the figure: scans are often framed by a line."""

ROUNDS = 2
"""Times that neighbours hand on their transforms."""


@dataclass(frozen=True)
class View:
    """What registration looks at, all at the working size.

    labels   (h, w) int32, region under each pixel
    distance (h, w) float32, px to the nearest line, at most FAR
    width    (h, w) float32, how wide the region under each pixel is: log2 px of its thickness
    kind     (h, w) float32, 1 where the region touches the edge of the picture, plus a little for its area
    centre   (R, 2) float32 px; spread (R,) float32, px, root mean square distance from the centre
    shape    (R, 3) float32: log area, log thickness, log spread, each over 1 for a factor of e
    border   (R,) bool
    pairs    (E, 2) int32 neighbouring regions across a line, both ways
    """

    labels: np.ndarray
    distance: np.ndarray
    width: np.ndarray
    kind: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    shape: np.ndarray
    border: np.ndarray
    pairs: np.ndarray

    def __len__(self) -> int:
        return len(self.spread)


def neighbours(labels: np.ndarray) -> np.ndarray:
    """(h, w) int32 region labels without gaps -> (E, 2) int32 pairs that touch for at least 3 px, both ways, sorted."""
    n = int(labels.max()) + 1
    sides = ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:]))
    pairs = []
    for a, b in sides:
        apart = a != b
        pairs.append(a[apart].astype(np.int64) * n + b[apart])
    joined = np.concatenate(pairs)
    code, count = np.unique(np.concatenate([joined, joined % n * n + joined // n]), return_counts=True)
    code = code[count >= 3]
    return np.stack([code // n, code % n], 1).astype(np.int32)


def view_of(boundary: np.ndarray, labels: np.ndarray, count: int) -> View:
    """Make a :class:`View` from a boundary (h, w) uint8 0/1 and gapless labels (h, w) int32 of ``count`` regions."""
    away = cv2.distanceTransform(1 - boundary, cv2.DIST_L2, 3)
    yy, xx = np.indices(labels.shape, np.float32)
    flat = labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=count), 1).astype(np.float64)
    cx = np.bincount(flat, xx.ravel(), count) / area
    cy = np.bincount(flat, yy.ravel(), count) / area
    square = np.bincount(flat, (xx.ravel() - cx[flat]) ** 2 + (yy.ravel() - cy[flat]) ** 2, count) / area
    spread = np.sqrt(np.maximum(square, 1.0))
    thick = np.zeros(count, np.float32)
    np.maximum.at(thick, flat, away.ravel())
    thick = np.maximum(thick, 1)
    border = np.zeros(count, bool)
    rim = min(RIM, *(n // 4 for n in labels.shape))
    for side in (labels[: rim + 1], labels[-rim - 1 :], labels[:, : rim + 1], labels[:, -rim - 1 :]):
        border[side] = True
    shape = np.stack([np.log(area), np.log(thick), np.log(spread)], 1).astype(np.float32)
    return View(
        labels,
        np.minimum(away, FAR).astype(np.float32),
        np.log2(thick)[labels].astype(np.float32),
        (border * 1.0 + AREA_SHARE * np.log(area) / np.log(area.sum()))[labels].astype(np.float32),
        np.stack([cx, cy], 1).astype(np.float32),
        spread.astype(np.float32),
        shape,
        border,
        neighbours(labels),
    )


def sample_points(view: View, seed: int = 7) -> np.ndarray:
    """(R, POINTS, 2) float32 px: places in each region and in a margin around it, the same every time.

    Half lie in the region itself, half in its surroundings out to half its own size: what is beside a region tells
    it from others of its shape.
    """
    count = len(view)
    random = np.random.default_rng(seed)
    order = np.argsort(view.labels.ravel(), kind="stable")
    starts = np.searchsorted(view.labels.ravel()[order], np.arange(count + 1))
    size = np.maximum(starts[1:] - starts[:-1], 1)
    picks = starts[:-1, None] + (random.random((count, POINTS)) * size[:, None]).astype(np.int64)
    at = order[np.minimum(picks, len(order) - 1)]
    height, width = view.labels.shape
    points = np.stack([at % width, at // width], 2).astype(np.float32)
    margin = np.clip(0.7 * view.spread, MARGIN, 24)[:, None, None]
    half = POINTS // 2
    points[:, half:] += (random.random((count, POINTS - half, 2)).astype(np.float32) * 2 - 1) * margin
    points[..., 0] = points[..., 0].clip(0, width - 1)
    points[..., 1] = points[..., 1].clip(0, height - 1)
    return points


def _look(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Bilinear values of (h, w) float32 at (R, M, 2) px, the edge repeated outside."""
    out = np.empty(at.shape[:2], np.float32)
    for start in range(0, len(at), ROWS_AT_ONCE):
        x, y = (np.ascontiguousarray(at[start : start + ROWS_AT_ONCE, :, k], np.float32) for k in (0, 1))
        out[start : start + ROWS_AT_ONCE] = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return out


def place(transform: np.ndarray, centre: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Apply (R, 4) transforms dx, dy, a, b about (R, 2) centres to (R, M, 2) points: c + d + [[1+a, -b], [b, 1+a]] (p - c)."""
    q = points - centre[:, None]
    d, a, b = transform[:, None, :2], 1 + transform[:, None, 2], transform[:, None, 3]
    turned = np.stack([a * q[..., 0] - b * q[..., 1], b * q[..., 0] + a * q[..., 1]], 2)
    return (centre[:, None] + d + turned).astype(np.float32)


@dataclass(frozen=True)
class Fit:
    """How each region of a drawing lies on another: transform (R, 4) as in :func:`place`, cost (R,) 0 = perfect."""

    transform: np.ndarray
    cost: np.ndarray
    bent: np.ndarray


class _Matcher:
    """Everything that stays the same while guesses are tried."""

    def __init__(self, target: View, source: View, points: np.ndarray) -> None:
        self.points, self.centre, self.spread = points, target.centre, target.spread
        self.images = [np.minimum(source.distance, reach) for reach in (FAR, NEAR)]
        self.slopes = [
            (cv2.Sobel(i, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(i, cv2.CV_32F, 0, 1, scale=1 / 8))
            for i in self.images
        ]
        own = _look(target.distance, points)
        self.own = [np.minimum(own, reach) for reach in (FAR, NEAR)]
        self.width, self.own_width = source.width, _look(target.width, points)
        self.kind, self.own_kind = source.kind, _look(target.kind, points)

    def refine(self, transform: np.ndarray, rows: np.ndarray, level: int, steps: int) -> np.ndarray:
        """Move transforms (K, 4) of the regions ``rows`` downhill."""
        points, centre = self.points[rows], self.centre[rows]
        scale = self.spread[rows]
        own = self.own[level][rows]
        q = (points - centre[:, None]) / scale[:, None, None]
        t = transform.astype(np.float32).copy()
        gx, gy = self.slopes[level]
        for _ in range(steps):
            at = place(t, centre, points)
            rest = _look(self.images[level], at) - own
            dx, dy = _look(gx, at), _look(gy, at)
            jac = np.stack([dx, dy, dx * q[..., 0] + dy * q[..., 1], dy * q[..., 0] - dx * q[..., 1]], 2)
            weight = 1 / (1 + (rest / 3.0) ** 2)
            weighed = np.ascontiguousarray((jac * weight[..., None]).transpose(0, 2, 1))
            left = np.matmul(weighed, jac)
            right = np.matmul(weighed, rest[..., None])[..., 0]
            # Turning and growing are held back a little, so that a region with few lines just slides.
            left += np.diag([0.5, 0.5, 6.0, 3.0]).astype(np.float32)[None]
            right[:, 2] += 6.0 * t[:, 2] * scale
            right[:, 3] += 3.0 * t[:, 3] * scale
            step = np.linalg.solve(left, right[..., None])[..., 0]
            step[:, 2:] /= scale[:, None]
            step[:, :2] = np.clip(step[:, :2], -8, 8)
            t -= step.astype(np.float32)
            t[:, 2] = np.clip(t[:, 2], -0.35, 0.5)
            t[:, 3] = np.clip(t[:, 3], -1.2, 1.2)
        return t

    def cost(self, at: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(K,) how badly the lines agree when the points of ``rows`` are put at (K, M, 2)."""
        lines = np.abs(_look(self.images[1], at) - self.own[1][rows]) / NEAR
        width = np.minimum(np.abs(_look(self.width, at) - self.own_width[rows]), 1.5) / 1.5
        kind = np.minimum(np.abs(_look(self.kind, at) - self.own_kind[rows]), 1.0)
        return (lines.mean(1) + WIDTH_COST * width.mean(1) + KIND_COST * kind.mean(1)).astype(np.float32)


def register(target: View, source: View, flow: np.ndarray) -> Fit:
    """Where each region of ``target`` lies in ``source``. flow (h, w, 2) float32 px from target to source."""
    points = sample_points(target)
    matcher = _Matcher(target, source, points)
    count = len(target)
    every = np.arange(count)
    best = np.zeros((count, 4), np.float32)
    cost = np.full(count, np.inf, np.float32)

    def offer(guess: np.ndarray, rows: np.ndarray, search: bool) -> None:
        if len(rows) == 0:
            return
        if search:
            guess = matcher.refine(guess, rows, 0, STEPS)
        guess = matcher.refine(guess, rows, 1, STEPS)
        price = matcher.cost(place(guess, target.centre[rows], points[rows]), rows)
        price = price + _stretch(guess, target.spread[rows])
        better = price < cost[rows] - 1e-4
        best[rows[better]] = guess[better]
        cost[rows[better]] = price[better]

    # Dense flow as it is: bends with the region, so it needs no similarity.
    bent = points + np.stack([_look(np.ascontiguousarray(flow[..., k]), points) for k in (0, 1)], 2)
    cost_flow = matcher.cost(bent, every) - FLOW_BONUS
    sent = np.stack([_look(np.ascontiguousarray(flow[..., k]), points[:, : POINTS // 2]) for k in (0, 1)], 2)
    start = np.zeros((count, 4), np.float32)
    start[:, :2] = np.median(sent, axis=1)
    offer(start, every, False)
    loose = np.flatnonzero(np.minimum(cost, cost_flow) > SETTLED)
    offer(np.zeros((len(loose), 4), np.float32), loose, False)
    inner = np.flatnonzero(~target.border & (np.minimum(cost, cost_flow) > SETTLED))
    for guess in _alike(target, source, inner):
        offer(guess, inner, True)
    for _ in range(ROUNDS):
        for rows, giver in _givers(target, cost):
            open_still = np.minimum(cost, cost_flow)[rows] > SETTLED
            rows, giver = rows[open_still], giver[open_still]
            if len(rows) == 0:
                continue
            moved = best[giver].copy()
            c = target.centre[rows][:, None]
            moved[:, :2] = (place(best[giver], target.centre[giver], c) - c)[:, 0]
            offer(moved, rows, False)
    return Fit(best, np.minimum(cost, cost_flow), cost_flow <= cost)


def _stretch(transform: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """A small price for moving far, turning and growing: of two equally good places the simpler one holds."""
    far = np.hypot(transform[:, 0], transform[:, 1])
    return 0.03 * np.minimum(far / 100, 2) + 0.05 * np.abs(transform[:, 2]) + 0.03 * np.abs(transform[:, 3])


def _alike(target: View, source: View, rows: np.ndarray) -> list[np.ndarray]:
    """Guesses from regions of like shape: list of (K, 4) transforms for ``rows``."""
    inside = np.flatnonzero(~source.border)
    if len(rows) == 0 or len(inside) == 0:
        return []
    size = float(np.hypot(*target.labels.shape))
    unlike = np.abs(target.shape[rows, None] - source.shape[None, inside]).sum(2)
    shift = source.centre[None, inside] - target.centre[rows, None]
    unlike += 6.0 * np.hypot(shift[..., 0], shift[..., 1]) / size
    order = np.argsort(unlike, axis=1, kind="stable")[:, :SHAPE_GUESSES]
    out = []
    for k in range(order.shape[1]):
        guess = np.zeros((len(rows), 4), np.float32)
        guess[:, :2] = shift[np.arange(len(rows)), order[:, k]]
        out.append(guess)
    return out


def _givers(view: View, cost: np.ndarray, most: int = 3) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each region its best-placed neighbours: ``most`` pairs of (regions, neighbour of each)."""
    a, b = view.pairs[:, 0], view.pairs[:, 1]
    ok = ~view.border[b] | view.border[a]
    a, b = a[ok], b[ok]
    order = np.lexsort((b, cost[b], a))
    a, b = a[order], b[order]
    rank = np.arange(len(a)) - np.searchsorted(a, a)
    return [(a[rank == k], b[rank == k]) for k in range(most) if (rank == k).any()]
