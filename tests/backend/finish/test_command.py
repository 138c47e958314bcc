"""``anidoc finish`` as a person or a program calls it, in a process of its own."""

import json
from pathlib import Path

import cv2
import numpy as np

from backend.pictures.read import read_picture
from backend.pictures.write import write_png
from tests.support.jobs import anidoc

RED = (200, 40, 50, 255)


def folders(tmp_path, names=("0001", "0002"), ending=".png"):
    """Frames and sketches of a red box, and its reference."""
    picture = np.full((60, 80, 4), 255, np.uint8)
    cv2.rectangle(picture, (20, 15), (60, 45), RED, -1)
    line = np.full((60, 80, 4), 255, np.uint8)
    cv2.rectangle(line, (20, 15), (60, 45), (0, 0, 0, 255), 2)
    for name in names:
        path = tmp_path / "frames" / f"{name}{ending}"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), cv2.cvtColor(cv2.resize(picture, (40, 30)), cv2.COLOR_RGBA2BGR))
        write_png(tmp_path / "sketches" / f"{name}.png", line)
    write_png(tmp_path / "key.png", picture)
    return ["--frames", tmp_path / "frames", "--sketches", tmp_path / "sketches", "--out", tmp_path / "out"]


def test_frames_come_out_exact_and_named_like_the_sketches(tmp_path):
    done = anidoc("finish", *folders(tmp_path, ending=".jpg"), "--reference", tmp_path / "key.png", "--json")
    assert done.returncode == 0, done.stderr
    *frames, summary = [json.loads(line) for line in done.stdout.splitlines()]
    assert [f["name"] for f in frames] == ["0001.png", "0002.png"] and summary["outcome"] == "done"
    path = Path(summary["frames"][1]["file"])
    picture = read_picture(path.read_bytes(), path.name)
    assert picture.shape == (60, 80, 4) and tuple(picture[30, 40]) == RED and picture[3, 3, 3] == 0


def test_the_same_call_gives_the_same_bytes(tmp_path):
    arguments = [*folders(tmp_path), "--reference", tmp_path / "key.png"]
    assert anidoc("finish", *arguments).returncode == 0
    first = (tmp_path / "out" / "0002.png").read_bytes()
    assert anidoc("finish", *arguments).returncode == 0
    assert (tmp_path / "out" / "0002.png").read_bytes() == first


def test_a_frame_without_a_sketch_is_named_and_the_code_is_1(tmp_path):
    arguments = folders(tmp_path, ("0001", "0002", "0003"))
    (tmp_path / "sketches" / "0003.png").unlink()
    done = anidoc("finish", *arguments, "--reference", tmp_path / "key.png", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["problems"][0]["sentence"] == "0003.png has no sketch of its name."


def test_mistakes_are_one_sentence(tmp_path):
    arguments = folders(tmp_path)
    wrong = {
        "There are no coloured frames in": ["--frames", tmp_path / "nothing"],
        "is missing": ["--reference", tmp_path / "nothing.png"],
        "would overwrite": ["--out", tmp_path / "frames"],
    }
    for sentence, more in wrong.items():
        done = anidoc("finish", *arguments, *more)
        assert done.returncode == 2 and sentence in done.stderr and "Traceback" not in done.stderr, done.stderr
    (tmp_path / "other").mkdir()
    write_png(tmp_path / "other" / "walk-07.png", np.zeros((8, 8, 4), np.uint8))
    done = anidoc("finish", *arguments, "--frames", tmp_path / "other")
    assert done.returncode == 2 and "No frame has the name of a sketch." in done.stderr
