"""Strokes in-betweened for scoring: what is laid flat and back again lies where it lay."""

import numpy as np
import pytest

from backend.demo import contract
from backend.demo.shot import demo_shot
from backend.evaluation.middles import lines_apart
from backend.evaluation.strokes_between import between, shown


@pytest.mark.parametrize("filled", [0, 1, 2])
def test_between_a_drawing_and_itself_stands_the_same(filled):
    shot = demo_shot(3, 480, 360, 200)
    twice = type(shot)(**{**vars(shot), "drawings": (shot.drawings[0], shot.drawings[1], shot.drawings[0])})
    true = shown(shot, contract.lines(shot, shot.drawings[0]))
    cd, f1 = lines_apart(between(twice, 0, 2, filled), true)
    assert f1 > 99.9 and cd < 0.1
    assert lines_apart(shown(shot, contract.lines(shot, shot.drawings[2])), true)[1] < 90, "the walk moves"
    assert np.count_nonzero(true) > 1000
