"""Our own matcher: the reference's lines are found, and its regions laid on the sketch's. No weights."""

import numpy as np

from ..contracts.correspondence import Matches
from ..lineart.extract import extract
from .patches import laid, patches_at
from .seen import Page, page
from .starts import by_regions

APART = 20
"""px of the working size between the points tried on lines."""

SURE = 0.5
"""Confidence from which a pair is kept."""


class RegionMatcher:
    """Regions of the reference, with the lines around them, found in the sketch: for references in a like pose."""

    name = "regions"

    def match(self, reference: np.ndarray, sketch: np.ndarray) -> Matches:
        """``reference`` (H, W, 3) uint8 sRGB and ``sketch`` (H, W) uint8, 0 line, of one size."""
        lines, there = page(extract(reference)), page(sketch)
        points = points_of(lines)
        if not len(points):
            return Matches(points, points, np.zeros(0, np.float32))
        at = (lines.to_working(points) @ (1, 1j)).astype(np.complex64)
        moves, sure = laid(patches_at(lines, at), by_regions(lines, there, at), there)
        moved = at + moves[:, 0]
        places = there.from_working(np.stack([moved.real, moved.imag], 1)).astype(np.float32)
        kept = (sure >= SURE) & there.inside(places)
        return Matches(points[kept], places[kept], sure[kept])


def points_of(where: Page, apart: int = APART) -> np.ndarray:
    """(N, 2) float32 px worth following in a sketch: the middle of each region, and places along the lines."""
    look, view = where.look, where.view
    width = look.labels.shape[1]
    best = np.zeros(look.count, np.float32)
    np.maximum.at(best, look.labels.ravel(), view.distance.ravel())
    deepest = (view.distance >= best[look.labels]) & look.paper & ~view.border[look.labels]
    ys, xs = np.nonzero(deepest)
    _, first = np.unique(look.labels[ys, xs], return_index=True)
    middles = np.stack([xs[first], ys[first]], 1)
    ly, lx = np.nonzero(look.boundary)
    cell = (ly // apart) * (width // apart + 1) + lx // apart
    _, one = np.unique(cell, return_index=True)
    points = np.concatenate([middles, np.stack([lx[one], ly[one]], 1)]).astype(np.float32)
    return where.from_working(points.reshape(-1, 2)).astype(np.float32)
