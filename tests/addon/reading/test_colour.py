"""Colours survive the way into Blender and back to the bit."""

import bpy
import numpy as np
from bl_ext.user_default.anidoc.anidoc_blender.colour import (
    colour_from_blender,
    colour_to_blender,
    linear_to_srgb,
    srgb_to_linear,
)

from .scenery import SQUARE, key, layer, material, pencil, stage

LEVELS = np.arange(256, dtype=np.uint8)


def test_every_level_comes_back():
    assert np.array_equal(linear_to_srgb(srgb_to_linear(LEVELS)), LEVELS)


def test_every_level_comes_back_through_a_material():
    made = material("Level")
    for level in range(256):
        picked = (level, 255 - level, level // 2, level)
        made.grease_pencil.fill_color = colour_to_blender(picked)
        assert colour_from_blender(made.grease_pencil.fill_color) == picked


def test_what_is_no_colour_is_kept_in_range():
    assert colour_from_blender((-1.0, 2.0, float("nan"), 7.0)) == (0, 255, 0, 255)


def test_a_rendered_fill_has_the_colour_that_was_read(tmp_path, rendered):
    picked = (200, 30, 60, 255)
    scene = stage()
    ob = pencil("Character", material("Skin", fill=colour_to_blender(picked), role="fill"))
    key(layer(ob), 1, SQUARE, closed=True, role="fill")
    bpy.context.view_layer.update()
    assert tuple(rendered(scene, tmp_path)[120, 160]) == picked
