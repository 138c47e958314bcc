"""An area that a hole in its lines has joined to the paper is found by what the drawings beside show; paper is not."""

import cv2
import numpy as np
import pytest

from backend.contracts.jobfolder import SKETCHES, load_job
from backend.evaluation.contact import contact_sheet
from backend.evaluation.openings import Seen, look_at, open_areas
from backend.pictures.doubt import MARK, hatch
from backend.pictures.read import read_picture
from backend.pictures.write import write_png
from tests.support.bench import COAT, write_clip
from tests.support.jobs import anidoc

SIZE = (240, 320)
BODY, HAND = (40, 90, 160), (250, 210, 180)


def drawn(x: int = 0, hole: bool = False, hand: bool = True, body: tuple[int, int, int] = BODY) -> Seen:
    """A body, ``x`` px to the right, and a hand beside it; with a ``hole`` in its outline the body is bare."""
    frame, lines = np.zeros((*SIZE, 4), np.uint8), np.full(SIZE, 255, np.uint8)
    shapes = [((90 + x, 60), (170 + x, 180), body)] + ([((190 + x, 100), (230 + x, 150), HAND)] if hand else [])
    for low, high, colour in shapes:
        cv2.rectangle(lines, low, high, 0, 2)
        if not (hole and colour == body):
            cv2.rectangle(frame, low, high, (*colour, 255), -1)
    if hole:
        lines[58:63, 120 + x : 145 + x] = 255
    return look_at(frame, lines)


def found(*drawings: Seen) -> list[bool]:
    return [bool(area.any()) for area in open_areas(drawings)]


def test_a_body_that_ran_out_is_found_whole():
    areas = open_areas([drawn(0), drawn(4, hole=True), drawn(8)])
    assert [bool(a.any()) for a in areas] == [False, True, False]
    inside = np.zeros(SIZE, bool)
    inside[64:176, 98:170] = True
    assert areas[1][inside].mean() > 0.9 and not areas[1][:, :90].any() and not areas[1][:, 180:].any()


@pytest.mark.parametrize("first", [1, 2])
def test_a_run_of_drawings_with_the_same_hole_is_found_also_at_the_shots_end(first: int):
    drawings = [drawn(3 * n, hole=first <= n < first + 2) for n in range(4)]
    assert found(*drawings) == [first <= n < first + 2 for n in range(4)]


def test_a_part_that_is_gone_leaves_paper_that_is_not_found():
    assert found(drawn(0), drawn(3, hand=False), drawn(6)) == [False] * 3
    assert found(drawn(0), drawn(3), drawn(6, hand=False)) == [False] * 3


def test_where_the_drawings_beside_disagree_nothing_is_said():
    assert found(drawn(0), drawn(3, hole=True), drawn(6, body=(200, 40, 40))) == [False] * 3


def test_one_drawing_alone_and_none_say_nothing():
    assert found(drawn(0, hole=True)) == [False] and open_areas([]) == []


def test_a_hatching_stays_inside_its_outline():
    shown = np.full((80, 120, 3), 120, np.uint8)
    area = np.zeros((40, 60), bool)
    area[10:30, 20:40] = True
    assert hatch(shown, area)
    marked = (shown == MARK).all(2)
    assert 0.2 < marked[22:58, 42:78].mean() < 0.6 and not marked[:16].any() and not marked[:, :36].any()
    assert not hatch(shown, np.zeros_like(area))


def test_the_contact_sheet_hatches_it(tmp_path):
    """Of three coloured dolls the second is left with a hole in its coat, and the coat bare."""
    clip = write_clip(tmp_path / "doll", (0, 6, 12))
    key = f"0001.png={clip / 'color' / '0001.png'}"
    ended = anidoc("colorize", "--sketches", clip / "line", "--key", key, "--out", tmp_path / "out")
    assert ended.returncode == 0, ended.stderr
    folder = tmp_path / "out" / ".anidoc"
    whole = contact_sheet(folder)
    drawing = load_job(folder).drawings[1].id
    frame = read_picture((folder / "frames" / f"{drawing}.png").read_bytes(), "frame")
    frame[(frame[..., :3] == COAT).all(2)] = 0
    frame[66:80, 46:55] = 0
    write_png(folder / "frames" / f"{drawing}.png", frame)
    sketch = read_picture((folder / SKETCHES / f"{drawing}.png").read_bytes(), "sketch")[..., 0].copy()
    sketch[66:80, 46:55] = 255
    write_png(folder / SKETCHES / f"{drawing}.png", sketch)
    opened = contact_sheet(folder)
    assert not (whole == MARK).all(2).any() and (opened == MARK).all(2).sum() > 1000
