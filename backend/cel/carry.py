"""Carrying colours from one drawing to the next: where each pixel came from, then what each region makes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ..lineart.lengths import places
from ..lineart.nearest import nearest
from .look import Look
from .match import Match
from .offers import Offer, linked, surest
from .palette import BACKGROUND, Palette
from .shade import shade, sweep, toned

SHARE = 0.4
"""A source region counts for a region when it gives at least this fraction of what the strongest gives."""

COVERED = 0.5
"""... or when this much of it lies in the region: what was two regions and is one where a line was left open."""

LIES_ON = 0.2
"""A region lies on another with at least this much of the smaller one."""

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
"""Cost of a match from which what lies on several regions has missed its place; below it the borders of those that mostly lie
there are tone edges, too: what was two regions is one where a line was left open. An arm before a belt is not."""

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

    def giver(self, look: Look, colours: int) -> "Giver":
        """What those that colours are carried to ask of the drawing that has this ``look``; a key is asked again and again."""
        known: Giver | None = self.__dict__.get("_giver")
        if known is None or known.look is not look or known.colours != colours:
            known = self.__dict__["_giver"] = Giver(look, self.colour, colours)
        return known


@dataclass(frozen=True)
class Giver:
    """A drawing with so many ``colours``, (h, w) uint8, that are carried on."""

    look: Look
    colour: np.ndarray
    colours: int

    @cached_property
    def outside(self) -> np.ndarray:
        """(R,) bool: regions of background at the edge of the picture."""
        return _on_rim(self.look, self.colour == BACKGROUND)

    @cached_property
    def half_open(self) -> np.ndarray:
        """(R,) bool: those of them that a gap joined with a piece of the figure."""
        sample = self.look.sample
        paint = np.take(self.colour, sample.place) != BACKGROUND
        figure = sample.weight * np.bincount(sample.label[paint], minlength=self.look.count)
        return self.outside & (figure >= OPENED * self.look.labels.size)

    @cached_property
    def toned(self) -> np.ndarray:
        """(R,) bool: regions with tone edges in them."""
        return toned(self.look, self.colour, self.colours)


def doubtful(solved: Solved, look: Look, below: float | np.ndarray) -> np.ndarray | None:
    """(R,) bool: regions less sure than ``below`` and not too small to ask anybody for; None where there are none."""
    unsure = (solved.sure < below) & (look.area >= SPECK)
    return unsure if unsure.any() else None


@dataclass(frozen=True)
class Overlap:
    """Which regions of one drawing lie on which of another.

    row, column, pixels (N,): regions here and there, sorted, and px of paper; place (M,): flat numbers of the pixels that
    were counted; label, at (M,): their regions, and where they lie there; number (M,): their pair, row * S + column
    """

    row: np.ndarray
    column: np.ndarray
    pixels: np.ndarray
    label: np.ndarray
    at: np.ndarray
    number: np.ndarray


def overlap(target: Look, source: Look, found: Match) -> Overlap:
    """What of ``target``'s regions (rows), as far as they were asked, a match sends into which of ``source`` (columns)."""
    sample, asked = target.sample, np.isfinite(found.cost)
    place, label = sample.place, sample.label
    if not asked.all():
        kept = np.flatnonzero(np.take(asked, label))
        place, label = np.take(place, kept), np.take(label, kept)
    at = found.at(place)
    number = label * source.count + np.take(source.labels, at)
    size = target.count * source.count
    if size <= TABLE:
        count = np.bincount(number, minlength=size)
        code = np.flatnonzero(count)
        many = count[code]
    else:
        code, many = np.unique(number, return_counts=True)
    row, column = code // source.count, code % source.count
    return Overlap(row, column, many * sample.weight[row], label, at, number)


