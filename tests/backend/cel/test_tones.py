"""Two-tone pairs: what lies beside a separation line bears the other tone of the same part."""

import cv2
import numpy as np

from backend.cel.engine import CelEngine
from backend.cel.look import look_at
from backend.cel.palette import make_palette, palette_of
from backend.cel.sheets.tones import sheet_tones
from backend.cel.tones import Seams, in_tune, observed, seams, together
from backend.contracts.drawing import Drawing
from backend.contracts.engine import Frame
from backend.contracts.options import Options
from backend.contracts.shot import Key, Shot
from backend.lineart.lines import read_lines

from .test_engine import Memory

COAT, SHADE, BAG, BAG_SHADE = (60, 90, 170), (40, 60, 120), (190, 120, 60), (140, 80, 40)
PALETTE = palette_of([(*c, 255) for c in (COAT, SHADE, BAG, BAG_SHADE)])
RED = (230, 60, 60, 255)


def coat_and_bag(x: int = 0, lines_only: bool = False) -> np.ndarray:
    """(200, 300, 4): a coat with a shaded side and a bag with a shaded foot, red lines where tones meet."""
    picture = np.full((200, 300, 4), 255, np.uint8)
    for at, to, colour in (
        ((40 + x, 30), (120 + x, 170), COAT),
        ((96 + x, 30), (120 + x, 170), SHADE),
        ((150 + x, 90), (230 + x, 150), BAG),
        ((150 + x, 130), (230 + x, 150), BAG_SHADE),
    ):
        if not lines_only:
            cv2.rectangle(picture, at, to, (*colour, 255), -1)
    cv2.line(picture, (96 + x, 31), (96 + x, 169), RED, 2)
    cv2.line(picture, (151 + x, 130), (229 + x, 130), RED, 2)
    for at, to in (((40 + x, 30), (120 + x, 170)), ((150 + x, 90), (230 + x, 150))):
        cv2.rectangle(picture, at, to, (0, 0, 0, 255), 2)
    return picture


def read(picture: np.ndarray):
    return read_lines(Drawing("0" * 8, "d", line_art=picture), (), *picture.shape[:2])


def names(colours: np.ndarray, look) -> dict[str, int]:
    """Palette number of each part, by where it is."""
    places = {"coat": (100, 60), "shade": (100, 108), "bag": (100, 190), "bag shade": (140, 190), "paper": (5, 5)}
    return {name: int(colours[look.labels[at]]) for name, at in places.items()}


def setting():
    """Lines, look and true colours (R,) of the drawing."""
    lines = read(coat_and_bag(lines_only=True))
    look = look_at(lines)
    truth = np.zeros(look.count, np.int64)
    for number, at in enumerate(((100, 60), (100, 108), (100, 190), (140, 190)), 1):
        truth[look.labels[at]] = number
    return lines, look, truth


def test_seams_are_where_coloured_lines_part_regions_and_black_ones_are_none() -> None:
    lines, look, truth = setting()
    found = seams(lines, look)
    met = {tuple(sorted((int(truth[a]), int(truth[b])))) for a, b in found.pairs}
    assert met == {(1, 2), (3, 4)}
    assert (found.length > 60).all()
    black = coat_and_bag(lines_only=True)
    black[(black == RED).all(2)] = (0, 0, 0, 255)
    lines = read(black)
    assert len(seams(lines, look_at(lines)).length) == 0


def test_a_shadow_of_another_part_becomes_the_shadow_of_this_one() -> None:
    lines, look, truth = setting()
    found = seams(lines, look)
    table = together([observed(truth, look.area, found, len(PALETTE))])
    wrong, sure = truth.copy(), np.full(look.count, 0.9, np.float32)
    shade = look.labels[100, 108]
    wrong[shade], sure[shade] = 4, 0.3
    colour, confidence = in_tune(wrong, sure, look.area, found, table, PALETTE)
    assert (colour == truth).all() and confidence[shade] < 0.9


def test_a_shade_carried_as_its_own_base_gets_its_tone_where_it_was_in_doubt() -> None:
    lines, look, truth = setting()
    found = seams(lines, look)
    table = together([observed(truth, look.area, found, len(PALETTE))])
    for sure_of_shade, expected in ((0.1, 2), (0.8, 1)):
        wrong, sure = truth.copy(), np.full(look.count, 0.9, np.float32)
        shade = look.labels[100, 108]
        wrong[shade], sure[shade] = 1, sure_of_shade
        colour, _ = in_tune(wrong, sure, look.area, found, table, PALETTE)
        assert colour[shade] == expected


def test_what_is_in_tune_or_touches_only_paper_stays() -> None:
    lines, look, truth = setting()
    found = seams(lines, look)
    table = together([observed(truth, look.area, found, len(PALETTE))])
    low = np.full(look.count, 0.05, np.float32)
    assert (in_tune(truth, low, look.area, found, table, PALETTE)[0] == truth).all()
    nothing = Seams(np.zeros((0, 2), np.int32), np.zeros(0, np.int32))
    assert (in_tune(truth[::-1], low, look.area, nothing, table, PALETTE)[0] == truth[::-1]).all()


def test_pairs_are_read_off_a_sheet_from_its_swatches_and_tone_edges() -> None:
    sheet = coat_and_bag()
    red = (sheet == RED).all(2)
    sheet[red] = (*BAG, 255)
    sheet[red & (np.arange(300) < 130)] = (*COAT, 255)
    for k, colour in enumerate(((200, 40, 90), (60, 160, 80), (230, 200, 60))):
        y = 20 + 44 * k
        cv2.rectangle(sheet, (250, y), (265, y + 30), (*colour, 255), -1)
        cv2.rectangle(sheet, (266, y), (280, y + 30), (*(c * 7 // 10 for c in colour), 255), -1)
    palette = make_palette([sheet])
    table = together([sheet_tones([sheet], palette)])
    found = {
        frozenset((tuple(palette.colours[a][:3].tolist()), tuple(palette.colours[b][:3].tolist())))
        for a, b in zip(*np.nonzero(table), strict=True)
    }
    assert frozenset((COAT, SHADE)) in found
    assert frozenset(((200, 40, 90), (140, 28, 63))) in found
    assert not any({COAT, BAG} <= pair or (0, 0, 0) in pair for pair in found)


def test_the_engine_keeps_a_coats_shade_where_the_bag_swings_in_front() -> None:
    drawings = [Drawing(f"{x:08x}", f"at {x}", line_art=coat_and_bag(x, lines_only=True)) for x in (0, 10, 20)]
    shot = Shot(
        "coat", 300, 200, tuple(d.id for d in drawings), drawings, keys=[Key(drawings[0].id, picture=coat_and_bag())]
    )
    store = Memory()
    for event in CelEngine().frames(shot, Options(lines="omit"), store):  # pyright: ignore[reportArgumentType]
        if isinstance(event, Frame):
            x = int(event.drawing, 16)
            picture = event.paint()
            assert tuple(picture[100, 108 + x][:3]) == SHADE and tuple(picture[140, 190 + x][:3]) == BAG_SHADE
    assert any(key.startswith("seams-") for key in store)
