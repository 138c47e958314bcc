"""Where one drawing lies in another: what is kept of it says the same afterwards, and samples stand for all pixels."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.cel.flow import Flow, dense_flow
from backend.cel.look import Look
from backend.cel.match import Begun, begin, laid, pack, unpack
from backend.cel.sample import look_up, look_up_list
from backend.cel.view import FAR, NEAR, depth_of, felt
from backend.lineart.runs import runs_of

from .test_whole import read


def moved(by: int) -> np.ndarray:
    """(h', w') uint8: what flow sees of a drawing of three discs, ``by`` px to the right."""
    picture = np.zeros((240, 320), np.uint8)
    for x, y, radius in ((90, 80, 40), (200, 90, 30), (150, 180, 35)):
        cv2.circle(picture, (x + by, y), radius, 1, 2)
    return depth_of(cv2.distanceTransform(1 - picture, cv2.DIST_L2, 3))


def test_flow_says_how_far_lines_have_moved():
    flow = dense_flow(moved(0), moved(6), (240, 320))
    on_lines = np.array([130 + 80j, 50 + 80j, 230 + 90j, 185 + 180j], np.complex64)
    assert np.abs(flow.at(on_lines) - 6).max() < 1.5
    assert flow.everywhere().shape == (240, 320, 2)


def test_a_picture_too_small_for_flow_stands_still():
    tiny = depth_of(np.zeros((9, 30), np.float32))
    assert not dense_flow(tiny, tiny, (9, 30)).at(np.array([3 + 3j], np.complex64)).any()


def test_what_is_kept_of_a_match_sends_every_pixel_to_the_same_place():
    _, key = read(0, 150, 240)
    _, other = read(20, 170, 236)
    asked = np.zeros(other.count, bool)
    asked[::2] = True
    for some in (None, asked):
        fresh = laid(other.view(), key.view(), some)
        kept = unpack({name: array.copy() for name, array in pack(fresh).items()}, other.labels.shape)
        known = slice(None) if some is None else some[other.labels.ravel()]
        where = np.arange(other.labels.size)[known]
        at = fresh.at(other.labels)
        assert (at.at(where) == kept.at(other.labels).at(where)).all()
        assert (np.isfinite(at.cost) == (True if some is None else some)).all()


def test_what_another_began_and_kept_is_laid_on_to_the_same_end():
    _, key = read(0, 150, 240)
    _, other = read(20, 170, 236)
    kept = {name: array.copy() for name, array in begin(other.view(), key.view()).packed().items()}
    whole = pack(laid(other.view(), key.view()))
    onward = pack(laid(other.view(), key.view(), begun=Begun.unpacked(kept, other.labels.shape)))
    assert whole["flow"].any()
    assert all(np.array_equal(array, onward[name]) for name, array in whole.items())


def test_flow_is_forgotten_only_where_nothing_follows_it():
    flow = Flow(np.full((30, 40, 2), 5, np.float32), (120, 160))
    near = np.zeros((30, 40), bool)
    near[10, 10] = True
    less = flow.only(near)
    assert less.at(np.array([42 + 42j], np.complex64))[0] == 5 + 5j
    assert less.at(np.array([120 + 100j], np.complex64))[0] == 0


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 1200), st.integers(0, 2**32 - 1))
def test_a_list_of_places_is_looked_up_as_a_table_of_them_is(count: int, seed: int):
    random = np.random.default_rng(seed)
    picture = random.random((50, 70), np.float32)
    at = (random.random(count) * 75 - 3 + 1j * (random.random(count) * 55 - 3)).astype(np.complex64)
    # OpenCV rounds the last bit as the place in a row has it.
    assert np.allclose(look_up_list(picture, at), look_up(picture, at[:, None])[:, 0], atol=1e-6)


@pytest.mark.parametrize("reach", [NEAR, FAR])
def test_slopes_in_bytes_say_what_they_are(reach: float):
    _, look = read(0, 150, 240)
    view = look.view()
    slope, distance = felt(view.slopes[0 if reach == FAR else 1], reach)
    true = np.minimum(view.distance, reach)
    assert np.abs(distance - true).max() < reach / 255
    assert np.abs(slope.real - cv2.Sobel(true, cv2.CV_32F, 1, 0, scale=1 / 8)).max() < 0.05


def test_samples_stand_for_the_paper_of_their_regions():
    labels = np.zeros((300, 400), np.int32)
    labels[20:80, 30:90] = 1  # 3,600 px: every second column of every second row
    labels[100:110, 30:45] = 2  # 150 px: all of them
    paper = np.ones(labels.shape, bool)
    paper[100] = False
    look = Look((~paper).astype(np.uint8), paper, runs_of(labels), np.bincount(labels[paper], minlength=3))
    sample = look.sample
    assert sample.weight.tolist() == [16, 4, 1]
    assert paper.ravel()[sample.place].all() and (labels.ravel()[sample.place] == sample.label).all()
    stands_for = np.bincount(sample.label, minlength=3) * sample.weight
    assert stands_for[2] == look.area[2]
    assert np.abs(stands_for / look.area - 1).max() < 0.03
