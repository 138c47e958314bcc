"""Coloured ends given in the wrong order are refused; ends in the right order never are, however badly they fit."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from backend.contracts.errors import AniDocError
from backend.inbetween import fit
from backend.inbetween.raster import Ends, draw_between

SIZE = (240, 320)
SKIN, COAT, PAPER = (230, 190, 160, 255), (60, 90, 180, 255), (255, 255, 255, 255)


def figure(x: float, arm: float, loose: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A head on a body with an arm, at ``x`` px, the arm raised by ``arm`` radians: lines and colours, (H, W, 4) uint8.

    ``loose``: a gap in each line, as in quick drawings; the colours are cut off by nothing but the true outline.
    """
    lines, colour = (np.full((*SIZE, 4), 255, np.uint8) for _ in range(2))
    hand = (round(x + 90 * np.cos(arm)), round(120 - 90 * np.sin(arm)))
    cv2.line(colour, (round(x), 120), hand, COAT, 16)
    cv2.ellipse(colour, (round(x), 150), (35, 60), 0, 0, 360, COAT, -1)
    cv2.circle(colour, (round(x), 70), 30, SKIN, -1)
    drawn = fit.edges(colour) > 0
    lines[drawn] = (0, 0, 0, 255)
    if loose:
        lines[:, round(x) - 6 : round(x) + 4] = PAPER
        lines[140:150] = PAPER
    return lines, colour


def ends(loose: bool = False, step: float = 30, swing: float = 0.9) -> Ends:
    """Two keys of it with their own colours."""
    (a, a_colour), (b, b_colour) = figure(120, 0, loose), figure(120 + step, swing, loose)
    return Ends(a, b, a_colour, b_colour)


def moved(picture: np.ndarray, x: int, y: int) -> np.ndarray:
    return cv2.warpAffine(
        picture, np.array([[1, 0, x], [0, 1, y]], float), SIZE[::-1], flags=cv2.INTER_NEAREST, borderValue=PAPER
    )


def jpeg(picture: np.ndarray) -> np.ndarray:
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGR), [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert done
    return cv2.cvtColor(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGBA)


def told_exchanged(given: Ends) -> bool:
    """Whether they are refused as exchanged, asked as ``draw_between`` asks."""
    try:
        next(draw_between(given, [0.5]))
    except AniDocError as error:
        assert "exchanged" in error.sentence and "--from-color" in error.remedy
        return True
    return False


def as_jpeg(given: Ends) -> Ends:
    assert given.first_colour is not None and given.last_colour is not None
    return Ends(*map(jpeg, (given.first, given.last, given.first_colour, given.last_colour)))


@pytest.mark.parametrize("given", [ends(), ends(loose=True), as_jpeg(ends())], ids=["drawn", "loose", "JPEG"])
def test_exchanged_colours_are_refused_and_the_right_ones_are_not(given):
    assert told_exchanged(replace(given, first_colour=given.last_colour, last_colour=given.first_colour))
    assert not told_exchanged(given)


def pair_of(given: Ends) -> tuple:
    def lines(picture):
        return (picture[..., 0] < 128).astype(np.uint8)

    assert given.first_colour is not None and given.last_colour is not None
    return (lines(given.first), lines(given.last)), (fit.edges(given.first_colour), fit.edges(given.last_colour))


@pytest.mark.parametrize("off", [(3, 0), (-8, 5), (30, 0), (-30, 0)])
def test_colours_that_lie_beside_their_lines_are_not_taken_for_exchanged_ones(off):
    given = ends(swing=0)
    assert given.first_colour is not None and given.last_colour is not None
    # 30 px to the right the first picture lies exactly on the second drawing: it is the second picture that tells.
    aside = replace(given, first_colour=moved(given.first_colour, *off), last_colour=moved(given.last_colour, *off))
    assert not fit.exchanged(*pair_of(aside))


def test_the_same_drawing_twice_and_steps_too_small_to_tell_are_let_pass():
    same = ends(step=0, swing=0)
    assert not fit.exchanged(*pair_of(same))
    little = ends(step=1, swing=0)
    lines, edge = pair_of(little)
    assert not fit.exchanged(lines, edge) and not fit.exchanged(lines, edge[::-1])


def test_wrong_colours_for_one_end_only_are_not_called_exchanged():
    given = ends()
    assert not fit.exchanged(*pair_of(replace(given, last_colour=given.first_colour)))
    assert not fit.exchanged(*pair_of(replace(given, first_colour=given.last_colour)))


def test_an_empty_picture_says_nothing():
    lines, edge = pair_of(ends())
    assert not fit.exchanged(lines, (edge[0], np.zeros(SIZE, np.uint8)))
