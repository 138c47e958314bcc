"""In-between in colour with AniDoc chosen: from key to key in the sparse mode, with new drawings or without, and what is said
where it cannot be. In-betweens are made by the real backend; the painting is the fake one's, so that this needs no model."""

import json

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import compat, messages, task
from bl_ext.user_default.anidoc.anidoc_blender.client import life
from bl_ext.user_default.anidoc.anidoc_blender.inbetween.panel import ANIDOC_PT_inbetween
from bl_ext.user_default.anidoc.anidoc_blender.models import state
from bl_ext.user_default.anidoc.anidoc_blender.setup import environment

from tests.addon.panels.test_draw import drawn
from tests.support.shots import add_square, children, fake_python, make_shot, pump, wait_until


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch):
    """No environment but those of the test; afterwards no process."""
    for name in ("ANIDOC_TORCH_PYTHON", "ANIDOC_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    yield
    life.leave_nothing()
    assert task.current() is None and wait_until(lambda: not children()), children()
    messages.show()
    monkeypatch.undo()
    environment.look()
    state.look()


@pytest.fixture
def use(monkeypatch, tmp_path, backend_python):
    """Have the fake backend in a mode paint for AniDoc."""

    def choose(mode: str) -> None:
        path = fake_python(tmp_path, mode, backend_python)
        for name in ("ANIDOC_PYTHON", "ANIDOC_TORCH_PYTHON"):
            monkeypatch.setenv(name, str(path))
        monkeypatch.setenv("ANIDOC_WEIGHTS", str(tmp_path))
        state.look()

    return choose


@pytest.fixture
def shot(tmp_path):
    """A saved shot of two keys, the first one filled; AniDoc and Colorize are chosen."""
    return two_keys(tmp_path)


def two_keys(tmp_path, frames=(1, 5), end=8):
    scene = make_shot(frames, end=end)
    bpy.context.view_layer.objects.active = bpy.data.objects["Character"]
    scene.anidoc.engine, scene.anidoc_inbetween.colour = "anidoc", True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    return scene


def types(name="Lines"):
    layer = bpy.data.objects["Character"].data.layers[name]
    return {f.frame_number: f.keyframe_type for f in layer.frames}


def strips(scene):
    return sorted(compat.strip_bounds(s) for s in scene.sequence_editor.strips) if scene.sequence_editor else []


def job_of(tmp_path, scene):
    return json.loads((tmp_path / "anidoc" / "shot" / scene.name / "job.json").read_text())


KEYS, THREE = {1: "KEYFRAME", 5: "KEYFRAME"}, {1: "KEYFRAME", 3: "BREAKDOWN", 5: "KEYFRAME"}


def test_drawings_and_colours_are_two_undo_steps_of_one_press(shot, use, tmp_path):
    use("colour")
    name = shot.name
    bpy.ops.ed.undo_push(message="Before")
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert types() == THREE and strips(shot) == [(1, 9)]  # the last key is held to the scene's end
    job = job_of(tmp_path, shot)
    assert job["options"]["anidoc"]["drawn"] == "ends" and job["options"]["anidoc"]["spacing"] == [[3, 0.5]]
    assert [(e["frame"], e["duration"]) for e in job["exposures"]] == [(1, 2), (3, 2), (5, 4)]
    assert [n.sentence[:12] for n in messages.board[:2]] == ["1 in-between", "3 drawings c"]
    bpy.ops.ed.undo()
    assert types() == THREE and strips(bpy.data.scenes[name]) == []
    bpy.ops.ed.undo()
    assert types() == KEYS


def test_colours_alone_leave_the_layers_as_they_are(shot, use, tmp_path):
    use("colour")
    settings = shot.anidoc_inbetween
    settings.drawings, settings.spacing, settings.chart = False, "chart", "0.25 0.9"
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert types() == KEYS and strips(shot) == [(1, 9)]
    job = job_of(tmp_path, shot)
    assert [(e["frame"], e["duration"]) for e in job["exposures"]] == [(1, 1), (2, 2), (4, 1), (5, 4)]
    middles = []
    for exposure in job["exposures"]:
        with np.load(tmp_path / "anidoc" / "shot" / shot.name / f"drawings/{exposure['drawing']}.npz") as pack:
            middles.append(float(pack["points"][:, 0].mean()))
    way = (np.array(middles) - middles[0]) / (middles[-1] - middles[0])
    assert np.allclose(way, (0, 0.25, 0.9, 1), atol=0.05)


def test_colours_alone_take_the_drawings_that_are_there_even_where_no_more_have_room(shot, use, tmp_path):
    use("colour")
    shot.anidoc_inbetween.colour = False
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert types() == THREE and strips(shot) == []
    settings = shot.anidoc_inbetween
    settings.drawings, settings.colour, settings.count = False, True, 10
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    job = job_of(tmp_path, shot)
    assert types() == THREE and [e["frame"] for e in job["exposures"]] == [1, 3, 5]
    assert job["options"]["anidoc"]["spacing"] == [[3, 0.5]] or not job["options"]["anidoc"]["spacing"]


def test_a_whole_shot_is_painted_from_key_to_key(use, tmp_path):
    use("colour")
    scene = two_keys(tmp_path, (1, 5, 9), end=10)
    scene.anidoc_inbetween.whole, scene.anidoc_inbetween.drawings = True, False
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert strips(scene) == [(1, 11)]
    assert [e["frame"] for e in job_of(tmp_path, scene)["exposures"]] == [5, 7, 9]
    assert messages.board[0].sentence == "Painted from frame 1 to frame 9, 2 times from key to key; see the sequencer."


def test_another_object_that_moves_is_in_the_picture_and_no_drawing_is_added(shot, use, tmp_path):
    use("colour")
    data = compat.grease_pencils().new("Ball")
    data.materials.append(bpy.data.objects["Character"].data.materials[0])
    layer = data.layers.new("Ball")
    for frame in (1, 2, 4):
        add_square(layer.frames.new(frame).drawing, 0.2, 0, x=0.3 * frame)
    shot.collection.objects.link(bpy.data.objects.new("Ball", data))
    shot.anidoc_inbetween.drawings = False
    assert bpy.ops.anidoc.inbetween() == {"FINISHED"}
    assert [e["frame"] for e in job_of(tmp_path, shot)["exposures"]] == [1, 2, 4, 5]


def test_a_preview_is_painted_when_it_is_applied(shot, use, tmp_path):
    use("colour")
    assert bpy.ops.anidoc.inbetween(show=True) == {"FINISHED"}
    assert types() == KEYS and strips(shot) == []
    shot.anidoc.references.clear()
    with pytest.raises(RuntimeError, match="There is no reference"):
        bpy.ops.anidoc.inbetween_apply()
    assert types() == KEYS and shot.anidoc_inbetween.waiting  # nothing lost: it waits still
    key = shot.anidoc.references.add()
    key.kind, key.frame, key.is_key = "DRAWING", 1, True
    assert bpy.ops.anidoc.inbetween_apply() == {"FINISHED"}
    assert types() == THREE and strips(shot) == [(1, 9)] and not shot.anidoc_inbetween.waiting
    assert job_of(tmp_path, shot)["options"]["anidoc"]["drawn"] == "ends"


def test_cancel_keeps_the_drawings_and_places_no_strip(shot, use):
    use("slow")
    name = shot.name
    bpy.ops.ed.undo_push(message="Before")
    task.start("In-between", _work(), name)
    assert wait_until(lambda: task._tick() is not None and task.current().status.doing == "Colouring", 30)
    assert bpy.ops.anidoc.cancel() == {"FINISHED"}
    notices = pump(10)
    assert [n.sentence[:9] for n in notices] == ["1 in-betw", "Cancelled"]
    assert types() == THREE and strips(shot) == []
    bpy.ops.ed.undo()
    assert types() == KEYS


def test_cancel_while_in_betweens_are_invented(shot, use):
    use("colour")
    shot.anidoc_inbetween.drawings = False
    task.start("In-between", _work(), shot.name)
    assert wait_until(lambda: task._tick() is not None and "in-between" in task.current().status.doing, 30)
    bpy.ops.anidoc.cancel()
    assert pump(10)[0].sentence == "Cancelled; nothing was changed."
    assert types() == KEYS and strips(shot) == []


def _work():
    """What a press in a window starts."""
    from bl_ext.user_default.anidoc.anidoc_blender.inbetween import colour, keys, work

    scene = bpy.context.scene
    drawings = scene.anidoc_inbetween.drawings
    plan = work.plan_of(scene, keys.choose(bpy.context, False))
    made = colour.colour_of(scene, plan, drawings)
    return work.make(plan, False, False, made) if drawings else colour.colouring(made)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda s: s.anidoc.references.clear(), "There is no reference"),
        (lambda s: setattr(s.anidoc.diffusion, "length", 2), "Frames 1 and 5 are too far apart: AniDoc paints 0 in-betweens in one pass, and there would be 1"),
        (lambda s: setattr(s.anidoc, "source", "FOLDER"), "The folder with the scanned line art is not there"),
        (lambda s: setattr(s.anidoc_inbetween, "colour", False), "Nothing is asked for"),
        (lambda s: setattr(s.anidoc, "engine", "cel"), "No drawing stands between frame 1 and frame 5"),
    ],
)  # fmt: skip
def test_what_cannot_be_painted_is_a_sentence_and_changes_nothing(shot, use, spoil, sentence):
    use("deaf")
    shot.anidoc_inbetween.drawings = False
    spoil(shot)
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.anidoc.inbetween()
    assert types() == KEYS and strips(shot) == []


