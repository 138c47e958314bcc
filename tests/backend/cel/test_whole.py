"""A figure that turns over or crosses the picture between two drawings keeps its colours."""

import cv2
import numpy as np
import pytest

from backend.cel.carry import carry
from backend.cel.keys import certain, read_key
from backend.cel.look import Look, look_at
from backend.cel.match import laid, registration
from backend.cel.palette import make_palette
from backend.cel.whole import STAY, whole_move
from backend.contracts.drawing import Drawing
from backend.lineart.lines import Lines, read_lines
from backend.lineart.runs import runs_of

SIZE = 480
HEAD, FACE, BODY, ARM, LEG, BOOT = (
    (220, 90, 40),
    (250, 220, 180),
    (40, 60, 190),
    (90, 160, 70),
    (120, 80, 50),
    (60, 20, 20),
)
PARTS = (
    (LEG, [(-30, 60), (-8, 60), (-14, 130), (-40, 128)]),
    (BOOT, [(-14, 130), (-40, 128), (-44, 150), (0, 152)]),
    (LEG, [(8, 60), (30, 60), (52, 118), (28, 128)]),
    (BOOT, [(52, 118), (28, 128), (36, 150), (78, 134)]),
    (BODY, [(-34, -20), (34, -24), (40, 66), (-38, 62)]),
    (ARM, [(30, -18), (46, -24), (90, 10), (78, 26)]),
    (ARM, [(-30, -18), (-44, -10), (-60, 44), (-42, 48)]),
    (HEAD, [(-50, -100), (0, -136), (48, -104), (44, -40), (0, -20), (-46, -40)]),
    (FACE, [(-20, -90), (40, -86), (38, -46), (4, -30), (-22, -44)]),
)


def figure(degrees: float, x: float, y: float, colours: bool) -> np.ndarray:
    """(SIZE, SIZE, 4): a small figure turned about its middle, which lies at (x, y); lines or flats."""
    picture = np.full((SIZE, SIZE, 4), 255, np.uint8)
    turn = np.exp(1j * np.radians(degrees))
    for colour, corners in PARTS:
        places = np.array([complex(*corner) for corner in corners]) * turn + complex(x, y)
        shape = np.round(np.stack([places.real, places.imag], 1)).astype(np.int32)
        cv2.fillPoly(picture, [shape], (*colour, 255) if colours else (255, 255, 255, 255))
        cv2.polylines(picture, [shape], True, (0, 0, 0, 255), 2)
    return picture


def read(degrees: float, x: float, y: float) -> tuple[Lines, Look]:
    lines = read_lines(Drawing("0" * 8, "drawing", line_art=figure(degrees, x, y, False)), (), SIZE, SIZE)
    return lines, look_at(lines)


@pytest.mark.parametrize("degrees", [0, 35, 70, 110])
def test_where_the_figure_went_is_told_by_its_regions(degrees: float):
    _, key = read(0, 150, 240)
    _, other = read(degrees, 300, 230)
    move = whole_move(other.view(), key.view())
    assert abs(np.degrees(np.angle(move.turn)) + degrees) < 8
    assert abs(move.turn * complex(300, 230) + move.shift - complex(150, 240)) < 12


def test_a_figure_that_stands_still_does_not_move():
    look = read(0, 150, 240)[1]
    assert whole_move(look.view(), look.view()) == STAY


@pytest.mark.parametrize("degrees", [35, 70, 110])
def test_a_figure_that_turned_over_keeps_its_colours(degrees: float):
    lines, key = read(0, 150, 240)
    picture, truth = figure(0, 150, 240, True), figure(degrees, 300, 230, True)
    palette = make_palette([picture])
    given = certain(read_key(picture, lines, palette), len(lines.regions))
    _, look = read(degrees, 300, 230)
    views = look.view(), key.view()
    found = carry(look, key, laid(*views).at(look.labels), given, palette)
    clear = cv2.erode(look.paper.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    painted = clear & (truth[..., :3].min(2) < 250)
    right = (palette.colours[found.colour][..., :3] == truth[..., :3]).all(2)
    assert right[painted].mean() > 0.97


def test_a_region_not_asked_has_a_cost_without_end_and_a_speck_only_a_bad_one():
    _, key = read(0, 150, 240)
    _, other = read(10, 170, 240)
    labels = other.labels.copy()
    labels[0, 0] = other.count
    with_speck = Look(other.boundary, other.paper, runs_of(labels), np.append(other.area, 1))
    _, fit = registration(with_speck.view(), key.view())
    assert np.isfinite(fit.cost).all() and fit.cost[-1] > 1
    asked = np.zeros(with_speck.count, bool)
    asked[1] = True
    _, fit = registration(with_speck.view(), key.view(), asked)
    assert np.isfinite(fit.cost).tolist() == asked.tolist()
