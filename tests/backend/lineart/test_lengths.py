"""Runs as bytes: whatever was coded comes back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backend.lineart.lengths import borders, coded, ends, inside, pack_picture, places, turned, unpack_picture

few = hnp.arrays(np.uint16, st.tuples(st.integers(1, 40), st.integers(1, 60)), elements=st.integers(0, 2))
masks = hnp.arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 60)), fill=st.booleans())


@given(st.lists(st.one_of(st.integers(0, 3), st.integers(250, 260), st.integers(0, 10**6))))
def test_lengths_come_back_added_up(lengths):
    code = coded(np.array(lengths, np.int64))
    assert code.dtype == np.uint8
    assert ends(code).tolist() == np.cumsum(lengths).tolist()


@given(few)
def test_a_picture_comes_back(picture):
    again = unpack_picture(**pack_picture(picture))
    assert again.dtype == picture.dtype and np.array_equal(again, picture)


@given(masks)
def test_a_mask_comes_back_from_its_borders(mask):
    assert places(mask).tolist() == np.flatnonzero(mask).tolist()
    code = borders(mask)
    assert inside(code, mask.size).tolist() == np.flatnonzero(mask).tolist()
    assert np.array_equal(turned(np.zeros(mask.shape, np.uint8), code), mask)
    assert np.array_equal(turned(np.ones(mask.shape, np.uint8), code), ~mask)
