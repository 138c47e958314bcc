"""Trackers: points of the first sketch followed through the others, each behind the contract's ``Tracker``.

Nothing is dropped for standing still: a held or slow shot keeps its correspondence.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..contracts.correspondence import Tracks
from .seen import Page, page
from .steps import Step, both_ways, by_flow, by_regions, onto_lines, surest

SEEN = 0.6
"""Confidence from which a point counts as seen."""

SNAP = 3.0
"""px of the working size. A point that was on a line in the first sketch is put back on one this near."""

DOUBT = 0.85
"""Below this confidence along the chain a point is looked for in the first sketch as well."""


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
    for now in range(1, len(pages)):
        if np.array_equal(pages[now].look.boundary, pages[now - 1].look.boundary):
            places[now], sure[now] = places[now - 1], sure[now - 1]  # a held drawing
            continue
        places[now], link = step(pages[now - 1], pages[now], places[now - 1])
        sure[now] = sure[now - 1] * link
        doubtful = np.flatnonzero(sure[now] < DOUBT)
        if now > 1 and len(doubtful):
            straight, trust = step(pages[0], pages[now], points[doubtful])
            better = trust > sure[now, doubtful]
            places[now, doubtful[better]], sure[now, doubtful[better]] = straight[better], trust[better]
        places[now, drawn] = onto_lines(pages[now], places[now, drawn], SNAP)
    return Tracks(places, sure >= SEEN)


def _on_lines(first: Page, points: np.ndarray) -> np.ndarray:
    height, width = first.look.boundary.shape
    x, y = np.rint(first.to_working(points)).astype(np.intp).T
    return first.view.distance[y.clip(0, height - 1), x.clip(0, width - 1)] <= 1.5
