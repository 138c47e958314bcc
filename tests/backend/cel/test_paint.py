"""Lines laid over paint."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.cel.look import look_at
from backend.cel.paint import enlarge, lay_over
from backend.lineart.lines import Lines
from backend.lineart.regions import find_regions
from backend.lineart.sketch import Sketch, ink_of

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
    lay_over(picture, ink_of(ink))
    clear = ink[0, :, 3] == 0
    assert (picture[0][clear] == before[0][clear]).all()
    assert (np.abs(picture[0] - wanted)[~clear] <= 0.51).all()


def test_where_there_is_no_paint_ink_stands_as_it_is() -> None:
    ink = np.array([[[10, 20, 30, 77]]], np.uint8)
    picture = np.zeros((1, 1, 4), np.uint8)
    lay_over(picture, ink_of(ink))
    assert (picture == ink).all()


def test_a_small_face_that_a_gap_leaves_open_to_much_paper_is_painted_at_full_size_too() -> None:
    solved = np.zeros((300, 400), np.uint8)
    solved[100:130, 200:230], solved[250, 50:52] = 1, 1  # a face, 0.75 % of the one region there is, and a crumb
    clear = np.zeros((600, 800), np.uint8)
    lines = Lines(Sketch(clear, ink_of(np.zeros((600, 800, 4), np.uint8))), find_regions(clear))
    out = enlarge(solved, look_at(lines, solved.size), lines, 2)
    assert (out[205:255, 405:455] == 1).all()
    assert not out[:190].any()
