"""Colorize Shot: pressed in a script and turned by its timer, with a real backend and with a fake one."""

import os
import shutil
import time
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import compat, folders, messages, task
from bl_ext.user_default.anidoc.anidoc_blender.client import life

from tests.support.shots import (
    RED,
    children,
    fake_python,
    make_shot,
    part,
    pump,
    rendered,
    wait_until,
)


@pytest.fixture(autouse=True)
def nothing_left():
    """After each test no work, no process and no timer is left."""
    yield
    life.leave_nothing()
    assert task.current() is None
    assert wait_until(lambda: not children()), children()
    assert not bpy.app.timers.is_registered(task._tick)
    messages.show()


@pytest.fixture
def use(monkeypatch, tmp_path):
    """Have the fake backend in a mode do the work."""
    return lambda mode: monkeypatch.setenv("ANIDOC_PYTHON", str(fake_python(tmp_path, mode)))


@pytest.fixture
def saved(tmp_path) -> Path:
    """The open file, saved in a project folder with a space in its name."""
    project = tmp_path / "My Project ä"
    project.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot 1.blend"))
    return project


def own_strips():
    editor = bpy.context.scene.sequence_editor
    return list(editor.strips) if editor else []


def press() -> None:
    """What the button does in a window (in background Blender turns INVOKE_DEFAULT into execute)."""
    scene = bpy.context.scene
    colorize = part("anidoc_blender.colorize")
    request = part("anidoc_blender.request").request_of(scene)
    task.start("Colorize Shot", colorize.colour_shot(request, folders.shot_name(scene)), scene.name)


def one_drawing_done() -> bool:
    """Turn the work once more; whether its first drawing is coloured."""
    task._tick()
    status = task.current().status
    return status.preview is not None and status.done == 1


def test_a_script_gets_finished_when_the_strip_is_there(saved, tmp_path, monkeypatch, backend_python):
    """The whole way with the real backend: three drawings on twos, one filled key, exact colours in the render."""
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    scene = make_shot()
    scene.frame_set(4)
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}
    assert scene.frame_current == 4
    (strip,) = own_strips()
    assert compat.strip_bounds(strip) == (1, 7)
    assert len({e.filename for e in strip.elements}) == 3
    assert strip.directory == "//anidoc/shot 1/Scene/frames/"
    shown = rendered(scene, tmp_path, 3)
    assert tuple(shown[60, 80]) == RED
    assert shown[5, 5, 3] == 0
    assert "3 drawings coloured" in messages.board[0].sentence


def test_pressed_in_a_window_the_timer_does_it(saved, use):
    use("colour")
    make_shot()
    press()
    notices = pump()
    assert notices[0].level == "INFO" and "3 drawings coloured" in notices[0].sentence
    assert compat.strip_bounds(own_strips()[0]) == (1, 7)


def test_pressed_again_it_says_what_was_coloured_anew(saved, monkeypatch, backend_python):
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    make_shot()
    bpy.ops.anidoc.colorize_shot()
    bpy.ops.anidoc.colorize_shot()
    assert messages.board[0].sentence.startswith("Nothing had changed, 3 drawings as before, in ")
    last = bpy.data.objects["Character"].data.layers["Lines"].get_frame_at(5).drawing
    last.strokes[0].points[2].position.x += 0.5
    last.tag_positions_changed()
    bpy.ops.anidoc.colorize_shot()
    assert messages.board[0].sentence.startswith("1 drawing coloured anew, 2 as before, in ")


def test_a_key_put_on_the_wrong_frame_is_used_and_doubted(saved, monkeypatch, backend_python):
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    scene = make_shot(frames=tuple(range(1, 9)), end=8)
    bpy.ops.anidoc.colorize_shot()
    strip = own_strips()[0]
    scene.anidoc.references.clear()
    for frame, drawing in ((1, strip.elements[0]), (5, strip.elements[7])):
        shutil.copy(Path(bpy.path.abspath(strip.directory)) / drawing.filename, saved / f"key {frame}.png")
        key = scene.anidoc.references.add()
        key.kind, key.path, key.frame, key.is_key = "FILE", str(saved / f"key {frame}.png"), frame, True
    bpy.ops.anidoc.colorize_shot()
    (doubt,) = [n for n in messages.board if n.level == "WARNING"]
    assert doubt.sentence == "The key key 5.png lies better on the lines of frame 8 than on those of frame 5."
    assert doubt.remedy == "If that is not meant, let it colour frame 8."


