"""What lines enclose is part of the figure: it is left transparent only where a hole is a hole."""

import numpy as np

from backend.cel.carry import Solved, carry
from backend.cel.engine import CelEngine
from backend.cel.look import Look
from backend.cel.match import Match
from backend.cel.palette import palette_of
from backend.contracts.drawing import Drawing
from backend.contracts.engine import Frame
from backend.contracts.options import Options
from backend.contracts.shot import Key, Shot
from backend.lineart.runs import runs_of
from tests.support.memory import Memory

PAPER, RED = 0, 1
SIDE = 60


def dressed(at: int) -> tuple[Look, Solved]:
    """A red square of 20 px in the row ``at`` of its column, the open paper around it, and their colours."""
    labels = np.zeros((SIDE, SIDE), np.int32)
    labels[20:40, at : at + 20] = 1
    look = Look(
        np.zeros(labels.shape, np.uint8), np.ones(labels.shape, bool), runs_of(labels), np.bincount(labels.ravel())
    )
    return look, Solved(labels.astype(np.uint8), np.ones(2, np.float32))


def colour_of_square(at: int, moved: int, cost: float) -> int:
    """What a square ``at`` px takes from one at 5 px, if it is thought to have come from ``moved`` px further left."""
    (target, _), (source, solved) = dressed(at), dressed(5)
    row, column = np.indices(target.labels.shape)
    place = row * SIDE + np.clip(column - moved, 0, SIDE - 1)
    found = Match(place.ravel().take, np.array([0.0, cost], np.float32))
    after = carry(target, source, found, solved, palette_of([(200, 30, 40, 255)]))
    return int(after.colour[30, at + 10])


def test_a_part_that_missed_its_place_by_much_takes_the_colour_it_met() -> None:
    assert colour_of_square(at=30, moved=8, cost=0.4) == RED  # 3 of its 20 columns lie on the red square


def test_a_part_that_missed_its_place_altogether_takes_the_nearest_colour_of_the_figure() -> None:
    assert colour_of_square(at=35, moved=0, cost=0.4) == RED


def test_a_hole_that_opens_where_paper_was_is_paper() -> None:
    assert colour_of_square(at=35, moved=0, cost=0.05) == PAPER
    assert colour_of_square(at=24, moved=0, cost=0.05) == PAPER  # one column off


def test_a_gradient_without_any_flat_colour_is_painted_with_the_nearest_one() -> None:
    height, width = 120, 160
    art, key = np.full((2, height, width, 4), 255, np.uint8)
    key[30:90, 20:60, :3] = (230, 40, 120)
    # Two steps of the channel a column: nowhere 25 px of one colour in one piece, and none near the flat one.
    row, column = np.indices((60, 50))
    key[30:90, 80:130, :3] = np.stack([255 - row // 30, 90 + column * 2 + row % 2, 150 + column + row % 3], 2)
    for left, right in ((20, 60), (80, 130)):
        art[28:92, left - 2 : right + 2] = (0, 0, 0, 255)
        art[30:90, left:right] = 255
    shot = Shot(
        "gradient", width, height, ("a", "b"), [Drawing(i, i, line_art=art) for i in "ab"], keys=[Key("a", picture=key)]
    )
    frames = {
        e.drawing: e.paint() for e in CelEngine().frames(shot, Options(), Memory()) if isinstance(e, Frame) and e.final
    }
    for name in "ab":
        assert (frames[name][35:85, 85:125, 3] == 255).all()
        assert (frames[name][35:85, 85:125, :3] == (230, 40, 120)).all()
