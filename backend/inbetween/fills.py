"""A key's fills, and the small coloured picture of its lines and fills that its areas are found in."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..contracts.drawing import Strokes
from .marks import lines_picture, shapes_picture, shrink_of, small_size

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


@dataclass(frozen=True)
class Flats:
    """What is filled in a key, as a small picture: ``under`` (h, w) uint8, number of the colour, or ``PAPER``; ``colours``
    (K, 3) uint8 sRGB by number, the same for both keys of a pair."""

    under: np.ndarray
    colours: np.ndarray


@dataclass(frozen=True)
class Painted:
    """A key as a small picture: its ``flats`` and its lines.

    index   (h, w) uint8: number of the colour, ``INK`` on lines, ``PAPER``
    shown   (h, w, 3) uint8 sRGB on white
    lines   (h, w) uint8, 1 on lines
    empty   (h, w) bool: neither filled nor line
    """

    flats: Flats
    index: np.ndarray
    shown: np.ndarray
    lines: np.ndarray
    empty: np.ndarray


def numbered(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Different colours (K, 3) of (C, 3) uint8, and which of them each is, (C,)."""
    kinds, number = np.unique(colours.reshape(-1, 3), axis=0, return_inverse=True)
    return kinds, number.reshape(-1)


def flats_of(shapes: Strokes | None, colours: np.ndarray, size: tuple[int, int]) -> Flats | None:
    """Of filled shapes, bottom to top: closed strokes whose ``material`` is a row of ``colours`` (C, 3) uint8 sRGB. None where
    there are none, or more colours than can be told apart.

    size (height, width) px of the drawing."""
    kinds, number = numbered(colours)
    if shapes is None or not len(shapes) or not 0 < len(kinds) <= MOST:
        return None
    return Flats(shapes_picture(shapes, number[shapes.material], PAPER, size), kinds)


def flats_in(picture: np.ndarray, colours: np.ndarray, size: tuple[int, int]) -> Flats:
    """Of a picture (H, W, 4) uint8 sRGB of a drawing of ``size`` (height, width), in some of the ``colours`` (C, 3)."""
    kinds, _ = numbered(colours)
    small = cv2.resize(picture, small_size(size)[::-1], interpolation=cv2.INTER_NEAREST)
    known, seen = (_code(c) for c in (kinds, small))  # rising, as the kinds are
    number = np.minimum(np.searchsorted(known, seen), len(known) - 1)
    shown = (known[number] == seen) & (small[..., 3] > 0)
    return Flats(np.where(shown, number, PAPER).astype(np.uint8), kinds)


def _code(colours: np.ndarray) -> np.ndarray:
    """(...) int32: one number for each colour (..., 3) uint8."""
    red, green, blue = (colours[..., k].astype(np.int32) for k in range(3))
    return red << 16 | green << 8 | blue


def painted(lines: Strokes, flats: Flats, size: tuple[int, int]) -> Painted:
    """The picture of a key. size (height, width) px of the drawing."""
    ink = lines_picture(lines, size, LINE_WIDTH)
    colours = np.full((256, 3), 255, np.uint8)
    colours[: len(flats.colours)] = flats.colours
    colours[INK] = _INK_SHOWN
    index = np.where(ink > 0, INK, flats.under).astype(np.uint8)
    return Painted(flats, index, colours[index], ink, index == PAPER)


def follow(flats: tuple[Flats, Flats], turn: complex, shift: complex, size: tuple[int, int]) -> bool:
    """Whether the fills went where the whole drawing is thought to have gone, z to turn z + shift px of ``size``: legs that
    change places look alike by their lines."""
    one, other = (f.under for f in flats)
    y, x = (v[::EACH] for v in np.nonzero(one != PAPER))
    shrink = shrink_of(size)
    to = turn * (x + 1j * y) + shift * shrink
    v, u = np.rint(np.imag(to)).astype(np.intp), np.rint(np.real(to)).astype(np.intp)
    good = (v >= 0) & (v < other.shape[0]) & (u >= 0) & (u < other.shape[1])
    same = other[v[good], u[good]] == one[y[good], x[good]]
    return bool(same.sum() >= FOLLOWED * max(len(x), 1))
