"""Far limbs in their shadow tone: read off a sheet's swatches and figures, and found in the drawings."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.cel.palette import Palette, make_palette, to_lab
from backend.cel.sheets.covering import covering, depths
from backend.cel.sheets.evidence import drawing_chances, prepare_sheet, sheet_evidence
from backend.cel.sheets.limbs import with_far_tones
from backend.cel.sheets.segments import cut_and_pairs
from backend.cel.sheets.swatches import Swatch, tone_pairs
from backend.demo.design import design_from_seed
from backend.demo.shot import demo_shot
from backend.evaluation.generated import coloured, line_art
from backend.evaluation.model_sheets import design_sheet
from backend.lineart.regions import find_regions
from backend.lineart.sketch import line_mask
from backend.training.limbs import fitted

from .test_sheets import BOOT, COAT, TROUSERS, figure
from .test_studio_sheets import page, swatch_column

NEAR, FAR, EMPTY = 0, 1, 2
MOSS = 205
"""A character whose far trousers, boot and glove have shadow tones."""


def shade(colour: tuple[int, int, int]) -> tuple[int, ...]:
    return tuple(int(0.7 * c) for c in colour)


def names(palette: Palette, pairs: list[tuple[int, int]]) -> set[tuple[tuple[int, ...], ...]]:
    return {tuple(tuple(palette.colours[k][:3].tolist()) for k in pair) for pair in pairs}


def legs(angle: float = 20.0) -> np.ndarray:
    """(120, 120) int32: two crossing bars, the near one whole, the far one behind it."""
    picture = np.full((120, 120), EMPTY, np.int32)
    for row, turn in ((FAR, -angle), (NEAR, angle)):
        box = cv2.boxPoints(((60, 60), (24, 100), turn))
        cv2.fillPoly(picture, [np.round(box).astype(np.int32)], row)
    return picture


@settings(max_examples=20, deadline=None)
@given(st.floats(18, 45))
def test_the_leg_whose_outline_goes_on_is_before_the_other(angle: float) -> None:
    before = covering(legs(angle), 2)
    assert before[NEAR, FAR] > 0.4
    assert before[FAR, NEAR] == -before[NEAR, FAR]
    deep = depths(before)
    assert deep[NEAR] > deep[FAR]


def test_parts_that_meet_in_no_junction_tell_nothing() -> None:
    picture = np.full((60, 60), EMPTY, np.int32)
    picture[10:50, 10:50], picture[20:30, 20:30] = NEAR, FAR
    assert not covering(picture, 2).any()


def test_a_band_across_a_part_is_neither_before_nor_behind_it() -> None:
    picture = np.full((100, 60), EMPTY, np.int32)
    picture[10:90, 15:45], picture[40:55, 15:45] = NEAR, FAR
    assert abs(covering(picture, 2)[NEAR, FAR]) < 0.2


def test_swatches_that_touch_or_stand_beside_each_other_are_base_and_shadow() -> None:
    lab = to_lab(np.array([(0, 0, 0), (200, 120, 60), (140, 80, 40), (60, 120, 200), (190, 110, 50)], np.uint8))
    side = 30

    def at(x: int, y: int, *tones: int) -> Swatch:
        return Swatch((slice(y, y + side), slice(x, x + side)), tones)

    assert tone_pairs([at(0, 0, 1, 2), at(0, 50, 3)], lab) == [(1, 2)]
    assert tone_pairs([at(38, 0, 1), at(0, 0, 2), at(0, 50, 3)], lab) == [(1, 2)], "whichever comes first"
    assert tone_pairs([at(0, 0, 1), at(90, 0, 2)], lab) == [], "too far apart"
    assert tone_pairs([at(0, 0, 1), at(0, 38, 2)], lab) == [], "one below the other"
    assert tone_pairs([at(0, 0, 1), at(35, 0, 3)], lab) == [], "another hue"
    assert tone_pairs([at(0, 0, 1), at(35, 0, 4)], lab) == [], "nearly the same colour"


def doll_with_a_far_leg() -> np.ndarray:
    """The paper doll's page with pairs of swatches; the right leg, and one side of its coat, are in shadow."""
    sheet = page()
    swatch_column(sheet, pairs=True)
    legs_ = sheet[60:, 30 + 185 : 30 + 245]
    for colour in (TROUSERS, BOOT):
        legs_[(legs_[..., :3] == colour).all(2)] = (*shade(colour), 255)
    side = sheet[:, 30 + 145 : 30 + 165]
    side[(side[..., :3] == COAT).all(2)] = (*shade(COAT), 255)
    return sheet


def test_a_leg_in_shadow_is_a_whole_part_and_a_shaded_side_is_none() -> None:
    sheet = doll_with_a_far_leg()
    palette = make_palette([sheet])
    _, pairs = cut_and_pairs(sheet, palette)
    found = names(palette, pairs)
    assert {(TROUSERS, shade(TROUSERS)), (BOOT, shade(BOOT))} <= found
    assert (COAT, shade(COAT)) not in found
    (drawn,) = prepare_sheet(sheet, palette).figures
    assert names(palette, [(p.base, p.shadow) for p in drawn.pairs]) == {
        (TROUSERS, shade(TROUSERS)),
        (BOOT, shade(BOOT)),
    }
    assert all(p.place[1, 0] > p.place[0, 0] for p in drawn.pairs), "the shaded leg is the right one"


def test_a_sheet_without_pairs_says_what_it_said() -> None:
    sheet = figure(arm=60)
    palette = make_palette([sheet])
    regions = find_regions((figure(arm=10, lines_only=True)[..., 0] < 128).astype(np.uint8))
    found = drawing_chances(prepare_sheet(sheet, palette), regions.labels, regions.paper, len(regions))
    assert found is not None and not found.figure.pairs
    assert with_far_tones(found.drawing, found.chance, found.figure.pairs, found.laid) is found.chance


def test_a_judge_of_tones_learns_what_it_is_shown() -> None:
    random = np.random.default_rng(3)
    numbers = random.normal(size=(600, 4)).astype(np.float32)
    shadow = (numbers[:, 1] * numbers[:, 2] > 0).astype(np.int64)
    judge = fitted(numbers, shadow, 0, 30)
    assert ((judge.scores(numbers.T) > 0) == shadow).mean() > 0.9


@pytest.mark.parametrize("moment", [4, 6])
def test_the_far_leg_of_a_walk_has_shadow_tones_whichever_leg_is_in_front(moment: int) -> None:
    colours = design_from_seed(MOSS).colours
    shot = demo_shot(12, 960, 720, MOSS)
    drawing = shot.drawings[moment]
    regions = find_regions(line_mask(255 - line_art(shot, drawing)))
    sheet = design_sheet(MOSS, "row")
    palette = make_palette([sheet])
    evidence = sheet_evidence(prepare_sheet(sheet, palette), regions.labels, regions.paper, len(regions))
    truth = coloured(shot, drawing)
    right = []
    for region in np.flatnonzero(regions.area > 300):
        true = np.median(truth[(regions.labels == region) & regions.paper], axis=0)[:3]
        if any((true == colours[f"{part}{tone}"]).all() for part in ("Boots", "Trousers") for tone in ("", " shadow")):
            right.append(bool((palette.colours[evidence[region].argmax()][:3] == true).all()))
    assert len(right) >= 4 and np.mean(right) >= 0.8, right
