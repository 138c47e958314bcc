"""Carrying colours from one drawing to the next: where each pixel came from, then what each region makes of it."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from ..lineart.nearest import nearest
from .look import Look
from .offers import Offer, linked, surest
from .palette import BACKGROUND, Palette
from .register import Fit, register
from .shade import shade, sweep, toned
from .view import View
from .whole import STAY, Move, whole_move

FLOW_REACH = 20.0
"""px. Dense flow sees the distance to the nearest line up to here; further inside a region there is nothing to follow."""

SHARE = 0.4
"""A source region counts for a region when it gives at least this fraction of what the strongest gives."""

COVERED = 0.5
"""... or when this much of it lies in the region: what was two regions and is one where a line was left open."""

LIES_ON, EVERY = 0.2, 2
"""A region lies on another with at least this much of the smaller one, as counted on every so many pixels and rows."""

GOOD = 0.95
"""What a good match leaves of confidence (:func:`chance` of a cost of 0.1)."""

FLAT = 0.9
"""A region of which one colour holds this fraction is flat: what is left is misplacement, not shading."""

TABLE = 1 << 22
"""Pairs of regions up to which a table of all of them is quickest; hatching may make ten thousand regions a drawing."""

EDGES = 0.4
"""Cost of a match from which no tone edges are carried: it is as often wrong as right (docs/cel-engine.md), and what lies
inside another part makes debris. The region bears its commonest colour instead."""

MERGED = 0.3
"""Cost of a match from which what lies on several regions has missed its place; below it their borders are tone edges, too:
what was two regions is one where a line was left open."""

MIXED, LARGE, WITHIN = 0.7, 0.01, 0.8
"""A bad match carries tone edges all the same where one flat colour would be worse: no colour holds so much of a region that
covers so much of the picture and lies to such a part in one region. What is that large is not far from its place."""

OPENED = 0.001
"""Part of the picture that figure must cover in a region that reaches open paper: a gap in its outline stayed open there."""

HOLE_TRUST = 0.5
"""Confidence in an enclosed region being background, or bearing what merely lies near, against one that met its colour."""

ASTRAY = 0.2
"""Cost of a match from which an enclosed region is no hole that has opened, though it came to lie in the open outside: it
has missed its place, and only what it met of the figure counts."""

COARSE = 3
"""Every so many pixels and rows are asked for what lies nearest to a region that missed the figure."""

SPECK = 6
"""px of the working size. Smaller regions do not ask further sources."""

ALIKE = 3.0
"""CIE76. Colours this close support each other in a vote, so that the steps of a gradient count as one."""


@dataclass(frozen=True)
class Solved:
    """A drawing's colours at the working size.

    colour  (h, w) uint8 palette index of each pixel, lines included
    sure    (R,) float32 0..1 confidence of each region
    teaches what :func:`teachable` says of the drawing that it was carried from, if that was asked
    offers  everything its regions were offered, in the order of asking
    """

    colour: np.ndarray
    sure: np.ndarray
    teaches: np.ndarray | None = None
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True)
class Match:
    """Where a drawing's pixels lie in another: ``at`` (h, w) int32 flat pixel numbers there; cost (R,) per region.

    Regions that were not asked have a cost without end, and nothing is said of their pixels.
    """

    at: np.ndarray
    cost: np.ndarray


def doubtful(solved: Solved, look: Look, below: float | np.ndarray) -> np.ndarray | None:
    """(R,) bool: regions less sure than ``below`` and not too small to ask anybody for; None where there are none."""
    unsure = (solved.sure < below) & (look.area >= SPECK)
    return unsure if unsure.any() else None


@dataclass(frozen=True)
class Overlap:
    """Which regions of one drawing lie on which of another: row (N,), column (N,) of those that do, and their px (N,)."""

    row: np.ndarray
    column: np.ndarray
    pixels: np.ndarray


def overlap(target: Look, source: Look, at: np.ndarray, every: int = 1) -> Overlap:
    """How many px of paper of each region of ``target`` (row) ``at`` (h, w) int32 sends into each of ``source`` (column).

    Counted on ``every`` so many columns of so many rows.
    """
    thin = (slice(None, None, every),) * 2
    number = target.labels[thin] * np.int64(source.count) + np.take(source.labels, at[thin])
    code, many, _ = _counted(number[target.paper[thin]], target.count * source.count)
    return Overlap(code // source.count, code % source.count, many * every**2)


def _counted(number: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Which numbers below ``size`` occur in (N,), sorted, how often each does, and which of them each is, (N,); the last
    None where a table of ``size`` says that as well."""
    if size <= TABLE:
        count = np.bincount(number, minlength=size)
        code = np.flatnonzero(count)
        return code, count[code], None
    code, which, count = np.unique(number, return_inverse=True, return_counts=True)
    return code, count, which


