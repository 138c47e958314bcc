"""Scanned line art: strips and folders become drawings with their exposures."""

import subprocess

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender.job_writer import finish, write_job
from bl_ext.user_default.anidoc.anidoc_blender.shot_request import (
    FolderSource,
    KeyRequest,
    PictureRequest,
    ShotRequest,
    StripSource,
)
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError
from bl_ext.user_default.anidoc.backend.contracts.job import Movie
from bl_ext.user_default.anidoc.backend.contracts.jobfolder import load_job

from .scenery import picture


@pytest.fixture
def scanned(tmp_path):
    """Four scans, the first and the third of which are equal, and a coloured sheet."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number, grey in ((1, 10), (2, 20), (9, 10), (10, 40)):
        picture(folder / f"d{number}.png", (grey, grey, grey, 255))
    picture(tmp_path / "sheet.png")
    (folder / "notes.txt").write_text("not a picture")
    return folder


def written(folder, source, first=1, last=100, **about):
    about = {"references": (PictureRequest(file=str(folder.parent / "sheet.png")),)} | about
    request = ShotRequest("Scene", folder.parent / "job", first=first, last=last, source=source, **about)
    return finish(write_job(request)).job


def strip(folder, *names, start=10):
    editor = bpy.context.scene.sequence_editor_create()
    made = editor.strips.new_image(name="Scans", filepath=str(folder / names[0]), channel=1, frame_start=start)
    for name in names[1:]:
        made.elements.append(name)
    return made


def held(job):
    """(frame, duration, name of the drawing) of every exposure."""
    names = {d.id: d.name for d in job.drawings}
    return [(e.frame, e.duration, names[e.drawing]) for e in job.exposures]


def test_a_folder_is_read_in_natural_order_and_equal_scans_are_one(scanned):
    job = written(scanned, FolderSource(str(scanned), frame=3, hold=2))
    assert held(job) == [(3, 2, "d1.png"), (5, 2, "d2.png"), (7, 2, "d1.png"), (9, 2, "d10.png")]
    assert (job.width, job.height) == (8, 6)
    assert (scanned.parent / "job" / job.drawings[1].file).read_bytes() == (scanned / "d2.png").read_bytes()
    assert load_job(scanned.parent / "job") == job
    assert len(bpy.data.images) == 0


def test_a_folder_is_cut_to_the_range(scanned):
    job = written(scanned, FolderSource(str(scanned), frame=3, hold=2), first=4, last=5)
    assert held(job) == [(4, 1, "d1.png"), (5, 1, "d2.png")]


def test_a_strip_is_read_where_it_stands(scanned):
    strip(scanned, "d1.png", "d1.png", "d2.png", "d10.png")
    assert held(written(scanned, StripSource("Scans"))) == [(10, 2, "d1.png"), (12, 1, "d2.png"), (13, 1, "d10.png")]


def test_a_trimmed_and_held_strip_is_read_as_shown(scanned):
    made = strip(scanned, "d1.png", "d2.png", "d10.png")
    if hasattr(made, "left_handle"):
        made.left_handle, made.right_handle = 11, 16
    else:
        made.frame_final_start, made.frame_final_end = 11, 16
    assert held(written(scanned, StripSource("Scans"))) == [(11, 1, "d2.png"), (12, 4, "d10.png")]


def test_a_strip_of_another_scene_is_read(scanned):
    other = bpy.data.scenes.new("Edit")
    made = other.sequence_editor_create().strips.new_image(
        name="Scans", filepath=str(scanned / "d2.png"), channel=1, frame_start=5
    )
    assert made and held(written(scanned, StripSource("Scans", "Edit"))) == [(5, 1, "d2.png")]


def test_a_key_is_the_coloured_version_of_the_scan_at_its_frame(scanned):
    coloured = picture(scanned.parent / "coloured.png", (250, 20, 30, 255))
    job = written(
        scanned, FolderSource(str(scanned)), references=(), keys=(KeyRequest(2, PictureRequest(file=str(coloured))),)
    )
    assert job.keys[0].drawing == job.drawings[1].id
    assert (scanned.parent / "job" / job.keys[0].file).read_bytes() == coloured.read_bytes()


def movie(folder, backend_python, pictures=6):
    """A film of grey pictures that get lighter, at 24 a second."""
    script = (
        "import cv2, numpy, sys\n"
        "film = cv2.VideoWriter(sys.argv[1], cv2.VideoWriter_fourcc(*'MJPG'), 24, (64, 48))\n"
        f"[film.write(numpy.full((48, 64, 3), n * 30, 'uint8')) for n in range({pictures})]\n"
        "film.release()\n"
    )
    subprocess.run([backend_python, "-c", script, str(folder / "film.avi")], check=True, timeout=60)
    return folder / "film.avi"


def test_a_movie_strip_is_copied_whole(scanned, backend_python):
    film = movie(scanned, backend_python)
    made = bpy.context.scene.sequence_editor_create().strips.new_movie(
        name="Film", filepath=str(film), channel=1, frame_start=20
    )
    coloured = picture(scanned.parent / "coloured.png", (250, 20, 30, 255), (64, 48))
    keys = (KeyRequest(23, PictureRequest(file=str(coloured))),)
    job = written(scanned, StripSource("Film"), first=22, last=24, keys=keys)
    assert job.movie == Movie("drawings/film.avi", first=2, count=3, frame=22)
    assert (job.width, job.height) == (64, 48) and job.drawings == job.exposures == ()
    assert (scanned.parent / "job" / "drawings" / "film.avi").read_bytes() == film.read_bytes()
    assert job.keys[0].drawing == "00000003"
    assert made.type == "MOVIE"


def test_a_trimmed_movie_strip_begins_with_the_picture_that_is_shown(scanned, backend_python):
    made = bpy.context.scene.sequence_editor_create().strips.new_movie(
        name="Film", filepath=str(movie(scanned, backend_python)), channel=1, frame_start=20
    )
    if hasattr(made, "left_handle"):
        made.left_handle = 22
    else:
        made.frame_final_start = 22
    job = written(scanned, StripSource("Film"))
    assert job.movie == Movie("drawings/film.avi", first=2, count=4, frame=22)
    bpy.context.scene.render.fps = 25
    with pytest.raises(AniDocError, match="24 pictures a second, the scene at 25"):
        written(scanned, StripSource("Film"))


@pytest.mark.parametrize("skipped", [0, 1])
def test_the_sequencer_shows_the_picture_that_is_read(scanned, backend_python, skipped):
    scene = bpy.context.scene
    made = scene.sequence_editor_create().strips.new_movie(
        name="Film", filepath=str(movie(scanned, backend_python)), channel=1, frame_start=20
    )
    if hasattr(made, "left_handle"):
        made.content_trim_start = skipped
        made.left_handle = 23
    else:
        made.animation_offset_start = skipped
        made.frame_final_start = 23
    film = written(scanned, StripSource("Film"), first=23, last=23).movie
    scene.render.resolution_x, scene.render.resolution_y = 64, 48
    scene.render.resolution_percentage, scene.view_settings.view_transform = 100, "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(scanned / "shown.png")
    scene.frame_set(23)
    bpy.ops.render.render(write_still=True)
    shown = bpy.data.images.load(str(scanned / "shown.png"))
    shown.colorspace_settings.name = "Non-Color"
    assert film.count == 1
    assert shown.pixels[0] * 255 == pytest.approx(film.first * 30, abs=6)


def no_strip(scanned):
    return StripSource("Scans")


def sound_of_colour(scanned):
    made = bpy.context.scene.sequence_editor_create().strips
    made.new_effect(name="Scans", type="COLOR", channel=1, frame_start=1, **_end(10))
    return StripSource("Scans")


def _end(frames):
    return {"frame_end": 1 + frames} if bpy.app.version < (5, 0) else {"length": frames}


def lost_file(scanned):
    strip(scanned, "d1.png", "d2.png")
    (scanned / "d2.png").unlink()
    return StripSource("Scans")


def elsewhere(scanned):
    strip(scanned, "d1.png", start=500)
    return StripSource("Scans")


def empty_folder(scanned):
    (scanned / "empty").mkdir()
    return FolderSource(str(scanned / "empty"))


def no_folder(scanned):
    return FolderSource(str(scanned / "nowhere"))


def torn_picture(scanned):
    (scanned / "d1.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    return FolderSource(str(scanned))


def reversed_strip(scanned):
    strip(scanned, "d1.png", "d2.png").use_reverse_frames = True
    return StripSource("Scans")


@pytest.mark.parametrize(
    "bad",
    [no_strip, sound_of_colour, lost_file, elsewhere, empty_folder, no_folder, torn_picture, reversed_strip],
)
def test_what_is_no_line_art_is_said(scanned, bad):
    with pytest.raises(AniDocError) as problem:
        written(scanned, bad(scanned))
    assert problem.value.remedy
    assert not (scanned.parent / "job" / "job.json").exists()


def test_a_key_without_picture_makes_no_sense_for_scans(scanned):
    with pytest.raises(AniDocError, match="has no picture"):
        written(scanned, FolderSource(str(scanned)), keys=(KeyRequest(1),))
