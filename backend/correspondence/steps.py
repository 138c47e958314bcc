"""One step of a track: where points of one sketch lie in another, by its regions or by dense flow."""

from collections.abc import Callable

import cv2
import numpy as np

from ..cel.carry import chance, dense_flow, registration
from .seen import Page

Step = Callable[[Page, Page, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From points (N, 2) px of one sketch to their places (N, 2) in another, and confidence (N,) 0..1."""

AROUND = 2
"""px of the working size. A point on a line belongs to whichever region this near lies better."""

RETURNS = 3.0
"""px of the working size. Flow there and back may miss by this and still be believed half."""


LOST = 0.3
"""Confidence below which a point is looked for in another way."""

FLOWS = 0.7
"""How much of flow's own confidence is believed: coming home it is wrong more often than regions are."""


def both_ways(step: Step, a: Page, b: Page, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A step that is believed as far as the way back leads to where it began."""
    there, sure = step(a, b, points)
    back, _ = step(b, a, there)
    missed = np.linalg.norm(a.to_working(back) - a.to_working(points), axis=1)
    return there, (sure / (1 + (missed / RETURNS) ** 2)).astype(np.float32)


def surest(a: Page, b: Page, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By regions; where they do not come home, by flow, if that does."""
    regions, sure = both_ways(by_regions, a, b, points)
    flow, trust = both_ways(by_flow, a, b, points)
    trust = FLOWS * trust
    better = (sure < LOST) & (trust > sure)
    return np.where(better[:, None], flow, regions), np.where(better, trust, sure)


def onto_lines(b: Page, points: np.ndarray, reach: float) -> np.ndarray:
    """Points (N, 2) px moved to the nearest line pixel of the sketch, where there is one within ``reach`` working px."""
    if not b.look.boundary.any():
        return points
    away, found = cv2.distanceTransformWithLabels(1 - b.look.boundary, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    nearest = found.astype(np.int32, copy=False)
    ys, xs = np.nonzero(b.look.boundary)
    places = np.zeros((int(nearest.max()) + 1, 2), np.float32)
    places[nearest[ys, xs]] = np.stack([xs, ys], 1)
    at = b.to_working(points)
    height, width = away.shape
    x = np.clip(np.rint(at[:, 0]), 0, width - 1).astype(np.intp)
    y = np.clip(np.rint(at[:, 1]), 0, height - 1).astype(np.intp)
    near = (away[y, x] <= reach) & (away[y, x] > 1)
    return np.where(near[:, None], b.from_working(places[nearest[y, x]]), points).astype(np.float32)


def by_regions(a: Page, b: Page, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places (N, 2) float32 px in sketch b of points (N, 2) px of sketch a, and confidence (N,) 0..1.

    Each region of a is laid on b by the Cel engine's registration; a point goes where its region goes.
    """
    if len(points) == 0:
        return points.astype(np.float32), np.zeros(0, np.float32)
    flow, fit = registration(a.view, b.view)
    at = a.to_working(points)
    region = _regions_at(a, at, fit.cost)
    view = a.view
    away = at - view.centre[region]
    moved = fit.transform[region]
    grow, turn = 1 + moved[:, 2:3], moved[:, 3:4]
    turned = np.concatenate([grow * away[:, :1] - turn * away[:, 1:], turn * away[:, :1] + grow * away[:, 1:]], 1)
    there = view.centre[region] + moved[:, :2] + turned
    flowing = (fit.bent | view.border)[region]
    there = np.where(flowing[:, None], at + _sampled(flow, at), there)
    sure = chance(fit.cost)[region]
    # The paper around the figure fits itself however the figure moves: only its lines tell.
    near = cv2.remap(view.distance, *_maps(at), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[:, 0]
    sure = np.where(view.border[region] & (near > 4), 0.3 * sure, sure)
    places = b.from_working(there).astype(np.float32)
    return places, (sure * b.inside(places)).astype(np.float32)


def _regions_at(a: Page, at: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """(N,) the region of each point; on a line, of those beside it the one that is laid best."""
    height, width = a.view.labels.shape
    x, y = np.rint(at).astype(np.intp).T
    region = a.view.labels[y.clip(0, height - 1), x.clip(0, width - 1)]
    best = cost[region] - 0.02  # its own region unless another is clearly better
    on_line = ~a.look.paper[y.clip(0, height - 1), x.clip(0, width - 1)]
    for dy in range(-AROUND, AROUND + 1):
        for dx in range(-AROUND, AROUND + 1):
            other = a.view.labels[(y + dy).clip(0, height - 1), (x + dx).clip(0, width - 1)]
            better = on_line & (cost[other] < best) & ~a.view.border[other]
            region, best = np.where(better, other, region), np.where(better, cost[other], best)
    return region


def by_flow(a: Page, b: Page, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same by dense flow alone, which does not know how sure it is."""
    if len(points) == 0:
        return points.astype(np.float32), np.zeros(0, np.float32)
    at = a.to_working(points)
    there = at + _sampled(dense_flow(a.view, b.view), at)
    places = b.from_working(there).astype(np.float32)
    return places, b.inside(places).astype(np.float32)


def _maps(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.ascontiguousarray(at[:, None], np.float32).transpose(2, 0, 1)
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def _sampled(flow: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(N, 2) bilinear values of (h, w, 2) at (N, 2) px."""
    # OpenCV's remap takes fewer than 32768 rows.
    parts = [
        cv2.remap(flow, *_maps(part), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(-1, 2)
        for part in np.array_split(at, 1 + len(at) // 30000)
    ]
    return np.concatenate(parts)