def teachable(target: Look, source: Look, found: Match, sure: np.ndarray) -> np.ndarray:
    """(S,) float32: how sure each region of ``source`` could become by asking ``target`` in turn, at most.

    As sure (R,) as the surest region of ``target`` that came to lie on it; 1 where too little of ``target`` did.
    """
    lies = overlap(target, source, found.at, EVERY)
    row, column, many = lies.row, lies.column, lies.pixels
    large = many >= LIES_ON * np.minimum(target.area[row], source.area[column])
    out = np.zeros(source.count, np.float32)
    np.maximum.at(out, column[large], GOOD * sure[row[large]])
    reached = np.bincount(column, many, source.count)
    out[reached < COVERED * source.area] = 1
    return out


def support(palette: Palette, alike: float = ALIKE) -> np.ndarray:
    """(P, P) float32: how much a vote for one colour counts for another. The background stands alone."""
    gap = np.linalg.norm(palette.lab[:, None] - palette.lab[None], axis=2)
    out = np.exp(-((gap / alike) ** 2)).astype(np.float32)
    out[0] = out[:, 0] = 0
    out[0, 0] = 1
    return out


def dense_flow(target: View, source: View, move: Move = STAY) -> np.ndarray:
    """(h, w, 2) float32 px: for each pixel of ``target`` how far away it lies in ``source``.

    Dense inverse search (Kroeger et al., ECCV 2016) on the distance to the nearest line, from where ``move`` takes
    the whole picture.
    """
    a, b = ((np.minimum(v.distance, FLOW_REACH) * (255 / FLOW_REACH)).astype(np.uint8) for v in (target, source))
    if min(a.shape) < 32:
        return np.zeros((*a.shape, 2), np.float32)
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # pyright: ignore[reportAttributeAccessIssue]
    # Patches further apart and less polish cost half the time, and 0.3 of 100 regions matched pair by pair.
    search.setPatchStride(4)
    search.setGradientDescentIterations(16)
    search.setVariationalRefinementIterations(1)
    search.setFinestScale(2)
    return search.calc(a, b, None if move == STAY else _moved(target.labels.shape, move))


def _moved(size: tuple[int, int], move: Move) -> np.ndarray:
    """(h, w, 2) float32 px: how far a move takes each pixel."""
    gone = ((move.turn - 1) * _pixels(*size) + move.shift).astype(np.complex64)
    return gone.view(np.float32).reshape(*size, 2)


@lru_cache(maxsize=1)
def _pixels(height: int, width: int) -> np.ndarray:
    """(h, w) complex64: the place x + iy of each pixel."""
    row, column = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    return (column + 1j * row[:, None]).astype(np.complex64)


def registration(target: View, source: View, asked: np.ndarray | None = None) -> tuple[np.ndarray, Fit]:
    """Dense flow, and how each region (or those ``asked``, (R,) bool) lies on ``source`` with its help."""
    move = whole_move(target, source)
    flow = dense_flow(target, source, move)
    return flow, replace(register(target, source, flow, asked, move), move=move)


