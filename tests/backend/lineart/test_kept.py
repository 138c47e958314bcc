"""Lines that were kept come back as they were."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.lineart.kept import pack_lines, unpack_lines
from backend.lineart.lines import Lines
from backend.lineart.regions import find_regions
from backend.lineart.sketch import Sketch, ink_of


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.floats(0, 1), st.booleans(), st.randoms(use_true_random=False))
def test_what_was_packed_comes_back(height, width, share, separated, random):
    noise = np.random.default_rng(random.randrange(2**32))
    boundary = (noise.random((height, width)) < share).astype(np.uint8)
    ink = np.where(boundary[..., None] > 0, noise.integers(1, 256, (height, width, 4)), 0).astype(np.uint8)
    separation = boundary & noise.integers(0, 2, boundary.shape, np.uint8) if separated else None
    lines = Lines(Sketch(boundary, ink_of(ink), separation), find_regions(boundary, smallest=2))

    again = unpack_lines(pack_lines(lines))

    assert np.array_equal(again.sketch.boundary, boundary)
    assert np.array_equal(again.sketch.ink.picture(), ink)
    if separation is None:
        assert again.sketch.separation is None
    else:
        assert again.sketch.separation is not None
        assert np.array_equal(again.sketch.separation, separation)
    for field in ("labels", "paper", "area"):
        assert np.array_equal(getattr(again.regions, field), getattr(lines.regions, field))
