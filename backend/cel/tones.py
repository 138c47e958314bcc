"""Two-tone pairs: on either side of a separation line stand two tones of one part, a base and its shadow or its light.

Which tones belong together is learned where colours are known: across the separation lines of a key, and from a sheet's
swatches and tone edges. A region that was carried to another part's shadow is brought back to its own part's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from ..lineart.lines import Lines
from .look import Look, shrink
from .palette import BACKGROUND, Palette

CONTACT = 4
"""px of the working size that two regions touch along a separation line, at least."""

SHARE = 0.6
"""Part of the contact of two regions that is separation line. Less is the end of one that meets an outline."""

PART = 0.15
"""Part of the smaller region's outline that the seam is, at least: two tones of a part share a whole side."""

RARE = 0.1
"""A partner counts if it makes up this part of a colour's contacts with all its partners: the rest are crossings."""

ODDS = 20.0
"""However sure a region is, it counts at most so many times as much as one that may as well be wrong."""

CERTAIN, SAME = 0.6, 0.3
"""Confidence from which a region does not change, and the lower one where both sides of a seam bear one colour: parts of one
colour do meet at a line, two parts' shadows never do."""

MENDED = 0.5
"""Of its neighbour's confidence, what a region has that took the neighbour's other tone."""


@dataclass(frozen=True)
class Seams:
    """Where regions touch along separation lines: pairs (E, 2) int32 of regions, length (E,) int32 px of the working size."""

    pairs: np.ndarray
    length: np.ndarray


def seams(lines: Lines, look: Look) -> Seams:
    """The seams of one drawing, seen at the working size."""
    separation, labels = lines.sketch.separation, look.labels
    if separation is None:
        return Seams(np.zeros((0, 2), np.int32), np.zeros(0, np.int32))
    # Every pixel of the line counts, however few a pixel of the working size stands for.
    side = 2 * int(np.ceil((separation.shape[0] / labels.shape[0] - 1) / 2)) + 1
    small = shrink(cv2.dilate(separation, np.ones((side, side), np.uint8)), labels.shape)
    # Two regions meet in the middle of a line that may be several pixels wide.
    near = cv2.dilate(small, np.ones((3, 3), np.uint8)) > 0
    right, below = look.met
    place = np.concatenate([right, below])
    beside = place + 1
    beside[len(right) :] += labels.shape[1] - 1
    one, other, marked = labels.ravel()[place], labels.ravel()[beside], near.ravel()[place]
    first, second = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    asked = np.zeros(look.count, bool)
    asked[first[marked]] = asked[second[marked]] = True
    some = asked[first] | asked[second]
    first, second, marked = first[some], second[some], marked[some]
    code, number = np.unique(first * look.count + second, return_inverse=True)
    every = np.bincount(number, minlength=len(code))
    along = np.bincount(number[marked], minlength=len(code))
    pairs = np.stack([code // look.count, code % look.count], 1)
    around = np.bincount(pairs.ravel(), np.repeat(every, 2), look.count)
    good = (along >= CONTACT) & (along >= SHARE * every) & (along >= PART * around[pairs].min(1))
    return Seams(pairs[good].astype(np.int32), along[good].astype(np.int32))


def observed(colour: np.ndarray, area: np.ndarray, found: Seams, colours: int) -> np.ndarray:
    """(P, P) float32 px of seam by the colours of the larger and the smaller region, from a drawing whose colours are known."""
    out = np.zeros((colours, colours), np.float32)
    large, small = _sides(found.pairs, area)
    np.add.at(out, (colour[large], colour[small]), found.length)
    out[BACKGROUND] = out[:, BACKGROUND] = 0
    np.fill_diagonal(out, 0)
    return out


def together(tables: Iterable[np.ndarray]) -> np.ndarray:
    """(P, P) float32: tables of :func:`observed` as one, crossings left out."""
    table = np.sum(list(tables), axis=0)
    both = table + table.T
    rare = (both < RARE * both.sum(1, keepdims=True)) & (both < RARE * both.sum(0, keepdims=True)) | (both < CONTACT)
    return np.where(rare, 0, table)


def _sides(pairs: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The larger and the smaller region of each pair."""
    first = area[pairs[:, 0]] >= area[pairs[:, 1]]
    return np.where(first, pairs[:, 0], pairs[:, 1]), np.where(first, pairs[:, 1], pairs[:, 0])


def in_tune(
    colour: np.ndarray, sure: np.ndarray, area: np.ndarray, found: Seams, table: np.ndarray, palette: Palette
) -> tuple[np.ndarray, np.ndarray]:
    """Colours (R,) and confidence (R,) with every pair along a seam in the ``table``, as far as that can be had.

    Of a pair that is out of tune the side changes that puts more px of seam in tune, or for which less speaks: its area
    times the odds that it is right. Of two sides of one colour only the smaller does: shadows are smaller than what
    they lie on.
    """
    known = (table + table.T) > 0
    colour, sure = colour.copy(), sure.astype(np.float32).copy()
    weight = area * np.clip(sure / np.maximum(1 - sure, 1e-6), 1 / ODDS, ODDS)
    large, small = _sides(found.pairs, area)
    changed = np.zeros(len(colour), bool)
    for k in np.argsort(-found.length, kind="stable").tolist():
        a, b = int(large[k]), int(small[k])
        if known[colour[a], colour[b]] or BACKGROUND in (colour[a], colour[b]):
            continue
        same = colour[a] == colour[b]
        offers = []
        for stays, goes, row in ((a, b, table[colour[a]]), (b, a, table[:, colour[b]]))[: 1 if same else 2]:
            other = _partner(row, None if same else int(colour[goes]), palette)
            if other is not None and not changed[goes] and sure[goes] < (SAME if same else CERTAIN):
                gain = _gain(goes, other, colour, found, known)
                if gain > 0:
                    offers.append((-gain, float(weight[goes]), goes, other, stays))
        if offers:
            _, _, goes, other, stays = min(offers)
            colour[goes], changed[goes] = other, True
            sure[goes] = MENDED * float(sure[stays])
    return colour, sure


def _partner(row: np.ndarray, now: int | None, palette: Palette) -> int | None:
    """Of the partners in ``row`` (P,) the likeliest: as light as the colour ``now``, or the only one; None where it is open."""
    several = np.flatnonzero(row >= 0.3 * row.max()) if row.max() > 0 else np.zeros(0, int)
    if len(several) == 0 or (now is None and len(several) > 1):
        return None
    if now is None or len(several) == 1:
        return int(several[0])
    return int(several[np.abs(palette.lab[several, 0] - palette.lab[now, 0]).argmin()])


def _gain(region: int, colour: int, colours: np.ndarray, found: Seams, known: np.ndarray) -> int:
    """px of seam around ``region`` that come in tune, less those that fall out of it, if it takes ``colour``."""
    mine = (found.pairs == region).any(1)
    pairs, length = found.pairs[mine], found.length[mine]
    others = colours[np.where(pairs[:, 0] == region, pairs[:, 1], pairs[:, 0])]
    return int(length[known[colour, others]].sum() - length[known[colours[region], others]].sum())
