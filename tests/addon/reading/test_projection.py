"""Points of strokes land where the camera sees them; lines are as wide as Blender draws them."""

import bpy
import numpy as np
import pytest

from .scenery import CROSS, SQUARE, blenders_pixels, key, layer, look, pencil, stage

CAMERAS = {
    "orthographic": {"type": "ORTHO", "ortho_scale": 5.5},
    "perspective": {"type": "PERSP", "lens": 35.0},
    "shifted": {"type": "PERSP", "lens": 50.0, "shift_x": 0.2, "shift_y": -0.1},
    "fitted to its height": {"type": "PERSP", "sensor_fit": "VERTICAL", "sensor_height": 20.0},
    "orthographic and shifted": {"type": "ORTHO", "ortho_scale": 4.0, "shift_x": -0.3},
}


@pytest.mark.parametrize("name", CAMERAS)
def test_points_land_where_blender_puts_them(name):
    scene = stage(320, 240)
    scene.render.resolution_percentage = 90
    scene.render.pixel_aspect_x = 1.5
    for prop, value in CAMERAS[name].items():
        setattr(scene.camera.data, prop, value)
    scene.camera.rotation_euler = (1.4, 0.1, 0.2)
    scene.camera.scale = (2, 1, 3)
    key(layer(pencil()), 1, SQUARE)
    expected = blenders_pixels(scene, [(x, 0, z) for x, z in SQUARE])
    assert np.abs(look(scene).points - expected).max() < 2e-3


def test_a_line_is_as_wide_as_its_radius_says():
    scene = stage()
    key(layer(pencil()), 1, CROSS, radius=0.05)
    assert look(scene).radius == pytest.approx(0.05 * 80, rel=1e-5)


def test_a_drawing_without_radius_has_blenders_own():
    scene = stage()
    key(layer(pencil()), 1, CROSS)
    strokes = look(scene)
    assert strokes.radius == pytest.approx(0.01 * 80, rel=1e-5)
    assert (strokes.opacity == 1).all()


def test_the_object_scales_the_width_and_the_layer_does_not():
    scene = stage()
    ob = pencil()
    ob.scale = (4, 1, 1)
    on = layer(ob)
    on.scale = (0.2, 0.2, 0.2)
    key(on, 1, CROSS, radius=0.05)
    assert look(scene).radius == pytest.approx(0.05 * 80 * np.sqrt(18 / 3), rel=1e-5)


def test_things_shrink_with_distance():
    scene = stage(ortho=None)
    key(layer(pencil()), 1, [(0, 0, 0), (0, 5, 0)], radius=0.05)
    near, far = look(scene).radius
    assert near == pytest.approx(2 * far, rel=1e-5)


def test_a_line_behind_the_camera_ends_at_it():
    scene = stage(ortho=None)
    key(layer(pencil()), 1, [(0, 0, 0), (0, -4, 0.5), (0, -6, 0), (0, -4, -0.5), (0, 0, -1)])
    strokes = look(scene)
    assert len(strokes) == 2
    assert list(np.diff(strokes.offsets)) == [2, 2]
    assert np.isfinite(strokes.points).all()


def test_what_lies_beyond_the_frame_is_left_out():
    scene = stage()
    key(layer(pencil()), 1, SQUARE, [(100, 0), (101, 0)])
    assert len(look(scene)) == 1


def test_points_that_are_no_numbers_break_the_line():
    scene = stage()
    key(layer(pencil()), 1, [(0, 0), (0.1, 0), (float("nan"), 0), (0.2, 0), (0.3, 0)], [(float("inf"), 0), (0, 0)])
    strokes = look(scene)
    assert list(np.diff(strokes.offsets)) == [2, 2, 1]
    assert np.isfinite(strokes.points).all()


def test_rendered_strokes_lie_on_the_read_ones(tmp_path, rendered):
    scene = stage(400, 300)
    ob = pencil()
    ob.location, ob.rotation_euler, ob.scale = (0.2, 0.5, -0.1), (0.3, 0.4, 0.5), (1.2, 0.8, 1.0)
    on = layer(ob)
    on.translation, on.rotation = (0.1, 0, 0.2), (0, 0.3, 0)
    key(on, 1, [(0.1, 0.1), (0.9, 0.7)], radius=0.03)
    bpy.context.view_layer.update()
    strokes = look(scene)
    alpha = rendered(scene, tmp_path)[..., 3] / 255
    y, x = np.mgrid[0:300, 0:400] + 0.5
    centre = np.array([(alpha * x).sum(), (alpha * y).sum()]) / alpha.sum()
    assert np.abs(centre - strokes.points.mean(0)).max() < 0.5
    length = np.linalg.norm(strokes.points[1] - strokes.points[0])
    thick = strokes.radius.mean()
    assert alpha.sum() == pytest.approx(length * 2 * thick + np.pi * thick**2, rel=0.05)
