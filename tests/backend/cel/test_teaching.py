"""Which regions ask the drawing after theirs on the way back: those that could learn from it."""

import numpy as np

from backend.cel.carry import Solved, doubtful, overlap, teachable
from backend.cel.look import Look
from backend.cel.match import Match
from backend.lineart.runs import runs_of


def look(labels: list[list[int]]) -> Look:
    """A drawing without lines, each number drawn as 8 x 8 px."""
    large = np.kron(np.array(labels, np.int32), np.ones((8, 8), np.int32))
    paper = np.ones(large.shape, bool)
    count = int(large.max()) + 1
    return Look(np.zeros(large.shape, np.uint8), paper, runs_of(large), np.bincount(large.ravel(), minlength=count))


def in_place(target: Look) -> Match:
    """Everything lies where it lay."""
    return Match(np.arange(target.labels.size).take, np.zeros(target.count))


def test_a_region_learns_nothing_from_one_that_knows_its_colour_from_it() -> None:
    before = after = look([[0, 1]])
    most = teachable(overlap(after, before, in_place(after)), after, before, np.array([0.85, 0.7], np.float32))
    here = Solved(before.labels.astype(np.uint8), np.array([0.88, 0.72], np.float32))
    assert doubtful(here, before, np.minimum(most, 0.9)) is None


def test_a_region_asks_where_the_drawing_after_is_surer() -> None:
    before = after = look([[0, 1]])
    most = teachable(overlap(after, before, in_place(after)), after, before, np.array([0.5, 0.8], np.float32))
    here = Solved(before.labels.astype(np.uint8), np.array([0.6, 0.6], np.float32))
    asked = doubtful(here, before, np.minimum(most, 0.9))
    assert asked is not None and asked.tolist() == [False, True]


def test_a_region_that_nothing_came_to_lie_on_may_ask_anybody() -> None:
    before, after = look([[0, 1]]), look([[0, 0]])
    everything_from_the_left = Match(np.zeros(after.labels.size, np.int64).take, np.zeros(1))
    most = teachable(overlap(after, before, everything_from_the_left), after, before, np.array([0.3], np.float32))
    assert most[1] == 1


def test_specks_ask_nobody() -> None:
    drawing = look([[0, 1]])
    labels = drawing.labels.copy()
    labels[0, 0] = 2
    speck = Look(drawing.boundary, drawing.paper, runs_of(labels), np.bincount(labels.ravel()))
    unsure = Solved(speck.labels.astype(np.uint8), np.array([0.95, 0.95, 0.1], np.float32))
    assert doubtful(unsure, speck, 0.9) is None
