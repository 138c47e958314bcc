"""Design sheets: the figures on a coloured reference picture, and each of them laid out beside a drawing.

A reference has no line art of its own. Its lines are found where its colours change and where it is inked; then a
figure of the sheet is a drawing like any other, brought to the size and place of the drawing that asks.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..lineart.regions import find_regions
from .carry import Solved, fill_in
from .look import Look
from .palette import BACKGROUND, Palette, indices
from .register import View

INK = 25.0
"""CIE L*. Darker thin shapes are drawn lines, not paint."""

INK_WIDTH = 0.012
"""Fraction of the figure's size (root of its area) up to which a dark shape counts as a line."""

EDGE = 3.0
"""CIE76. Colours that differ less are steps of one gradient: no line is drawn between them."""

LARGEST = 1_200_000
"""px. A larger figure is reduced to this; a sheet's lines are found, not measured."""

SMALLER_FIGURE = 0.15
"""Pieces of a sheet that cover less than this fraction of its largest are swatches, lettering and props."""

MOST_FIGURES = 4

TRUST = 0.9
"""A sheet shows another pose: its best match is a little less sure than a drawing's of the same shot."""


@dataclass(frozen=True)
class Figure:
    """One figure of a sheet, cut out.

    colour   (H, W) uint8 palette index; boundary (H, W) uint8, 1 on its lines
    middle   x, y px of the silhouette's centroid; size px, root of the silhouette's area
    """

    colour: np.ndarray
    boundary: np.ndarray
    middle: tuple[float, float]
    size: float


def find_figures(picture: np.ndarray, palette: Palette) -> list[Figure]:
    """(H, W, 4) uint8 sheet -> its figures, largest first."""
    index = indices(picture, palette)
    if index.size > LARGEST:
        step = (index.size / LARGEST) ** 0.5
        rows = (np.arange(int(index.shape[0] / step)) * step).astype(np.intp)
        columns = (np.arange(int(index.shape[1] / step)) * step).astype(np.intp)
        index = index[rows[:, None], columns[None]]
    solid = (index != BACKGROUND).astype(np.uint8)
    count, found, stats, middle = cv2.connectedComponentsWithStats(solid, connectivity=8)
    piece = found.astype(np.int32, copy=False)
    area = stats[1:, cv2.CC_STAT_AREA]
    if count < 2:
        return []
    order = 1 + np.argsort(-area, kind="stable")[:MOST_FIGURES]
    figures = []
    for k in order:
        if stats[k, cv2.CC_STAT_AREA] < SMALLER_FIGURE * area.max():
            continue
        pad = 8
        x, y, w, h = (int(v) for v in stats[k, :4])
        box = (
            slice(max(y - pad, 0), min(y + h + pad, index.shape[0])),
            slice(max(x - pad, 0), min(x + w + pad, index.shape[1])),
        )
        cut = np.where(piece[box] == k, index[box], BACKGROUND)
        inside = cut[cut > BACKGROUND]
        if len(np.unique(inside)) < 2 and len(figures) > 0:
            continue  # a swatch: one colour and nothing else
        size = float(np.sqrt(stats[k, cv2.CC_STAT_AREA]))
        at = (float(middle[k, 0]) - box[1].start, float(middle[k, 1]) - box[0].start)
        figures.append(_trace(cut, palette, at, size))
    return figures


def _trace(index: np.ndarray, palette: Palette, middle: tuple[float, float], size: float) -> Figure:
    one = np.zeros(index.shape, np.int32)
    colour = fill_in(index, index >= 0, one, 1, len(palette)).astype(np.int32)
    dark = palette.lab[:, 0] < INK
    dark[BACKGROUND] = False
    ink = dark[colour].astype(np.uint8)
    width = max(3, round(size * INK_WIDTH) | 1)
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    line = cv2.subtract(ink, thick.astype(np.uint8))
    gap = np.linalg.norm(palette.lab[:, None] - palette.lab[None], axis=2)
    gap[BACKGROUND] = gap[:, BACKGROUND] = 100
    np.fill_diagonal(gap, 0)
    edge = np.zeros(index.shape, np.uint8)
    edge[:, 1:] |= (gap[colour[:, 1:], colour[:, :-1]] > EDGE).astype(np.uint8)
    edge[1:] |= (gap[colour[1:], colour[:-1]] > EDGE).astype(np.uint8)
    edge[cv2.dilate(line, np.ones((3, 3), np.uint8)) > 0] = 0
    paint = fill_in(colour, line == 0, one, 1, len(palette))
    return Figure(paint.astype(np.uint8), np.maximum(line, edge).astype(np.uint8), middle, size)


def silhouette(view: View) -> tuple[tuple[float, float], float]:
    """Centroid (x, y) px and size (root of its area) px of what a drawing encloses; the whole picture where nothing."""
    inside = ~view.border[view.labels]
    ys, xs = np.nonzero(inside)
    if len(ys) < 64:
        h, w = inside.shape
        return (w / 2, h / 2), float(np.sqrt(h * w)) / 2
    return (float(xs.mean()), float(ys.mean())), float(np.sqrt(len(ys)))


def lay_out(
    figure: Figure, shape: tuple[int, int], middle: tuple[float, float], size: float, mirrored: bool, colours: int
) -> tuple[Look, Solved]:
    """A figure on a canvas of ``shape`` (h, w), its silhouette's centroid at ``middle`` and as large as ``size`` px."""
    scale = size / figure.size
    turn = -scale if mirrored else scale
    x0 = middle[0] - turn * figure.middle[0]
    move = np.array([[turn, 0, x0], [0, scale, middle[1] - scale * figure.middle[1]]], np.float64)
    colour = cv2.warpAffine(figure.colour, move, shape[::-1], flags=cv2.INTER_NEAREST).astype(np.uint8)
    lines = figure.boundary * 255
    if scale < 1:
        width = 2 * round(0.5 / scale) + 1
        lines = cv2.blur(lines, (width, width))
    cover = cv2.warpAffine(lines, move, shape[::-1], flags=cv2.INTER_LINEAR)
    boundary = (cover > 70).astype(np.uint8)
    regions = find_regions(boundary)
    count = len(regions)
    area = np.bincount(regions.labels[regions.paper], minlength=count)
    painted = fill_in(colour, regions.paper, regions.labels, count, colours).astype(np.uint8)
    return Look(boundary, regions.paper, regions.labels, count, area), Solved(
        painted, np.full(count, TRUST, np.float32)
    )
