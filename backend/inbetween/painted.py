"""The in-between of cut-outs: cells of both keys where they have got to, on arcs, the one seen in both keys on top.

Everything of the nearer key is painted whole, so no limb is lost; what only the further key shows fills what stays open.
"""

import cv2
import numpy as np

from .areas import Cells, spread
from .blend import Places, shrunk
from .cutout import Landing
from .move import arc
from .near import pixels

NEARER = 0.06
"""How much more unlike a pixel of the nearer key may be and still cover one of the further key."""

OVER = 4.0
"""px around a pixel that say together how unlike the keys are, at a picture of ``field.USUAL`` px diagonal."""

HIGHER = 0.15
"""How much more unlike a pixel may be and still cover one that lies a level lower."""

FOUND = 0.1
"""A pixel no more unlike than this is found in the other key."""

SEEN = 3.0
"""px. What is shown this near by has not vanished."""

BESIDE = 0.004
"""Price of painting a pixel not where it landed but beside, by the px: it fills cracks where the figure grows."""

GAP = 3.0
"""px at a picture of ``field.USUAL`` px diagonal. Cracks up to twice as wide are filled from beside."""


def paint(cells: tuple[Cells, Cells], landed: tuple[Landing, Landing], time: float) -> tuple[Places, np.ndarray]:
    """Where every pixel of the in-between lies in either key, (h, w) complex64 px of the cells' pictures, and (h, w) bool:
    whether the further key is to be looked up there. What stays open is empty in both."""
    size = cells[0].empty.shape
    nearer = 0 if time <= 0.5 else 1
    best, key = np.full(size, np.inf, np.float32), np.full(size, -1, np.int8)
    places = np.zeros((2, *size), np.complex64)
    for side in (nearer, 1 - nearer):
        _lay(cells[side], landed[side], time if side == 0 else 1 - time, side, best, key, places, side != nearer)
    both = cells[0].empty & cells[1].empty
    fill = _gaps(key < 0, GAP * cells[0].scale) if both.any() else key < 0
    if (key >= 0).any():
        number = np.arange(1, key.size + 1, dtype=np.int64).reshape(size)
        source = spread(np.where(key >= 0, number, 0))[fill] - 1
        places[:, fill] = places.reshape(2, -1)[:, source]
        key[fill] = key.ravel()[source]
    if both.any():
        paper = np.argwhere(both)[0]
        places[:, key < 0] = paper[1] + 1j * paper[0]
    return Places(places[0], places[1]), key == 1 - nearer


def enlarged(places: Places, further: np.ndarray, size: tuple[int, int]) -> tuple[Places, np.ndarray]:
    """The same for a picture of ``size``; torn places stay torn."""
    h, w = further.shape
    if (h, w) == size:
        return places, further
    ys, xs = np.mgrid[: size[0], : size[1]]
    row, column = ys * h // size[0], xs * w // size[1]
    across, down = size[1] / w, size[0] / h
    off = (xs + 0.5) / across - 0.5 - column + 1j * ((ys + 0.5) / down - 0.5 - row)

    def large(place: np.ndarray) -> np.ndarray:
        at = place[row, column] + off
        return ((at.real + 0.5) * across - 0.5 + 1j * ((at.imag + 0.5) * down - 0.5)).astype(np.complex64)

    return Places(large(places.first), large(places.last)), further[row, column]


def vanished(landed: tuple[Landing, Landing], cells: tuple[Cells, Cells], own: Places, other: Places) -> float:
    """How much of the in-between ``own``, 0..1, is of parts that lie on top and are found in both keys, but are not shown
    by ``other``: what is on top cannot vanish."""
    size = (cells[0].empty.shape[0], cells[0].empty.shape[1])
    lost, top = np.zeros(own.first.shape, bool), np.ones(own.first.shape, bool)
    figure = np.zeros(own.first.shape, bool)
    side = 2 * round(SEEN) + 1
    for key, mine, there in zip(range(2), shrunk(own, size), shrunk(other, size), strict=True):
        high, shown = np.zeros(size, bool), np.zeros(size, np.uint8)
        good = (landed[key].level > 0) & (landed[key].cost <= FOUND)
        high[pixels(landed[key].at[good], size)] = True
        shown[pixels(there, size)] = 1
        at = pixels(mine, size)
        top &= high[at]
        lost |= cv2.dilate(shown, np.ones((side, side), np.uint8))[at] == 0
        figure |= ~cells[key].empty[at]
    return float((lost & top).sum() / max(int(figure.sum()), 1))


def _lay(
    cells: Cells, landed: Landing, time: float, side: int, best: np.ndarray, key: np.ndarray, places: np.ndarray,
    behind: bool,
) -> None:  # fmt: skip
    """Paint one key's pixels over what is there: ``best`` (h, w) how unlike, ``key`` which key, ``places`` (2, h, w)."""
    size = best.shape
    here = arc(landed.at, landed.to, landed.turn, time, float(np.hypot(*size)))
    turned = (1 + time * (np.abs(landed.turn) - 1)) * np.exp(1j * time * np.angle(landed.turn))
    price = (_around(cells, landed) + NEARER * behind - HIGHER * landed.level).astype(np.float32)
    flat_best, flat_key, flat = best.reshape(-1), key.reshape(-1), places.reshape(2, -1)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            x, y = np.rint(np.real(here)).astype(np.intp) + right, np.rint(np.imag(here)).astype(np.intp) + down
            off = x + 1j * y - here
            good = (x >= 0) & (x < size[1]) & (y >= 0) & (y < size[0])
            good &= np.abs(off) <= 0.95 * np.maximum(np.abs(turned), 0.9)
            rows = np.flatnonzero(good)
            cost = price[rows] + BESIDE * np.abs(off[rows]).astype(np.float32)
            order = np.argsort(-cost, kind="stable")
            rows, cost = rows[order], cost[order]
            to = y[rows] * size[1] + x[rows]
            # Of several that land on one pixel the last one written stays: the cheapest.
            won = np.full(flat_best.shape, -1)
            won[to] = np.arange(len(rows))
            pixel = np.flatnonzero(won >= 0)
            pick = won[pixel]
            under = cost[pick] < flat_best[pixel]
            pixel, rows, cost = pixel[under], rows[pick[under]], cost[pick[under]]
            flat_best[pixel], flat_key[pixel] = cost, side
            back = off[rows] / turned[rows]
            flat[side, pixel] = landed.at[rows] + back
            flat[1 - side, pixel] = landed.to[rows] + landed.turn[rows] * back


def _around(cells: Cells, landed: Landing) -> np.ndarray:
    """(P,) float32: how unlike the keys are around each pixel of the figure."""
    x, y = np.real(landed.at).astype(np.intp), np.imag(landed.at).astype(np.intp)
    cost, there = np.zeros(cells.empty.shape, np.float32), np.zeros(cells.empty.shape, np.float32)
    cost[y, x], there[y, x] = landed.cost, 1
    side = 2 * round(OVER * cells.scale) + 1
    return (cv2.blur(cost, (side, side)) / np.maximum(cv2.blur(there, (side, side)), 1e-6))[y, x]


def _gaps(hole: np.ndarray, reach: float) -> np.ndarray:
    """(h, w) bool: what is open and would close if the figure grew and shrank again by ``reach`` px."""
    side = 2 * round(reach) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return hole & (cv2.morphologyEx((~hole).astype(np.uint8), cv2.MORPH_CLOSE, disc) > 0)
