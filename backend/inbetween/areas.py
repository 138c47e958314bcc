"""A coloured drawing as cut-outs: its areas of one colour, lines with them, cut into small cells that know their neighbours.

A limb is an area or a few, so what moves as one piece is a chain of cells that touch; ``cutout.py`` moves them.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..lineart.nearest import nearest as nearest_pixel
from .field import USUAL, Features
from .near import nearest

CELL = 20.0
"""px. Side of a cell, at a picture of ``field.USUAL`` px diagonal; so are all lengths here."""

THICK = 2.0
"""px from its middle to its edge that an area has at least; what is thinner is a line, and goes with the area beside it."""

LEAST = 24.0
"""px. Smaller areas go with the area beside them, too."""

LONG = 60.0
"""An area of more than this many squares of its half thickness is a net of lines."""

MOST = 2500
"""Cells of a drawing. Hatching and the like fall into more, and do not move piece by piece."""

ROUNDS = 8
"""Of moving the cells' middles apart."""

INSIDE, AROUND = 48, 16
"""Places of a cell and of the ring around it at which it is compared."""

RING, RING_COUNTS = 1.6, 0.5
"""Radius of the ring in radii of the cell, and how much a place on it counts."""


@dataclass(frozen=True)
class Borders:
    """Where two cells touch: ``one`` < ``other`` (E,) their numbers; ``length`` px; ``middle`` (E,) complex128 px; ``reach``
    px, how far the border spreads from it."""

    one: np.ndarray
    other: np.ndarray
    length: np.ndarray
    middle: np.ndarray
    reach: np.ndarray


@dataclass(frozen=True)
class Cells:
    """A drawing's cells; number 0 is none.

    cell     (h, w) int32; core (h, w) bool: in an area itself, not on a line beside it
    area     (n,) which area each cell is of; colour (areas,) palette index; size (n,) px; at (n,) complex128 px, their middles
    spots    (n, INSIDE + AROUND) complex64 px; weight of each, sum 1
    scale    px of this picture to one of ``field.USUAL`` px diagonal
    """

    cell: np.ndarray
    core: np.ndarray
    area: np.ndarray
    colour: np.ndarray
    size: np.ndarray
    at: np.ndarray
    spots: np.ndarray
    weight: np.ndarray
    borders: Borders
    features: Features
    empty: np.ndarray
    scale: float

    def __len__(self) -> int:
        return len(self.area)


def cells_of(features: Features, index: np.ndarray, empty: np.ndarray) -> Cells | None:
    """The cells of a drawing: ``index`` (h, w) uint8 palette index of each pixel, ``empty`` (h, w) bool. None where there are
    none, or more than ``MOST``."""
    scale = max(float(np.hypot(*empty.shape)) / USUAL, 0.2)
    areas, colour = _areas(index, empty, scale)
    core = areas > 0
    if not 1 < len(colour) <= MOST:
        return None
    cell, area = _cut(np.where(empty, 0, spread(areas)), CELL * scale)
    if len(area) > MOST:
        return None
    ys, xs = np.nonzero(cell)
    own, place = cell[ys, xs], xs + 1j * ys
    size = np.maximum(np.bincount(own, minlength=len(area)), 1)
    at = summed(own, place, len(area)) / size
    spots = np.concatenate([_spread(own, place, size), _ring(at, size)], 1).astype(np.complex64)
    weight = np.r_[np.ones(INSIDE), np.full(AROUND, RING_COUNTS)]
    weight = (weight / weight.sum()).astype(np.float32)
    return Cells(cell, core, area, colour, size, at, spots, weight, _borders(cell), features, empty, scale)


