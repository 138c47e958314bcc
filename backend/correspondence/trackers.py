"""Trackers: points of the first sketch followed through the others, each behind the contract's ``Tracker``.

Nothing is dropped for standing still: a held or slow shot keeps its correspondence.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..contracts.correspondence import Tracks
from .seen import Page, page
from .steps import RETURNS, Step, both_ways, by_flow, by_regions, onto_lines, surest

SEEN = 0.6
"""Confidence from which a point counts as seen."""

SNAP = 3.0
"""px of the working size. A point that was on a line in the first sketch is put back on one this near."""

DOUBT = 0.85
"""Below this confidence along the chain a point is looked for in the first sketch as well."""

FASTER = 1.5
"""Times as fast as most points that are seen, a point may have gone that was lost for a while."""

CLOSE, BESIDE = 10.0, 5
"""px of the working size, and number of points: what is this close together belongs together, as far as the nearest tell."""


class _Chain:
    """From sketch to sketch, and where that grows doubtful straight from the first one, whichever is surer."""

    name = ""

    def __init__(self, step: Step) -> None:
        self._step = step

    def track(self, sketches: Sequence[np.ndarray], points: np.ndarray) -> Tracks:
        """Follow ``points`` (N, 2) px of the first of F sketches (H, W) uint8, 0 line."""
        return followed([page(s) for s in sketches], points, self._step)


class RegionTracker(_Chain):
    """Points go where the region around them goes: exact for what moves as a piece, any distance."""

    name = "regions"

    def __init__(self) -> None:
        super().__init__(partial(both_ways, by_regions))


class FlowTracker(_Chain):
    """Points go with dense flow between the sketches: for what bends, and moves little from one to the next."""

    name = "flow"

    def __init__(self) -> None:
        super().__init__(partial(both_ways, by_flow))


class OwnTracker(_Chain):
    """By regions and by flow, point by point whichever comes home better: what is used where nothing else is known."""

    name = "own"

    def __init__(self) -> None:
        super().__init__(surest)


def followed(pages: Sequence[Page], points: np.ndarray, step: Step) -> Tracks:
    """Points (N, 2) px of the first page through all pages."""
    count = len(points)
    places = np.zeros((len(pages), count, 2), np.float32)
    sure = np.zeros((len(pages), count), np.float32)
    if not pages:
        return Tracks(places, sure > SEEN)
    places[0], sure[0] = points, pages[0].inside(points)
    drawn = _on_lines(pages[0], points)
    scale = float(pages[0].scale.mean())
    known, way = places[0].copy(), np.zeros(count)  # where each was last seen, and how far it may have gone since
    for now in range(1, len(pages)):
        if np.array_equal(pages[now].look.boundary, pages[now - 1].look.boundary):
            places[now], sure[now] = places[now - 1], sure[now - 1]  # a held drawing
            continue
        places[now], link = step(pages[now - 1], pages[now], places[now - 1])
        sure[now] = sure[now - 1] * link
        seen = sure[now] >= SEEN
        lengths = np.linalg.norm(places[now, seen] - places[now - 1, seen], axis=1)
        way += (FASTER * np.percentile(lengths, 95) if len(lengths) else 0.0) + 1
        doubtful = np.flatnonzero(sure[now] < DOUBT)
        if now > 1 and len(doubtful):
            straight, trust = step(pages[0], pages[now], points[doubtful])
            leap = np.linalg.norm(straight - known[doubtful], axis=1) - way[doubtful]
            trust = trust / (1 + (scale * np.maximum(leap, 0) / RETURNS) ** 2)
            firm = sure[now] >= DOUBT
            strange = _strangers(
                scale * points[doubtful], scale * straight, scale * points[firm], scale * places[now, firm]
            )
            trust = trust / (1 + (strange / CLOSE) ** 2)
            better = trust > sure[now, doubtful]
            places[now, doubtful[better]], sure[now, doubtful[better]] = straight[better], trust[better]
        places[now, drawn] = onto_lines(pages[now], places[now, drawn], SNAP)
        seen = sure[now] >= SEEN
        known[seen], way[seen] = places[now, seen], 0.0
    return Tracks(places, sure >= SEEN)


def _strangers(points: np.ndarray, there: np.ndarray, firm: np.ndarray, firm_there: np.ndarray) -> np.ndarray:
    """(N,) px: how much farther off the points were in the first drawing that are beside each of N points now.

    A leg that has taken the place of the other one looks like it, but what is beside it has come from elsewhere.
    """
    if not len(firm):
        return np.zeros(len(points))
    apart = np.linalg.norm(there[:, None] - firm_there[None], axis=2)
    nearest = apart.argsort(axis=1)[:, :BESIDE]
    now = np.take_along_axis(apart, nearest, axis=1)
    before = np.linalg.norm(points[:, None] - firm[nearest], axis=2)
    more = np.maximum(np.abs(before - now) - CLOSE - 0.5 * now, 0)
    more = np.where(now < 4 * CLOSE, more, np.nan)
    told = ~np.isnan(more).all(axis=1)
    out = np.zeros(len(points))
    out[told] = np.nanmedian(more[told], axis=1)
    return out


def _on_lines(first: Page, points: np.ndarray) -> np.ndarray:
    height, width = first.look.boundary.shape
    x, y = np.rint(first.to_working(points)).astype(np.intp).T
    return first.view.distance[y.clip(0, height - 1), x.clip(0, width - 1)] <= 1.5
