"""From a design sheet to evidence: which palette colour each region of a drawing has, as far as the sheet can tell."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..palette import BACKGROUND, Palette
from .align import SCALES, Fit, Pose, fit, poses_of, squared
from .layout import Layout, lay_out
from .limbs import WholePair, whole_pairs, with_far_tones
from .pairs import Neighbourhood, context, neighbourhood, pairs
from .scorer import Judge, belief, judges
from .segments import BAND, Segments, cut_and_pairs, outlines
from .surroundings import mirrored, surroundings

BORDER = 0.12
"""A region that takes more than this part of the picture's edge is background, where the sheet has a background."""

SLIVER = 0.0095
"""Half width, in figure units, below which a long region is the space between two lines and not a part."""

CANDIDATES = 24
"""Areas that stay in question for each region when its neighbours are heard."""

TOGETHER, LEAN, AGREEMENTS = 0.5, 1.0, 3
"""How far, in figure units, regions agree on the figure of the sheet they come from; how strongly; how often asked."""

ROUNDS = 2
"""Times that neighbours are heard; more change nothing."""

MOST_FIGURES = 6
"""Figures compared, those with most areas; the time a drawing takes grows with them."""

FLOOR = 1e-4
"""No colour is less likely than this: evidence from a sheet never forbids."""


@dataclass(frozen=True)
class Figure:
    """One figure of a sheet, ready to be compared. shares (S, P) palette colours of the layout's rows; basis (D, d).

    pairs: the parts it shows whole in base and shadow tone.
    """

    layout: Layout
    hood: Neighbourhood
    poses: list[Pose]
    basis: np.ndarray
    shares: np.ndarray
    pairs: tuple[WholePair, ...]
    clear: bool


@dataclass(frozen=True)
class Sheet:
    """A design sheet's figures. ``clear``: it has a background, so drawings have one too."""

    figures: tuple[Figure, ...]
    colours: int
    clear: bool


def prepare_sheet(pictures: np.ndarray | Sequence[np.ndarray], palette: Palette) -> Sheet:
    """Read a sheet, or several as one, once for many drawings; each (H, W, 4) uint8 sRGB straight alpha."""
    each = [pictures] if isinstance(pictures, np.ndarray) else list(pictures)
    read = [cut_and_pairs(picture, palette) for picture in each]
    found = (_figure(piece, pairs) for pieces, pairs in read for piece in pieces)
    figures = sorted((f for f in found if f is not None), key=lambda f: -len(f.layout))[:MOST_FIGURES]
    return Sheet(tuple(figures), len(palette), all(f.clear for f in figures))


def _figure(piece: Segments, pairs: list[tuple[int, int]]) -> Figure | None:
    labels, shares, lab, clear = piece.labels, piece.shares, piece.lab, piece.clear
    count = len(shares)
    if clear:
        labels = np.pad(labels, 1, constant_values=count)
    outside = np.arange(count + 1) == count
    nothing = np.zeros(count + 1, bool)
    layout = lay_out(labels, count + 1, outside, nothing, False)
    if layout is None:
        return None
    if clear:
        ink = nothing.copy()
        ink[layout.ids] = outlines(
            lab[layout.ids], layout.area, layout.thick, layout.shared.sum(1), layout.shared[:, -1]
        )
        if ink.any() and not ink[layout.ids].all():
            layout = lay_out(labels, count + 1, outside, ink, False) or layout
    laid = []
    for scale in SCALES:
        around = surroundings(layout, scale)
        place = layout.place / scale
        laid.append((False, scale, around, place))
        laid.append((True, scale, mirrored(around), place * (-1, 1)))
    poses, basis = poses_of(laid)
    shares = shares[layout.ids]
    whole = whole_pairs(layout, shares.argmax(1), pairs)
    return Figure(layout, neighbourhood(layout, lab[layout.ids]), poses, basis, shares, whole, clear)


def drawing_layout(labels: np.ndarray, paper: np.ndarray, count: int, clear: bool) -> Layout | None:
    """A drawing's regions as a layout. labels (h, w) int32 without gaps, paper (h, w) bool off the lines."""
    outside = np.zeros(count, bool)
    if clear:
        edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        outside = np.bincount(edge, minlength=count) > BORDER * len(edge)
    area = np.bincount(labels[paper], minlength=count).astype(np.float64)
    unit = float(area[~outside].sum()) ** 0.5
    if unit == 0:
        return None
    thin = max(2.0, SLIVER * unit)
    depth = cv2.distanceTransform(paper.astype(np.uint8), cv2.DIST_L2, 3)
    levels = np.array([1.2, 0.6 * thin, 0.8 * thin, thin])
    reached = np.zeros(len(levels) + 1, np.float64)
    reached[0], reached[1:] = 1.0, levels
    rank = np.zeros(depth.shape, np.uint8)
    for level in levels:
        rank += depth > level
    some = np.bincount(labels.ravel() * len(reached) + rank.ravel(), minlength=count * len(reached)) > 0
    half = reached[len(levels) - some.reshape(count, -1)[:, ::-1].argmax(1)]
    sliver = (half < thin) & ((area / half**2 > BAND) | (half < 1.2)) & ~outside
    if (sliver | outside).all():
        sliver[:] = False
    return lay_out(labels, count, outside, sliver, True)


