"""In-between in a real Blender of keys that are filled: the fills lead the lines, and go along where their layer is open."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import compat, messages

COAT = ((-0.6, 1.2), (0.6, 1.2), (0.8, -2.4), (-0.8, -2.4))
ARM = ((-0.24, 0.15), (0.24, 0.15), (0.2, -1.3), (-0.2, -1.3))
HAND = ((-0.2, -1.3), (0.2, -1.3), (0.3, -1.6), (-0.1, -1.75))
COLOURS = {"Coat": (0.05, 0.1, 0.4), "Sleeve": (0.6, 0.2, 0.05), "Hand": (0.9, 0.6, 0.5)}


pytestmark = pytest.mark.usefixtures("real_backend")


def ring(corners, angle: float = 0.0) -> np.ndarray:
    """(N, 2) a closed shape with 40 points a side, turned about (0, 0) by so many degrees."""
    sides = [np.linspace(a, b, 40, endpoint=False) for a, b in zip(corners, (*corners[1:], corners[0]), strict=True)]
    turned = np.exp(1j * np.radians(angle)) * (np.concatenate(sides) @ (1, 1j))
    return np.column_stack([turned.real, turned.imag])


def shapes(time: float) -> list[np.ndarray]:
    """A coat, and an arm with a hand that swings by 25 degrees before it."""
    return [ring(COAT), ring(ARM, -15 - 25 * time), ring(HAND, -15 - 25 * time)]


def draw(drawing, lines: list[np.ndarray], materials: list[int], filled: bool) -> None:
    drawing.add_strokes([len(line) for line in lines])
    for stroke, line, material in zip(drawing.strokes, lines, materials, strict=True):
        stroke.cyclic, stroke.material_index = True, material
        for point, (x, z) in zip(stroke.points, line, strict=True):
            point.position, point.radius, point.opacity = (x, 0, z), 0.01, 1.0
    if compat.FILL_BY_STROKE and filled:
        for name, kind, values in (
            ("fill_id", "INT", range(1, len(lines) + 1)),
            ("hide_stroke", "BOOLEAN", [True] * len(lines)),
        ):
            attribute = drawing.attributes.get(name) or drawing.attributes.new(name, kind, "CURVE")
            attribute.data.foreach_set("value", np.array(list(values), np.int32 if kind == "INT" else bool))


def character(filled_at=(1, 5)):
    """Lines at frames 1 and 5, and fills on a layer below them."""
    data = compat.grease_pencils().new("Character")
    for name in ("Ink", *COLOURS):
        material = bpy.data.materials.new(name)
        bpy.data.materials.create_gpencil_data(material)
        style = material.grease_pencil
        if name in COLOURS:
            style.fill_color = (*COLOURS[name], 1)
            if not compat.FILL_BY_STROKE:
                style.show_stroke, style.show_fill = False, True
        data.materials.append(material)
    fills, lines = data.layers.new("Fills"), data.layers.new("Lines")
    for frame in (1, 5):
        drawn = shapes((frame - 1) / 4)
        draw(lines.frames.new(frame).drawing, drawn, [0, 0, 0], False)
        if frame in filled_at:
            draw(fills.frames.new(frame).drawing, drawn, [1, 2, 3], True)
    data.layers.active = lines
    ob = bpy.data.objects.new("Character", data)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    return ob


def strokes_at(layer, frame) -> list[np.ndarray]:
    drawing = layer.get_frame_at(frame).drawing
    return [np.array([tuple(p.position) for p in stroke.points])[:, ::2] for stroke in drawing.strokes]


def stands(true: np.ndarray, made: list[np.ndarray]) -> float:
    """How much of a line is there, to 0.06, where the hand moves by 0.6."""
    points = np.concatenate(made)
    return float((np.sqrt(((true[:, None] - points[None]) ** 2).sum(2)).min(1) < 0.06).mean())


def test_fills_on_a_locked_layer_lead_the_lines():
    data = character().data
    data.layers["Fills"].lock = True
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    _, arm, hand = shapes(0.5)
    made = strokes_at(data.layers["Lines"], 3)
    assert stands(arm, made) > 0.9 and stands(hand, made) > 0.7
    assert {f.frame_number for f in data.layers["Fills"].frames} == {1, 5}


def test_fills_on_an_open_layer_go_along():
    data = character().data
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    made = strokes_at(data.layers["Fills"], 3)
    assert len(made) == 3
    for shape, true, least in zip(made, shapes(0.5), (0.9, 0.9, 0.7), strict=True):
        assert stands(true, [shape]) > least
    drawing = data.layers["Fills"].get_frame_at(3).drawing
    assert [stroke.material_index for stroke in drawing.strokes] == [1, 2, 3]
    assert [stroke.cyclic for stroke in drawing.strokes] == [True] * 3


@pytest.mark.parametrize("at", [1, 5])
def test_one_filled_key_is_enough(at):
    """Its fills lead the lines of both. They do not go along, as the other key has none."""
    data = character(filled_at=(at,)).data
    data.layers["Fills"].frames.new(6 - at)  # an empty drawing, which holds the fills up
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    _, arm, hand = shapes(0.5)
    made = strokes_at(data.layers["Lines"], 3)
    assert stands(arm, made) > 0.9 and stands(hand, made) > 0.7
    assert strokes_at(data.layers["Fills"], 3) == []


def test_a_filled_drawing_elsewhere_is_enough():
    """Also where the character has walked on by twice its height."""
    data = character(filled_at=()).data
    moved = [shape + (9, 0) for shape in shapes(0.2)]
    draw(data.layers["Lines"].frames.new(-3).drawing, moved, [0, 0, 0], False)
    draw(data.layers["Fills"].frames.new(-3).drawing, moved, [1, 2, 3], True)
    bpy.context.scene.frame_set(2)
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    _, arm, hand = shapes(0.5)
    made = strokes_at(data.layers["Lines"], 3)
    assert stands(arm, made) > 0.8 and stands(hand, made) > 0.7


def test_where_nothing_is_filled_the_preview_says_what_fills_do():
    character(filled_at=())
    assert bpy.ops.anidoc.inbetween(show=True) == {"FINISHED"}
    assert "fill one drawing" in messages.board[0].remedy
