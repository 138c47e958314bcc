"""Labels that grow over the lines between them, until they meet."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.lineart.nearest import ROUNDS, grow


def grown(labels: np.ndarray) -> np.ndarray:
    """Labels from 0 on, -1 where there is none, as they are once grown; they count from 1 while they grow."""
    out = (labels + 1).astype(np.uint16)
    grow(out)
    large = (labels + 1).astype(np.float32)
    grow(large)
    assert np.array_equal(out, large)
    return out.astype(np.int32) - 1


def test_a_line_is_shared_by_the_regions_on_both_sides() -> None:
    row = np.array([[0, 0, -1, -1, -1, -1, 1, 1]], np.int32)
    assert grown(row).tolist() == [[0, 0, 0, 0, 1, 1, 1, 1]]


def test_solid_black_wider_than_any_line_is_shared_as_well() -> None:
    wide = np.full((5, 6 * ROUNDS), -1, np.int32)
    wide[:, 0], wide[:, -1] = 0, 1
    wide = grown(wide)
    assert (wide[:, : 3 * ROUNDS - 1] == 0).all() and (wide[:, 3 * ROUNDS + 1 :] == 1).all()


def test_a_drawing_without_any_label_stays_as_it_is() -> None:
    nothing = np.full((4, 4), -1, np.int32)
    assert (grown(nothing) == -1).all()


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_every_pixel_takes_a_label_that_is_hardly_further_away_than_the_nearest(data) -> None:
    height, width = data.draw(st.integers(2, 24)), data.draw(st.integers(2, 24))
    given_labels = np.full((height, width), -1, np.int32)
    for label in range(data.draw(st.integers(1, 4))):
        y, x = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
        given_labels[y : y + 3, x : x + 3] = label
    full = grown(given_labels)
    assert (full[given_labels >= 0] == given_labels[given_labels >= 0]).all()
    away = [
        cv2.distanceTransform((given_labels != label).astype(np.uint8), cv2.DIST_L2, 5)
        if (given_labels == label).any()
        else np.full((height, width), np.inf, np.float32)
        for label in range(int(given_labels.max()) + 1)
    ]
    taken = np.take_along_axis(np.stack(away), full[None], 0)[0]
    # An octagon is up to a twelfth wider than the circle in it; and whole steps of one pixel.
    assert (taken <= np.min(away, 0) * 1.25 + 1.5).all()


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 0.2), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_few_pixels_looked_at_alone_take_the_same_labels_as_in_the_whole_picture(height, width, share, seed) -> None:
    noise = np.random.default_rng(seed)
    labels = np.where(noise.random((height, width)) < share, noise.integers(0, 9, (height, width)), -1)
    found = []
    for few in (0, labels.size):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("backend.lineart.nearest.FEW", few)
            found.append(grown(labels))
    assert np.array_equal(*found)
