"""Which area of a drawing lies over which, told by what hides what in the other drawing; and outlines go with the upper one."""

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .areas import Cells, spread

if TYPE_CHECKING:
    from .cutout import Landing

FEWEST = 30
"""px of one area that another one must hide, at a picture of ``field.USUAL`` px diagonal."""

CLEARLY = 2.0
"""How many times as much one must hide of the other as the other of it."""

HIGHEST = 3
"""Levels above the lowest."""

LINE = 6.0
"""px at a picture of ``field.USUAL`` px diagonal, from a line to an area that it may be the outline of."""


def levels(own: Cells, other: Cells, landed: "Landing", back: "Landing") -> np.ndarray:
    """(areas,) int: how high each area of ``own`` lies, 0 the lowest. landed: its pixels in the other drawing; back: the
    other drawing's pixels in it."""
    there, here = _met(own, other, landed), _met(other, own, back)
    # Each area of the other drawing is the one of this drawing in which most of it lies.
    same = np.where(other.colour[:, None] == own.colour, here + there.T, 0)
    which = np.where(same.max(1) > 0, same.argmax(1), 0)
    over = np.zeros((len(own.colour), len(own.colour)))
    unlike = other.colour[:, None] != own.colour
    np.add.at(over, which, unlike * there.T)
    np.add.at(over.T, which, unlike * here)
    over[0] = over[:, 0] = 0
    hides = (over >= FEWEST * own.scale**2) & (over > CLEARLY * over.T)
    level = np.zeros(len(own.colour), np.intp)
    for _ in range(HIGHEST):
        level = np.maximum(level, np.where(hides, level + 1, 0).max(1, initial=0))
    return np.minimum(level, HIGHEST)


def _met(own: Cells, other: Cells, landed: "Landing") -> np.ndarray:
    """(own areas, other areas) px: how many of each area land on each, outlines left out."""
    h, w = other.empty.shape
    y, x = np.imag(landed.at).astype(np.intp), np.real(landed.at).astype(np.intp)
    v, u = np.rint(np.imag(landed.to)).astype(np.intp), np.rint(np.real(landed.to)).astype(np.intp)
    good = (u >= 0) & (u < w) & (v >= 0) & (v < h)
    good[good] = own.core[y[good], x[good]] & other.core[v[good], u[good]]
    mine, yours = own.area[own.cell[y[good], x[good]]], other.area[other.cell[v[good], u[good]]]
    count = np.zeros((len(own.colour), len(other.colour)))
    np.add.at(count, (mine, yours), 1)
    return count


def outlines_up(cells: Cells, level: np.ndarray) -> Cells:
    """The same cells, every line with the highest area beside it, so that it moves with what it is the outline of."""
    best = np.where(cells.core, 0, cells.cell)
    high = np.where(cells.core, 0, level[cells.area[cells.cell]])
    for step in range(1, int(level.max(initial=0)) + 1):
        upper = cells.core & (level[cells.area[cells.cell]] == step)
        if not upper.any():
            continue
        away = cv2.distanceTransform((~upper).astype(np.uint8), cv2.DIST_L2, 5)
        # A line lies as near to its area as it is wide: what is further off than any line, is no outline of it.
        take = ~cells.core & ~cells.empty & (away <= LINE * cells.scale) & (high < step)
        best[take] = spread(np.where(upper, cells.cell, 0))[take]
        high[take] = step
    return replace(cells, cell=np.where(cells.core, cells.cell, best).astype(np.int32))
