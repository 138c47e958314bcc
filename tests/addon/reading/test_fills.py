"""Lines and fills are told apart, and a filled drawing becomes a key with the colours that were picked."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import compat
from bl_ext.user_default.anidoc.anidoc_blender.colour import colour_to_blender
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.chosen import Choice
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.exposures import plan, walk
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.keys import fills_at
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.picture import Reader
from bl_ext.user_default.anidoc.backend.contracts.drawing import FILL, LINE, SEPARATION
from bl_ext.user_default.anidoc.backend.contracts.shot import Material

from .scenery import CROSS, SQUARE, key, layer, look, material, pencil, read, stage, stroke

RED, BLUE = (200, 30, 60, 255), (12, 34, 230, 128)
SMALL = tuple((x / 2, z / 2) for x, z in SQUARE)

by_stroke = pytest.mark.skipif(not compat.FILL_BY_STROKE, reason="from 5.2 on strokes say themselves what is filled")
by_material = pytest.mark.skipif(compat.FILL_BY_STROKE, reason="before 5.2 materials say what is filled")


def fills(scene, frame=1, choice=None):
    reader = Reader(scene.name, choice or Choice())
    return fills_at(reader, frame), reader


def filled(*roles):
    """A square for each role, with a material of that role."""
    scene = stage()
    ob = pencil("Character", *(material(f"{n} {role}", role=role) for n, role in enumerate(roles)))
    on = layer(ob)
    drawing = on.frames.new(1).drawing
    for slot, role in enumerate(roles):
        stroke(drawing, SQUARE, closed=True, slot=slot, role=role)
    return scene, ob


def test_a_drawing_holds_lines_and_a_key_holds_fills():
    scene, _ = filled("line", "fill", "both")
    strokes = look(scene)
    assert list(strokes.role) == [LINE, LINE | FILL] and list(strokes.material) == [0, 2]
    painted, _ = fills(scene)
    assert list(painted.role) == [FILL, FILL] and list(painted.material) == [1, 2]
    assert painted.cyclic.all()


def test_a_hidden_material_hides_its_strokes():
    scene, ob = filled("both", "line")
    ob.data.materials[0].grease_pencil.hide = True
    assert list(look(scene).material) == [1]


def test_a_holdout_is_left_out_and_said():
    scene, ob = filled("line", "line")
    ob.data.materials[0].grease_pencil.use_stroke_holdout = True
    reader = Reader(scene.name, Choice())
    strokes = reader.lines(reader.look(1, plan_motion(reader)))
    assert list(strokes.material) == [1]
    assert list(reader.notes) == ["Character/Lines: holdout strokes cut instead of drawing and were left out."]


def plan_motion(reader):
    return plan(reader, 1, 1)[0]


def test_materials_are_the_colours_that_were_picked():
    scene = stage()
    ob = pencil("Character", material("Skin", colour_to_blender(RED), colour_to_blender(BLUE), "both"))
    key(layer(ob), 1, SQUARE, closed=True, role="both")
    _, reader = fills(scene)
    assert reader.materials.materials == [Material("Skin", line=RED, fill=BLUE)]


def test_a_separation_line_is_marked():
    scene, ob = filled("line", "line")
    ob.data.materials[1].anidoc.separation = True
    reader = Reader(scene.name, Choice())
    strokes = reader.lines(reader.look(1, plan_motion(reader)))
    assert list(strokes.role) == [LINE, SEPARATION]
    assert [m.separation for m in reader.materials.materials] == [False, True]


def test_one_material_of_two_objects_is_one():
    scene = stage()
    line = material("Line")
    for name in ("Anna", "Ben"):
        key(layer(pencil(name, line)), 1, CROSS)
    assert list(look(scene).material) == [0, 0]


def test_a_stroke_without_material_is_a_black_line():
    scene = stage()
    ob = pencil()
    ob.data.materials.clear()
    key(layer(ob), 1, CROSS)
    assert list(look(scene).role) == [LINE]


def test_fills_are_found_on_layers_that_are_not_part_of_the_line_art():
    scene = stage()
    ob = pencil("Character", material("Line"), material("Fill", role="fill"))
    key(layer(ob, "Colour"), 1, SQUARE, closed=True, slot=1, role="fill")
    key(layer(ob, "Lines"), 1, SQUARE, closed=True)
    painted, _ = fills(scene, choice=Choice(layers=(("Character", "Lines"),)))
    assert len(painted) == 1


def test_fills_of_another_object_are_found_where_the_chosen_one_has_none():
    scene = stage()
    key(layer(pencil("Lines")), 1, SQUARE, closed=True)
    paint = pencil("Paint", material("Fill", role="fill"))
    key(layer(paint), 1, SQUARE, closed=True, role="fill")
    painted, _ = fills(scene, choice=Choice(objects=("Lines",)))
    assert len(painted) == 1


def test_fills_move_with_what_moves():
    scene = stage()
    ob = pencil("Character", material("Fill", role="fill"))
    key(layer(ob), 1, SQUARE, closed=True, role="fill")
    for frame, x in ((1, 0.0), (5, 0.5)):
        ob.location.x = x
        ob.keyframe_insert("location", frame=frame)
    scene.frame_set(3)
    assert fills(scene, 5)[0].points - fills(scene, 1)[0].points == pytest.approx(np.tile([40, 0], (4, 1)), abs=1e-3)
    assert scene.frame_current == 3


def test_the_opacity_of_a_fill_and_its_layer_is_read():
    scene = stage()
    ob = pencil("Character", material("Fill", role="fill"))
    on = layer(ob)
    drawing = key(on, 1, SQUARE, closed=True, role="fill")
    drawing.strokes[0].fill_opacity = 0.5
    on.opacity = 0.5
    assert fills(scene)[0].opacity == pytest.approx(0.25)


def test_paint_over_a_fill_becomes_a_material_of_its_own(tmp_path, rendered):
    scene = stage()
    ob = pencil("Character", material("Skin", fill=colour_to_blender(RED), role="fill"))
    drawing = key(layer(ob), 1, SQUARE, SMALL, closed=True, role="fill")
    drawing.strokes[1].fill_color = colour_to_blender((12, 34, 230, 255))
    bpy.context.view_layer.update()
    painted, reader = fills(scene)
    assert [m.name for m in reader.materials.materials] == ["Skin", "Skin #0c22e6"]
    colours = [reader.materials.materials[m].fill for m in painted.material]
    picture = rendered(scene, tmp_path)
    assert colours == [tuple(picture[120, 90]), tuple(picture[120, 160])] == [RED, (12, 34, 230, 255)]


def test_half_a_coat_of_paint_mixes_as_blender_mixes(tmp_path, rendered):
    scene = stage()
    ob = pencil("Character", material("Skin", fill=colour_to_blender(RED), role="fill"))
    drawing = key(layer(ob), 1, SQUARE, closed=True, role="fill")
    drawing.strokes[0].fill_color = (*colour_to_blender((12, 34, 230, 255))[:3], 0.5)
    bpy.context.view_layer.update()
    _, reader = fills(scene)
    shown = rendered(scene, tmp_path)[120, 160].astype(int)
    assert np.abs(shown - reader.materials.materials[1].fill).max() <= 1


def test_paint_over_a_line_becomes_the_line_colour():
    scene = stage()
    on = layer(pencil())
    drawing = key(on, 1, CROSS, CROSS)
    for point in drawing.strokes[1].points:
        point.vertex_color = colour_to_blender(RED)
    reader = Reader(scene.name, Choice())
    strokes = reader.lines(reader.look(1, plan_motion(reader)))
    assert [reader.materials.materials[m].line for m in strokes.material] == [(0, 0, 0, 255), RED]


def test_a_material_that_nodes_set_is_read():
    scene = stage()
    ob = pencil()
    key(layer(ob), 1, CROSS)
    group = bpy.data.node_groups.new("Set", "GeometryNodeTree")
    group.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    setter = group.nodes.new("GeometryNodeSetMaterial")
    setter.inputs["Material"].default_value = material("Ink", colour_to_blender(RED))
    group.links.new(group.nodes.new("NodeGroupInput").outputs[0], setter.inputs[0])
    group.links.new(setter.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    ob.modifiers.new("Set", "NODES").node_group = group
    reader = Reader(scene.name, Choice())
    seen = next(walk(reader, 1, 1))[0].strokes
    assert [reader.materials.materials[m].name for m in seen.material] == ["Ink"]


@by_stroke
def test_strokes_of_one_fill_number_are_one_shape_with_holes(tmp_path, rendered):
    scene = stage()
    ob = pencil("Character", material("Fill", fill=colour_to_blender(RED)))
    drawing = key(layer(ob), 1, SQUARE, SMALL, [(1.2, 0.2), (1.5, 0.2), (1.5, 0.5)], closed=True, role="fill")
    for s, number in zip(drawing.strokes, (5, 5, 6), strict=True):
        s.fill_id = number
    drawing.tag_positions_changed()
    bpy.context.view_layer.update()
    painted, _ = fills(scene)
    assert list(np.diff(painted.offsets)) == [4 + 1 + 4 + 1, 3]
    picture = rendered(scene, tmp_path)
    assert picture[120, 160, 3] == 0 and tuple(picture[120, 90]) == RED
    ring = painted.points[painted.of(0)]
    assert crossings(ring, (160.5, 120.5)) % 2 == 0 and crossings(ring, (90.5, 120.5)) % 2 == 1


def crossings(ring, point):
    """How often a ray to the right of ``point`` meets the ring: odd is inside."""
    a, b = ring, np.roll(ring, -1, 0)
    meets = (a[:, 1] > point[1]) != (b[:, 1] > point[1])
    with np.errstate(all="ignore"):
        x = a[:, 0] + (point[1] - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return int((meets & (x > point[0])).sum())


@by_stroke
@pytest.mark.filterwarnings("ignore:.*show_:DeprecationWarning")
def test_what_a_material_says_about_filling_does_not_count_any_more():
    scene = stage()
    ob = pencil()
    ob.data.materials[0].grease_pencil.show_fill = True
    ob.data.materials[0].grease_pencil.show_stroke = False
    key(layer(ob), 1, SQUARE, closed=True)
    assert list(look(scene).role) == [LINE]


@by_material
def test_a_material_may_be_drawn_filled_or_both():
    scene, ob = filled("line", "both")
    ob.data.materials[0].grease_pencil.show_stroke = False
    assert [list(s.strokes.role) for s in read(scene, 1, 1)] == [[LINE | FILL]]