def test_placing_the_strip_is_one_undo_step(saved, use):
    use("colour")
    make_shot()
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.anidoc.colorize_shot()
    assert len(own_strips()) == 1
    bpy.ops.ed.undo()
    assert own_strips() == []
    bpy.ops.ed.redo()
    assert len(own_strips()) == 1


def test_progress_and_the_newest_frame_are_there_to_be_drawn(saved, use):
    use("slow")
    make_shot()
    press()
    assert wait_until(one_drawing_done, 20)
    status = task.current().status
    assert (status.total, status.seconds_left, status.fraction) == (3, 1.5, pytest.approx(1 / 3))
    assert status.preview.is_file()


def test_a_second_press_is_refused_while_one_goes_on(saved, use):
    use("slow")
    make_shot()
    press()
    task._tick()
    with pytest.raises(RuntimeError, match="Colorize Shot is still going on"):
        bpy.ops.anidoc.colorize_shot()
    with pytest.raises(part("anidoc_blender.messages").Refusal, match="Wait for it, or press Cancel"):
        press()


def test_cancel_takes_effect_within_a_second(saved, use):
    use("slow")
    make_shot()
    press()
    assert wait_until(one_drawing_done, 20)
    began = time.monotonic()
    assert bpy.ops.anidoc.cancel() == {"FINISHED"}
    notices = pump()
    assert time.monotonic() - began < 1.5
    assert str(notices[0]).startswith("Cancelled: 1 drawing finished and kept.")
    assert own_strips() == []


def test_cancel_while_drawings_are_read_changes_nothing(saved, use):
    use("deaf")
    scene = make_shot(frames=tuple(range(1, 200)), end=200)
    scene.frame_set(7)
    press()
    task._tick()
    task.cancel()
    notices = pump()
    assert str(notices[0]) == "Cancelled; nothing was changed."
    assert scene.frame_current == 7


def test_a_backend_that_dies_is_told_and_the_next_press_works(saved, use):
    use("dies")
    make_shot()
    with pytest.raises(RuntimeError, match=r"ended unexpectedly \(code 7\)"):
        bpy.ops.anidoc.colorize_shot()
    assert own_strips() == []
    use("colour")
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}


def test_a_backend_that_died_while_idle_is_started_again(saved, use, monkeypatch):
    monkeypatch.setattr(life, "let_idle", lambda: None)  # as in a window, where it stays warm
    use("colour")
    make_shot()
    press()
    link = life.backend()
    pump()
    os.kill(link.child.pid, 9)
    assert wait_until(lambda: not link.child.running())
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}


def test_a_broken_drawing_is_named_and_the_others_are_placed(saved, use):
    use("one_broken")
    make_shot()
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}
    assert [compat.strip_bounds(s) for s in own_strips()] == [(1, 3), (5, 7)]
    assert any(
        n.level == "WARNING" and n.sentence.startswith("No colours at frames 3-4: The drawing is damaged.")
        for n in messages.board
    )


def test_a_view_transform_that_changes_colours_comes_with_its_button(saved, use):
    use("colour")
    scene = make_shot()
    scene.view_settings.view_transform = "AgX"
    bpy.ops.anidoc.colorize_shot()
    assert [n.button for n in messages.board] == ["", "anidoc.fix_view_transform"]
    assert bpy.ops.anidoc.fix_view_transform() == {"FINISHED"}
    assert scene.view_settings.view_transform == "Standard"
    assert [n.button for n in messages.board] == [""]


def test_a_file_never_saved_keeps_its_frames_in_the_users_folder_until_it_is_saved(use, tmp_path):
    use("colour")
    make_shot()
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}
    before = Path(own_strips()[0].directory)
    assert before.is_relative_to(folders.user_folder("unsaved")) and before.is_dir()
    assert messages.board[-1].button == "wm.save_mainfile"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "now.blend"))
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}
    assert own_strips()[0].directory == "//anidoc/now/Scene/frames/"
    assert not [n for n in messages.board if n.button == "wm.save_mainfile"]


def test_save_as_keeps_the_old_files_frames(saved, use):
    use("colour")
    make_shot()
    bpy.ops.anidoc.colorize_shot()
    bpy.ops.wm.save_as_mainfile(filepath=str(saved / "shot 2.blend"))
    bpy.ops.anidoc.colorize_shot()
    assert own_strips()[0].directory == "//anidoc/shot 2/Scene/frames/"
    assert len(own_strips()) == 1
    assert list((saved / "anidoc" / "shot 1" / "Scene" / "frames").glob("*.png"))


