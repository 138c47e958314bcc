"""Numbers about each pair of a drawing's region and a sheet's area: how alike they look, lie and are surrounded."""

from dataclasses import dataclass

import numpy as np

from .align import Fit, bend, squared
from .layout import Layout
from .surroundings import FAR, NEAR, distances

PAIR_NUMBERS = 25
"""Columns of :func:`pairs` that tell a pair apart; ``EMPTY_NUMBERS`` more tell whether a region is a hole."""

EMPTY_NUMBERS = 6

CONTEXT_NUMBERS = 10
"""Columns of :func:`context` for pairs; ``EMPTY_CONTEXT`` more for holes."""

EMPTY_CONTEXT = 4

ALIKE = 6.0
"""CIE76 within which two areas bear the same colour."""

SIDE_STEPS = 3
"""Steps of turning tried around the one that fits the whole figure: a head or an arm turns further than the body."""


@dataclass(frozen=True)
class Neighbourhood:
    """Who lies beside whom on the sheet.

    beside    (S, S) float32, 1 where two areas touch or are the same; shared (S, S + 1) their border, rows sum to 1
    same      (S, S) float32, 1 where two bear the same colour; kin (S,) how many do
    meets     (S, S) float32, 1 where their colours touch somewhere on the sheet
    """

    beside: np.ndarray
    shared: np.ndarray
    same: np.ndarray
    kin: np.ndarray
    meets: np.ndarray


def neighbourhood(layout: Layout, lab: np.ndarray) -> Neighbourhood:
    """From a sheet's layout and the (S, 3) colours of its rows."""
    n = len(layout)
    touch = layout.shared[:, :n]
    same = (np.sqrt(squared(lab, lab)) < ALIKE).astype(np.float32)
    return Neighbourhood(
        ((touch > 0) | np.eye(n, dtype=bool)).astype(np.float32),
        (layout.shared / (layout.shared.sum(1, keepdims=True) + 1e-6)).astype(np.float32),
        same,
        same.sum(1),
        (same @ (touch > 0).astype(np.float32) @ same > 0).astype(np.float32),
    )


def pairs(drawing: Layout, around: np.ndarray, sheet: Layout, laid: Fit) -> np.ndarray:
    """(PAIR_NUMBERS + EMPTY_NUMBERS, R, S + 1) float32; the last column of the pairs is the background."""
    pose, steps = laid.pose, [laid.steps + k for k in range(-SIDE_STEPS, SIDE_STEPS + 1)]
    near = distances(around[:, NEAR], pose.around[:, NEAR], steps, laid.steps)
    far = distances(around[:, FAR], pose.around[:, FAR], steps, laid.steps)
    bent = bend(laid.place, pose.place, near + far)
    boxed = sheet.boxed * (-1, 1) + (1, 0) if pose.mirror else sheet.boxed

    def meet(gap: np.ndarray) -> np.ndarray:
        """Mean over a region's points of the root of the least over an area's."""
        least = np.minimum.reduceat(gap, sheet.first, axis=1)
        total = np.add.reduceat(least, drawing.first, axis=0)
        return np.sqrt(total / np.diff(np.append(drawing.first, len(gap)))[:, None])

    def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return meet(squared(a.astype(np.float32), b.astype(np.float32)))

    look, context = 5 * meet(near), 5 * meet(far)
    close, closest = 4 * apart(bent[1], pose.place), 4 * apart(bent[3], pose.place)
    grow = np.log(pose.scale)
    area = np.log(drawing.area + 1)
    sheet_area = np.log(sheet.area + 1) - 2 * grow
    larger = area[:, None] - sheet_area[None]
    thick = np.log(drawing.thick + 0.5)
    thicker = thick[:, None] - (np.log(sheet.thick + 0.5) - grow)[None]
    sheet_angle = np.pi - sheet.angle if pose.mirror else sheet.angle
    turn = 1 - np.cos(2 * (drawing.angle[:, None] + laid.angle - sheet_angle[None]))
    edge, sheet_edge = _edge(drawing), _edge(sheet)
    open_ = edge[:, None] - sheet_edge[None]
    degree = np.log1p(_degree(drawing))[:, None] - np.log1p(_degree(sheet))[None]
    longer = drawing.long[:, None] - sheet.long[None]
    numbers = (
        2 * apart(drawing.place, sheet.place),
        look,
        context,
        np.minimum(look, context),
        3 * apart(laid.place, pose.place),
        3 * apart(drawing.boxed, boxed),
        3 * apart(drawing.boxed[:, 1:], boxed[:, 1:]),
        close,
        closest,
        np.minimum(closest, 1),
        np.minimum(5 * closest, 1),
        0.5 * np.abs(larger),
        0.3 * larger,
        np.abs(thicker),
        0.5 * thicker,
        np.abs(longer),
        turn * np.minimum(drawing.long[:, None], sheet.long[None]),
        np.abs(drawing.compact[:, None] - sheet.compact[None]),
        2 * np.abs(open_),
        open_,
        np.abs(degree),
        degree,
        0.3 * sheet_area[None],
        0.3 * area[:, None],
        edge[:, None],
    )
    rows, columns = len(drawing), len(sheet)
    out = np.zeros((PAIR_NUMBERS + EMPTY_NUMBERS, rows, columns + 1), np.float32)
    for k, number in enumerate(numbers):
        out[k, :, :columns] = number
    empty = (np.ones(rows), 0.3 * area, 0.5 * thick, edge, drawing.long, look.min(1))
    out[PAIR_NUMBERS:, :, columns] = np.stack(empty)
    return out


