"""``anidoc contact`` makes one picture of a coloured shot, with what is doubtful outlined."""

import cv2
import numpy as np
import pytest

from backend.evaluation.contact import TALL, contact_sheet, plain
from backend.pictures.doubt import MARK
from backend.pictures.write import write_png
from tests.support.bench import write_clip
from tests.support.jobs import anidoc


@pytest.fixture
def coloured(tmp_path):
    """A doll of three drawings coloured from the first; the folder with the pictures."""
    clip = write_clip(tmp_path / "doll")
    out = tmp_path / "out"
    key = f"0001.png={clip / 'color' / '0001.png'}"
    done = anidoc("colorize", "--sketches", clip / "line", "--key", key, "--reference", clip / "ref.png", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def marked(picture: np.ndarray) -> int:
    return int((picture == MARK).all(2).sum())


def test_the_sheet_shows_the_reference_and_every_drawing(coloured, tmp_path):
    file = tmp_path / "sheets" / "doll.png"
    done = anidoc("contact", coloured, "--out", file)
    assert done.returncode == 0 and str(file) in done.stdout, done.stderr
    again = anidoc("contact", coloured / ".anidoc", "--out", tmp_path / "again.png")
    assert again.returncode == 0 and (tmp_path / "again.png").read_bytes() == file.read_bytes()
    sheet = cv2.imread(str(file))
    assert sheet is not None and sheet.shape[0] > 2 * TALL
    assert marked(sheet[..., ::-1]) == 0, "nothing is in doubt here"


def test_letters_that_the_font_lacks_are_written_as_their_base_letters():
    assert plain("Läufer = ß …") == "Laufer = ss …" and plain("u\u0308ber") == "uber"


def test_a_region_the_engine_doubted_is_outlined_on_its_drawing(coloured):
    folder = coloured / ".anidoc"
    before = contact_sheet(folder)
    doubted = sorted((folder / "work" / "certainty").iterdir())[-1]
    certainty = cv2.imread(str(doubted), cv2.IMREAD_GRAYSCALE)
    assert certainty is not None
    certainty[80:120, 70:90] = 40
    write_png(doubted, certainty)
    after = contact_sheet(folder)
    assert after.shape == before.shape and marked(after) > 100


def test_without_a_run_it_says_what_to_do(tmp_path):
    write_clip(tmp_path / "doll")
    done = anidoc("contact", tmp_path / "doll", "--out", tmp_path / "sheet.png")
    assert done.returncode == 2 and "job.json is missing" in done.stderr and "Traceback" not in done.stderr
