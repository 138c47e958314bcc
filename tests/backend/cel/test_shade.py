"""Which borders of colours are tone edges, and are carried into a region that no line divides."""

import numpy as np
import pytest

from backend.cel.carry import Solved, carry
from backend.cel.look import Look
from backend.cel.match import Match
from backend.cel.palette import palette_of
from backend.lineart.runs import runs_of

PALETTE = palette_of([(250, 220, 180, 255), (200, 30, 40, 255)])
FACE, HAIR = 1, 2
SIDE = 40


def look(labels: np.ndarray) -> Look:
    return Look(
        np.zeros(labels.shape, np.uint8),
        np.ones(labels.shape, bool),
        runs_of(labels),
        np.bincount(labels.ravel()),
    )


def carried(regions: np.ndarray, cost: float) -> set[int]:
    """The colours that a drawing of one region takes from one of face, and of hair in its last 12 columns."""
    colour = np.full((SIDE, SIDE), FACE, np.uint8)
    colour[:, -12:] = HAIR
    source, target = look(regions), look(np.zeros((SIDE, SIDE), np.int32))
    at = np.arange(SIDE * SIDE, dtype=np.int32).reshape(SIDE, SIDE)
    found = Match(at.ravel().take, np.array([cost], np.float32))
    given = Solved(colour, np.ones(source.count, np.float32))
    return set(np.unique(carry(target, source, found, given, PALETTE).colour).tolist())


def one_part() -> np.ndarray:
    return np.zeros((SIDE, SIDE), np.int32)


def two_parts() -> np.ndarray:
    regions = one_part()
    regions[:, -12:] = 1
    return regions


@pytest.mark.parametrize("cost", [0.1, 0.35])
def test_a_tone_edge_within_one_part_is_carried(cost: float) -> None:
    assert carried(one_part(), cost) == {FACE, HAIR}


def test_two_parts_that_a_gap_has_joined_keep_their_border() -> None:
    assert carried(two_parts(), 0.1) == {FACE, HAIR}


def test_what_missed_its_place_and_lies_on_two_parts_is_flat() -> None:
    assert carried(two_parts(), 0.35) == {FACE}


def test_what_lies_on_pieces_of_two_parts_is_flat() -> None:
    """An arm in front of a coat and its belt, that was not there before: most of either is still beside it."""
    regions = two_parts()
    colour = np.where(regions == 0, FACE, HAIR).astype(np.uint8)
    arm = np.zeros((SIDE, SIDE), np.int32)
    arm[14:22, 20:36] = 1
    found = Match(np.arange(SIDE * SIDE).take, np.array([0.1, 0.1], np.float32))
    after = carry(look(arm), look(regions), found, Solved(colour, np.ones(2, np.float32)), PALETTE).colour
    assert len(np.unique(after[arm == 1])) == 1


def test_tone_edges_of_neighbours_and_at_the_rim_stay_where_they_are() -> None:
    """Two parts side by side, of the first the lower half in shadow and of the second the upper; both reach the rim."""
    regions = one_part()
    regions[:, SIDE // 2 :] = 1
    colour = np.full((SIDE, SIDE), FACE, np.uint8)
    colour[SIDE // 2 :, : SIDE // 2] = HAIR
    colour[: SIDE // 2, SIDE // 2 :] = HAIR
    drawing = look(regions)
    found = Match(np.arange(SIDE * SIDE).take, np.zeros(2, np.float32))
    given = Solved(colour, np.ones(2, np.float32))
    after = carry(drawing, drawing, found, given, PALETTE).colour
    assert np.mean(after == colour) > 0.98  # steps at the corner are smoothed
    assert (after[[0, -1]] == colour[[0, -1]]).mean() > 0.95