def _edge(layout: Layout) -> np.ndarray:
    """(n,) part of each row's border that is silhouette."""
    return layout.shared[:, -1] / (layout.shared.sum(1) + 1e-6)


def _degree(layout: Layout) -> np.ndarray:
    """(n,) how many rows each touches, the background counted as one."""
    return (layout.shared > 0).sum(1)


def context(drawing: Layout, sheet: Layout, hood: Neighbourhood, belief: np.ndarray) -> np.ndarray:
    """What a region's neighbours make likely, given (R, S + 1) float32 belief over a sheet's areas.

    Returns (CONTEXT_NUMBERS + EMPTY_CONTEXT, R, S + 1) float32.
    """
    rows, columns = len(drawing), len(sheet)
    border = drawing.shared / (drawing.shared.sum(1, keepdims=True) + 1e-6)
    beside, open_ = border[:, :rows], border[:, rows]
    own = belief[:, :columns]
    hole = belief[:, columns]
    told = beside @ own
    colour = own @ hood.same
    colour_told = beside @ colour
    open_told = beside @ hole
    spread = np.sqrt(np.maximum(told, 0)) @ np.sqrt(hood.shared[:, :columns]).T
    spread += np.sqrt((open_told + open_)[:, None] * hood.shared[:, columns][None])
    kin = np.sqrt(np.maximum(hood.kin, 1))
    colours = (np.sqrt(np.maximum(told @ hood.same, 0)) / kin) @ (np.sqrt(hood.shared[:, :columns] @ hood.same) / kin).T
    wanted = np.log((drawing.area @ own + 20) / (sheet.area + 20))
    colour_wanted = np.log((drawing.area @ colour + 20) / (hood.same @ sheet.area + 20))
    numbers = (
        0.3 * np.log(own + 1e-4),
        0.3 * np.log(colour + 1e-4),
        told @ hood.beside.T,
        spread,
        colour_told,
        colours,
        told @ hood.meets,
        wanted[None],
        colour_wanted[None],
        np.sqrt(np.clip(told, 0, 1)),
    )
    out = np.zeros((CONTEXT_NUMBERS + EMPTY_CONTEXT, rows, columns + 1), np.float32)
    for k, number in enumerate(numbers):
        out[k, :, :columns] = number
    out[CONTEXT_NUMBERS:, :, columns] = np.stack([np.ones(rows), 0.3 * np.log(hole + 1e-4), open_, open_told])
    return out
