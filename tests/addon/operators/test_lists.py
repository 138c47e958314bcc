"""References, chosen objects, help: the small buttons."""

import re
import sys
import warnings
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import folders, messages, request
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil import keys
from bl_ext.user_default.anidoc.anidoc_blender.operators import help as helps
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_backend import png
from tests.support.shots import make_shot


@pytest.fixture
def sheet(tmp_path) -> Path:
    """A coloured picture with a space and an umlaut in its name."""
    path = tmp_path / "Läufer Sheet.png"
    path.write_bytes(png(8, 8, (1, 2, 3, 255)))
    return path


def references():
    return bpy.context.scene.anidoc.references


def test_pictures_are_added_once_and_removed_with_undo(sheet):
    assert bpy.ops.anidoc.add_reference(filepath=str(sheet)) == {"FINISHED"}
    assert bpy.ops.anidoc.add_reference(filepath=str(sheet)) == {"FINISHED"}
    assert [(r.kind, r.path) for r in references()] == [("FILE", str(sheet))]
    assert bpy.ops.anidoc.remove_reference() == {"FINISHED"}
    assert len(references()) == 0
    with pytest.raises(RuntimeError, match="no reference to remove"):
        bpy.ops.anidoc.remove_reference()


def test_several_files_are_added_at_once(tmp_path, sheet):
    (tmp_path / "b.png").write_bytes(sheet.read_bytes())
    bpy.ops.anidoc.add_reference(directory=str(tmp_path), files=[{"name": sheet.name}, {"name": "b.png"}])
    assert [Path(r.path).name for r in references()] == [sheet.name, "b.png"]


def test_beside_a_saved_file_paths_are_relative(tmp_path, sheet):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.anidoc.add_reference(filepath=str(sheet))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Blender warns about // in a path that does not say it may begin so
        references()[0].path = references()[0].path
        bpy.context.scene.anidoc.folder = bpy.context.scene.anidoc.output = "//lines"
    assert references()[0].path == "//Läufer Sheet.png"


def test_a_picture_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match=r"There is no file gone\.png"):
        bpy.ops.anidoc.add_reference(filepath=str(tmp_path / "gone.png"))


def test_an_image_of_the_file_can_be_a_reference():
    bpy.data.images.new("sheet", 8, 8)
    bpy.ops.anidoc.add_image(image="sheet")
    assert references()[0].image == bpy.data.images["sheet"]
    with pytest.raises(RuntimeError, match="has no image gone"):
        bpy.ops.anidoc.add_image(image="gone")


def test_the_drawing_at_this_frame_becomes_a_key_once():
    scene = make_shot()
    scene.anidoc.references.clear()
    scene.frame_set(2)
    assert bpy.ops.anidoc.use_drawing_as_key() == {"FINISHED"}
    assert [(r.kind, r.frame) for r in references()] == [("DRAWING", 2)]
    with pytest.raises(RuntimeError, match="drawing at frame 2 is in the list already"):
        bpy.ops.anidoc.use_drawing_as_key()


@pytest.mark.parametrize(("frame", "earlier"), [(1, None), (2, None), (3, 1), (6, 1)])
def test_fills_that_belong_to_an_earlier_drawing_are_told_apart(frame, earlier):
    scene = make_shot()
    fills = bpy.data.objects["Character"].data.layers["Fills"]
    assert keys.fills_held_from(scene, 3) is None, "a key of its own, without fills"
    for held in (3, 5):
        fills.frames.remove(held)
    scene.frame_set(frame)
    assert keys.fills_held_from(scene, frame) == earlier
    scene.anidoc.references.clear()
    assert bpy.ops.anidoc.use_drawing_as_key() == {"FINISHED"}


@pytest.mark.parametrize("camera", [True, False])
def test_a_drawing_without_fills_is_refused_as_key(camera):
    scene = make_shot()
    scene.anidoc.references.clear()
    if not camera:
        scene.camera = None
    scene.frame_set(3)
    with pytest.raises(RuntimeError, match=r"drawing at frame 3 has no filled shapes.*\. Fill it with"):
        bpy.ops.anidoc.use_drawing_as_key()
    assert len(references()) == 0
    assert "no filled shapes" in messages.board[0].sentence
    scene.frame_set(1)
    assert bpy.ops.anidoc.use_drawing_as_key() == {"FINISHED"}


