"""The live preview: the newest finished frame from disk, again when the file changed, one at a time, and gone afterwards."""

import os
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import folders, previews, task
from bl_ext.user_default.anidoc.anidoc_blender.panels import parts

from tests.support.fake_backend import png
from tests.support.shots import fake_python, make_shot, part, pump, wait_until

RED, BLUE = (200, 30, 60, 255), (20, 90, 220, 255)


@pytest.fixture(autouse=True)
def window(monkeypatch):
    """As in a window; in background nobody would see a preview, and none is made."""
    monkeypatch.setattr(previews, "_seen", lambda: True)
    yield
    previews.forget_frame()


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is told to go on."""
    now = [100.0]
    monkeypatch.setattr(previews.time, "monotonic", lambda: now[0])
    return now


def frame(place: Path, colour: tuple[int, int, int, int], seconds: int = 0) -> Path:
    """A frame that was written so many seconds after 2026 began: Blender's thumbnails tell files apart by whole seconds."""
    place.write_bytes(png(64, 36, colour))
    os.utime(place, (1767225600 + seconds,) * 2)
    return place


def shown() -> list[float]:
    """The middle pixel of the picture that the panel shows (reading its pixels has Blender load it now)."""
    picture = previews._collection[previews._frame_key]
    width, height = picture.image_size
    assert (width, height) != (0, 0), "the picture is read"
    pixels = list(picture.image_pixels_float)
    start = 4 * (width * (height // 2) + width // 2)
    return pixels[start : start + 4]


class Drawn:
    """A layout that remembers which icons were drawn."""

    def __init__(self) -> None:
        self.icons: list[int] = []

    def template_icon(self, icon_value: int, scale: float) -> None:
        self.icons.append(icon_value)

    def __getattr__(self, name: str) -> object:
        return lambda *_, **__: self


def about(colour: tuple[int, int, int, int]) -> object:
    return pytest.approx([c / 255 for c in colour], abs=0.03)


def test_the_picture_of_the_file_is_shown(tmp_path):
    previews.show_frame(frame(tmp_path / "frame ä 1.png", RED))
    assert shown() == about(RED)


def test_the_final_frame_replaces_the_early_one_under_the_same_name(tmp_path, clock):
    previews.show_frame(frame(tmp_path / "1.png", RED))
    assert shown() == about(RED)
    clock[0] += previews.SHOWN_FOR
    previews.show_frame(frame(tmp_path / "1.png", BLUE, seconds=1))
    assert shown() == about(BLUE)


def test_a_frame_stays_long_enough_to_be_read_and_only_one_is_kept(tmp_path, clock):
    previews.show_frame(frame(tmp_path / "1.png", RED))
    clock[0] += previews.SHOWN_FOR / 2
    previews.show_frame(frame(tmp_path / "2.png", BLUE))
    assert shown() == about(RED)
    clock[0] += previews.SHOWN_FOR
    previews.show_frame(frame(tmp_path / "2.png", BLUE))
    assert len([key for key in previews._collection if key.startswith("frame ")]) == 1
    assert shown() == about(BLUE)


def test_a_frame_that_is_gone_again_does_no_harm(tmp_path):
    previews.show_frame(tmp_path / "gone.png")
    assert list(previews._collection[previews._frame_key].image_pixels_float) == []


def test_a_press_shows_the_frame_of_its_own_job(tmp_path, monkeypatch):
    monkeypatch.setenv("ANIDOC_PYTHON", str(fake_python(tmp_path, "slow")))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    scene = make_shot()
    request = part("anidoc_blender.request").request_of(scene)
    task.start("Colorize Shot", part("anidoc_blender.colorize").colour_shot(request, "Scene"), "Scene")
    assert wait_until(lambda: task._tick() and previews._frame_key, 20)
    assert task.current().status.preview.parent == folders.job_folder(scene) / "frames"
    assert shown() == about(RED)
    monkeypatch.setattr(previews, "frame_icon", lambda: 77)  # Blender gives out no icons in background
    layout = Drawn()
    parts.progress(layout, bpy.context, task.current())
    assert layout.icons == [77]
    pump()
    assert not task.current()
