"""Counting how often regions are wrong by how sure the engine was of them."""

import numpy as np

from backend.evaluation.clips import find_clips
from backend.evaluation.doubt import counted, table
from tests.support.bench import write_clip


def test_every_region_of_the_truth_is_counted_with_its_confidence(tmp_path) -> None:
    (clip,) = find_clips(write_clip(tmp_path / "doll"))
    rows = counted(clip, "key")
    assert rows.shape == (10, 3), "five regions on each of the two drawings that are not given"
    assert (rows[:, 2] == 1).all() and (rows[:, 1] > 0.75).all()


def test_the_table_says_what_part_is_right() -> None:
    said = table(np.array([[100, 0.2, 0], [100, 0.25, 1], [100, 0.97, 1], [30, 0.96, 1]]))
    assert "below 0.75        2     50.0" in said and "from 0.75        2    100.0" in said
    assert "of 1 wrong regions 100 % are outlined" in said
