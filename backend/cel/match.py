"""Where one drawing lies in another: each region as registration laid it, or along dense flow."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .flow import Flow, dense_flow
from .register import Fit, register
from .view import View
from .whole import STAY, Move, whole_move


@dataclass(frozen=True)
class Match:
    """Where a drawing's pixels lie in another.

    at   of flat pixel numbers (N,), those there (N,)
    cost (R,) of each region; without end for regions that were not asked, of whose pixels nothing is known
    """

    at: Callable[[np.ndarray], np.ndarray]
    cost: np.ndarray


def flow_between(target: View, source: View, move: Move = STAY) -> Flow:
    """Dense flow from one view to another of its size."""
    return dense_flow(target.depth, source.depth, target.labels.shape, move)


def registration(target: View, source: View, asked: np.ndarray | None = None) -> tuple[Flow, Fit]:
    """Dense flow, and how each region (or those ``asked``, (R,) bool) lies on ``source`` with its help."""
    move = whole_move(target, source)
    flow = flow_between(target, source, move)
    return flow, replace(register(target, source, flow, asked, move), move=move)


def match_from(target: View, source: View, fit: Fit, flow: Flow | None = None) -> Match:
    """The place in ``source`` of every pixel of ``target``, region by region; both at one size."""
    known = flow_between(target, source, fit.move) if flow is None else flow
    height, width = target.labels.shape
    pairs = np.ascontiguousarray(fit.transform, np.float32).view(np.complex64)
    centre = np.ascontiguousarray(target.centre, np.float32).view(np.complex64)[:, 0]
    # A similarity about a centre is one factor and one offset.
    factor = 1 + pairs[:, 1]
    offset = centre + pairs[:, 0] - factor * centre
    flows = fit.bent | target.border
    region = target.labels.ravel()

    def at(where: np.ndarray) -> np.ndarray:
        label = np.take(region, where)
        row = where // width
        pixel = np.empty(len(where), np.complex64)
        pixel.real, pixel.imag = where - row * width, row
        place = np.take(factor, label)
        place *= pixel
        place += np.take(offset, label)
        flowing = np.flatnonzero(np.take(flows, label))
        here = np.take(pixel, flowing)
        place[flowing] = here + known.at(here)
        near = np.rint(place.view(np.float32)).reshape(-1, 2)
        row, column = near[:, 1].clip(0, height - 1), near[:, 0].clip(0, width - 1)
        return row.astype(np.intp) * width + column.astype(np.intp)

    return Match(at, fit.cost)