def test_colours_may_be_an_object_of_their_own():
    scene = make_shot()
    paint = bpy.data.objects["Character"].copy()
    paint.data = paint.data.copy()
    scene.collection.objects.link(paint)
    paint.data.layers.remove(paint.data.layers["Lines"])
    ink = bpy.data.objects["Character"].data
    ink.layers.remove(ink.layers["Fills"])
    for held in (3, 5):
        paint.data.layers["Fills"].frames.remove(held)
    assert [keys.fills_held_from(scene, f) for f in (1, 3, 5)] == [None, 1, 1]


def test_where_there_is_no_drawing_there_is_no_key():
    scene = make_shot()
    scene.frame_set(-5)
    with pytest.raises(RuntimeError, match="no Grease Pencil drawing at frame -5"):
        bpy.ops.anidoc.use_drawing_as_key()


def test_selected_objects_and_single_layers_are_asked_for(tmp_path):
    scene = make_shot()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    with pytest.raises(RuntimeError, match="No Grease Pencil object is selected"):
        bpy.ops.anidoc.choose()
    bpy.data.objects["Character"].select_set(True)
    assert bpy.ops.anidoc.choose() == {"FINISHED"}
    assert bpy.ops.anidoc.choose() == {"FINISHED"}
    assert len(scene.anidoc.chosen) == 1
    asked = request.request_of(scene)
    assert (asked.objects, asked.layers) == (("Character",), ())
    scene.anidoc.chosen[0].layer = "Lines"
    asked = request.request_of(scene)
    assert (asked.objects, asked.layers) == (("Character",), (("Character", "Lines"),))
    bpy.ops.anidoc.forget_choice(index=0)
    assert len(scene.anidoc.chosen) == 0
    with pytest.raises(RuntimeError, match="no such object"):
        bpy.ops.anidoc.forget_choice(index=0)


def test_everything_set_reaches_the_request(tmp_path, sheet):
    scene = make_shot()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    settings = scene.anidoc
    settings.name, settings.lines, settings.auto_gap, settings.gap, settings.shading = "Hero", "omit", False, 12, False
    settings.range, settings.first, settings.last = "CUSTOM", 3, 5
    bpy.ops.anidoc.add_reference(filepath=str(sheet))
    bpy.ops.anidoc.add_reference(filepath=str(sheet))
    key = references().add()
    key.kind, key.path, key.is_key, key.frame = "FILE", str(sheet), True, 3
    asked = request.request_of(scene)
    assert (asked.first, asked.last) == (3, 5)
    assert (asked.options.lines, asked.options.gap, asked.options.shading) == ("omit", 12.0, False)
    assert [r.file for r in asked.references] == ["//Läufer Sheet.png"]
    assert [(k.frame, k.picture and k.picture.name) for k in asked.keys] == [(1, None), (3, sheet.name)]
    assert asked.folder == tmp_path / "anidoc" / "shot" / "Hero"


def test_diagnostics_hold_what_a_report_needs_and_not_the_home_folder():
    messages.show(messages.Notice("It went wrong.", level="ERROR", detail=f"in {Path.home()}/secret"))
    text = helps.diagnostics()
    assert "AniDoc 0." in text and bpy.app.version_string in text and "It went wrong." in text
    assert str(Path.home()) not in text
    messages.show()


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have a viewer of their own")
def test_without_a_viewer_the_log_is_named(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PATH", str(tmp_path))  # no xdg-open
    log = folders.log_file("backend")
    log.write_text("hello")
    with pytest.raises(RuntimeError, match=re.escape(f"It is {log}")):
        bpy.ops.anidoc.show_log()
    (tmp_path / "xdg-open").write_text(f"#!/bin/sh\necho \"$1\" > '{tmp_path / 'shown'}'\n")
    (tmp_path / "xdg-open").chmod(0o755)
    assert bpy.ops.anidoc.show_log() == {"FINISHED"}
    assert (tmp_path / "shown").read_text().strip() == str(log)
    assert "Traceback" not in "".join(capfd.readouterr())


def test_no_frames_yet_is_said(tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    with pytest.raises(RuntimeError, match="no coloured frames"):
        bpy.ops.anidoc.open_output()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=100), unique=True, max_size=5))
def test_any_name_makes_a_folder_name_of_its_own(names):
    safe = [folders.safe_name(n) for n in names]
    assert len({s.casefold() for s in safe if s not in names}) == len([s for s in safe if s not in names])
    for name in safe:
        assert name and name == name.strip(" .") and not set(name) & set('<>:"/\\|?*\0\n')
        assert name.casefold().partition(".")[0] not in ("con", "nul", "com1") and len(name) <= 80


def test_usual_names_stay_as_they_are():
    for name in ("Scene", "Shot 010", "Läufer", "犬", "a.b"):
        assert folders.safe_name(name) == name
    assert folders.safe_name("a/b") != folders.safe_name("a:b")
