"""Lines laid over paint."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.cel.paint import lay_over

PIXEL = st.tuples(*[st.integers(0, 255)] * 4)


def over(top: tuple[int, ...], below: tuple[int, ...]) -> np.ndarray:
    """One straight-alpha colour over another, in fractions (Porter and Duff, SIGGRAPH 1984)."""
    a, b = top[3] / 255, below[3] / 255 * (1 - top[3] / 255)
    colour = (np.array(top[:3]) * a + np.array(below[:3]) * b) / max(a + b, 1e-6)
    return np.array([*colour, (a + b) * 255])


@given(st.lists(st.tuples(PIXEL, PIXEL), min_size=1, max_size=60), st.sampled_from([None, 0, 255]))
@settings(max_examples=60, deadline=None)
def test_ink_over_paint_is_mixed_to_the_nearest_level(pairs, alpha) -> None:
    ink = np.array([[top for top, _ in pairs]], np.uint8)
    picture = np.array([[below if alpha is None else (*below[:3], alpha) for _, below in pairs]], np.uint8)
    wanted = np.stack([over(t, b) for t, b in zip(ink[0].tolist(), picture[0].tolist(), strict=True)])
    before = picture.copy()
    lay_over(picture, ink)
    clear = ink[0, :, 3] == 0
    assert (picture[0][clear] == before[0][clear]).all()
    assert (np.abs(picture[0] - wanted)[~clear] <= 0.51).all()


def test_where_there_is_no_paint_ink_stands_as_it_is() -> None:
    ink = np.array([[[10, 20, 30, 77]]], np.uint8)
    picture = np.zeros((1, 1, 4), np.uint8)
    lay_over(picture, ink)
    assert (picture == ink).all()
