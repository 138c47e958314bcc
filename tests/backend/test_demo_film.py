"""What the demo leaves: film, GIF and contact sheet, and what it says when Blender fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from backend.cli import demo
from backend.contracts.errors import AniDocError
from backend.demo.shot import demo_shot
from backend.evaluation.film import PAPER, make_film
from backend.evaluation.generated import coloured, write_job
from backend.pictures.write import write_png


@pytest.fixture(scope="module")
def shot():
    return demo_shot(3, 640, 360)


def rendered(folder: Path, shot, size=None) -> list[Path]:
    paths = []
    for drawing in shot.drawings:
        for hold in (1, 2):
            path = folder / "frames" / f"{2 * drawing.number + hold:04d}.png"
            write_png(path, coloured(shot, drawing) if size is None else np.zeros((*size, 4), np.uint8))
            paths.append(path)
    return paths


def test_film_gif_and_sheet(tmp_path, shot):
    made = make_film(tmp_path, shot, rendered(tmp_path, shot))
    film = cv2.VideoCapture(str(made["Film"]))
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 6 and film.get(cv2.CAP_PROP_FPS) == 24
    with Image.open(made["GIF"]) as gif:
        assert gif.n_frames == 3 and gif.info["duration"] == 80  # pyright: ignore[reportAttributeAccessIssue]
    with Image.open(made["Contact sheet"]) as sheet:
        colours = {colour for _, colour in sheet.convert("RGB").getcolors(1 << 24) or []}
    assert {PAPER, shot.colours["Coat"], shot.colours["Hair"], shot.colours["Skin"]} <= colours


def test_a_frame_of_another_size_is_refused_in_a_sentence(tmp_path, shot):
    with pytest.raises(AniDocError, match="not 640 x 360 pixels"):
        make_film(tmp_path, shot, rendered(tmp_path, shot, size=(100, 100)))


def test_the_generated_job_names_the_drawing_that_is_filled(tmp_path, shot):
    job = write_job(tmp_path, shot, hold=3, key=1)
    assert job.keys[0].drawing == job.drawings[1].id and job.keys[0].name == "frame 4"
    assert [exposure.frame for exposure in job.exposures] == [1, 4, 7]
    assert all((tmp_path / drawing.file).is_file() for drawing in job.drawings)


def test_a_python_runs_the_script_and_a_blender_runs_in_background():
    assert demo.command_for(Path("/x/bin/python3.13"), ["OUT"])[1:] == [
        "-P",
        demo.command_for(Path("python"), [])[2],
        "--",
        "OUT",
    ]
    command = demo.command_for(Path("/x/Blender 5.2/blender.exe"), ["OUT"])
    assert "--background" in command and "--factory-startup" in command and command[-2:] == ["--", "OUT"]


def test_what_blender_says_becomes_the_sentence(tmp_path):
    result = tmp_path / "demo.json"
    result.write_text(json.dumps({"problem": "There is no camera.", "remedy": "Add one."}))
    with pytest.raises(AniDocError, match=r"There is no camera\. Add one\."):
        demo.read_result(result, tmp_path / "blender.log", 1)


def test_a_blender_that_died_is_told_apart(tmp_path):
    (tmp_path / "blender.log").write_text("Segmentation fault")
    with pytest.raises(AniDocError, match="exit code -11") as error:
        demo.read_result(tmp_path / "demo.json", tmp_path / "blender.log", -11)
    assert "Segmentation fault" in error.value.detail


def test_a_blender_that_is_no_program_is_refused(tmp_path):
    text = tmp_path / "blender"
    text.write_text("not a program")
    with pytest.raises(AniDocError, match="cannot be started"):
        demo.in_blender(text, tmp_path, 1, 0, verbose=False)


def test_who_waits_for_blender_hears_how_far_it_is(tmp_path, capsys):
    words = "print('Blender 9'); print('AniDoc: rendering the strip'); import sys; print('oh', file=sys.stderr); sys.exit(3)"
    with (tmp_path / "log").open("wb") as log:
        assert demo.follow([sys.executable, "-u", "-c", words], dict(os.environ), log) == 3
    assert capsys.readouterr().out == "  rendering the strip\n"
    assert (tmp_path / "log").read_text().split() == ["Blender", "9", "AniDoc:", "rendering", "the", "strip", "oh"]


def test_a_blender_that_never_ends_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "LONGEST", 0.5)
    with (tmp_path / "log").open("wb") as log, pytest.raises(subprocess.TimeoutExpired):
        demo.follow([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), log)


def test_the_copied_add_on_is_complete(tmp_path):
    demo.install(tmp_path)
    there = tmp_path / "extensions" / "user_default" / "anidoc"
    assert (there / "blender_manifest.toml").is_file() and (there / "backend" / "__main__.py").is_file()
    assert not list(there.rglob("__pycache__"))