def match_from(target: View, source: View, fit: Fit, flow: np.ndarray | None = None) -> Match:
    """The place in ``source`` of every pixel of ``target``, region by region; both at one size."""
    if flow is None:
        flow = dense_flow(target, source, fit.move)
    height, width = target.labels.shape
    asked = np.isfinite(fit.cost)
    where = slice(None) if asked.all() else np.flatnonzero(np.take(asked, target.labels))
    labels, pixel = target.labels.ravel()[where], _pixels(height, width).ravel()[where]
    pairs = np.ascontiguousarray(fit.transform, np.float32).view(np.complex64)
    centre = np.ascontiguousarray(target.centre, np.float32).view(np.complex64)[:, 0]
    # A similarity about a centre is one factor and one offset.
    factor = 1 + pairs[:, 1]
    place = np.take(factor, labels)
    place *= pixel
    place += np.take(centre + pairs[:, 0] - factor * centre, labels)
    flowing = np.take(fit.bent | target.border, labels)
    place[flowing] = pixel[flowing] + flow.view(np.complex64).ravel()[where][flowing]
    near = np.rint(place.view(np.float32).reshape(-1, 2))
    at = np.zeros(height * width, np.int32)
    at[where] = np.clip(near[:, 1], 0, height - 1).astype(np.int32) * width
    at[where] += np.clip(near[:, 0], 0, width - 1).astype(np.int32)
    return Match(at.reshape(height, width), fit.cost)


def carry(
    target: Look,
    source: Look,
    found: Match,
    solved: Solved,
    palette: Palette,
    shading: bool = True,
    known: Solved | None = None,
    trust: float = 1.0,
    name: str = "",
) -> Solved:
    """The colours of ``target`` from those of ``source``; where ``known``, of regions that this makes surer.

    ``trust`` in the source is a factor of every region's confidence, ``name`` what it is called in the offer.
    """
    count, colours = target.count, len(palette)
    asked = np.isfinite(found.cost)
    where = np.flatnonzero(target.paper if asked.all() else target.paper & np.take(asked, target.labels))
    labels, at = target.labels.ravel()[where], found.at.ravel()[where]
    number = labels * np.int64(source.count) + np.take(source.labels, at)
    cell, many, which = _counted(number, count * source.count)
    row, column = cell // source.count, cell % source.count
    total = np.maximum(np.bincount(row, many, count), 1)
    share, covered = many / total[row], many / np.maximum(source.area[column], 1)
    rim, outside = _on_rim(target), _on_rim(source, solved.colour == BACKGROUND)
    astray = ~rim & asked & (found.cost > ASTRAY)
    lost = outside[column] & astray[row]
    least_open = OPENED * target.labels.size
    half_open = outside & (_figure(source, solved.colour) >= least_open)
    lost &= ~half_open[column]
    share[lost] = 0
    most = np.zeros(count)
    np.maximum.at(most, row, share)
    accepted = ((share >= SHARE * most[row]) | ((covered >= COVERED) & (share > 0.02))) & ~lost
    if which is None:
        table = np.zeros(count * source.count, bool)
        table[cell] = accepted
        trusted = np.take(table, number)
    else:
        trusted = np.take(accepted, which)
    code = labels * np.int32(colours) + np.take(solved.colour, at)
    votes = np.bincount(code[trusted], minlength=count * colours).reshape(count, colours)
    # What a gap left open to the paper is figure, too; but what is enclosed is no hole where it missed its place.
    votes[astray, BACKGROUND] *= ~_any(row, half_open[column], count)[astray]
    bare = astray & (votes.sum(1) == 0)
    if bare.any():
        votes[bare] = _nearest_inside(labels, at, bare, source, solved, colours)
    alike = support(palette)
    strength = votes @ alike
    best = strength.argmax(1).astype(np.uint8)
    part = strength.max(1) / np.maximum(votes.sum(1), 1)
    weak = np.where(bare | ((best == BACKGROUND) & ~rim), HOLE_TRUST, 1.0)
    given = np.bincount(row, many * solved.sure[column], count) / total
    sure = weak * given * chance(found.cost) * np.clip(part, 0.5, 1) * trust
    sure = sure.astype(np.float32)
    taken = np.ones(count, bool)
    if known is not None:
        taken = sure > known.sure
    large = (target.area >= LARGE * target.labels.size) & (most >= WITHIN)
    out = np.take(best, target.labels)
    shaded = shading & (part < FLAT) & (votes.sum(1) > 0) & ((found.cost < EDGES) | (large & (part < MIXED)))
    opened = shading & rim & (best == BACKGROUND) & _any(row, accepted & half_open[column], count)
    opened &= votes.sum(1) - votes[:, BACKGROUND] >= least_open
    shaded |= opened
    if known is not None:
        # What does not show now may be chosen in the end, unless it is the same colour.
        shaded &= taken | (best != (surest(known.offers)[0] if known.offers else best))
    if shaded.any():
        own = np.take(half_open | toned(source, solved.colour, colours), np.take(source.labels, at))
        trusted &= own | np.take(found.cost < MERGED, labels)
        tones = np.bincount(code[trusted], minlength=count * colours).reshape(count, colours)
        second = tones.sum(1) - (tones @ alike).max(1)
        least = np.where(opened, least_open, (1 - FLAT) * np.maximum(votes.sum(1), 1))
        shaded &= second >= least
        if shaded.any():
            well = np.zeros(target.labels.shape, bool)
            well.ravel()[where[trusted]] = True
            shade(out, np.take(solved.colour, found.at), well, target, shaded, tones)
            if opened.any():
                sweep(out, np.take(opened, target.labels))
    links = linked(row[~lost], column[~lost], many[~lost], (target.area, source.area), chance(found.cost))
    edges = out[np.take(shaded, target.labels)]
    offer = Offer(name, best, np.where(asked, sure, np.float32(0)), links, shaded, edges)
    if known is None:
        return Solved(out, sure, offers=(offer,))
    colour = np.where(np.take(taken, target.labels), out, known.colour)
    return Solved(colour, np.where(taken, sure, known.sure), offers=(*known.offers, offer))


