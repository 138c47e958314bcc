"""Sheets as studios make them: paper, frames, swatches and lettering are told from the figures."""

import cv2
import numpy as np
import pytest

from backend.cel.palette import make_palette
from backend.cel.paper import bare_paper, lifted
from backend.cel.sheets.segments import cut
from backend.cel.sheets.swatches import find_swatches

from .test_sheets import BOOT, COAT, HAIR, SKIN, SLEEVE, TROUSERS, colours_of, figure, truth_of

TINT = (246, 243, 236)
COLOURS = (SKIN, HAIR, COAT, SLEEVE, TROUSERS, BOOT)


def page(paper: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    """The paper doll on a wide page of this paper, (H, W, 4) uint8."""
    doll = figure(arm=60)
    sheet = np.full((doll.shape[0] + 80, doll.shape[1] + 320, 4), (*paper, 255), np.uint8)
    inside = (doll[..., :3] != 255).any(2)
    sheet[60 : 60 + doll.shape[0], 30 : 30 + doll.shape[1]][inside] = doll[inside]
    return sheet


def swatch_column(sheet: np.ndarray, round_: bool = False, pairs: bool = False) -> None:
    for k, colour in enumerate(COLOURS):
        x, y = 440, 80 + 44 * k
        shade = tuple(int(0.7 * c) for c in colour)
        if round_:
            cv2.circle(sheet, (x + 15, y + 15), 15, (*colour, 255), -1)
        else:
            cv2.rectangle(sheet, (x, y), (x + 30, y + 30), (*colour, 255), -1)
            if pairs:
                cv2.rectangle(sheet, (x + 31, y), (x + 60, y + 30), (*shade, 255), -1)
        cv2.putText(sheet, "name", (x + 80, y + 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (60, 60, 60, 255), 2)


def swatches_of(sheet: np.ndarray) -> list[tuple[tuple[int, ...], ...]]:
    from backend.cel.palette import indices

    palette = make_palette([sheet])
    outside, _ = bare_paper(sheet)
    index = indices(sheet, palette).astype(int)
    index[outside] = 0
    found, _ = find_swatches(index, outside)
    return [tuple(tuple(palette.colours[t][:3].tolist()) for t in s.tones) for s in found]


@pytest.mark.parametrize("round_", [False, True], ids=["squares", "discs"])
def test_swatches_are_read_and_are_no_figure(round_: bool) -> None:
    sheet = page()
    swatch_column(sheet, round_)
    assert {s[0] for s in swatches_of(sheet)} == set(COLOURS)
    assert len(cut(sheet, make_palette([sheet]))) == 1


def test_base_and_shadow_side_by_side_are_one_swatch() -> None:
    sheet = page()
    swatch_column(sheet, pairs=True)
    found = swatches_of(sheet)
    assert len(found) == len(COLOURS)
    assert all(len(tones) == 2 and sum(tones[0]) > sum(tones[1]) for tones in found)


def test_the_figure_itself_holds_no_swatches() -> None:
    assert swatches_of(page()) == []


def test_tinted_paper_in_a_frame_is_paper() -> None:
    sheet = page(TINT)
    swatch_column(sheet)
    height, width = sheet.shape[:2]
    cv2.rectangle(sheet, (8, 8), (width - 9, height - 9), (40, 40, 40, 255), 3)
    cv2.line(sheet, (8, 50), (width - 9, 50), (40, 40, 40, 255), 2)
    cv2.putText(sheet, "DOLL model sheet", (30, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, (40, 40, 40, 255), 2)
    outside, _ = bare_paper(sheet)
    assert outside[4, 4] and outside[30, width - 60] and outside[height - 30, 400]
    assert not outside[250, 30 + 180]
    drawing = figure(arm=10, lines_only=True)
    truth = truth_of(figure(arm=10), drawing)
    found = colours_of(sheet, drawing)
    assert sum(a == b for a, b in zip(found, truth, strict=True)) >= len(truth) - 1


def test_a_scene_has_no_bare_paper() -> None:
    scene = figure(arm=60)
    scene[:200][(scene[:200, :, :3] == 255).all(2)] = (120, 200, 240, 255)
    scene[200:][(scene[200:, :, :3] == 255).all(2)] = (90, 160, 70, 255)
    assert not bare_paper(scene)[0].any()


def test_lettering_below_the_figure_is_not_its_feet() -> None:
    sheet = page()
    swatch_column(sheet)
    (alone,) = cut(sheet, make_palette([sheet]))
    cv2.putText(sheet, "good do", (60, sheet.shape[0] - 8), cv2.FONT_HERSHEY_SIMPLEX, 1, (60, 60, 60, 255), 3)
    (lettered,) = cut(sheet, make_palette([sheet]))
    assert lettered.labels.shape == alone.labels.shape


def test_an_arrow_that_joins_two_figures_is_part_of_none() -> None:
    sheet = np.concatenate([page(), page()], 1)
    swatch_column(sheet)
    palette = make_palette([sheet])
    alone = cut(sheet, palette)
    cv2.arrowedLine(sheet, (900, 260), (235, 235), (214, 40, 40, 255), 4, tipLength=0.05)
    noted = cut(sheet, make_palette([sheet]))
    assert [f.labels.shape for f in noted] == [f.labels.shape for f in alone]
    assert [len(f) for f in noted] == [len(f) for f in alone]


def test_tinted_paper_is_lifted_and_white_paper_stays() -> None:
    white, tinted = page(), page(TINT)
    assert lifted(white) is white
    off = lifted(tinted)
    assert off[4, 4, 3] == 0 and tuple(off[-1, -1]) == (0, 0, 0, 0)
    assert (*TINT, 255) not in {tuple(c) for c in make_palette([off]).colours.tolist()}
    assert {tuple(c[:3]) for c in make_palette([off]).colours.tolist()} >= set(COLOURS)


def test_uneven_paper_is_lifted_and_a_light_paint_on_it_is_not() -> None:
    sheet = page(TINT)
    cv2.rectangle(sheet, (60, 300), (90, 330), (255, 253, 250, 255), -1)
    paper = (sheet[..., :3] == TINT).all(2)
    noise = np.random.default_rng(1).integers(-2, 3, (*paper.shape, 1))
    sheet[paper] = np.clip(sheet.astype(int) + np.concatenate([noise] * 3 + [noise * 0], 2), 0, 255)[paper]
    off = lifted(sheet)
    assert (off[paper][:, 3] == 0).mean() > 0.99
    assert off[315, 75, 3] == 255


def test_a_keys_painted_sky_is_no_paper() -> None:
    sky = page((120, 190, 240))
    assert lifted(sky, figure_only=False) is sky
    assert lifted(sky)[4, 4, 3] == 0
