"""Keys that are no cel: noise of a scan, JPEG and paper grain are brought to the flats they stand for."""

import cv2
import numpy as np
import pytest

from backend.cel.engine import CelEngine
from backend.cel.palette import make_palette, to_lab
from backend.cel.posterize import SHEET, as_cel, posterized
from backend.contracts.drawing import Drawing
from backend.contracts.engine import Frame
from backend.contracts.options import Options
from backend.contracts.shot import Key, Shot
from tests.support.memory import Memory
from tests.support.spoiled import saved_as_jpeg

WHITE, COAT, SKIN, SCARF = (255, 255, 255), (60, 70, 130), (245, 205, 175), (200, 60, 70)
PARTS = ((COAT, (40, 90, 120, 180)), (SKIN, (50, 20, 110, 80)), (SCARF, (44, 82, 116, 94)))


def doll(coloured: bool) -> np.ndarray:
    """(200, 160, 4) uint8: three outlined boxes on white, flat or as lines."""
    picture = np.full((200, 160, 4), 255, np.uint8)
    for colour, (left, top, right, bottom) in PARTS:
        cv2.rectangle(picture, (left, top), (right, bottom), (*colour, 255) if coloured else (*WHITE, 255), -1)
        cv2.rectangle(picture, (left, top), (right, bottom), (0, 0, 0, 255), 2)
    return picture


def grainy(picture: np.ndarray) -> np.ndarray:
    """Every painted pixel a little off, as paper and brush leave it."""
    out = picture.copy()
    grain = np.random.default_rng(5).normal(0, 5, out[..., :3].shape)
    painted = (picture[..., :3] != 255).any(2)
    out[painted, :3] = np.clip(out[..., :3] + grain, 0, 255).astype(np.uint8)[painted]
    return out


def jpeg(picture: np.ndarray) -> np.ndarray:
    return saved_as_jpeg(picture, 70)


@pytest.mark.parametrize("spoil", [grainy, jpeg])
def test_a_spoiled_key_colours_a_drawing_in_flats_near_its_own(spoil) -> None:
    lines = doll(False)
    drawings = [Drawing("a", "a", line_art=lines), Drawing("b", "b", line_art=np.roll(lines, 6, 1))]
    shot = Shot("doll", 160, 200, ("a", "b"), drawings, keys=[Key("a", picture=spoil(doll(True)))])
    events = CelEngine().frames(shot, Options(), Memory())
    frames = {e.drawing: e.paint() for e in events if isinstance(e, Frame) and e.final}
    for colour, (left, top, right, bottom) in PARTS:
        seen = frames["b"][top + 4 : bottom - 4, left + 10 : right + 2]
        if colour != SKIN and colour != COAT:  # the scarf covers a part of both
            seen = seen[:, 2:-2]
        flats, count = np.unique(seen.reshape(-1, 4), axis=0, return_counts=True)
        assert np.abs(flats[count.argmax()].astype(int) - (*colour, 255)).max() <= 8
        assert count.max() >= 0.8 * count.sum()


def test_flats_and_soft_gradients_are_left_as_they_are() -> None:
    flat = doll(True)
    assert as_cel(flat) is flat
    soft = doll(True)
    soft[90:180, 40:120, 0] = np.linspace(40, 90, 80).round()
    soft[90:180, 40:120, 1] = np.linspace(80, 40, 90).round()[:, None]
    assert as_cel(soft) is soft


def test_what_is_transparent_stays_transparent() -> None:
    cut = grainy(doll(True))
    cut[(cut[..., :3] == 255).all(2)] = 0
    assert np.array_equal(posterized(cut)[..., 3], cut[..., 3])


def face() -> np.ndarray:
    """(200, 160, 4) uint8: a doll with small eyes, a blush without lines and a thin slanting line on its coat."""
    picture = doll(True)
    for x in (62, 88):
        cv2.rectangle(picture, (x, 36), (x + 10, 50), (*IRIS, 255), -1)
    cv2.circle(picture, (80, 65), 6, (*BLUSH, 255), -1)
    cv2.line(picture, (45, 100), (110, 170), (0, 0, 0, 255), 2, cv2.LINE_AA)
    return picture


IRIS, BLUSH = (60, 120, 200), (225, 150, 130)


def test_small_parts_and_soft_tones_of_a_jpeg_sheet_stay() -> None:
    flats = make_palette([as_cel(jpeg(face()))])
    for colour in (COAT, SKIN, SCARF, IRIS, BLUSH, (0, 0, 0)):
        away = np.linalg.norm(flats.lab[1:] - to_lab(np.array([colour], np.uint8)), axis=1)
        assert away.min() < 8, colour
    assert len(flats) <= 12


def test_a_thin_line_of_a_jpeg_stays_whole() -> None:
    ink = (as_cel(jpeg(face()))[102:168, 40:116, :3].max(2) < 50).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, None, None, None, 8)
    assert stats[1:, cv2.CC_STAT_HEIGHT].max() >= 64


def test_bare_paper_of_a_jpeg_is_paper_up_to_the_lines() -> None:
    tinted = face()
    tinted[(tinted[..., :3] == 255).all(2)] = (240, 236, 226, 255)
    for sheet, paper in ((face(), 255), (tinted, 0)):
        out = as_cel(jpeg(sheet))
        clear = out[..., 3] == 0 if paper == 0 else (out[..., :3] == 255).all(2)
        assert clear[:18].all() and clear[:, :34].all() and clear[22:180, 124:].mean() > 0.99


def test_a_key_keeps_its_size_and_a_very_large_sheet_is_shrunk() -> None:
    large = cv2.resize(face(), (1900, 2375), interpolation=cv2.INTER_NEAREST)
    noise = np.random.default_rng(1).integers(-6, 7, (*large.shape[:2], 3))
    painted = (large[..., :3] != 255).any(2)
    large[painted, :3] = np.clip(large[painted, :3] + noise[painted], 0, 255)
    assert as_cel(large, figure_only=False).shape == large.shape
    height, width = as_cel(large).shape[:2]
    assert 0.99 * SHEET < height * width <= 1.01 * SHEET
    assert abs(width / height - 0.8) < 0.01
