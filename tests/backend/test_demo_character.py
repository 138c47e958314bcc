"""The demo's characters: a walk that repeats, lines only where an artist would draw them, flats under all of them."""

import numpy as np
import pytest

from backend.contracts.drawing import FILL, LINE, SEPARATION
from backend.demo import contract
from backend.demo.character import figure
from backend.demo.design import design_from_seed
from backend.demo.shot import demo_drawings, demo_shot
from backend.demo.strokes import visible_runs
from backend.demo.walk import LOOP, pose_at
from backend.evaluation.generated import coloured, line_art, true_flats, true_regions

SEEDS = range(12)


def test_a_shot_is_the_same_each_time_it_is_made():
    first, again = demo_drawings(2), demo_drawings(2)
    for one, other in zip(first, again, strict=True):
        assert [s.ident for s in one.strokes] == [s.ident for s in other.strokes]
        assert all((a.points == b.points).all() for a, b in zip(one.strokes, other.strokes, strict=True))


def test_every_drawing_of_the_loop_is_another_one():
    shot = demo_shot(24, 640, 360)
    pictures = {line_art(shot, drawing).tobytes() for drawing in shot.drawings}
    assert len(pictures) == 24


def test_the_demo_has_the_colours_and_layers_that_it_promises():
    shot = demo_shot(1)
    colours = {tuple(c) for c in true_flats(shot, shot.drawings[0]).reshape(-1, 4)} - {(0, 0, 0, 0)}
    assert len(colours) >= 20
    assert {stroke.layer for stroke in shot.drawings[0].strokes} == {"Separation", "Details", "Lines"}


@pytest.mark.parametrize("seed", SEEDS)
def test_feet_stay_on_the_ground_and_bones_keep_their_length(seed):
    design = design_from_seed(seed)
    for time in np.arange(0.0, LOOP, 1 / 24):
        pose = pose_at(design, float(time))
        assert min(pose.near_leg.ankle[1], pose.far_leg.ankle[1]) < 0.75, "one foot carries the weight"
        for leg in (pose.near_leg, pose.far_leg):
            assert np.hypot(*(leg.knee - leg.hip)) == pytest.approx(design.thigh, abs=1e-6)
            assert np.hypot(*(leg.ankle - leg.knee)) == pytest.approx(design.shin, abs=1e-3)


def test_the_eyes_blink_once_a_loop():
    shut = [pose_at(design_from_seed(0), number / 12).eyes < 0.12 for number in range(24)]
    assert sum(shut) == 1


def test_a_line_behind_a_nearer_part_is_left_out():
    line = np.stack([np.linspace(0.0, 10.0, 101), np.zeros(101)], axis=1)
    box = np.array([(4.0, -1.0), (6.0, -1.0), (6.0, 1.0), (4.0, 1.0)])
    left, right = visible_runs(line, [box])
    assert left[0, 0] == 0.0 and left[-1, 0] == pytest.approx(4.0, abs=0.11)
    assert right[0, 0] == pytest.approx(6.0, abs=0.11) and right[-1, 0] == 10.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figure_stays_inside_the_picture(seed):
    design = design_from_seed(seed)
    for number in range(24):
        points = np.concatenate([part.polygon for part in figure(design, pose_at(design, number / 12))])
        assert points[:, 1].min() > -0.1 and points[:, 1].max() < 6.9, "96 px a unit on 720 px"
        assert np.abs(points[:, 0]).max() < 5.0


@pytest.mark.parametrize("seed", SEEDS)
def test_borders_between_two_flats_lie_under_a_line(seed):
    shot = demo_shot(1, 1280, 720, seed)
    drawing = shot.drawings[0]
    flats = true_flats(shot, drawing).astype(int) @ np.array([1 << 16, 1 << 8, 1, 1 << 24])
    border = (flats[:, 1:] != flats[:, :-1])[:-1] | (flats[1:] != flats[:-1])[:, :-1]
    ink = line_art(shot, drawing)
    near = np.minimum.reduce(
        [np.roll(ink, shift, (0, 1)) for shift in [(y, x) for y in range(-2, 3) for x in range(-2, 3)]]
    )
    bare = border & (near[:-1, :-1] > 128)
    assert bare.sum() / border.sum() < 0.03


def test_a_crowd_has_the_regions_that_the_benchmark_names():
    shot = demo_shot(1, 1920, 1080, characters=4)
    assert 270 <= true_regions(shot, shot.drawings[0]).max() <= 360


def test_lines_and_fills_in_the_form_of_the_contracts():
    shot = demo_shot(1)
    lines, fills = contract.lines(shot, shot.drawings[0]), contract.fills(shot, shot.drawings[0])
    materials = contract.materials(shot)
    assert set(lines.role) == {LINE, SEPARATION} and set(fills.role) == {FILL}
    assert len(set(lines.ids.tolist())) == len(lines)
    assert {materials[m].separation for m in lines.material[lines.role == SEPARATION]} == {True}
    assert all(materials[m].fill[3] == 255 for m in fills.material)
    assert lines.offsets[-1] == len(lines.points) == len(lines.radius)


def test_the_coloured_key_shows_flats_between_its_lines():
    shot = demo_shot(1, 640, 360)
    drawing = shot.drawings[0]
    flats, key, ink = true_flats(shot, drawing), coloured(shot, drawing), line_art(shot, drawing)
    clear = ink == 255
    assert (key[clear] == flats[clear]).all()
