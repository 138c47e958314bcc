"""Keys with fills: lines and shapes that are only filled are taken apart, matched and moved each in its way."""

from dataclasses import dataclass, field

import numpy as np

from ..contracts.drawing import FILL, Strokes
from ..contracts.tween import FlatKey
from .assemble import Part
from .edges import fill_of, seen_edges
from .fills import Flats, numbered
from .lead import SPREAD, Lead, Sheet, fitted
from .marks import inside
from .match import Motion
from .move import track
from .near import flat, search
from .pick import Picked, pick
from .tween import Pair, Pin, chain_pairs, match_pair

ASKED = 120
"""Pixels of a shape that tell how it moves."""

EVEN = 10.0
"""px at a picture of 1000 px diagonal over which edges keep their shape when they go with lines."""

MOST = 400
"""Points of a shape that are asked for it."""

HUGS = 3.0
"""px at a picture of 1000 px diagonal from a line within which the edge of a fill goes with that line; less up to twice as far."""


@dataclass(frozen=True)
class Apart:
    """Two keys matched: their lines, and the shapes of both that are filled, which go along whole."""

    pair: Pair
    lines: tuple[Picked, Picked]
    shapes: tuple[Picked, Picked] | None = None
    colours: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.uint8))


def matched(
    keys: tuple[FlatKey, FlatKey],
    flats: tuple[Flats | None, Flats | None],
    size: tuple[int, int],
    pins: tuple[Pin, ...],
    colours: np.ndarray,
) -> Apart:
    """Match two keys; where both have ``flats`` these lead. Filled shapes go along where both keys have such on their layer;
    others that are only filled are left out: a shape is not drawn on like a line. A stroke that is line and fill at once leads
    as a line and goes along as a shape. colours (C, 3) uint8 sRGB of the keys' fills. Raises ``AniDocError``."""
    given = [key.fills is not None for key in keys]
    # Where nothing is said of fills they are strokes like others.
    filled = [((key.strokes.role & FILL) > 0) & any(given) for key in keys]
    only = [some & (key.strokes.role == FILL) for key, some in zip(keys, filled, strict=True)]
    layers = [key.strokes.layer for key in keys]
    paired = [
        mine & all(given) & np.isin(here, there[yours])
        for mine, yours, here, there in zip(filled, filled[::-1], layers, layers[::-1], strict=True)
    ]
    lined = [~some for some in only]
    if not all(some.any() for some in lined):
        # Keys of nothing but shapes: their edges are the lines, which are not drawn.
        lined = paired if all(some.any() for some in paired) else [p | ~o for p, o in zip(paired, only, strict=True)]
    lines = seen_edges(keys[0], lined[0], paired[0], size), seen_edges(keys[1], lined[1], paired[1], size)
    first, last = flats
    both = None if first is None or last is None else (first, last)
    pair = match_pair(lines[0].key.strokes, lines[1].key.strokes, size, pins, both)
    if not any(some.any() for some in paired):
        return Apart(pair, lines)
    return Apart(pair, lines, (pick(keys[0], paired[0]), pick(keys[1], paired[1])), colours)