def test_a_chosen_output_folder_is_used(saved, use, tmp_path):
    use("colour")
    make_shot()
    bpy.context.scene.anidoc.output = str(tmp_path / "somewhere else")
    bpy.ops.anidoc.colorize_shot()
    assert list((tmp_path / "somewhere else" / "shot 1" / "Scene" / "frames").glob("*.png"))


def test_loading_another_file_ends_everything(saved, use):
    use("slow")
    make_shot()
    press()
    assert wait_until(one_drawing_done, 20)
    assert children()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert task.current() is None
    assert wait_until(lambda: not children())


def test_nothing_moves_while_blender_renders_or_saves(saved, use, monkeypatch):
    use("colour")
    make_shot()
    press()
    monkeypatch.setattr(task, "busy", lambda: True)
    for _ in range(5):
        assert task._tick() == task.LATER
    assert not task.current().started
    monkeypatch.setattr(task, "busy", lambda: False)
    pump()
    assert len(own_strips()) == 1


def test_reading_waits_while_the_artist_draws_or_plays(saved, use, monkeypatch):
    use("colour")
    make_shot()
    press()
    monkeypatch.setattr(task, "artist_at_work", lambda: True)
    task._tick()  # starts the backend, which disturbs nobody
    for _ in range(5):
        assert task._tick() == task.LATER
    assert task.current().waits and task.current().status.doing == "Starting"
    monkeypatch.setattr(task, "artist_at_work", lambda: False)
    pump()
    assert len(own_strips()) == 1


def test_operators_that_hold_the_mouse_are_known_in_this_blender():
    assert not task.artist_at_work()
    for name in ("GREASE_PENCIL_OT_brush_stroke", "TRANSFORM_OT_translate"):
        assert getattr(bpy.types, name, None) or name.split("_OT_")[1] in dir(
            getattr(bpy.ops, name.split("_OT_")[0].lower())
        )
        assert task._hand(name)
    assert not task._hand("VIEW3D_OT_rotate")


def test_the_button_waits_for_a_render(saved, use, monkeypatch):
    use("colour")
    make_shot()
    monkeypatch.setattr(task, "busy", lambda: True)
    with pytest.raises(RuntimeError, match="rendering or saving"):
        bpy.ops.anidoc.colorize_shot()


def test_a_fault_of_ours_becomes_a_sentence_with_diagnostics(capsys):
    def broken():
        yield task.Status("Working")
        raise ZeroDivisionError("oh")

    task.start("Colorize Shot", broken())
    notices = pump()
    assert notices[0].button == "anidoc.copy_diagnostics" and "ZeroDivisionError" in notices[0].detail
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_scene_deleted_meanwhile_is_told_in_a_sentence(saved, use):
    use("slow")
    scene = make_shot()
    press()
    assert wait_until(one_drawing_done, 20)
    bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(scene)
    assert "is gone; its frames are kept" in pump()[0].sentence


def without_reference(scene):
    scene.anidoc.references.clear()


def backwards(scene):
    scene.anidoc.range, scene.anidoc.first, scene.anidoc.last = "CUSTOM", 9, 3


def lost_picture(scene):
    entry = scene.anidoc.references.add()
    entry.kind, entry.path = "FILE", "//gone.png"


def no_image(scene):
    scene.anidoc.references.add().kind = "IMAGE"


def nobody_chosen(scene):
    scene.anidoc.which = "CHOSEN"


def no_strip(scene):
    scene.anidoc.source = "STRIP"


def no_folder(scene):
    scene.anidoc.source = "FOLDER"


def half_a_path(scene):
    scene.anidoc.output = "frames"


def output_is_a_file(scene):
    scene.anidoc.output = bpy.data.filepath


def no_camera(scene):
    scene.camera = None


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (without_reference, "There is no reference"),
        (backwards, "ends .* before it begins"),
        (lost_picture, "gone.png is not there any more"),
        (no_image, "Reference 2 names no image"),
        (nobody_chosen, "No Grease Pencil object is chosen"),
        (no_strip, "No strip with scanned line art is chosen"),
        (no_folder, "The folder with the scanned line art is not there"),
        (half_a_path, "is not a full path"),
        (output_is_a_file, "cannot be made"),
        (no_camera, "camera"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_missing_is_said_in_one_sentence(saved, use, spoil, sentence):
    use("colour")
    spoil(make_shot())
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.anidoc.colorize_shot()
    assert own_strips() == []
    assert messages.board[0].level == "ERROR"
