"""Where coloured lines meet black ones: what is painted over is the coloured line, the black one stays whole."""

import cv2
import numpy as np
import pytest

from backend.lineart.sketch import read_sketch

FINE = 4


def cover_of(picture: np.ndarray) -> np.ndarray:
    """(H, W) uint8: the black that shows of a drawing's lines."""
    return read_sketch(picture).ink.picture()[..., 3]


def drawn(colour: tuple[int, int, int], black: bool = True, coloured: bool = True) -> np.ndarray:
    """(120, 160, 4) uint8, anti-aliased: a slanting black line, and coloured ones that end at it from either side."""
    large = np.full((120 * FINE, 160 * FINE, 3), 255, np.uint8)
    for start, end in (((40, 5), (60, 62)), ((120, 115), (100, 74)), ((90, 20), (88, 66))):
        if coloured:
            cv2.line(large, (start[0] * FINE, start[1] * FINE), (end[0] * FINE, end[1] * FINE), colour, 2 * FINE)
    if black:
        cv2.line(large, (10 * FINE, 50 * FINE), (150 * FINE, 90 * FINE), (0, 0, 0), 3 * FINE)
    small = cv2.resize(large, (160, 120), interpolation=cv2.INTER_AREA)
    return np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])


COLOURS = [(230, 40, 40), (40, 60, 160), (0, 160, 220), (150, 230, 255), (20, 120, 30)]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_black_line_has_no_notch_where_a_coloured_one_ends(colour: tuple[int, int, int]):
    alone, met = cover_of(drawn(colour, coloured=False)).astype(int), cover_of(drawn(colour)).astype(int)
    assert (met[alone > 200] > 190).all()
    # An edge that has half the line in it may lose a little.
    assert (met - alone)[alone > 100].min() > -100


@pytest.mark.parametrize("colour", COLOURS)
def test_nothing_of_a_coloured_line_is_left(colour: tuple[int, int, int]):
    assert not cover_of(drawn(colour, black=False)).any()
    alone, met = cover_of(drawn(colour, coloured=False)).astype(int), cover_of(drawn(colour)).astype(int)
    assert (met - alone).max() < 64
