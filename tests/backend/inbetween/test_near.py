"""Which places are nearest to which: the same as measuring every distance, also where places coincide or are few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.inbetween.near import nearest, pairs_within, search

places = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=1, max_size=40).map(
    lambda at: np.array([complex(x, y) for x, y in at])
)


@settings(max_examples=60, deadline=None)
@given(places, places, st.integers(1, 9))
def test_nearest_is_what_measuring_every_distance_finds(at, among, count):
    far = np.abs(at[:, None] - among)
    which = nearest(at, among, count)
    assert which.shape == (len(at), min(count, len(among)))
    assert np.take_along_axis(far, which, 1) == pytest.approx(np.sort(far, 1)[:, :count], abs=1e-4)
    assert all(len(set(row)) == len(row) for row in which)


@settings(max_examples=60, deadline=None)
@given(places, st.floats(0, 20))
def test_pairs_within_reach_are_all_of_them(at, reach):
    a, b = np.nonzero(np.triu(np.abs(at[:, None] - at) <= reach, 1))
    assert {tuple(pair) for pair in pairs_within(at, reach)} == set(zip(a.tolist(), b.tolist(), strict=True))


def test_many_places_on_one_spot_and_none_at_all():
    away, which = search(np.zeros((2, 3)), np.zeros((500, 3)), 4)
    assert which.shape == (2, 4) and not away.any()
    assert search(np.zeros((0, 2)), np.zeros((5, 2)), 3)[1].shape == (0, 3)
