"""Frames on disk: exact, the same bytes each time, whole or not there."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from backend.contracts.errors import AniDocError
from backend.contracts.files import cannot_write, inside, put_in_place, write_bytes
from backend.pictures.png import png_head
from backend.pictures.read import read_picture
from backend.pictures.write import encode_png, write_png


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=30).map(lambda s: (*s, 4))))
@settings(deadline=None)
def test_a_frame_comes_back_to_the_bit_hidden_colours_too(picture):
    data = encode_png(picture)
    assert encode_png(picture.copy()) == data
    assert (read_picture(data, "frame") == picture).all()
    head = png_head(data)
    assert head and (head.height, head.width, head.bits, head.colour_type) == (*picture.shape[:2], 8, 6)


def test_writing_tells_the_hash_and_leaves_one_file(tmp_path):
    path = tmp_path / "frames" / "a b ü 日本.png"
    sha = write_png(path, np.zeros((4, 4, 4), np.uint8))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_name_of_full_length_can_be_written(tmp_path):
    path = tmp_path / ("日" * 80 + "x" * 11 + ".png")
    write_bytes(path, b"data")
    assert path.read_bytes() == b"data"


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "frames").write_text("a file where the folder should be")
    with pytest.raises(AniDocError, match="cannot be written") as caught:
        write_png(tmp_path / "frames" / "a.png", np.zeros((4, 4, 4), np.uint8))
    assert caught.value.remedy


def test_a_full_disk_is_a_sentence(tmp_path):
    error = cannot_write(tmp_path / "a.png", OSError(28, "No space left on device"))
    assert "disk is full" in error.sentence and "kept" in error.remedy


def test_a_link_left_at_the_temporary_name_is_not_followed(tmp_path):
    import os

    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f"a.png.{os.getpid()}.part").symlink_to(victim)
    write_bytes(tmp_path / "a.png", b"new")
    assert victim.read_text() == "precious"
    assert (tmp_path / "a.png").read_bytes() == b"new" and not (tmp_path / "a.png").is_symlink()


def test_a_file_that_windows_holds_for_a_moment_is_tried_again(tmp_path):
    tries = []

    def held(part, path):
        tries.append(path)
        if len(tries) < 3:
            raise PermissionError(13, "The process cannot access the file")
        part.replace(path)

    write_bytes(tmp_path / "a", b"x", replace=held)
    assert (tmp_path / "a").read_bytes() == b"x" and len(tries) == 3


def test_a_file_that_stays_held_is_a_sentence_and_leaves_no_rest(tmp_path, monkeypatch):
    monkeypatch.setattr("backend.contracts.files._PAUSE", 0)

    def held(part, path):
        raise PermissionError(13, "The process cannot access the file")

    with pytest.raises(AniDocError, match="cannot be written"):
        write_bytes(tmp_path / "a", b"x", replace=held)
    assert not list(tmp_path.iterdir())
    (tmp_path / "p").write_bytes(b"x")
    with pytest.raises(PermissionError):
        put_in_place(tmp_path / "p", tmp_path / "a", replace=held)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "link/x", "link"])
def test_paths_that_leave_the_folder_are_refused(tmp_path, name):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "link").symlink_to(tmp_path)
    with pytest.raises(AniDocError, match="outside"):
        inside(tmp_path / "job", name)