def _areas(index: np.ndarray, empty: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) int32 areas from 1, 0 on lines; (areas,) colour of each."""
    areas = np.zeros(index.shape, np.int32)
    colours = [-1]
    for colour in np.unique(index[~empty]):
        mine = ((index == colour) & ~empty).astype(np.uint8)
        count, found, stats, _ = cv2.connectedComponentsWithStats(mine, connectivity=4)
        labels, stats = np.asarray(found, np.intp), np.asarray(stats)
        thick = np.zeros(count, np.float32)
        np.maximum.at(thick, labels.ravel(), cv2.distanceTransform(mine, cv2.DIST_L2, 5).ravel())
        size = stats[:, cv2.CC_STAT_AREA]
        good = (thick >= max(1.6, THICK * scale)) & (size >= LEAST * scale**2) & (size <= LONG * thick**2)
        good[0] = False
        number = np.zeros(count, np.int32)
        number[good] = len(colours) + np.arange(good.sum())
        areas += number[labels]
        colours += [int(colour)] * int(good.sum())
    return areas, np.array(colours)


def spread(labels: np.ndarray) -> np.ndarray:
    """Labels (h, w), 0 for none: everywhere the nearest one that is not 0."""
    where = labels == 0
    out = labels.copy()
    out[where] = labels.ravel()[nearest_pixel(~where, where, mask=5)]
    return out


def summed(of: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """(count,) complex128: the sums of complex ``values`` (N,) by ``of`` (N,), numbers below ``count``."""
    return np.bincount(of, np.real(values), count) + 1j * np.bincount(of, np.imag(values), count)


def _cut(areas: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) int32 cells from 1, about ``side`` px wide; (n,) the area of each."""
    out, own = np.zeros(areas.shape, np.int32), [0]
    ys, xs = np.nonzero(areas)
    order = np.argsort(areas[ys, xs], kind="stable")
    ys, xs = ys[order], xs[order]
    cuts = np.flatnonzero(np.diff(areas[ys, xs])) + 1
    for y, x in zip(np.split(ys, cuts), np.split(xs, cuts), strict=True):
        area, place = int(areas[y[0], x[0]]), x + 1j * y
        many = max(1, round(len(place) / side**2))
        out[y, x] = len(own) + _nearest_of(place, many, area)
        own += [area] * many
    return out, np.array(own)


def _nearest_of(place: np.ndarray, many: int, seed: int) -> np.ndarray:
    """(N,) which of ``many`` cells each pixel is in: middles at random, moved apart (Lloyd's way)."""
    if many == 1:
        return np.zeros(len(place), np.intp)
    middle = place[np.random.default_rng(seed).choice(len(place), many, False)]
    some = place[:: max(1, len(place) // 4000)]
    for _ in range(ROUNDS):
        who = nearest(some, middle, 1)[:, 0]
        count = np.bincount(who, minlength=many)
        middle = np.where(count > 0, summed(who, some, many) / np.maximum(count, 1), middle)
    return nearest(place, middle, 1)[:, 0]


def _spread(own: np.ndarray, place: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(n, INSIDE) places of each cell, any."""
    order = np.random.default_rng(0).permutation(len(own))
    order = order[np.argsort(own[order], kind="stable")]
    start = np.searchsorted(own[order], np.arange(len(size)))
    pick = start[:, None] + np.arange(INSIDE) * size[:, None] // INSIDE
    return place[order][np.minimum(pick, len(order) - 1)]


def _ring(at: np.ndarray, size: np.ndarray) -> np.ndarray:
    around = np.exp(2j * np.pi * np.arange(AROUND) / AROUND)
    return at[:, None] + RING * np.sqrt(size / np.pi)[:, None] * around


def _borders(cell: np.ndarray) -> Borders:
    ys, xs = np.mgrid[: cell.shape[0], : cell.shape[1]]
    place = xs + 1j * ys
    pairs, places = [], []
    for here, there, at in (
        (cell[:, :-1], cell[:, 1:], place[:, :-1] + 0.5),
        (cell[:-1], cell[1:], place[:-1] + 0.5j),
    ):
        touch = (here != there) & (here > 0) & (there > 0)
        pairs.append(np.sort(np.column_stack([here[touch], there[touch]]), 1))
        places.append(at[touch])
    pair, where = np.concatenate(pairs).astype(np.int64), np.concatenate(places)
    key, of = np.unique(pair[:, 0] * (int(cell.max()) + 1) + pair[:, 1], return_inverse=True)
    length = np.bincount(of, minlength=len(key))
    middle = summed(of, where, len(key)) / length
    reach = np.sqrt(np.bincount(of, np.abs(where - middle[of]) ** 2, len(key)) / length)
    return Borders(*np.divmod(key, int(cell.max()) + 1), length, middle, reach)