def compared(drawing: Layout, sheet: Sheet) -> list[tuple[Figure, Fit, np.ndarray]]:
    """Each figure of the sheet, how the drawing lies on it, and the numbers of all pairs."""
    around = surroundings(drawing)
    laid = [fit(drawing, around, f.poses, f.basis) for f in sheet.figures]
    return [(f, at, pairs(drawing, around, f.layout, at)) for f, at in zip(sheet.figures, laid, strict=True)]


def believed(
    drawing: Layout, found: list[tuple[Figure, Fit, np.ndarray]], alone: Judge, hearing: Judge, rounds: int = ROUNDS
) -> list[np.ndarray]:
    """For each figure (R, S + 1) belief that a region is an area of it, over all figures adding up to 1 a region."""
    now = _shared_out([alone.scores(numbers) for _, _, numbers in found])
    together = np.concatenate([numbers for _, _, numbers in found], 2) if rounds and len(found) > 1 else found[0][2]
    for _ in range(rounds):
        whole = np.concatenate(now, 1)
        likely = candidates(whole)
        row = np.arange(len(whole))[:, None]
        heard = [context(drawing, f.layout, f.hood, b) for (f, _, _), b in zip(found, now, strict=True)]
        heard = np.concatenate(heard, 2) if len(heard) > 1 else heard[0]
        scores = hearing.scores(np.concatenate([together[:, row, likely], heard[:, row, likely]]))
        fresh = np.zeros_like(whole)
        np.put_along_axis(fresh, likely, belief(scores), 1)
        if len(found) > 1:
            fresh = _agreed(drawing, fresh, np.repeat(np.arange(len(now)), [b.shape[1] for b in now]))
        now = np.split(fresh, np.cumsum([b.shape[1] for b in now])[:-1], axis=1)
    return now


def candidates(whole: np.ndarray) -> np.ndarray:
    """(R, k) int64: the columns of (R, T) belief that stay in question."""
    return np.argpartition(whole, -min(CANDIDATES, whole.shape[1]), 1)[:, -CANDIDATES:]


def _agreed(drawing: Layout, now: np.ndarray, figure: np.ndarray) -> np.ndarray:
    """Belief (R, T) leaned towards the figures that the regions around believe in; figure (T,) owns each column.

    Of two characters on a sheet, a drawn coat takes its buttons from its own wearer.
    """
    count = int(figure.max()) + 1
    place = np.add.reduceat(drawing.place, drawing.first, axis=0)
    place /= np.diff(np.append(drawing.first, len(drawing.place)))[:, None]
    near = np.exp(squared(place, place) / (-2 * TOGETHER**2)) * np.sqrt(drawing.area + 1)
    near /= near.sum(1, keepdims=True)
    mass = np.stack([now[:, figure == k].sum(1) for k in range(count)], 1)
    for _ in range(AGREEMENTS):
        lean = (near @ mass) ** LEAN
        mass = mass * lean
        mass /= mass.sum(1, keepdims=True) + 1e-12
    old = np.stack([now[:, figure == k].sum(1) for k in range(count)], 1)
    return now * (mass / (old + 1e-12))[:, figure]


def _shared_out(scores: list[np.ndarray]) -> list[np.ndarray]:
    together = belief(np.concatenate(scores, 1))
    return np.split(together, np.cumsum([s.shape[1] for s in scores])[:-1], axis=1)


@dataclass(frozen=True)
class Chances:
    """What a sheet says of a drawing: (R, P) float32 chance of each colour for each row of its layout, before far limbs are told.

    figure: the one that most of the drawing is believed to be; laid: how the drawing lies on it
    """

    drawing: Layout
    chance: np.ndarray
    figure: Figure
    laid: Fit


def drawing_chances(sheet: Sheet, labels: np.ndarray, paper: np.ndarray, count: int) -> Chances | None:
    """Arguments as of :func:`sheet_evidence`; None where sheet or drawing show no figure."""
    drawing = drawing_layout(labels, paper, count, sheet.clear) if sheet.figures else None
    if drawing is None:
        return None
    found = compared(drawing, sheet)
    chance = np.zeros((len(drawing), sheet.colours), np.float32)
    area = []
    for (figure, _, _), b in zip(found, believed(drawing, found, *judges()), strict=True):
        chance += b[:, :-1] @ figure.shares
        chance[:, BACKGROUND] += b[:, -1]
        area.append(float(drawing.area @ b.sum(1)) if figure.pairs else 0.0)
    figure, laid, _ = found[int(np.argmax(area))]
    return Chances(drawing, chance, figure, laid)


def sheet_evidence(sheet: Sheet, labels: np.ndarray, paper: np.ndarray, count: int) -> np.ndarray:
    """(count, P) float32 log-likelihood of each palette colour for each region; column 0 is the background.

    labels (h, w) int32 region under each pixel, without gaps; paper (h, w) bool, False on lines. Regions of which
    nothing is known have equal rows. Rows are normalised: their exponentials add up to 1.
    """
    even = np.full((count, sheet.colours), 1 / max(sheet.colours, 1), np.float32)
    found = drawing_chances(sheet, labels, paper, count)
    if found is None:
        return np.log(even)
    if sheet.clear:
        edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        outside = np.bincount(edge, minlength=count) > BORDER * len(edge)
        even[outside] = 0
        even[outside, BACKGROUND] = 1
    even[found.drawing.ids] = with_far_tones(found.drawing, found.chance, found.figure.pairs, found.laid)
    even = np.maximum(even, FLOOR)
    return np.log(even / even.sum(1, keepdims=True))
