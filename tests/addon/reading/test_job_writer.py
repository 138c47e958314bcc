"""From a scene to a complete job folder."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender.colour import colour_to_blender
from bl_ext.user_default.anidoc.anidoc_blender.job_writer import finish, write_job
from bl_ext.user_default.anidoc.anidoc_blender.shot_request import KeyRequest, PictureRequest, ShotRequest
from bl_ext.user_default.anidoc.backend.contracts.drawing import FILL, LINE
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError
from bl_ext.user_default.anidoc.backend.contracts.jobfolder import load_job, strokes_from_bytes
from bl_ext.user_default.anidoc.backend.contracts.shot import Exposure

from .scenery import SQUARE, key, layer, material, pencil, picture, stage

RED = (200, 30, 60, 255)
MOVED = tuple((x + 0.3, z) for x, z in SQUARE)


def character_on_twos():
    """A square that moves to and fro on twos; its first drawing is filled on a layer of its own."""
    scene = stage(last=8)
    ob = pencil("Character", material("Line"), material("Skin", fill=colour_to_blender(RED), role="fill"))
    fill = layer(ob, "Colour")
    key(fill, 1, SQUARE, closed=True, slot=1, role="fill")
    fill.frames.new(3)
    lines = layer(ob, "Lines")
    for frame, path in ((1, SQUARE), (3, MOVED), (5, SQUARE), (7, MOVED)):
        key(lines, frame, path, closed=True)
    return scene


def request(scene, folder, **about):
    return ShotRequest(scene.name, folder, **({"keys": (KeyRequest(1),)} | about))


def test_a_filled_drawing_colours_the_shot(tmp_path):
    scene = character_on_twos()
    scene.frame_set(4)
    written = finish(write_job(request(scene, tmp_path)))
    job = load_job(tmp_path)
    assert job == written.job and written.notes == ()
    first, second = (d.id for d in job.drawings)
    assert job.exposures == (
        Exposure(1, 2, first),
        Exposure(3, 2, second),
        Exposure(5, 2, first),
        Exposure(7, 2, second),
    )
    assert (job.width, job.height, job.fps) == (320, 240, 24.0)
    assert job.layers == ("Character/Colour", "Character/Lines")
    assert [(m.name, m.fill) for m in job.materials] == [("Line", (0, 0, 0, 0)), ("Skin", RED)]
    lines = strokes_from_bytes((tmp_path / job.drawings[0].file).read_bytes(), "lines")
    fills = strokes_from_bytes((tmp_path / job.keys[0].file).read_bytes(), "fills")
    assert job.keys[0].drawing == first
    assert list(lines.role) == [LINE] and list(fills.role) == [FILL]
    assert list(fills.material) == [1] and list(fills.layer) == [0]
    assert np.array_equal(lines.points, fills.points)
    assert scene.frame_current == 4


def test_the_same_shot_is_the_same_bytes_and_nothing_is_written_twice(tmp_path):
    scene = character_on_twos()
    finish(write_job(request(scene, tmp_path)))
    before = {f: (f.read_bytes(), f.stat().st_mtime_ns) for f in tmp_path.rglob("*") if f.is_file()}
    finish(write_job(request(scene, tmp_path)))
    after = {f: (f.read_bytes(), f.stat().st_mtime_ns) for f in tmp_path.rglob("*") if f.is_file()}
    assert {f: b for f, (b, _) in before.items()} == {f: b for f, (b, _) in after.items()}
    assert all(before[f] == after[f] for f in before if f.name != "job.json")


def test_what_the_shot_no_longer_uses_goes(tmp_path):
    scene = character_on_twos()
    references = (PictureRequest(file=str(picture(tmp_path / "sheet.png"))),)
    finish(write_job(request(scene, tmp_path / "job", references=references)))
    (tmp_path / "job" / "drawings" / "mine.txt").write_text("the artist's own")
    finish(write_job(request(scene, tmp_path / "job", last=2)))
    names = sorted(f.name for f in (tmp_path / "job").rglob("*") if f.is_file())
    assert len(names) == 4 and names[-2:] == ["job.json", "mine.txt"]


def test_a_key_and_a_reference_are_copied_as_they_are(tmp_path):
    scene = character_on_twos()
    sheet = picture(tmp_path / "Sheet: Mädchen?.png")
    keys = (KeyRequest(3, PictureRequest(file=str(picture(tmp_path / "key.png", size=(320, 240))))),)
    references = (PictureRequest(file=str(sheet)), PictureRequest(file=str(sheet)))
    job = finish(write_job(request(scene, tmp_path / "job", keys=keys, references=references))).job
    assert [r.file for r in job.references] == ["references/Sheet_ Mädchen_.png", "references/Sheet_ Mädchen_ 2.png"]
    assert (tmp_path / "job" / job.references[0].file).read_bytes() == sheet.read_bytes()
    assert job.keys[0].drawing == job.drawings[1].id
    assert (tmp_path / "job" / job.keys[0].file).read_bytes() == (tmp_path / "key.png").read_bytes()


def test_a_key_outside_the_range_brings_its_drawing_along(tmp_path):
    scene = character_on_twos()
    job = finish(write_job(request(scene, tmp_path, first=3, last=4))).job
    assert [d.name for d in job.drawings] == ["frame 3", "frame 1"]
    assert len(job.exposures) == 1 and job.keys[0].drawing == job.drawings[1].id


def no_camera(scene):
    scene.camera = None


def hidden(scene):
    scene.objects["Character"].hide_viewport = True


def unrendered(scene):
    scene.objects["Character"].hide_render = True


def out_of_sight(scene):
    scene.camera.location.x = 1000


def emptied(scene):
    bpy.data.objects.remove(scene.objects["Character"])


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (no_camera, "The scene Scene has no camera."),
        (hidden, "No Grease Pencil object of the scene Scene is visible."),
        (unrendered, "No Grease Pencil object of the scene Scene is visible."),
        (out_of_sight, "No lines are seen from frame 1 to 8."),
        (emptied, "The scene Scene has no Grease Pencil drawings."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path, break_it, sentence):
    scene = character_on_twos()
    break_it(scene)
    with pytest.raises(AniDocError) as problem:
        finish(write_job(request(scene, tmp_path)))
    assert problem.value.sentence == sentence and problem.value.remedy
    assert not (tmp_path / "job.json").exists()


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"keys": ()}, "There is nothing to take the colours from."),
        ({"first": 9, "last": 3}, "The shot ends (frame 3) before it begins (frame 9)."),
        ({"keys": (KeyRequest(3),)}, "The drawing at frame 3 has no filled shapes, so it cannot be a key."),
        ({"objects": ("Villain",)}, "There is no object Villain in the scene Scene."),
        ({"objects": ("Camera",)}, "Camera is not a Grease Pencil object."),
        ({"layers": (("Character", "Hair"),)}, "Character has no layer Hair."),
        ({"references": (PictureRequest(),)}, "A reference is empty."),
        ({"references": (PictureRequest(file="/nowhere/sheet.png"),)}, "The picture sheet.png is not there any more."),
        ({"references": (PictureRequest(image="Sheet"),)}, "There is no image Sheet in this file any more."),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_in_a_sentence(tmp_path, about, sentence):
    scene = character_on_twos()
    with pytest.raises(AniDocError) as problem:
        finish(write_job(request(scene, tmp_path, **about)))
    assert problem.value.sentence == sentence and problem.value.remedy


def test_cancel_leaves_the_earlier_job_whole(tmp_path):
    scene = character_on_twos()
    finish(write_job(request(scene, tmp_path)))
    before = load_job(tmp_path)
    steps = write_job(request(scene, tmp_path, last=4))
    for _ in range(3):
        next(steps)
    steps.close()
    assert load_job(tmp_path) == before
    assert all((tmp_path / d.file).is_file() for d in before.drawings)
    assert scene.frame_current == 1