def _among(lies: Overlap, sources: int, size: int, which: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Says of numbers (N,) of pairs below ``size`` whether they are one of those ``which`` (P,) bool, (N,) bool."""
    code = (lies.row * sources + lies.column)[which]
    if size > TABLE:
        return lambda number: np.isin(number, code)
    table = np.zeros(size, bool)
    table[code] = True
    return lambda number: np.take(table, number)


def teachable(lies: Overlap, target: Look, source: Look, sure: np.ndarray) -> np.ndarray:
    """(S,) float32: how sure each region of ``source`` could become by asking ``target`` in turn, at most.

    As sure (R,) as the surest region of ``target`` that came to lie on it; 1 where too little of ``target`` did.
    """
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
    lies: Overlap | None = None,
) -> Solved:
    """The colours of ``target`` from those of ``source``; where ``known``, of regions that this makes surer.

    ``trust`` in the source is a factor of every region's confidence, ``name`` what it is called in the offer; ``lies``: the
    :func:`overlap` of the match, where it is known.
    """
    count, colours = target.count, len(palette)
    asked = np.isfinite(found.cost)
    lies = overlap(target, source, found) if lies is None else lies
    row, column, many = lies.row, lies.column, lies.pixels
    total = np.maximum(np.bincount(row, many, count), 1)
    share, covered = many / total[row], many / np.maximum(source.area[column], 1)
    rim, giver = _on_rim(target), solved.giver(source, colours)
    outside = giver.outside
    astray = ~rim & asked & (found.cost > ASTRAY)
    lost = outside[column] & astray[row]
    least_open = OPENED * target.labels.size
    half_open = giver.half_open
    lost &= ~half_open[column]
    share[lost] = 0
    most = np.zeros(count)
    np.maximum.at(most, row, share)
    accepted = ((share >= SHARE * most[row]) | ((covered >= COVERED) & (share > 0.02))) & ~lost
    believed = _among(lies, source.count, count * source.count, accepted)
    code = lies.label * colours + np.take(solved.colour, lies.at)
    votes = np.bincount(code[believed(lies.number)], minlength=count * colours).reshape(count, colours)
    votes *= target.sample.weight[:, None]
    # What a gap left open to the paper is figure, too; but what is enclosed is no hole where it missed its place.
    votes[astray, BACKGROUND] *= ~_any(row, half_open[column], count)[astray]
    bare = astray & (votes.sum(1) == 0)
    if bare.any():
        votes[bare] = _nearest_inside(lies, bare, source, solved, colours)
    alike = support(palette)
    strength = votes @ alike
    best = strength.argmax(1).astype(np.uint8)
    part = strength.max(1) / np.maximum(votes.sum(1), 1)
    weak = np.where(bare | ((best == BACKGROUND) & ~rim), HOLE_TRUST, 1.0)
    given = np.bincount(row, many * solved.sure[column], count) / total
    sure = weak * given * chance(found.cost) * np.clip(part, 0.5, 1) * trust
    sure = sure.astype(np.float32)
    taken = np.ones(count, bool) if known is None else sure > known.sure
    large = (target.area >= LARGE * target.labels.size) & (most >= WITHIN)
    shaded = shading & (part < FLAT) & (votes.sum(1) > 0) & ((found.cost < EDGES) | (large & (part < MIXED)))
    opened = shading & rim & (best == BACKGROUND) & _any(row, accepted & half_open[column], count)
    opened &= votes.sum(1) - votes[:, BACKGROUND] >= least_open
    shaded |= opened
    if known is not None:
        # What does not show now may be chosen in the end, unless it is the same colour.
        shaded &= taken | (best != (surest(known.offers)[0] if known.offers else best))
    out = target.each(best)
    if shaded.any():
        least = np.where(opened, least_open, (1 - FLAT) * np.maximum(votes.sum(1), 1))
        edged = half_open | giver.toned
        whole = _among(lies, source.count, count * source.count, accepted & (covered >= COVERED))
        shaded = _shaded(out, target, source, found, solved, believed, whole, edged, shaded, least, alike)
        if (opened & shaded).any():
            sweep(out, target.each(opened & shaded))
    links = linked(row[~lost], column[~lost], many[~lost], (target.area, source.area), chance(found.cost))
    edges = out.ravel()[places(target.each(shaded))]
    offer = Offer(name, best, np.where(asked, sure, np.float32(0)), links, shaded, edges)
    if known is None:
        return Solved(out, sure, offers=(offer,))
    colour = cv2.copyTo(out, target.each(taken).view(np.uint8), known.colour.copy())
    return Solved(colour, np.where(taken, sure, known.sure), offers=(*known.offers, offer))


def _shaded(
    out: np.ndarray,
    target: Look,
    source: Look,
    found: Match,
    solved: Solved,
    believed: Callable[[np.ndarray], np.ndarray],
    whole: Callable[[np.ndarray], np.ndarray],
    edged: np.ndarray,
    shaded: np.ndarray,
    least: np.ndarray,
    alike: np.ndarray,
) -> np.ndarray:
    """Carry tone edges into those of the regions ``shaded`` (R,) bool of ``out``, in place, of which other colours than the
    commonest take ``least`` (R,) px; which they are, (R,) bool.

    believed says of numbers of pairs whether their colours count, whole whether most of the source's region lies there;
    edged (S,) bool: regions with edges in them; alike (P, P)
    """
    count, colours = target.count, len(alike)
    where = places(target.each(shaded) & target.paper)
    at, label = found.at(where), np.take(target.labels, where).astype(np.int64)
    there, colour = np.take(source.labels, at), np.take(solved.colour, at)
    trusted = believed(label * source.count + there)
    trusted &= np.take(edged, there) | (whole(label * source.count + there) & np.take(found.cost < MERGED, label))
    tones = np.bincount((label * colours + colour)[trusted], minlength=count * colours).reshape(count, colours)
    shaded = shaded & (tones.sum(1) - (tones @ alike).max(1) >= least)
    if shaded.any():
        well, carried = np.zeros(target.labels.shape, bool), np.zeros(target.labels.shape, np.uint8)
        well.ravel()[where[trusted]] = True
        carried.ravel()[where] = colour
        shade(out, carried, well, target, shaded, tones)
    return shaded


def _nearest_inside(lies: Overlap, bare: np.ndarray, source: Look, solved: Solved, colours: int) -> np.ndarray:
    """(K, P): votes of the regions ``bare`` (R,) bool with the colours of the figure nearest to where they came to lie."""
    mine = np.flatnonzero(np.take(bare, lies.label))
    row, there = (np.cumsum(bare) - 1)[lies.label[mine]], lies.at[mine]
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
