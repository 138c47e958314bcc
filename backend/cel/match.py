"""Where one drawing lies in another: each region as registration laid it, or along dense flow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from .flow import Flow, dense_flow
from .register import Fit, register
from .view import POINTS, STEP, View
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


@dataclass(frozen=True)
class Begun:
    """Where laying a drawing on another begins: how the figure moved as a whole, and dense flow from there."""

    move: Move
    flow: Flow

    def packed(self) -> dict[str, np.ndarray]:
        """As plain arrays for a store."""
        return {"move": np.array([self.move.turn, self.move.shift]), **self.flow.packed()}

    @staticmethod
    def unpacked(kept: Mapping[str, np.ndarray], size: tuple[int, int]) -> "Begun":
        """What was :meth:`packed`, of drawings of ``size`` (h, w)."""
        turn, shift = kept["move"].tolist()
        return Begun(Move(turn, shift), Flow.unpacked(kept, size))


def begin(target: View, source: View) -> Begun:
    """What laying ``target`` on ``source`` begins with, whichever of its regions are asked."""
    move = whole_move(target, source)
    return Begun(move, flow_between(target, source, move))


def registration(
    target: View, source: View, asked: np.ndarray | None = None, begun: Begun | None = None
) -> tuple[Flow, Fit]:
    """Dense flow, and how each region (or those ``asked``, (R,) bool) lies on ``source`` with its help."""
    begun = begun or begin(target, source)
    return begun.flow, register(target, source, begun.flow, asked, begun.move)


@dataclass(frozen=True)
class Laid:
    """How a drawing lies on another, all that a match needs of it and little enough to keep.

    fit    of each region; centre (R, 2) float32 px, of each region
    flows  (R,) bool: regions that follow dense flow; flow: dense flow, as far as they lie on it
    """

    fit: Fit
    centre: np.ndarray
    flows: np.ndarray
    flow: Flow

    def at(self, labels: np.ndarray) -> Match:
        """The match of the drawing with these ``labels`` (h, w) int32."""
        height, width = labels.shape
        pairs = np.ascontiguousarray(self.fit.transform, np.float32).view(np.complex64)
        centre = np.ascontiguousarray(self.centre, np.float32).view(np.complex64)[:, 0]
        # A similarity about a centre is one factor and one offset.
        factor = 1 + pairs[:, 1]
        offset = centre + pairs[:, 0] - factor * centre
        region = labels.ravel()

        def at(where: np.ndarray) -> np.ndarray:
            label = np.take(region, where)
            row = where // width
            pixel = np.empty(len(where), np.complex64)
            pixel.real, pixel.imag = where - row * width, row
            place = np.take(factor, label)
            place *= pixel
            place += np.take(offset, label)
            flowing = np.flatnonzero(np.take(self.flows, label))
            here = np.take(pixel, flowing)
            place[flowing] = here + self.flow.at(here)
            near = np.rint(place.view(np.float32)).reshape(-1, 2)
            row, column = near[:, 1].clip(0, height - 1), near[:, 0].clip(0, width - 1)
            return row.astype(np.intp) * width + column.astype(np.intp)

        return Match(at, self.fit.cost)


def laid(target: View, source: View, asked: np.ndarray | None = None, begun: Begun | None = None) -> Laid:
    """How ``target``, or those of its regions that are ``asked`` (R,) bool, lies on ``source``; both at one size.

    ``begun``: what :func:`begin` says of them, where it is known.
    """
    flow, fit = registration(target, source, asked, begun)
    flows = fit.bent | target.border
    if asked is not None:
        flows &= asked
    return Laid(fit, target.centre, flows, flow.only(_steps_in(target, flows, flow.steps.shape[:2])))


def _steps_in(view: View, regions: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """``size`` (h', w') bool: steps of flow in ``regions`` (R,) bool; in small ones, which may lie between, at their points."""
    height, width = size
    out = np.take(regions, view.labels[::STEP, ::STEP][:height, :width])
    inside = (view.points[regions, : POINTS // 2].view(np.float32).reshape(-1, 2) / STEP).astype(np.intp)
    out[np.minimum(inside[:, 1], height - 1), np.minimum(inside[:, 0], width - 1)] = True
    return out


def pack(found: Laid) -> dict[str, np.ndarray]:
    """As plain arrays for a store."""
    kept = {"centre": found.centre, "flows": found.flows, **found.flow.packed()}
    return {"transform": found.fit.transform, "cost": found.fit.cost, **kept}


def unpack(kept: Mapping[str, np.ndarray], size: tuple[int, int]) -> Laid:
    """What :func:`pack` packed, of drawings of ``size`` (h, w)."""
    flows = kept["flows"].astype(bool)
    fit = Fit(kept["transform"], kept["cost"], flows)
    return Laid(fit, kept["centre"], flows, Flow.unpacked(kept, size))
