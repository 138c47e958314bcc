"""Lines and colours of a scanned in-between: looked up whole in the keys, nothing drawn twice, no crumbs, clean outlines."""

import cv2
import numpy as np

from backend.cel.palette import palette_of
from backend.inbetween.blend import Places, looked_up, outlined, without_specks
from backend.inbetween.ink import lines_between

SIZE = (160, 240)
NEARER = np.zeros(SIZE, bool)


def ring(x: int, radius: int = 40, width: int = 2) -> np.ndarray:
    """(H, W) uint8, 1 on a ring about (x, 80)."""
    out = np.zeros(SIZE, np.uint8)
    cv2.circle(out, (x, 80), radius, 1, width)
    return out


def half_way(by: float) -> Places:
    """Everything slides ``by`` px to the right between the keys."""
    ys, xs = np.mgrid[: SIZE[0], : SIZE[1]]
    here = (xs + 1j * ys).astype(np.complex64)
    return Places(here - np.complex64(by / 2), here + np.complex64(by / 2))


def test_lines_come_over_whole_and_as_wide_as_they_were_drawn():
    for width in (1, 2, 5):
        keys = ring(100, width=width), ring(120, width=width)
        assert ((lines_between(keys, half_way(20), NEARER, 0.5) == 0) == ring(110, width=width)).all()


def test_a_line_that_the_keys_have_a_little_apart_is_drawn_once():
    keys = ring(100), ring(123)
    made = lines_between(keys, half_way(20), NEARER, 0.5) == 0
    assert made.sum() == ring(110).sum()


def test_the_further_key_is_looked_up_where_the_nearer_one_hides_the_line():
    further = NEARER.copy()
    further[:, 120:] = True
    keys = np.zeros(SIZE, np.uint8), ring(120)
    made = lines_between(keys, half_way(20), further, 0.5) == 0
    assert (made[:, 120:] == ring(110)[:, 120:]).all() and not made[:, :120].any()


def test_crumbs_where_motions_part_go_and_dots_of_the_artist_stay():
    keys = ring(100), ring(120)
    for key, x in zip(keys, (100, 120), strict=True):
        key[80:82, x : x + 2] = 1
    places = half_way(20)
    places.first[10:12, 10:12] = 100 + 40j  # a piece of the ring that strayed
    made = lines_between(keys, places, NEARER, 0.5) == 0
    assert not made[:20, :20].any() and made[80:82, 110:112].all()


def test_a_single_stray_row_does_not_fray_the_outline():
    empty = np.ones(SIZE, bool)
    empty[:, 100:] = False
    places = half_way(0)
    other = places.last.copy()
    other[80, 96:100] += 9  # there the second key is taken for figure
    further = NEARER.copy()
    further[80] = True
    put_right = outlined(further, (empty, empty), Places(places.first, other), 0.5)
    assert not put_right[80, 96:99].any()


PALETTE = palette_of([(250, 220, 190, 255), (40, 30, 30, 255)])
PAPER, SKIN, INK = 0, 1, 2


def test_a_rag_of_colour_that_one_key_alone_shows_is_left_out():
    keys = np.full(SIZE, SKIN, np.uint8), np.full(SIZE, SKIN, np.uint8)
    keys[0][60:66, 60:66] = PAPER
    keys[1][100:106, 160:166] = INK
    assert (looked_up(keys, PALETTE, half_way(0), NEARER, 0.5) == SKIN).all()


def test_a_line_of_colour_that_the_keys_have_a_little_apart_comes_whole_from_one_of_them():
    keys = np.full(SIZE, SKIN, np.uint8), np.full(SIZE, SKIN, np.uint8)
    keys[0][:, 100:103] = INK
    keys[1][:, 102:105] = INK
    made = looked_up(keys, PALETTE, half_way(0), NEARER, 0.5) == INK
    assert (made.sum(1) == 3).all()


def test_specks_go_only_where_motions_part():
    index = np.zeros(SIZE, np.uint8)
    index[80, 60] = index[80, 180] = 1
    places = half_way(0)
    places.first[:, 120:] += 9  # the right half comes from elsewhere
    index[80, 120] = 1
    out = without_specks(index, 2, places)
    assert out[80, 60] == 1 and out[80, 180] == 1 and out[80, 120] == 0