def test_without_what_anidoc_needs_nothing_is_drawn_either(shot, monkeypatch, backend_python, tmp_path):
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    monkeypatch.setenv("ANIDOC_MODELS", str(tmp_path / "models"))
    state.look()
    said = drawn(ANIDOC_PT_inbetween)
    assert "AniDoc is not set up here yet. See Colorize Shot." in re_spaced(said)
    with pytest.raises(RuntimeError, match=r"AniDoc is not set up here yet.*Needs Stable Video Diffusion"):
        bpy.ops.anidoc.inbetween()
    assert types() == KEYS
    assert [n.button for n in messages.board] == ["anidoc.set_up_anidoc", "anidoc.get_model", "anidoc.get_model"]


def test_the_panel_shows_what_counts(shot, use, monkeypatch):
    use("colour")
    said = re_spaced(drawn(ANIDOC_PT_inbetween))
    assert "Drawings Colorize Preview first" in said and ("processor does it" in said) != environment.has_card()
    shot.anidoc_inbetween.drawings = False
    said = drawn(ANIDOC_PT_inbetween)
    assert "Preview first" not in said and "Pin First Key" not in said and "In-between" in said
    shot.anidoc.engine = "cel"
    assert "processor" not in drawn(ANIDOC_PT_inbetween)
    for module, name in ((environment, "look"), (state, "look")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("a draw function looked at the disk"))
    assert drawn(ANIDOC_PT_inbetween)


def re_spaced(text: str) -> str:
    return " ".join(text.split())
