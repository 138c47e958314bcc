"""Where coloured lines meet black ones: what is painted over is the coloured line, the black one stays whole."""

import cv2
import numpy as np
import pytest

from backend.inbetween.ink import coloured_lines
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


PAPERS = {"grey": (236, 236, 236), "cream": (250, 240, 215), "yellowed": (240, 225, 150), "blue": (190, 220, 250)}
RED = (226, 78, 92)


def scanned(picture: np.ndarray, paper: tuple[int, int, int]) -> np.ndarray:
    """A drawing on white as it is scanned from tinted paper, whose light its inks let through: a little soft, with noise."""
    soft = cv2.GaussianBlur(picture[..., :3].astype(np.float64), (0, 0), 0.6) / 255 * paper
    noisy = np.rint(soft + np.random.default_rng(3).normal(0, 2, soft.shape)).clip(0, 255).astype(np.uint8)
    return np.dstack([noisy, picture[..., 3]])


def separation_of(picture: np.ndarray) -> np.ndarray:
    """(H, W) bool: what is painted over of a scan."""
    found = read_sketch(picture).separation
    return np.zeros(picture.shape[:2], bool) if found is None else found > 0


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
@pytest.mark.parametrize("colour", COLOURS)
def test_on_tinted_paper_the_same_lines_are_coloured_as_on_white(colour: tuple[int, int, int], paper):
    white, tinted = (separation_of(scanned(drawn(colour), p)) for p in ((255, 255, 255), paper))
    assert white.sum() > 150
    # The noise of either scan moves the edges of a line.
    near = cv2.dilate(white.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert not tinted[~near].any() and (white & tinted).sum() > 0.85 * white.sum()


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_black_lines_on_tinted_paper_are_black_and_have_no_rim_of_its_tint(paper):
    alone = drawn(RED, coloured=False)
    assert not separation_of(scanned(alone, paper)).any()
    clean = np.dstack([np.rint(alone[..., :3] / 255.0 * paper).astype(np.uint8), alone[..., 3]])
    assert np.abs(cover_of(clean).astype(int) - cover_of(alone)).max() <= 2


@pytest.mark.parametrize("lead", [40, 80, 110])
@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_grey_lead_that_covers_tinted_paper_is_no_coloured_line(lead: int, paper):
    dark = 1 - drawn(RED, coloured=False)[..., :1] / 255.0
    page = np.rint(paper * (1 - dark) + lead * dark).astype(np.uint8)
    assert not separation_of(np.dstack([page, np.full(page.shape[:2], 255, np.uint8)])).any()


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_in_betweens_and_colouring_see_the_same_coloured_lines(paper):
    page = scanned(drawn(RED), paper)
    sketch = read_sketch(page)
    own = coloured_lines(page, sketch.boundary)
    assert own is not None and sketch.separation is not None
    assert np.array_equal(own[..., 3], sketch.separation)
    red = np.median(own[own[..., 3] > 0][:, :3], axis=0)
    assert np.abs(red - RED).max() < 40, "in their colour on white"
