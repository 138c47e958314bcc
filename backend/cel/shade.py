"""Shading that no line marks: the edge between two tones of a part, carried to another drawing and made clean."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..lineart.nearest import nearest
from ..lineart.runs import Runs, boxes
from .look import Look
from .palette import BACKGROUND

SMOOTH = 5
"""px. Side of the window in which a carried tone edge takes the majority's side."""

TALLIED = 2_000_000
"""Numbers counted in one go where tone edges are smoothed: 16 MB."""

CRUMB = 60
"""px of the working size. Less of the figure than this, carried onto open paper, is what flow tore off it."""

TONED = 0.97
"""A region of which no colour holds this fraction has a tone edge of its own. What lies on several regions of one colour
each has missed its place, and their borders are no tone edges."""


def toned(look: Look, colour: np.ndarray, colours: int) -> np.ndarray:
    """(R,) bool: regions that bear more than one of so many ``colours``; (h, w) uint8."""
    votes = look.tally(colour, colours)
    return votes.max(1) < TONED * votes.sum(1)


def fill_in(
    colour: np.ndarray, trusted: np.ndarray, labels: np.ndarray, common: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """(N,) colours for the pixels ``asked``: the nearest trusted one of the same region, else the region's commonest.

    colour (h, w) integers, trusted and asked (h, w) bool, labels (h, w) int32, common (R,) colours
    """
    own = labels[asked]
    if not trusted.any():
        return common[own]
    giver = nearest(trusted, asked)
    return np.where(labels.ravel()[giver] == own, colour.ravel()[giver], common[own])


def shade(
    out: np.ndarray, colour: np.ndarray, trusted: np.ndarray, target: Look, shaded: np.ndarray, votes: np.ndarray
) -> None:
    """Carry tone edges into the regions ``shaded`` (R,) bool of ``out`` (h, w) uint8, in place.

    colour (h, w) uint8 as each pixel's place in the source has it, ``trusted`` (h, w) bool or not; votes (R, P)
    """
    # What surrounds a tone edge is looked at, too; regions are few and small, and side by side they make a small picture.
    around = _around(shaded, target.runs, SMOOTH)
    if not around:
        return
    region = _tiled([np.full(target.labels[box].shape, r, np.int32) for r, box in around], -1)
    labels = _tiled([target.labels[box] for _, box in around], -1)
    tile, colour, trusted, paper = (
        _tiled([picture[box] for _, box in around], 0) for picture in (out, colour, trusted, target.paper)
    )
    inside = (labels == region) & (labels >= 0)
    trusted &= inside
    tile[inside] = colour[inside]
    open_still = inside & ~trusted
    tile[open_still] = fill_in(colour, trusted, labels, votes.argmax(1), open_still)
    steady(tile, labels, inside, paper, votes.shape)
    column = 0
    for _, box in around:
        part = out[box]
        here = np.s_[: part.shape[0], column : column + part.shape[1]]
        part[inside[here]] = tile[here][inside[here]]
        column += part.shape[1]


def _around(chosen: np.ndarray, runs: Runs, margin: int) -> list[tuple[int, tuple[slice, slice]]]:
    """Those of the regions ``chosen`` (R,) bool that show in ``runs``, and a rectangle around each with ``margin`` px more."""
    shown = np.flatnonzero(np.bincount(runs.value, minlength=len(chosen)).astype(bool) & chosen)
    return [
        (region, (slice(max(y.start - margin, 0), y.stop + margin), slice(max(x.start - margin, 0), x.stop + margin)))
        for region, (y, x) in zip(shown.tolist(), boxes(runs, shown), strict=True)
    ]


def _tiled(parts: Sequence[np.ndarray], empty: int) -> np.ndarray:
    """Pictures side by side, of one height; what is below the shorter ones is ``empty``."""
    out = np.full((max(p.shape[0] for p in parts), sum(p.shape[1] for p in parts)), empty, parts[0].dtype)
    column = 0
    for part in parts:
        out[: part.shape[0], column : column + part.shape[1]] = part
        column += part.shape[1]
    return out


def sweep(colour: np.ndarray, inside: np.ndarray) -> None:
    """Turn crumbs of the figure ``inside`` (h, w) bool to background, in place; (h, w) uint8 colours."""
    figure = (inside & (colour != BACKGROUND)).view(np.uint8)
    _, piece, found, _ = cv2.connectedComponentsWithStats(figure, connectivity=4)
    crumb = found[:, cv2.CC_STAT_AREA] < CRUMB
    crumb[0] = False
    colour[np.take(crumb, piece)] = BACKGROUND


def steady(
    colour: np.ndarray, labels: np.ndarray, inside: np.ndarray, paper: np.ndarray, counts: tuple[int, int]
) -> None:
    """Take specks and steps out of tone edges, in place: each pixel takes the colour most of its surroundings bear.

    colour (h, w) uint8, labels (h, w) int32; only pixels ``inside`` (h, w) bool change, to colours that their region
    has; counts are (regions, colours).
    """
    box = np.ones((SMOOTH, SMOOTH), np.uint8)
    at_edge = inside & (cv2.dilate(colour, box) != cv2.erode(colour, box))
    ys, xs = np.nonzero(at_edge)
    if len(ys) == 0:
        return
    regions, colours = counts
    has = np.zeros((regions, colours), bool)
    has[labels[inside], colour[inside]] = True
    margin = SMOOTH // 2
    padded = cv2.copyMakeBorder(colour, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    ground = cv2.copyMakeBorder(paper.view(np.uint8), margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    wide = padded.shape[1]
    window = (np.arange(SMOOTH)[:, None] * wide + np.arange(SMOOTH)).ravel()
    chosen = np.empty(len(ys), np.uint8)
    step = max(1, TALLIED // colours)
    for part in (slice(n, n + step) for n in range(0, len(ys), step)):
        y, x = ys[part], xs[part]
        places = (y * wide + x)[:, None] + window
        row = np.arange(len(y)) * colours
        code = (row[:, None] + np.take(padded, places))[np.take(ground, places) > 0]
        around = np.bincount(code, minlength=len(y) * colours).reshape(len(y), colours) * 4
        # Quarters, so that where two colours are even a pixel stays what it was.
        around.ravel()[row + colour[y, x]] += 1
        chosen[part] = np.where(has[labels[y, x]], around, -1).argmax(1)
    colour[ys, xs] = chosen
