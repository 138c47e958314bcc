"""The walk through the shot: when a new drawing begins, what is shared, and that Blender is left as it was."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil import exposures
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.chosen import Choice
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.exposures import plan, walk
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.motion import Motion
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.picture import Reader
from bl_ext.user_default.anidoc.backend.contracts.drawing import picture_id
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError

from .scenery import CROSS, SQUARE, armature, camera, key, layer, look, material, pencil, read, stage


def planned(scene):
    return plan(Reader(scene.name, Choice()), scene.frame_start, scene.frame_end)


def pictures(scene):
    """(frame, id) of everything seen, equal neighbours once."""
    result = []
    for seen in read(scene):
        name = picture_id(seen.strokes, *seen.size)
        if not result or result[-1][1] != name:
            result.append((seen.frame, name))
    return result


def frames(scene):
    return [frame for frame, _ in pictures(scene)]


def animate(thing, path, values, frames=(1, 8)):
    """Linear animation of a property (first index of a vector)."""
    for frame, value in zip(frames, values, strict=True):
        current = getattr(thing, path)
        if isinstance(value, float) and hasattr(current, "__len__"):
            current[0] = value
        else:
            setattr(thing, path, value)
        thing.keyframe_insert(path, frame=frame)


def on_twos(last=8):
    scene = stage(last=last)
    ob = pencil()
    on = layer(ob)
    for frame in range(1, last + 1, 2):
        key(on, frame, [(x + frame / 20, z) for x, z in SQUARE], closed=True)
    return scene, ob, on


def test_a_shot_on_twos_is_read_key_by_key_without_moving_the_frame():
    scene, _, _ = on_twos()
    scene.frame_set(6)
    assert planned(scene) == (Motion.STILL, [1, 3, 5, 7])
    assert frames(scene) == [1, 3, 5, 7]
    assert scene.frame_current == 6


def test_reading_at_rest_and_reading_evaluated_frames_agree():
    scene, ob, on = on_twos()
    on.radius_offset, on.opacity, on.translation = 0.02, 0.5, (0.1, 0, 0)
    key(layer(ob, "Hidden"), 1, CROSS)
    ob.data.layers["Hidden"].hide = True
    still = pictures(scene)
    assert planned(scene)[0] is Motion.STILL
    modifier = ob.modifiers.new("Nothing", "GREASE_PENCIL_OFFSET")
    assert planned(scene)[0] is Motion.MODIFIED and pictures(scene) == still
    modifier.show_viewport = False
    assert planned(scene)[0] is Motion.STILL
    animate(bpy.context.scene.camera.data, "clip_start", (0.1, 0.2))
    assert planned(scene)[0] is Motion.MOVING and pictures(scene) == still


def test_a_drawing_before_the_first_key_is_empty():
    scene = stage()
    key(layer(pencil()), 4, CROSS)
    seen = read(scene)
    assert [(s.frame, len(s.strokes)) for s in seen] == [(1, 0), (4, 1)]


def test_equal_keys_are_one_drawing():
    scene = stage()
    on = layer(pencil())
    for frame, path in ((1, SQUARE), (3, CROSS), (5, SQUARE)):
        key(on, frame, path)
    names = [name for _, name in pictures(scene)]
    assert names[0] == names[2] != names[1]


def test_a_fill_layer_does_not_make_another_drawing():
    scene = stage()
    ob = pencil("Character", material("Line"), material("Fill", fill=(1, 0, 0, 1), role="fill"))
    colour = layer(ob, "Colour")
    key(colour, 3, SQUARE, closed=True, slot=1, role="fill")
    lines = layer(ob, "Lines")
    key(lines, 1, SQUARE, closed=True)
    assert frames(scene) == [1]


@pytest.mark.parametrize("what", ["object", "layer", "parent", "layer's parent", "camera", "lens"])
def test_what_moves_makes_a_new_drawing_at_every_frame(what):
    scene = stage(last=4)
    ob = pencil()
    on = layer(ob)
    key(on, 1, SQUARE)
    holder = bpy.data.objects.new("Holder", None)
    scene.collection.objects.link(holder)
    if what == "parent":
        ob.parent = holder
    if what == "layer's parent":
        on.parent = holder
    if what == "layer":
        for frame, x in ((1, 0.0), (4, 0.5)):
            on.translation[0] = x
            on.keyframe_insert("translation", frame=frame)
    elif what == "lens":
        animate(scene.camera.data, "ortho_scale", (4.0, 5.0), (1, 4))
    else:
        animate({"object": ob, "camera": scene.camera}.get(what, holder), "location", (0.0, 0.5), (1, 4))
    scene.frame_set(2)
    assert frames(scene) == [1, 2, 3, 4]
    assert scene.frame_current == 2


def test_a_constraint_or_a_driver_moves_too():
    scene = stage(last=3)
    ob = pencil()
    key(layer(ob), 1, SQUARE)
    target = bpy.data.objects.new("Target", None)
    scene.collection.objects.link(target)
    animate(target, "location", (0.0, 0.4), (1, 3))
    ob.constraints.new("COPY_LOCATION").target = target
    assert frames(scene) == [1, 2, 3]
    ob.constraints.clear()
    assert frames(scene) == [1]
    ob.driver_add("location", 2).driver.expression = "frame / 10"
    assert frames(scene) == [1, 2, 3]


def test_a_hold_inside_a_moving_shot_is_one_drawing():
    scene = stage(last=8)
    ob = pencil()
    key(layer(ob), 1, SQUARE)
    animate(ob, "location", (0.0, 0.4, 0.4, 0.0), (1, 2, 7, 8))
    assert frames(scene) == [1, 2, 8]


def test_modifiers_are_applied():
    scene = stage()
    ob = pencil()
    key(layer(ob), 1, SQUARE)
    plain = look(scene).points
    modifier = ob.modifiers.new("Offset", "GREASE_PENCIL_OFFSET")
    modifier.location = (0.5, 0, 0)
    assert look(scene).points == pytest.approx(plain + [0.5 * 80, 0], abs=1e-3)
    modifier.show_viewport = False
    assert look(scene).points == pytest.approx(plain, abs=1e-3)


def test_a_modifier_that_rolls_dice_makes_new_drawings():
    scene = stage(last=4)
    ob = pencil()
    key(layer(ob), 1, [(x / 10, 0) for x in range(-10, 11)])
    noise = ob.modifiers.new("Noise", "GREASE_PENCIL_NOISE")
    noise.use_random, noise.step, noise.factor = True, 2, 1.0
    assert planned(scene)[0] is Motion.MOVING
    assert len(pictures(scene)) == 3  # new dice every second frame
    noise.use_random = False
    assert planned(scene) == (Motion.MODIFIED, [1]) and len(pictures(scene)) == 1


def test_strokes_that_build_up_are_read_as_they_grow():
    scene = stage(last=4)
    ob = pencil()
    key(layer(ob), 1, [(x / 10, 0) for x in range(-10, 11)])
    build = ob.modifiers.new("Build", "GREASE_PENCIL_BUILD")
    build.time_mode, build.length = "FRAMES", 4
    counts = [len(seen.strokes.points) for seen in read(scene)]
    assert counts == sorted(counts) and len(set(counts)) >= 3


def test_a_time_offset_shows_other_keys():
    scene, ob, _ = on_twos()
    plain = dict(pictures(scene))
    ob.modifiers.new("Time", "GREASE_PENCIL_TIME").offset = 2
    shifted = dict(pictures(scene))
    assert shifted[1] == plain[3] and shifted[3] == plain[5]


def test_an_armature_bends_the_strokes():
    scene = stage(last=3)
    rig = armature()
    ob = pencil()
    key(layer(ob), 1, SQUARE)
    modifier = ob.modifiers.new("Rig", "GREASE_PENCIL_ARMATURE")
    modifier.object = rig
    group = ob.vertex_groups.new(name="Arm")
    drawing = ob.data.layers[0].frames[0].drawing
    drawing.vertex_group_assign(group.name, [0, 1, 2, 3], 1.0)
    arm = rig.pose.bones["Arm"]
    animate(arm, "location", (0.0, 0.5), (1, 3))
    assert frames(scene) == [1, 2, 3]


def test_the_camera_of_each_frame_is_the_one_its_marker_binds():
    scene = stage(last=6)
    key(layer(pencil()), 1, SQUARE)
    own, wide = scene.camera, camera("Wide", (0, -5, 0), 8.0)
    for frame, bound in ((3, wide), (5, own)):
        scene.timeline_markers.new(f"cut {frame}", frame=frame).camera = bound
    seen = pictures(scene)
    assert [f for f, _ in seen] == [1, 5]  # before the first marker its camera rules, as when rendering
    scene.timeline_markers.new("cut 1", frame=1).camera = own
    scene.camera = own
    seen = pictures(scene)
    assert [f for f, _ in seen] == [1, 3, 5] and seen[0][1] == seen[2][1]
    assert scene.camera == own


def test_a_camera_set_by_hand_is_still_set_after_reading():
    scene = stage(last=4)
    ob = pencil()
    key(layer(ob), 1, SQUARE)
    animate(ob, "location", (0.0, 0.4), (1, 4))
    other = camera("Other", (0, -5, 0), 8.0)
    scene.timeline_markers.new("cut", frame=1).camera = scene.camera
    scene.frame_set(2)
    scene.camera = other
    read(scene)
    assert (scene.camera, scene.frame_current) == (other, 2)


def test_an_object_that_appears_later_is_waited_for():
    scene = stage(last=4)
    ob = pencil()
    key(layer(ob), 1, SQUARE)
    for frame, hidden in ((1, True), (3, False)):
        ob.hide_viewport = hidden
        ob.keyframe_insert("hide_viewport", frame=frame)
    scene.frame_set(1)
    assert next((s.frame, len(s.strokes)) for s in read(scene) if len(s.strokes)) == (3, 1)


def test_the_preview_range_and_another_scene(tmp_path):
    here = stage(last=4)
    ob = pencil()
    key(layer(ob), 1, SQUARE)
    key(ob.data.layers[0], 3, CROSS)
    other = bpy.data.scenes.new("Other")
    other.collection.objects.link(ob)
    other.collection.objects.link(here.camera)
    other.camera, other.frame_end = here.camera, 4
    other.render.resolution_x, other.render.resolution_y = 320, 240
    assert pictures(other) == pictures(here)
    animate(ob, "location", (0.0, 0.4), (1, 4))
    assert pictures(other) == pictures(here) and len(pictures(here)) == 4
    assert other.frame_current == 1


def test_every_yield_finds_the_artists_own_frame(monkeypatch):
    monkeypatch.setattr(exposures, "OWN_TIME", 0.002)
    scene, ob, _ = on_twos(last=40)
    animate(ob, "location", (0.0, 0.4), (1, 40))
    scene.frame_set(17, subframe=0.25)
    count = 0
    for _ in walk(Reader(scene.name, Choice()), 1, 40):
        assert (scene.frame_current, round(scene.frame_subframe, 3)) == (17, 0.25)
        count += 1
    assert count > 1


def test_an_error_on_the_way_puts_the_frame_back():
    scene, ob, _ = on_twos()
    animate(ob, "location", (0.0, 0.4), (1, 8))
    scene.frame_set(4)
    scene.camera.data.type = "PANO"
    with pytest.raises(AniDocError, match="panoramic"):
        read(scene)
    assert scene.frame_current == 4


def test_undo_between_two_steps_does_not_break_the_reading(monkeypatch):
    monkeypatch.setattr(exposures, "OWN_TIME", 0.0)  # one drawing a step
    scene, ob, _ = on_twos(last=8)
    bpy.ops.ed.undo_push(message="before")
    steps = walk(Reader(scene.name, Choice()), 1, 8)
    first = next(steps)
    ob.data.layers[0].frames[3].drawing.strokes[0].points[0].position.x = 9
    ob.location.x = 0.1
    bpy.ops.ed.undo_push(message="moved")
    bpy.ops.ed.undo()
    with pytest.raises(ReferenceError):
        ob.name  # noqa: B018
    rest = [seen for batch in steps for seen in batch]
    assert (len(first), len(rest)) == (1, 3)


def test_two_million_points_are_read():
    scene = stage(last=1)
    on = layer(pencil())
    drawing = on.frames.new(1).drawing
    sizes = [2000] * 1000
    drawing.add_strokes(sizes)
    points = np.zeros((2_000_000, 3), np.float32)
    points[:, 0] = np.linspace(-1, 1, 2_000_000)
    drawing.attributes["position"].data.foreach_set("vector", points.ravel())
    strokes = look(scene)
    assert len(strokes) == 1000 and len(strokes.points) == 2_000_000
