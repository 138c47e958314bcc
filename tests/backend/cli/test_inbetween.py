"""``anidoc inbetween`` says what it is doing, what is probably not meant, and which options change nothing."""

import shutil

import cv2
import numpy as np
import pytest

from backend.cli import anidoc_options
from backend.cli.main import main
from backend.runner import engines


@pytest.fixture
def ask(tmp_path, capsys):
    """Ask for one in-between of two pictures by name; returns the exit code and all that was said."""
    for name, x, fill in (
        ("a", 0, None),
        ("b", 12, None),
        ("a-colour", 0, (90, 120, 220)),
        ("b-colour", 12, (90, 120, 220)),
    ):
        picture = np.full((60, 80, 3), 255, np.uint8)
        if fill:
            cv2.rectangle(picture, (15 + x, 15), (45 + x, 45), fill, -1)
        cv2.rectangle(picture, (15 + x, 15), (45 + x, 45), (0, 0, 0), 2)
        cv2.imwrite(str(tmp_path / f"{name}.png"), picture)

    def run(first, last, *more, out="out"):
        words = [
            "inbetween",
            "--from",
            tmp_path / (first and f"{first}.png"),
            "--to",
            tmp_path / f"{last}.png",
            "--count",
            "1",
        ]
        code = main([str(w) for w in (*words, "--out", tmp_path / out, *more)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_it_says_what_it_is_doing_and_options_of_another_engine_are_pointed_out(ask, tmp_path):
    code, said = ask("a", "b", "--seed", "0", "--finish", "--reference", tmp_path / "a-colour.png")
    assert code == 0 and "0 of 1 drawn" in said and "Done: 1 drawing in" in said
    assert "without --engine anidoc --seed, --finish change nothing" in said
    assert "without --engine anidoc --reference changes nothing" in said


def test_line_art_as_colour_and_the_same_drawing_twice_are_done_and_doubted(ask, tmp_path):
    code, said = ask("a", "a", "--from-color", tmp_path / "a.png", "--to-color", tmp_path / "a-colour.png")
    assert code == 0 and (tmp_path / "out" / "color" / "0001.png").is_file()
    assert said.count("holds no colour") == 1 and "Both drawings are the same" in said
    code, said = ask("a", "b", "--from-color", tmp_path / "a-colour.png", "--to-color", tmp_path / "b-colour.png")
    assert code == 0 and "holds no colour" not in said and "the same" not in said


@pytest.mark.parametrize("engine", ["own", "anidoc"])
def test_colours_in_the_wrong_order_are_refused_with_the_remedy(ask, monkeypatch, tmp_path, engine):
    with_libraries(monkeypatch)
    exchanged = "--from-color", tmp_path / "b-colour.png", "--to-color", tmp_path / "a-colour.png"
    code, said = ask("a", "b", *exchanged, "--engine", engine)
    assert code == 2 and "each lies on the lines of the other drawing. Give the first" in said
    assert not (tmp_path / "out").exists()


def test_paintings_and_light_lines_on_dark_are_no_line_art(ask, tmp_path):
    code, said = ask("a-colour", "b")
    assert code == 2 and "a-colour.png is no line art: it is painted. Give the drawing as dark lines" in said
    day = cv2.imread(str(tmp_path / "b.png"))
    assert day is not None
    cv2.imwrite(str(tmp_path / "night.png"), 255 - day)
    code, said = ask("a", "night")
    assert code == 2 and "night.png is dark nearly all over: lines are expected dark on light. Invert" in said
    code, said = ask("", "b")
    assert code == 2 and "is a folder; two pictures are needed" in said
    assert not (tmp_path / "out").exists()


def test_a_shorter_run_leaves_no_drawings_of_a_longer_one_but_those_of_others(ask, tmp_path):
    colours = "--from-color", tmp_path / "a-colour.png", "--to-color", tmp_path / "b-colour.png"
    assert ask("a", "b", "--count", "4", *colours)[0] == 0
    lines = tmp_path / "out" / "line"
    shutil.copy(lines / "0001.png", lines / "0003.png")  # worked on
    shutil.copy(lines / "0001.png", lines / "0009.png")  # never ours
    code, said = ask("a", "b")
    assert code == 0 and "0003.png is of an earlier run and was changed since; it stays." in said
    assert sorted(p.name for p in lines.iterdir()) == ["0001.png", "0003.png", "0009.png"]
    assert not (tmp_path / "out" / "color").exists()


def test_one_coloured_picture_for_two_drawings_is_done_and_doubted(ask, tmp_path):
    twice = "--from-color", tmp_path / "a-colour.png", "--to-color", tmp_path / "a-colour.png"
    code, said = ask("a", "b", *twice)
    assert code == 0 and "Both coloured drawings are the same picture" in said


def test_a_folder_that_cannot_be_written_is_said_before_the_work(ask, tmp_path):
    (tmp_path / "file").write_text("here")
    code, said = ask("a", "b", out="file")
    assert code == 2 and "cannot be written (it is a file)" in said


def test_a_chart_and_a_count_that_differ_are_said(ask):
    code, said = ask("a", "b", "--chart", "0.2 0.8")
    assert code == 2 and "has 2 fractions, and --count says 1" in said


def test_without_torch_the_python_to_use_is_named_and_nothing_is_written(ask, monkeypatch, tmp_path):
    monkeypatch.setattr(anidoc_options, "find_spec", lambda name: None)
    python = str(tmp_path / "torch" / "bin" / "python")
    monkeypatch.setenv("ANIDOC_TORCH_PYTHON", python)
    code, said = ask("a", "b", "--engine", "anidoc", "--reference", tmp_path / "a-colour.png")
    assert code == 2 and "it has no torch" in said and f"{python} -m backend" in said
    assert not (tmp_path / "out").exists()


def with_libraries(monkeypatch, *lacking):
    """As in an environment whose engine has all its libraries but these."""
    for module in (anidoc_options, engines):
        monkeypatch.setattr(module, "find_spec", lambda name: None if name in lacking else object())


def test_a_library_that_is_missing_is_said_before_a_line_is_drawn(ask, monkeypatch, tmp_path):
    with_libraries(monkeypatch, "diffusers")
    code, said = ask("a", "b", "--engine", "anidoc", "--reference", tmp_path / "a-colour.png")
    assert code == 2 and said.count("it has no diffusers. Set up the AniDoc environment") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "The AniDoc engine has no weights. Get them with: anidoc models get."),
        (["--weights", "nowhere"], "Give the folder that holds the AniDoc and SVD weights."),
        (["--weights", "empty"], "does not hold the Stable Video Diffusion weights"),
        (["--weights", "torn"], "The weights of vae are missing. Fetch the weights again"),
    ],
)
def test_missing_weights_are_said_before_a_line_is_drawn(ask, monkeypatch, tmp_path, given, sentence):
    with_libraries(monkeypatch)
    monkeypatch.setenv("ANIDOC_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("ANIDOC_WEIGHTS", "")  # what --weights sets in this process is taken back afterwards
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for part in ("vae", "image_encoder", "unet", "controlnet"):
        (tmp_path / "torn" / part).mkdir(parents=True)
        (tmp_path / "torn" / part / "config.json").write_text("{}")
    code, said = ask("a", "b", "--engine", "anidoc", "--reference", tmp_path / "a-colour.png", *given)
    assert code == 2 and said.count(sentence) == 1
    assert not (tmp_path / "out").exists()