def _nearest_inside(
    labels: np.ndarray, at: np.ndarray, bare: np.ndarray, source: Look, solved: Solved, colours: int
) -> np.ndarray:
    """(K, P): votes of the regions ``bare`` (R,) bool with the colours of the figure nearest to where they came to lie.

    labels, at (N,): the region of each pixel, and its place in the source.
    """
    mine = np.take(bare, labels)
    row, there = (np.cumsum(bare) - 1)[labels[mine]], at[mine]
    count = int(bare.sum())
    colour = solved.colour[::COARSE, ::COARSE]
    figure = source.paper[::COARSE, ::COARSE] & (colour != BACKGROUND)
    if not figure.any():
        return np.zeros((count, colours), np.int64)
    width = source.labels.shape[1]
    there = there // width // COARSE * colour.shape[1] + there % width // COARSE
    asked = np.zeros(figure.shape, bool)
    asked.ravel()[there] = True
    giver = np.zeros(figure.size, np.int64)
    giver[asked.ravel()] = nearest(figure, asked)
    code = row * colours + colour.ravel()[giver[there]]
    return np.bincount(code, minlength=count * colours).reshape(count, colours)


def _figure(look: Look, colour: np.ndarray) -> np.ndarray:
    """(R,) int64: px of each region that are no background in ``colour`` (h, w) uint8, counted on every so many."""
    thin = (slice(None, None, EVERY),) * 2
    paint = look.paper[thin] & (colour[thin] != BACKGROUND)
    return EVERY**2 * np.bincount(look.labels[thin][paint], minlength=look.count)


def _any(row: np.ndarray, of: np.ndarray, count: int) -> np.ndarray:
    """(R,) bool: regions one of whose pairs, each of region ``row`` (N,), is one ``of`` those, (N,) bool."""
    return np.bincount(row[of], minlength=count) > 0


def _on_rim(look: Look, where: np.ndarray | None = None) -> np.ndarray:
    """(R,) bool: regions that reach the edge of the picture, or do so ``where`` (h, w) bool says."""
    out = np.zeros(look.count, bool)
    for side in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        out[look.labels[side] if where is None else look.labels[side][where[side]]] = True
    return out


def region_colours(solved: Solved, look: Look, colours: int) -> np.ndarray:
    """(R,) int64: the palette colour most of each region bears."""
    return look.tally(solved.colour, colours).argmax(1)


def chance(cost: np.ndarray) -> np.ndarray:
    """(R,) trust in a match of this cost, of which a chain of drawings takes the product.

    Less than was counted: on 8,300 regions of pairs of generated drawings, one to four drawings apart, 99 % were right
    below a cost of 0.08, 94 % at 0.14, 77 % at 0.22 and 50 % at 0.35. But mistakes along a chain are not independent, and
    with that curve itself whole shots came out worse: doubt that sends a region to ask elsewhere costs little.
    """
    return 1 / (1 + np.exp((np.minimum(cost, 2) - 0.23) / 0.045))
