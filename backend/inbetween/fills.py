"""A key's fills, and the small coloured picture of its lines and fills that its areas are found in."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..contracts.drawing import Strokes, no_strokes
from .marks import WORKING

LINE_WIDTH = 2
"""px of the working size, however thick lines are drawn: thin enough to be none of the areas."""

PAPER, INK = 254, 255
"""Numbers in the picture that are no colour."""

MOST = 254
"""Colours of both keys together."""

EACH, FOLLOWED = 5, 0.95
"""Every so many-th filled pixel is asked, and how many of them must be found again."""

_INK_SHOWN = 30
"""sRGB level of lines in the picture; any dark will do."""

_SHIFT = 4


@dataclass(frozen=True)
class Fills:
    """Filled shapes, bottom to top: closed strokes whose ``material`` is a row of ``colours`` (C, 3) uint8 sRGB. Both keys
    of a pair have the same colours."""

    strokes: Strokes
    colours: np.ndarray


@dataclass(frozen=True)
class Painted:
    """A key as a small picture.

    index   (h, w) uint8: number of the colour, ``INK`` on lines, ``PAPER``
    under   (h, w) uint8: the same without lines
    shown   (h, w, 3) uint8 sRGB on white
    lines   (h, w) uint8, 1 on lines
    empty   (h, w) bool: neither filled nor line
    number  (C,) the number of each of the fills' colours
    """

    index: np.ndarray
    under: np.ndarray
    shown: np.ndarray
    lines: np.ndarray
    empty: np.ndarray
    number: np.ndarray


def shrink_of(size: tuple[int, int]) -> float:
    """What a drawing's px of ``size`` (height, width) are multiplied by."""
    return min(1.0, (WORKING / max(size[0] * size[1], 1)) ** 0.5)


def painted(lines: Strokes, fills: Fills, size: tuple[int, int]) -> Painted:
    """The picture of a key. size (height, width) px of the drawing."""
    shrink = shrink_of(size)
    height, width = max(8, round(size[0] * shrink)), max(8, round(size[1] * shrink))
    kinds, number = np.unique(fills.colours.reshape(-1, 3), axis=0, return_inverse=True)
    number = number.reshape(-1)
    under = np.full((height, width), PAPER, np.uint8)
    at = fixed(fills.strokes.points, shrink)
    for s in range(len(fills.strokes)):
        colour = int(number[fills.strokes.material[s]])
        cv2.fillPoly(under, [at[fills.strokes.of(s)][:, None]], colour, cv2.LINE_8, _SHIFT)
    ink = np.zeros((height, width), np.uint8)
    at = fixed(lines.points, shrink)
    for s in range(len(lines)):
        cv2.polylines(ink, [at[lines.of(s)][:, None]], bool(lines.cyclic[s]), 1, LINE_WIDTH, cv2.LINE_8, _SHIFT)
    colours = np.full((256, 3), 255, np.uint8)
    colours[: len(kinds)] = kinds
    colours[INK] = _INK_SHOWN
    index = np.where(ink > 0, INK, under).astype(np.uint8)
    return Painted(index, under, colours[index], ink, index == PAPER, number)


def fixed(points: np.ndarray, shrink: float) -> np.ndarray:
    """(N, 2) px of the drawing as OpenCV's fixed-point coordinates in the small picture."""
    inside = np.clip(points.astype(np.float64) * shrink, -9000, 9000)
    return np.round((inside - 0.5) * (1 << _SHIFT)).astype(np.int32)


def usable(fills: tuple[Fills, Fills]) -> bool:
    """Whether both keys hold shapes, of no more colours than can be told apart."""
    return all(len(f.strokes) > 0 for f in fills) and 0 < len(np.unique(fills[0].colours, axis=0)) <= MOST


def follow(fills: tuple[Fills, Fills], turn: complex, shift: complex, size: tuple[int, int]) -> bool:
    """Whether the fills went where the whole drawing is thought to have gone, z to turn z + shift px of ``size``: legs that
    change places look alike by their lines."""
    nothing = no_strokes()
    one, other = (painted(nothing, f, size).under for f in fills)
    y, x = (v[::EACH] for v in np.nonzero(one != PAPER))
    shrink = shrink_of(size)
    to = turn * (x + 1j * y) + shift * shrink
    v, u = np.rint(np.imag(to)).astype(np.intp), np.rint(np.real(to)).astype(np.intp)
    good = (v >= 0) & (v < other.shape[0]) & (u >= 0) & (u < other.shape[1])
    same = other[v[good], u[good]] == one[y[good], x[good]]
    return bool(same.sum() >= FOLLOWED * max(len(x), 1))
