"""Design sheets: a character in one pose tells the colours of its drawing in another."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from backend.cel.palette import make_palette
from backend.cel.sheets import prepare_sheet, sheet_evidence
from backend.cel.sheets.segments import cut
from backend.lineart.regions import Regions, find_regions

INK = (20, 18, 24)
SKIN, HAIR, COAT, SLEEVE, TROUSERS, BOOT = (
    (250, 210, 180),
    (150, 60, 40),
    (40, 90, 160),
    (70, 140, 200),
    (90, 80, 100),
    (120, 70, 40),
)


def figure(arm: float, size: float = 1.0, lines_only: bool = False, shift: int = 0) -> np.ndarray:
    """A paper doll, (H, W, 4) uint8, its arm at ``arm`` degrees; as line art or coloured, on white."""
    height, width = round(440 * size), round(360 * size)
    picture = np.full((height, width, 3), 255, np.uint8)

    def shape(points: np.ndarray, colour: tuple[int, int, int]) -> None:
        at = [np.round((points + (shift, 0)) * size).astype(np.int32)]
        cv2.fillPoly(picture, at, (255, 255, 255) if lines_only else colour)
        cv2.polylines(picture, at, True, INK, 3)

    def oval(x: float, y: float, w: float, h: float) -> np.ndarray:
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        return np.stack([x + w * np.cos(turn), y + h * np.sin(turn)], 1)

    a = np.deg2rad(arm)
    along, across = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
    shoulder, hand = np.array([215.0, 200.0]), np.array([215.0, 200.0]) + 80 * along
    shape(oval(180, 95, 70, 72), HAIR)
    shape(oval(188, 112, 48, 50), SKIN)
    for x in (150, 195):
        shape(np.array([[x, 300], [x + 30, 300], [x + 30, 385], [x, 385]]), TROUSERS)
        shape(np.array([[x - 6, 385], [x + 44, 385], [x + 44, 412], [x - 6, 412]]), BOOT)
    shape(np.array([[145, 175], [225, 175], [240, 310], [130, 310]]), COAT)
    shape(oval(hand[0] + 10 * along[0], hand[1] + 10 * along[1], 16, 16), SKIN)
    shape(np.array([shoulder + 15 * across, hand + 12 * across, hand - 12 * across, shoulder - 15 * across]), SLEEVE)
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def regions_of(line_art: np.ndarray) -> Regions:
    return find_regions((line_art[..., 0] < 128).astype(np.uint8))


def colours_of(sheet_picture: np.ndarray, line_art: np.ndarray) -> list[tuple[int, ...]]:
    """The likeliest colour of each region, largest region first; transparent is (0, 0, 0, 0)."""
    palette = make_palette([sheet_picture])
    regions = regions_of(line_art)
    evidence = sheet_evidence(prepare_sheet(sheet_picture, palette), regions.labels, regions.paper, len(regions))
    order = np.argsort(-regions.area, kind="stable")
    return [tuple(palette.colours[k].tolist()) for k in evidence[order].argmax(1)]


def truth_of(coloured: np.ndarray, line_art: np.ndarray) -> list[tuple[int, ...]]:
    """The same from the coloured drawing itself; white is background."""
    regions = regions_of(line_art)
    out = []
    for region in np.argsort(-regions.area, kind="stable"):
        inside = coloured[(regions.labels == region) & regions.paper]
        values, counts = np.unique(inside, axis=0, return_counts=True)
        best = tuple(values[counts.argmax()].tolist())
        out.append((0, 0, 0, 0) if best[:3] == (255, 255, 255) else best)
    return out


def test_another_pose_and_size_is_coloured() -> None:
    sheet = figure(arm=60)
    drawing = figure(arm=10, size=1.4, lines_only=True)
    truth = truth_of(figure(arm=10, size=1.4), drawing)
    found = colours_of(sheet, drawing)
    assert sum(a == b for a, b in zip(found, truth, strict=True)) >= len(truth) - 1
    assert found[0] == (0, 0, 0, 0)


def test_a_mirrored_sheet_serves_as_well() -> None:
    sheet = np.ascontiguousarray(figure(arm=40)[:, ::-1])
    drawing = figure(arm=20, lines_only=True)
    truth = truth_of(figure(arm=20), drawing)
    assert sum(a == b for a, b in zip(colours_of(sheet, drawing), truth, strict=True)) >= len(truth) - 2


def test_the_same_call_gives_the_same_bits() -> None:
    sheet, drawing = figure(arm=60), figure(arm=10, lines_only=True)
    palette, regions = make_palette([sheet]), regions_of(drawing)
    once, again = (
        sheet_evidence(prepare_sheet(sheet, palette), regions.labels, regions.paper, len(regions)) for _ in range(2)
    )
    assert once.tobytes() == again.tobytes()
    assert once.dtype == np.float32
    assert np.allclose(np.exp(once).sum(1), 1, atol=1e-5)


def with_extras(sheet: np.ndarray) -> np.ndarray:
    """The sheet with a column of swatches and a word beside the figure."""
    extra = np.full((sheet.shape[0], 140, 4), 255, np.uint8)
    for k, colour in enumerate((SKIN, HAIR, COAT, (200, 30, 200))):
        cv2.rectangle(extra, (30, 30 + 60 * k), (80, 70 + 60 * k), (*colour, 255), -1)
    cv2.putText(extra, "coat", (20, 320), cv2.FONT_HERSHEY_SIMPLEX, 1, (*INK, 255), 3)
    return np.concatenate([sheet, extra], 1)


def test_swatches_and_lettering_are_no_part_of_the_figure() -> None:
    sheet = figure(arm=60)
    alone, labelled = (cut(s, make_palette([with_extras(sheet)])) for s in (sheet, with_extras(sheet)))
    assert [len(f) for f in labelled] == [len(f) for f in alone] == [len(alone[0])]


def test_two_figures_on_one_sheet_are_told_apart() -> None:
    both = np.concatenate([figure(arm=60), figure(arm=-20)], 1)
    assert len(cut(both, make_palette([both]))) == 2
    drawing = figure(arm=10, lines_only=True)
    truth = truth_of(figure(arm=10), drawing)
    assert sum(a == b for a, b in zip(colours_of(both, drawing), truth, strict=True)) >= len(truth) - 1


def test_white_inside_the_figure_is_paint_and_outside_is_not() -> None:
    def white_areas(sheet: np.ndarray) -> int:
        (found,) = cut(sheet, make_palette([sheet]))
        return int((np.linalg.norm(found.lab - (100, 0, 0), axis=1) < 1).sum())

    sheet = figure(arm=60)
    between_the_legs = white_areas(sheet)
    sheet[215:260, 160:200, :3] = 255
    assert white_areas(sheet) == between_the_legs + 1


@pytest.mark.parametrize(
    "line_art",
    [
        np.full((90, 120, 4), 255, np.uint8),
        np.dstack([np.zeros((90, 120, 3), np.uint8), np.full((90, 120), 255, np.uint8)]),
        figure(arm=10, size=0.1, lines_only=True),
    ],
    ids=["empty", "all line", "tiny"],
)
def test_odd_drawings_give_evidence_of_the_right_shape(line_art: np.ndarray) -> None:
    sheet = figure(arm=60)
    palette, regions = make_palette([sheet]), regions_of(line_art)
    evidence = sheet_evidence(prepare_sheet(sheet, palette), regions.labels, regions.paper, len(regions))
    assert evidence.shape == (len(regions), len(palette))
    assert np.isfinite(evidence).all()


def test_a_blank_sheet_says_nothing() -> None:
    blank = np.full((60, 60, 4), 255, np.uint8)
    palette, regions = make_palette([figure(arm=0)]), regions_of(figure(arm=10, lines_only=True))
    sheet = prepare_sheet(blank, palette)
    assert sheet.figures == ()
    evidence = sheet_evidence(replace(sheet), regions.labels, regions.paper, len(regions))
    assert np.allclose(evidence, evidence[0, 0])
