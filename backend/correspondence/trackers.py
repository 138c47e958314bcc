"""Trackers: points of the first sketch followed through the others, each behind the contract's ``Tracker``.

Nothing is dropped for standing still: a held or slow shot keeps its correspondence.
"""

from collections.abc import Sequence

import numpy as np

from ..contracts.correspondence import Tracks
from .matchers import points_of
from .patches import belief, laid, nearest, patches_at, settled
from .seen import Page, page
from .starts import Starts, by_flow, by_regions

SEEN = 0.65
"""Belief from which a point counts as seen."""

DOUBT = 0.85
"""Below this belief along the chain a point is looked for in the first sketch as well."""

HELPERS, MOST = 8, 3000
"""px of the working size between further points that are followed along so that neighbours tell; and how many at most."""

DRIFT = 6.0
"""px. So far a point may have drifted along the chain and be put back by what it looked like in the first sketch."""

LEAPS = 3.0
"""px beyond what is likely by which belief is halved."""

FASTER = 1.5
"""Times as fast as most points that are seen, a point may have gone that was lost for a while."""

CLOSE, BESIDE = 10.0, 5
"""px of the working size, and number of points: what is this close together belongs together, as far as the nearest tell."""


class _Chain:
    """From sketch to sketch, held against the first one in every sketch, and looked for from there where lost."""

    def __init__(self, name: str, starts: Starts) -> None:
        self.name, self._starts = name, starts

    def track(self, sketches: Sequence[np.ndarray], points: np.ndarray) -> Tracks:
        """Follow ``points`` (N, 2) px of the first of F sketches (H, W) uint8, 0 line."""
        return followed([page(s) for s in sketches], points, self._starts)


class RegionTracker(_Chain):
    """Points begin where the region around them goes, any distance: what is used where nothing else is known."""

    def __init__(self) -> None:
        super().__init__("regions", by_regions)


class FlowTracker(_Chain):
    """Points begin where dense flow between the sketches takes them: twice as fast, and no region is needed."""

    def __init__(self) -> None:
        super().__init__("flow", by_flow)


def followed(pages: Sequence[Page], points: np.ndarray, starts: Starts) -> Tracks:
    """Points (N, 2) px of the first page through all pages."""
    places = np.repeat(np.asarray(points, np.float32)[None], len(pages), 0)
    seen = np.zeros(places.shape[:2], bool)
    if not pages or not len(points):
        return Tracks(places, seen)
    seen[0] = pages[0].inside(points)
    run = _Run(pages[0], points, starts)
    for number in range(1, len(pages)):
        before, now = pages[number - 1], pages[number]
        if np.array_equal(now.look.boundary, before.look.boundary):  # a held drawing
            places[number], seen[number] = places[number - 1], seen[number - 1]
            continue
        run.go_on(before, now)
        places[number], seen[number] = run.places(now, len(points)), run.seen[: len(points)]
    return Tracks(places, seen & seen[0])


class _Run:
    """Points on their way: their moves (P, 2) from the first sketch to the last one looked at, and belief (P,) in them."""

    def __init__(self, first: Page, points: np.ndarray, starts: Starts) -> None:
        helpers = points_of(first, HELPERS)
        every = np.concatenate([points, helpers[:: 1 + len(helpers) // MOST]])
        at = first.to_working(every.astype(np.float64)) @ (1, 1j)
        self._first, self._starts = first, starts
        self._patches = patches_at(first, at.astype(np.complex64))
        self.moves = np.zeros((len(at), 2), np.complex64)
        self.sure = np.ones(len(at), np.float32)
        # Where each was last seen, and how far it may have gone since.
        self._known, self._way = self.moves[:, 0].copy(), np.zeros(len(at))

    @property
    def seen(self) -> np.ndarray:
        """(P,) bool."""
        return self.sure >= SEEN

    def places(self, now: Page, count: int) -> np.ndarray:
        """(count, 2) px of sketch ``now``: where the first ``count`` points are."""
        at = self._patches.centre[:count] + self.moves[:count, 0]
        return now.from_working(np.stack([at.real, at.imag], 1)).astype(np.float32)

    def go_on(self, before: Page, now: Page) -> None:
        """From the sketch ``before`` to the one ``now``."""
        came = self.moves[:, 0].copy()
        self._step(before, now)
        seen = self.seen
        lengths = np.abs(self.moves[seen, 0] - came[seen])
        self._way += (FASTER * np.percentile(lengths, 95) if len(lengths) else 0.0) + 1
        if before is not self._first and (self.sure < DOUBT).any():
            self._look_again(now)
        self.sure = self.sure * now.inside(self.places(now, len(self.sure)))
        seen = self.seen
        self._known[seen], self._way[seen] = self.moves[seen, 0], 0.0

    def _step(self, before: Page, now: Page) -> None:
        """Along the chain; what then looks as it did in the first sketch loses its drift and is believed for that."""
        height, width = before.view.labels.shape
        at = self._patches.centre + self.moves[:, 0]
        at = (at.real.clip(0, width - 1) + 1j * at.imag.clip(0, height - 1)).astype(np.complex64)
        link, trust = laid(patches_at(before, at), self._starts(before, now, at), now, self.sure)
        chained = np.stack([self.moves[:, 0] + link[:, 0], (1 + link[:, 1]) * (1 + self.moves[:, 1]) - 1], 1)
        straight = settled(self._patches, chained, now, 1, 6, self.sure)
        drift = np.abs(straight[:, 0] - chained[:, 0])
        sure = belief(self._patches, straight, now) * _likely(drift - DRIFT)
        trust = trust * self.sure
        better = sure >= trust
        self.moves = np.where(better[:, None], straight, chained)
        self.sure = np.where(better, sure, trust)

    def _look_again(self, now: Page) -> None:
        """Look for doubtful points straight from the first sketch. A leg that looks like the other one is not taken for it:
        believed is only what cannot have leapt, and what has come along with that beside it."""
        centre = self._patches.centre
        found, trust = laid(self._patches, self._starts(self._first, now, centre), now)
        doubtful, firm = self.sure < DOUBT, self.sure >= DOUBT
        leap = np.abs(found[:, 0] - self._known) - self._way
        there, here = centre + found[:, 0], centre + self.moves[:, 0]
        strange = np.zeros(len(centre))
        strange[doubtful] = _strangers(centre[doubtful], there[doubtful], centre[firm], here[firm])
        trust = trust * _likely(leap) / (1 + (strange / CLOSE) ** 2)
        better = doubtful & (trust > self.sure)
        self.moves[better], self.sure[better] = found[better], trust[better]


def _likely(beyond: np.ndarray) -> np.ndarray:
    """(N,) 0..1 for px beyond what is likely."""
    return 1 / (1 + (np.maximum(beyond, 0) / LEAPS) ** 2)


def _strangers(points: np.ndarray, there: np.ndarray, firm: np.ndarray, firm_there: np.ndarray) -> np.ndarray:
    """(N,) px: how much farther off the points were in the first drawing that are beside each of N points now; all complex.

    A leg that has taken the place of the other one looks like it, but what is beside it has come from elsewhere.
    """
    if not len(firm) or not len(points):
        return np.zeros(len(points))
    apart, beside = nearest(firm_there, there, BESIDE)
    before = np.abs(points[:, None] - firm[beside])
    more = np.maximum(np.abs(before - apart) - CLOSE - 0.5 * apart, 0)
    more = np.where(apart < 4 * CLOSE, more, np.nan)
    told = ~np.isnan(more).all(axis=1)
    out = np.zeros(len(points))
    out[told] = np.nanmedian(more[told], axis=1)
    return out
