"""In-between in a real Blender: breakdowns on the keys' layers, undone in one step, previewed, asked before replacing."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import compat, messages

from tests.support.shots import RED, make_shot, part, rendered

pytestmark = pytest.mark.usefixtures("real_backend")


def character(second=(1.0, 0.0), frames=(1, 5), line=((0, 0), (1, 0.2), (2, 0))):
    """A Grease Pencil object with one stroke on a layer, drawn again moved by ``second`` at the later frames."""
    data = compat.grease_pencils().new("Character")
    data.materials.append(bpy.data.materials.new("Ink"))
    bpy.data.materials.create_gpencil_data(data.materials[0])
    layer = data.layers.new("Lines")
    for n, frame in enumerate(frames):
        drawing = layer.frames.new(frame).drawing
        drawing.add_strokes([len(line)])
        for point, (x, z) in zip(drawing.strokes[0].points, line, strict=True):
            point.position = (x + n * second[0], 0, z + n * second[1])
            point.radius = 0.02 + 0.02 * n
            point.opacity = 1.0
    ob = bpy.data.objects.new("Character", data)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    return ob


def places(layer, frame):
    drawing = layer.get_frame_at(frame).drawing
    out = np.empty(3 * len(drawing.attributes["position"].data), np.float32)
    drawing.attributes["position"].data.foreach_get("vector", out)
    return out.reshape(-1, 3)


def types(layer):
    return {f.frame_number: f.keyframe_type for f in layer.frames}


def test_a_stroke_that_moved_stands_half_way_as_a_breakdown():
    layer = character(second=(1.0, 0.5)).data.layers["Lines"]
    before = [places(layer, f) for f in (1, 5)]
    bpy.context.scene.frame_set(2)
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert types(layer) == {1: "KEYFRAME", 3: "BREAKDOWN", 5: "KEYFRAME"}
    assert np.allclose(places(layer, 3), before[0] + (0.5, 0, 0.25), atol=0.01)
    assert [p.radius for p in layer.get_frame_at(3).drawing.strokes[0].points] == pytest.approx([0.03] * 3, abs=1e-3)
    for f, was in zip((1, 5), before, strict=True):
        assert (places(layer, f) == was).all()
    assert "1 in-between between frames 1 and 5" in messages.board[0].sentence


def test_undo_takes_the_in_betweens_back_and_leaves_the_keys():
    name = character(second=(1.0, 0.5)).name
    layer = bpy.data.objects[name].data.layers["Lines"]
    before = [places(layer, f) for f in (1, 5)]
    bpy.ops.ed.undo_push(message="Before")
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert types(layer)[3] == "BREAKDOWN"
    bpy.ops.ed.undo()
    layer = bpy.data.objects[name].data.layers["Lines"]
    assert types(layer) == {1: "KEYFRAME", 5: "KEYFRAME"}
    for f, was in zip((1, 5), before, strict=True):
        assert (places(layer, f) == was).all()
    bpy.ops.ed.redo()
    assert types(bpy.data.objects[name].data.layers["Lines"]) == {1: "KEYFRAME", 3: "BREAKDOWN", 5: "KEYFRAME"}


def test_with_colorize_the_in_between_is_coloured_and_its_strip_placed(tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot 1.blend"))
    scene = make_shot(frames=(1, 5), end=6)
    bpy.context.view_layer.objects.active = bpy.data.objects["Character"]
    scene.anidoc_inbetween.colour = True
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert types(bpy.data.objects["Character"].data.layers["Lines"]) == {1: "KEYFRAME", 3: "BREAKDOWN", 5: "KEYFRAME"}
    (strip,) = scene.sequence_editor.strips
    assert compat.strip_bounds(strip) == (1, 7) and len({e.filename for e in strip.elements}) == 3
    shown = rendered(scene, tmp_path, 3)
    assert tuple(shown[60, 80]) == RED and shown[5, 5, 3] == 0
    assert any("3 drawings coloured" in notice.sentence for notice in messages.board)


def test_crossing_limbs_go_one_by_one_with_the_other_layers_locked():
    """As docs/inbetween.md says: each limb whole on a layer of its own."""
    data = character(second=(0.6, 0.0), line=((-0.3, 0), (0, 1), (0.1, 1), (-0.2, 0))).data
    near, far = data.layers["Lines"], data.layers.new("Far")
    for frame, x in ((1, 0.6), (5, 0.0)):
        drawing = far.frames.new(frame).drawing
        drawing.add_strokes([4])
        for point, (px, pz) in zip(drawing.strokes[0].points, ((-0.3, 0), (0, 1), (0.1, 1), (-0.2, 0)), strict=True):
            point.position, point.radius, point.opacity = (x + px, 0, pz), 0.02, 1.0
    before = [places(layer, f) for layer in (near, far) for f in (1, 5)]
    bpy.context.scene.frame_set(2)
    for layer, other in ((near, far), (far, near)):
        layer.lock, other.lock = False, True
        data.layers.active = layer
        assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
        assert types(layer) == {1: "KEYFRAME", 3: "BREAKDOWN", 5: "KEYFRAME"}
    for n, layer in enumerate((near, far)):
        assert np.allclose(places(layer, 3), (before[2 * n] + before[2 * n + 1]) / 2, atol=0.02)


def test_what_is_there_is_only_replaced_when_asked():
    layer = character().data.layers["Lines"]
    bpy.ops.anidoc.inbetween()
    layer.get_frame_at(3).drawing.strokes[0].points[0].position.z = 7
    with pytest.raises(RuntimeError, match="There is a drawing between the keys already, at frame 3"):
        bpy.ops.anidoc.inbetween()
    assert places(layer, 3)[0, 2] == 7
    assert bpy.ops.anidoc.inbetween(replace=True) == {"FINISHED"}
    assert places(layer, 3)[0, 2] < 1


def test_spacing_and_count():
    layer = character(frames=(1, 9)).data.layers["Lines"]
    settings = bpy.context.scene.anidoc_inbetween
    settings.spacing, settings.chart = "chart", "0.25, 0.5 0.9"
    bpy.ops.anidoc.inbetween()
    assert [f for f, kind in types(layer).items() if kind == "BREAKDOWN"] == [3, 5, 7]
    assert [places(layer, f)[0, 0] for f in (3, 5, 7)] == pytest.approx([0.25, 0.5, 0.9], abs=0.01)


def test_the_preview_changes_nothing_until_it_is_applied():
    ob = character()
    layer = ob.data.layers["Lines"]
    bpy.ops.anidoc.inbetween(show=True)
    assert types(layer) == {1: "KEYFRAME", 5: "KEYFRAME"}
    shown = bpy.data.objects[bpy.context.scene.anidoc_inbetween.waiting]
    assert shown.hide_render and len(shown.data.layers) == 1
    blues = [m.grease_pencil.color for m in shown.data.materials]
    assert blues and all(c[2] > 0.9 > 0.5 > c[1] > c[0] for c in blues)
    bpy.ops.anidoc.inbetween_discard()
    assert not any(m.name.startswith("In-between preview") for m in bpy.data.materials)
    assert "In-between preview" not in bpy.data.objects and types(layer) == {1: "KEYFRAME", 5: "KEYFRAME"}
    bpy.ops.anidoc.inbetween(show=True)
    assert bpy.ops.anidoc.inbetween_apply() == {"FINISHED"}
    assert types(layer)[3] == "BREAKDOWN" and "In-between preview" not in bpy.data.objects


def test_a_whole_shot_passes_its_keys_without_a_jerk():
    layer = character(frames=(1, 5, 9)).data.layers["Lines"]
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 9
    scene.anidoc_inbetween.whole, scene.anidoc_inbetween.timing, scene.anidoc_inbetween.step = True, "STEP", "1"
    bpy.ops.anidoc.inbetween()
    where = [float(places(layer, f)[0, 0]) for f in range(1, 10)]
    assert np.allclose(where, np.linspace(0, 2, 9), atol=0.02)
    assert sum(kind == "BREAKDOWN" for kind in types(layer).values()) == 6


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda ob: setattr(ob.data.layers["Lines"], "lock", True), "All layers of Character are hidden or locked"),
        (lambda ob: setattr(ob.data.layers["Lines"], "hide", True), "All layers of Character are hidden or locked"),
        (lambda ob: ob.data.layers["Lines"].frames.remove(5), "fewer than two keys"),
        (lambda ob: ob.data.layers["Lines"].get_frame_at(5).drawing.remove_strokes(), "nothing on the second key"),
        (lambda ob: bpy.data.objects.remove(ob), "no Grease Pencil object"),
        (lambda ob: setattr(ob.data.layers["Lines"].get_frame_at(1).drawing.strokes[0].points[0], "position", (float("nan"), 0, 0)), "not numbers"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(spoil, sentence):
    spoil(character())
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.anidoc.inbetween()
    for data in compat.grease_pencils():
        assert all(f.keyframe_type == "KEYFRAME" for layer in data.layers for f in layer.frames)


def test_the_demo_shot_with_every_second_drawing_removed():
    scene = bpy.context.scene
    ob = part("anidoc_blender.demo.build").build_demo_scene(scene, count=5)
    bpy.context.view_layer.objects.active = ob
    lines, truth = ob.data.layers["Lines"], {}
    for layer in ob.data.layers:
        for frame in (3, 7):
            if any(f.frame_number == frame for f in layer.frames):
                if layer == lines:
                    truth[frame] = places(layer, frame)
                layer.frames.remove(frame)
    settings = scene.anidoc_inbetween
    settings.whole, settings.timing, settings.step = True, "STEP", "2"
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert types(lines) == {1: "KEYFRAME", 3: "BREAKDOWN", 5: "KEYFRAME", 7: "BREAKDOWN", 9: "KEYFRAME"}
    for frame, true in truth.items():
        made, held = places(lines, frame), places(lines, frame - 2)
        near = lambda a, b: np.sqrt(((a[:, None] - b[None]) ** 2).sum(2)).min(1).mean()  # noqa: E731
        assert near(true, made) < near(true, held)
