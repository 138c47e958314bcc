"""Passes over a clip of any length, and how a shot of any shape lies in the model's picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.anidoc.fit import fit
from backend.anidoc.memory import choose, needs
from backend.anidoc.passes import chunks, joined, passes


@settings(deadline=None)  # how long one example takes says nothing on a busy machine
@given(st.integers(1, 300), st.integers(2, 30), st.integers(1, 12), st.integers(0, 60))
def test_every_frame_is_in_a_pass_and_no_pass_leaves_the_clip(frames, length, overlap, step):
    found = passes(frames, length, overlap, step)
    weight = np.zeros(frames)
    for p in found:
        assert 0 <= p.first < p.last <= frames and p.last - p.first == min(length, frames)
        weight[p.first : p.last] += p.weight
    assert weight.min() > 0


def test_a_short_clip_is_one_pass_and_is_decoded_as_released():
    assert [(p.first, p.last) for p in passes(14)] == [(0, 14)]
    assert [(c.first, c.last) for c in chunks(14, 8)] == [(0, 8), (8, 14)]


def test_where_passes_meet_moves_from_step_to_step():
    borders = [frozenset(p.first for p in passes(100, step=step)) for step in range(10)]
    assert len(set(borders)) > 5


@settings(deadline=None)
@given(st.integers(1, 80), st.integers(1, 20), st.integers(2, 20))
def test_joined_frames_come_in_order_each_once(frames, chunk, length):
    stretches = chunks(frames, chunk, length)
    values = np.arange(frames, dtype=np.float32)[:, None]
    found = list(joined(stretches, (values[s.first : s.last] for s in stretches)))
    assert [n for n, _ in found] == list(range(frames))
    assert np.allclose(np.concatenate([v for _, v in found]), values[:, 0], atol=1e-4)


@settings(deadline=None)
@given(st.integers(8, 6000), st.integers(8, 6000))
def test_a_shot_of_any_shape_keeps_its_aspect(width, height):
    made = fit(width, height)
    w, h = made.inside
    assert made.model[0] % 64 == made.model[1] % 64 == 0 and made.model[0] * made.model[1] <= 512 * 320
    assert w <= made.model[0] and h <= made.model[1]
    assert abs(w - width * made.scale[0]) <= 1 and abs(h - height * made.scale[1]) <= 1
    if min(w, h) > 30:
        assert w / h == pytest.approx(width / height, rel=0.04)


def test_a_picture_comes_back_where_it_was():
    picture = np.zeros((288, 512, 3), np.uint8)
    picture[:144] = (200, 30, 60)
    made = fit(512, 288)
    assert made.model == (512, 320) and made.corner == (0, 16)
    assert np.array_equal(made.to_shot(made.to_model(picture)), picture)
    assert (made.to_model(picture)[0] == 255).all()


def test_a_point_lies_on_the_same_place_of_the_smaller_picture():
    made = fit(1920, 1080)
    corners = made.points(np.array([[-0.5, -0.5], [1919.5, 1079.5]]))
    assert corners == pytest.approx(np.array([[-0.5, 15.5], [511.5, 303.5]]), abs=1e-3)


def test_the_memory_mode_is_the_fastest_that_fits():
    full_size = needs(512 * 320, 14, 4.41e9, 1.46e9)
    free = {80e9: "full", 8.0e9: "stages", 6.0e9: "groups", 1e9: "groups"}
    assert {f: choose(full_size, int(f)).mode for f in free} == free
    assert choose(full_size, None).mode == "cpu"
    assert "may not suffice" in choose(full_size, int(1e9)).sentence
