"""Colorize All as pressed in a window, turned by its timer: failures, pause, order, leaving out, and after a crash."""

import time

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import task, timeline
from bl_ext.user_default.anidoc.anidoc_blender.batch import operators, panel, state
from bl_ext.user_default.anidoc.backend.contracts.batch import PAGE_FILE, load_batch

from tests.addon.batch.conftest import saved, several
from tests.addon.panels.test_draw import Layout
from tests.support.shots import pump


def press(failed: bool | None = None) -> None:
    """What the button does in a window: Colorize All, or with ``failed`` Resume."""
    if failed is None:
        work = operators.ANIDOC_OT_colorize_all._work(None, bpy.context)
    else:
        work = operators.ANIDOC_OT_batch_resume._work(type("Pressed", (), {"failed": failed})())
    task.start("Colorize All", work)


def words() -> list[str]:
    return [line.words() for line in state.current().lines]


def one_coloured(number: int) -> bool:
    """Whether the first drawing of that line has just been coloured."""
    line = state.current().lines[number]
    return line.doing == "Colouring" and line.done == 1


def turn_until(true) -> None:
    for _ in range(2000):
        if true():
            return
        pause = task._tick()
        assert pause is not None, words()
        time.sleep(pause)
    raise AssertionError(words())


def test_one_line_each_and_a_failure_stops_nobody_else(tmp_path, use):
    use("colour")
    scenes = several(3)
    saved(tmp_path / "a.blend")
    scenes[1].camera = None
    press()
    assert words() == ["waiting"] * 3
    turn_until(lambda: state.current().lines[0].running)
    assert words()[0].startswith("running")
    notices = pump()
    said = words()
    assert said[0] == said[2] == "done" and "has no camera" in said[1]
    assert "2 shots done, 1 failed" in notices[0].sentence and notices[0].level == "WARNING"
    assert (state.current().place / PAGE_FILE).is_file()
    assert [bool(timeline.own_strips(s, s.name)) for s in scenes] == [True, False, True]


def test_paused_in_the_middle_and_resumed(tmp_path, use):
    use("slow")
    several(2)
    saved(tmp_path / "a.blend")
    press()
    turn_until(lambda: one_coloured(0))
    assert bpy.ops.anidoc.batch_pause() == {"FINISHED"}
    notices = pump()
    assert words() == ["waiting", "waiting"] and notices[0].sentence.startswith("Paused")
    use("colour")
    press(failed=False)
    pump()
    assert words() == ["done", "done"]


def test_waiting_lines_change_places_and_are_left_out(tmp_path, use):
    use("colour")
    several(4)
    saved(tmp_path / "a.blend")
    press()
    turn_until(lambda: state.current().lines[0].running)
    bpy.ops.anidoc.batch_move(index=3)
    bpy.ops.anidoc.batch_move(index=2)
    bpy.ops.anidoc.batch_leave(index=3)
    assert [line.scene for line in state.current().lines] == ["Scene A", "Scene D", "Scene B", "Scene C"]
    with pytest.raises(RuntimeError, match="does not wait any more"):
        bpy.ops.anidoc.batch_move(index=0)
    with pytest.raises(RuntimeError, match="no such line"):
        bpy.ops.anidoc.batch_leave(index=9)
    pump()
    assert words() == ["done", "done", "done", "cancelled"]


def test_the_line_in_work_is_left_out_and_the_others_go_on(tmp_path, use):
    use("slow")
    several(2)
    saved(tmp_path / "a.blend")
    press()
    turn_until(lambda: one_coloured(0))
    bpy.ops.anidoc.batch_leave(index=0)
    pump()
    assert words() == ["cancelled", "done"]


def test_cancel_ends_the_whole_queue(tmp_path, use):
    use("slow")
    several(3)
    saved(tmp_path / "a.blend")
    press()
    turn_until(lambda: one_coloured(0))
    task.cancel()
    pump()
    assert words() == ["cancelled"] * 3


def test_after_a_crash_the_file_opens_with_its_queue_and_goes_on(tmp_path, use):
    """Blender dies in the second shot; the file on disk knows nothing of the first one's strip."""
    use("slow")
    several(3)
    file = saved(tmp_path / "a.blend")
    press()
    turn_until(lambda: one_coloured(1))
    place = state.current().place
    assert [s.outcome for s in load_batch(place).shots] == ["done", "waiting", "waiting"], "what a crash leaves"
    task.stop()
    bpy.ops.wm.open_mainfile(filepath=str(file))
    assert words() == ["done", "waiting", "waiting"]
    use("colour")
    press(failed=False)
    pump()
    assert words() == ["done", "done", "done"]
    assert all(timeline.own_strips(s, s.name) for s in bpy.data.scenes)


def test_a_finished_queue_is_not_brought_up_again_but_a_failed_one_is(tmp_path, use):
    use("colour")
    scenes = several(2)
    camera, scenes[1].camera = scenes[1].camera, None
    file = saved(tmp_path / "a.blend")
    press()
    pump()
    scenes[1].camera = camera
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(file))
    assert "has no camera" in words()[1]
    press(failed=True)
    pump()
    assert words() == ["done", "done"]
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(file))
    assert state.current() is None


def test_a_script_gets_finished_when_all_shots_have_ended(tmp_path, use):
    use("one_broken")
    several(2)
    saved(tmp_path / "a.blend")
    assert bpy.ops.anidoc.colorize_all() == {"FINISHED"}
    assert ["1 of 2 drawings could not be coloured" in w for w in words()] == [True, True]


def test_nothing_ticked_is_a_sentence(tmp_path, use):
    use("colour")
    bpy.ops.anidoc.batch_tick(none=True)
    with pytest.raises(RuntimeError, match="No scene is ticked"):
        bpy.ops.anidoc.colorize_all()
    with pytest.raises(RuntimeError, match="There is no report of this file yet"):
        bpy.ops.anidoc.batch_report()


def test_ticking_all_takes_the_scenes_with_references(use):
    scenes = several(3)
    scenes[2].anidoc.references.clear()
    bpy.ops.anidoc.batch_tick()
    assert [s.anidoc_batch.use for s in scenes] == [True, True, False]


def test_the_panel_in_every_state(tmp_path, use):
    use("slow")
    scenes = several(3)
    saved(tmp_path / "a.blend")
    scenes[2].camera = None

    def drawn() -> list[str]:
        layout = Layout()
        shown = type("Shown", (panel._Batch,), {"layout": layout})()
        shown.draw(bpy.context)
        return layout.said

    assert any("Colorize All (3)" in said for said in drawn())
    press()
    turn_until(lambda: one_coloured(0))
    said = drawn()
    assert any("Scene A: running 1/2" in s for s in said) and "Pause" in said
    pump()
    said = drawn()
    assert "done" in said and "has no camera" in " ".join(said)
    assert any("Failed Too" in s for s in said)