def moved_shapes(apart: Apart, time: float) -> tuple[int, Part]:
    """The filled shapes of the key that is nearer in time, where they have got to: which key, and what it gives. Where no areas
    lead, because the drawing moved as one, those of the first go with its lines."""
    assert apart.shapes is not None
    lead = apart.pair.lead
    side = 0 if time <= 0.5 or lead is None else 1
    strokes = apart.shapes[side].key.strokes
    at = strokes.points[:, 0] + 1j * strokes.points[:, 1].astype(np.float64)
    own_time = time if side == 0 else 1 - time
    way, line = apart.pair.tracks[side], apart.pair.curves[side].vertex
    seen = np.ones(len(at), bool)
    if lead is None:
        here = at if way is None else _with(at, line, way.at(own_time))
    else:
        motion, seen = _told(lead, side, apart.shapes[side].key, apart.colours, at)
        none = np.zeros(len(at), bool)
        here = track(at, motion.to, none, motion, chain_pairs(strokes), led=True).at(own_time) if len(at) else at
    if way is not None and len(at):
        apart_by, which = search(flat(at), flat(line), 1)
        share = np.clip(2 - apart_by[:, 0] / (HUGS * apart.pair.scale), 0, 1) * seen
        drawn = at + (way.at(own_time) - line)[which[:, 0]]
        here = here + _smoothed(strokes, at, share * (drawn - here), EVEN * apart.pair.scale)
    points = np.column_stack([np.real(here), np.imag(here)]).astype(np.float32)
    count = len(strokes)
    return side, Part(points, np.arange(len(at)), strokes.offsets, np.arange(count), np.ones(count, bool))


def _with(at: np.ndarray, line: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Points ``at`` (N,) moved as the lines' points ``line`` (M,), now ``drawn``, moved as one: least squares."""
    middle = line.mean()
    spread = float((np.abs(line - middle) ** 2).sum())
    turn = (np.conj(line - middle) * (drawn - drawn.mean())).sum() / spread if spread > 0 else 1.0
    return drawn.mean() + turn * (at - middle)


def _smoothed(strokes: Strokes, at: np.ndarray, change: np.ndarray, width: float) -> np.ndarray:
    """(N,) ``change`` of each shape's points evened over ``width`` px: an edge that crosses itself is filled wrongly."""
    out = change.copy()
    for s in range(len(strokes)):
        rows = strokes.of(s)
        some = np.arange(rows.start, rows.stop, max(1, (rows.stop - rows.start) // MOST))
        near = np.exp(-((np.abs(at[rows][:, None] - at[some]) / width) ** 2)) + 1e-12
        out[rows] = near @ change[some] / near.sum(1)
    return out


def _told(lead: Lead, side: int, key: FlatKey, colours: np.ndarray, at: np.ndarray) -> tuple[Motion, np.ndarray]:
    """Where the points of shapes go as what is seen of each shape does, and (N,) bool: whether they lie at its seen edge."""
    sheet, shrink, strokes = lead.sheets[side], lead.shrink, key.strokes
    to, turn, seen = at.copy(), np.ones(len(at), complex), np.zeros(len(at), bool)
    landed = sheet.landed
    for s, colour in enumerate(_colours(key, colours)):
        rows = strokes.of(s)
        if rows.stop == rows.start:
            continue
        place = at[rows] * shrink
        mine = (
            inside(strokes.points[rows], shrink, sheet.away.shape)
            & (sheet.picture.flats.under == colour)
            & (sheet.away <= 0)
        )
        row, seen[rows] = _seen(sheet, mine, place)
        near = np.exp(-((np.abs(landed.at[row] - place[:, None]) / SPREAD) ** 2)) + 1e-6
        motion = fitted(place, landed.at[row][None], landed.to[row][None], near)
        to[rows], turn[rows] = motion.to / shrink, motion.turn
    return Motion(to, turn), seen


def _colours(key: FlatKey, colours: np.ndarray) -> np.ndarray:
    """(S,) the number that each shape has in pictures of flats."""
    assert key.fills is not None
    return numbered(colours)[1][key.fills.material[fill_of(key)]]


def _seen(sheet: Sheet, mine: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Some of the landed pixels of a shape that shows at ``mine`` (h, w) bool, those nearest to its points where it is all
    hidden, and (N,) bool: which of its points ``at`` lie where it is seen."""
    y, x = np.nonzero(mine)
    if len(y) == 0:
        return sheet.row(at), np.zeros(len(at), bool)
    near = search(flat(at), flat(x + 1j * y), 1)[0][:, 0] <= HUGS
    some = slice(None, None, max(1, len(y) // ASKED))
    return sheet.number[y[some], x[some]], near
