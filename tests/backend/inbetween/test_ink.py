"""Lines of a scanned in-between put right: strays go, what both keys show is added, width stays."""

import cv2
import numpy as np

from backend.inbetween.blend import without_specks
from backend.inbetween.ink import Places, settled
from backend.inbetween.trace import draw, trace

SIZE = (160, 240)


def ring(x: int, radius: int = 40) -> np.ndarray:
    """(H, W) uint8, 1 on a ring of 2 px about (x, 80)."""
    out = np.zeros(SIZE, np.uint8)
    cv2.circle(out, (x, 80), radius, 1, 2)
    return out


def half_way(by: float) -> Places:
    """Everything slides ``by`` px to the right between the keys."""
    ys, xs = np.mgrid[: SIZE[0], : SIZE[1]]
    here = (xs + 1j * ys).astype(np.complex64)
    return Places(here - np.complex64(by / 2), here + np.complex64(by / 2))


def near(some: np.ndarray, others: np.ndarray) -> float:
    """Part of the lines ``some`` (0 on 255) within 2 px of ``others`` (1 on lines)."""
    away = cv2.distanceTransform(1 - others, cv2.DIST_L2, 5)
    return float((away[some == 0] <= 2).mean())


def test_a_stray_line_goes_and_the_others_stay():
    drawn = ring(110)
    cv2.line(drawn, (170, 20), (220, 140), 1, 2)
    made = settled(drawn, (ring(100), ring(120)), half_way(20))
    assert near(made, ring(110)) == 1 and (made == 0).sum() > 0.9 * ring(110).sum()


def test_a_line_of_both_keys_that_no_stroke_stands_for_is_added():
    drawn = np.zeros(SIZE, np.uint8)
    cv2.line(drawn, (20, 10), (60, 10), 1, 2)
    keys = []
    for x in (-10, 10):
        key = ring(110 + x)
        cv2.line(key, (20 + x, 10), (60 + x, 10), 1, 2)
        keys.append(key)
    made = settled(drawn, (keys[0], keys[1]), half_way(20))
    inside = made[30:]
    assert near(made, np.maximum(drawn, ring(110))) == 1 and (inside == 0).sum() > 0.9 * ring(110).sum()


def test_slanting_lines_keep_their_width():
    for angle in (0, 20, 45, 70):
        lines = np.zeros((200, 200), np.uint8)
        way = 80 * np.exp(1j * np.radians(angle))
        start, end = ((round(100 + s * way.real), round(100 + s * way.imag)) for s in (-1, 1))
        cv2.line(lines, start, end, 1, 3)
        assert 0.95 < (draw(trace(lines), (200, 200)) == 0).sum() / lines.sum() < 1.05


def test_specks_go_only_where_motions_part():
    index = np.zeros(SIZE, np.uint8)
    index[80, 60] = index[80, 180] = 1
    places = half_way(0)
    places.first[:, 120:] += 9  # the right half comes from elsewhere
    index[80, 120] = 1
    out = without_specks(index, 2, places)
    assert out[80, 60] == 1 and out[80, 180] == 1 and out[80, 120] == 0
