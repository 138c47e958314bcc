"""Doubtful regions are outlined on the picture shown, the paper around the figure is not."""

import numpy as np

from backend.pictures.doubt import MARK, outline_doubts, read_certainty
from backend.pictures.write import write_png

GREY = (120, 120, 120)


def shown_with(certainty: np.ndarray, alpha: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """A grey picture twice the size of ``certainty``, outlined, and how many regions were."""
    shown = np.full((2 * certainty.shape[0], 2 * certainty.shape[1], 3), GREY, np.uint8)
    opaque = np.full(certainty.shape, 255, np.uint8) if alpha is None else alpha
    return shown, outline_doubts(shown, certainty, opaque)


def marked(shown: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels in the outline's own colour."""
    return (shown == MARK).all(2)


def test_a_doubtful_region_is_outlined_and_a_sure_one_is_not() -> None:
    certainty = np.full((80, 120), 250, np.uint8)
    certainty[20:60, 20:50] = 60
    certainty[20:60, 70:100] = 240
    shown, count = shown_with(certainty)
    assert count == 1
    rows, columns = np.nonzero(marked(shown))
    assert 38 <= rows.min() <= 42 and 117 <= rows.max() <= 121
    assert 38 <= columns.min() <= 42 and 97 <= columns.max() <= 101
    assert (shown[60:100, 60:80] == GREY).all(), "what is inside stays to be seen"


def test_two_doubtful_neighbours_are_told_apart() -> None:
    certainty = np.full((80, 120), 250, np.uint8)
    certainty[20:60, 20:50], certainty[20:60, 50:90] = 60, 90
    shown, count = shown_with(certainty)
    assert count == 2 and marked(shown)[80, 96:104].any()


def test_a_small_region_gets_a_ring_that_is_seen_and_a_crumb_none() -> None:
    certainty = np.full((80, 120), 250, np.uint8)
    certainty[40:45, 40:45], certainty[10:12, 10:12] = 30, 30
    shown, count = shown_with(certainty)
    assert count == 1
    rows, columns = np.nonzero(marked(shown))
    assert np.ptp(rows) >= 12 and np.ptp(columns) >= 12 and not marked(shown)[:40].any()


def test_paper_around_the_figure_is_not_outlined_and_a_hole_is() -> None:
    certainty = np.full((80, 120), 10, np.uint8)
    certainty[10:70, 10:110] = 250
    certainty[30:50, 40:80] = 20
    alpha = np.zeros(certainty.shape, np.uint8)
    alpha[10:70, 10:110] = 255
    alpha[30:50, 40:80] = 0
    shown, count = shown_with(certainty, alpha)
    assert count == 1 and not marked(shown)[:40].any()


def test_what_was_not_left_or_is_damaged_is_nothing(tmp_path) -> None:
    assert read_certainty(tmp_path, "0123456789abcdef") is None
    place = tmp_path / "work" / "certainty" / "0123456789abcdef.png"
    write_png(place, np.full((4, 6), 77, np.uint8))
    found = read_certainty(tmp_path, "0123456789abcdef")
    assert found is not None and found.shape == (4, 6) and (found == 77).all()
    place.write_bytes(place.read_bytes()[:40])
    assert read_certainty(tmp_path, "0123456789abcdef") is None
