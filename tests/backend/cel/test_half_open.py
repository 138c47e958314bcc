"""Where a gap in an outline stays open, figure and open paper are one region: both keep their colours."""

import numpy as np

from backend.cel.carry import Solved, carry
from backend.cel.look import Look
from backend.cel.match import Match
from backend.cel.palette import palette_of
from backend.lineart.runs import runs_of

PAPER, RED, BLUE = 0, 1, 2
PALETTE = palette_of([(200, 30, 40, 255), (30, 40, 200, 255)])
SIDE, FACE = 120, np.s_[40:70, 50:80]


def look_of(closed: bool) -> Look:
    """Paper around a face of 30 x 30 px, whose outline is ``closed`` or not."""
    labels = np.zeros((SIDE, SIDE), np.int32)
    labels[FACE] = closed
    paper = np.ones(labels.shape, bool)
    return Look(np.zeros(labels.shape, np.uint8), paper, runs_of(labels), np.bincount(labels.ravel()))


def painted(count: int) -> Solved:
    """A face that is red on the left and blue on the right."""
    colour = np.zeros((SIDE, SIDE), np.uint8)
    colour[40:70, 50:65], colour[40:70, 65:80] = RED, BLUE
    return Solved(colour, np.ones(count, np.float32))


def in_place(*cost: float) -> Match:
    at = np.arange(SIDE * SIDE, dtype=np.int32).reshape(SIDE, SIDE)
    return Match(at.ravel().take, np.array(cost, np.float32))


def test_a_face_that_is_open_to_the_paper_in_both_drawings_keeps_its_colours() -> None:
    before = painted(1)
    after = carry(look_of(False), look_of(False), in_place(0.05), before, PALETTE)
    assert (after.colour == before.colour).mean() > 0.998  # but for its rounded corners
    assert after.colour[55, 55] == RED and after.colour[55, 75] == BLUE


def test_crumbs_on_the_open_paper_are_swept_away() -> None:
    before = painted(1)
    before.colour[100:106, 20:26] = RED
    after = carry(look_of(False), look_of(False), in_place(0.05), before, PALETTE)
    assert not after.colour[80:].any()
    assert after.colour[55, 55] == RED


def test_a_face_that_was_open_and_is_closed_keeps_its_colours_however_unlike_the_two_regions_are() -> None:
    after = carry(look_of(True), look_of(False), in_place(0.05, 0.55), painted(1), PALETTE)
    assert after.colour[55, 55] == RED and after.colour[55, 75] == BLUE
    assert not after.colour[:40].any()


def test_open_paper_without_figure_stays_open_paper() -> None:
    flat = Solved(np.zeros((SIDE, SIDE), np.uint8), np.ones(1, np.float32))
    after = carry(look_of(False), look_of(False), in_place(0.05), flat, PALETTE)
    assert not after.colour.any()
