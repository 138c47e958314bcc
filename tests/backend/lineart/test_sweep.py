"""Strokes as coverage: areas are right, edges are soft, and however thin a ring is, it holds."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.contracts.drawing import LINE, Strokes
from backend.contracts.shot import Material
from backend.lineart.strokes import read_strokes
from backend.lineart.sweep import bound, cones, sweep


def ring(points: np.ndarray, radius: float) -> Strokes:
    n = len(points)
    return Strokes(
        points=points.astype(np.float32),
        radius=np.full(n, radius, np.float32),
        opacity=np.ones(n, np.float32),
        offsets=np.array([0, n], np.int32),
        layer=np.zeros(1, np.int32),
        material=np.zeros(1, np.int32),
        cyclic=np.ones(1, np.bool_),
        role=np.full(1, LINE, np.uint8),
        ids=np.full(1, -1, np.int64),
    )


def one(points: list[list[float]], radius: list[float]) -> np.ndarray:
    return cones(np.array(points), np.array(radius), np.array([0, len(points)]), np.array([False]), (120, 120))[0]


def test_a_straight_line_covers_its_length_times_its_width():
    cover = sweep((40, 120), one([[20.0, 20.0], [100.0, 20.0]], [3.0, 3.0]))
    assert abs(cover[:, 30:90].sum() / 255 - 60 * 6) < 1
    assert cover[20, 60] == 255 and cover[26, 60] == 0


def test_pressure_makes_the_line_swell_between_its_points():
    cover = sweep((60, 120), one([[20.0, 30.0], [100.0, 30.0]], [1.0, 9.0])) / 255.0
    assert cover[:, 30].sum() < cover[:, 60].sum() < cover[:, 90].sum()
    assert abs(cover[:, 60].sum() - 10) < 0.5


def test_a_dot_is_round_and_lies_on_its_point():
    cover = sweep((21, 21), one([[10.5, 10.5]], [4.0]))
    assert np.array_equal(cover, cover.T) and np.array_equal(cover, cover[::-1])
    assert abs(cover.sum() / 255 - np.pi * 16) < 1


def test_what_lies_outside_the_picture_is_left_out():
    cover = sweep((20, 20), one([[-500.0, -500.0], [-480.0, -500.0], [-480.0, 10.5], [10.5, 10.5]], [1.0] * 4))
    assert cover.shape == (20, 20) and cover[10, 5] == 255 and cover[:8].max() == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(12, 40), min_size=5, max_size=24),
    st.floats(0.01, 4),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_paint_never_leaks_out_of_a_closed_ring(reach, radius, dx, dy):
    angle = np.linspace(0, 2 * np.pi, len(reach), endpoint=False)
    points = np.stack([50 + dx + reach * np.cos(angle), 50 + dy + reach * np.sin(angle)], 1)
    sketch, ends, _ = read_strokes(ring(points, radius), [Material("Ink")], 101, 101)
    labels = cv2.connectedComponents((sketch.boundary == 0).astype(np.uint8), connectivity=4)[1]
    assert len(ends) == 0
    assert labels[0, 0] > 0 and (labels[50, 50] != labels[0, 0])


def test_a_stroke_that_runs_to_the_horizon_is_drawn_where_it_is_seen():
    segments = one([[-3.0e7, 20.5], [4.0e7, 20.5]], [2.0, 2.0])
    assert len(segments) < 20
    cover = sweep((120, 120), segments)
    assert (cover[20] == 255).all() and cover[:18].max() == 0


def test_a_brush_broader_than_the_picture_covers_it():
    cover = sweep((120, 120), one([[60.0, 60.0], [61.0, 60.0]], [5.0e6, 5.0e6]))
    assert (cover == 255).all()
    half = sweep((120, 120), one([[-940.0, 60.0]], [1000.0]))
    assert abs(half[60].sum() / 255 - 60) < 1


def test_lines_of_a_colour_that_lie_beside_the_picture_are_not_missed():
    dots = Strokes(
        points=np.array([[-40.0, 5.0], [10.5, 10.5]], np.float32),
        radius=np.full(2, 3.0, np.float32),
        opacity=np.ones(2, np.float32),
        offsets=np.array([0, 1, 2], np.int32),
        layer=np.zeros(2, np.int32),
        material=np.array([0, 1], np.int32),
        cyclic=np.zeros(2, np.bool_),
        role=np.full(2, LINE, np.uint8),
        ids=np.full(2, -1, np.int64),
    )
    sketch, _, _ = read_strokes(dots, [Material("Red", (200, 0, 0, 255)), Material("Ink", (0, 0, 9, 255))], 21, 21)
    assert tuple(sketch.ink.picture()[10, 10]) == (0, 0, 9, 255) and sketch.boundary[10, 10] == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-20, 60), st.floats(-20, 60), st.floats(0, 9)), min_size=1, max_size=9),
    st.floats(0.01, 1),
)
def test_many_segments_cover_what_each_of_them_covers(points, strength):
    segments = one([[x, y] for x, y, _ in points], [r for _, _, r in points])
    each = [sweep((40, 50), segments[n : n + 1], strength) for n in range(len(segments))]
    together = sweep((40, 50), segments, strength)
    assert np.array_equal(together, np.max([np.zeros((40, 50), np.uint8), *each], axis=0))
    boundary = np.zeros((40, 50), np.uint8)
    bound(boundary, segments)
    assert np.array_equal(boundary, sweep((40, 50), segments) >> 7)
