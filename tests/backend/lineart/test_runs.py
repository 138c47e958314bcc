"""Runs of equal pixels say the same as the pixels."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.lineart.lengths import pixels_of
from backend.lineart.runs import pieces, runs_of


def areas(height: int, width: int, seed: int) -> np.ndarray:
    """A picture of a few areas, some of one pixel."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 4, (-(-height // 3), -(-width // 5)))
    picture = small.repeat(3, 0).repeat(5, 1)[:height, :width].astype(np.int32)
    picture[random.random(picture.shape) < 0.05] = 7
    return picture


sizes = st.integers(1, 40)


@given(sizes, sizes, sizes, sizes, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_samples_are_the_pixels_at_these_rows_and_columns(height, width, small_height, small_width, seed):
    picture = areas(height, width, seed)
    rows = np.arange(min(small_height, height)) * height // min(small_height, height)
    columns = np.arange(min(small_width, width)) * width // min(small_width, width)
    runs = runs_of(picture)
    assert np.array_equal(runs.picture(), picture)
    small = runs.samples(rows, columns)
    assert np.array_equal(small.picture(), picture[rows][:, columns])
    assert np.array_equal(small.start, runs_of(small.picture()).start)
    start, length, value = small.rows()
    assert np.array_equal(np.repeat(value, length).reshape(small.size), small.picture())
    assert (start // small.size[1] == (start + length - 1) // small.size[1]).all() and (length > 0).all()


def test_runs_that_touch_are_one_piece_and_runs_that_meet_at_a_corner_are_two():
    rows = ("##.#", "#..#", ".##.", "#.##")
    flat = np.array([[c == "#" for c in row + "."] for row in rows]).ravel().astype(np.int8)
    change = np.flatnonzero(np.diff(flat, prepend=0))
    number, count = pieces(change[::2], change[1::2], 5)
    assert count == 4 and number.tolist() == [0, 1, 0, 1, 2, 3, 2]


def test_pixels_of_runs_come_run_by_run():
    assert pixels_of(np.array([4, 9, 20]), np.array([2, 0, 3])).tolist() == [4, 5, 20, 21, 22]
