"""Where points of one sketch may lie in another, to begin with: by dense flow, or with the regions they belong to.

Moves (N, 2) complex64 are those of ``patches``; points (N,) complex64 are px of the working size.
"""

from collections.abc import Callable

import numpy as np

from ..cel.flow import Flow
from ..cel.match import flow_between, registration
from ..cel.whole import STAY, whole_move
from .seen import Page

Starts = Callable[[Page, Page, np.ndarray], list[np.ndarray]]
"""From points of one sketch to guesses at their moves to another one."""

AROUND = 2
"""px of the working size. A point on a line belongs to whichever region this near lies better."""


def by_flow(a: Page, b: Page, at: np.ndarray) -> list[np.ndarray]:
    """With dense flow; where the figure moved as a whole, also with the flow from there on."""
    move = whole_move(a.view, b.view)
    flows = [flow_between(a.view, b.view)]
    if move != STAY:
        flows.append(flow_between(a.view, b.view, move))
    return [_shifted(flow, at) for flow in flows]


def by_regions(a: Page, b: Page, at: np.ndarray) -> list[np.ndarray]:
    """Each point where the Cel engine's registration lays its region; with dense flow where the region bends."""
    flow, fit = registration(a.view, b.view)
    region = _regions_at(a, at, fit.cost)
    pairs = np.ascontiguousarray(fit.transform, np.float32).view(np.complex64)
    centre = np.ascontiguousarray(a.view.centre, np.float32).view(np.complex64)[:, 0]
    moves = pairs[region]
    moves[:, 0] += moves[:, 1] * (at - centre[region])
    flowing = (fit.bent | a.view.border)[region]
    moves[flowing] = _shifted(flow, at[flowing])
    return [moves]


def _regions_at(a: Page, at: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """(N,) the region of each point; on a line, of those beside it the one that is laid best."""
    height, width = a.view.labels.shape
    x, y = np.rint(at.real).astype(np.intp), np.rint(at.imag).astype(np.intp)
    region = a.view.labels[y.clip(0, height - 1), x.clip(0, width - 1)]
    best = cost[region] - 0.02  # its own region unless another is clearly better
    on_line = ~a.look.paper[y.clip(0, height - 1), x.clip(0, width - 1)]
    for dy in range(-AROUND, AROUND + 1):
        for dx in range(-AROUND, AROUND + 1):
            other = a.view.labels[(y + dy).clip(0, height - 1), (x + dx).clip(0, width - 1)]
            better = on_line & (cost[other] < best) & ~a.view.border[other]
            region, best = np.where(better, other, region), np.where(better, cost[other], best)
    return region


def _shifted(flow: Flow, at: np.ndarray) -> np.ndarray:
    """(N, 2) moves that follow dense flow and turn nothing."""
    moves = np.zeros((len(at), 2), np.complex64)
    moves[:, 0] = flow.at(at)
    return moves
