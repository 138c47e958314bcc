"""Sheets that went through a JPEG or were resampled: noise of flat colours makes no areas, and eyes stay in wide sheets."""

import cv2
import numpy as np
import pytest

from backend.cel.palette import make_palette
from backend.cel.paper import lifted
from backend.cel.sheets import prepare_sheet
from backend.cel.sheets.align import fit, poses_of
from backend.cel.sheets.layout import Layout, lay_out
from backend.cel.sheets.segments import cut, outlines
from backend.cel.sheets.surroundings import surroundings
from backend.demo.design import design_from_seed
from backend.evaluation.model_sheets import design_sheet
from tests.support.spoiled import saved_as_jpeg

from .test_sheets import colours_of, figure, truth_of


def jpeg(picture: np.ndarray, quality: int = 85) -> np.ndarray:
    return saved_as_jpeg(picture, quality)


def resampled(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 at four fifths of its size, with the overshoot of a sharp filter."""
    return cv2.resize(picture, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("spoiled", [jpeg, resampled])
def test_a_spoiled_sheet_has_about_the_areas_of_the_clean_one(spoiled) -> None:
    def areas(sheet: np.ndarray) -> list[int]:
        return [len(f.layout) for f in prepare_sheet(sheet, make_palette([sheet])).figures]

    sheet = design_sheet(103, "column")
    (clean,) = areas(sheet)
    found = areas(spoiled(sheet))
    assert found[0] <= 1.7 * clean, "the noise of flat colours is no area"
    assert len(found) == 1, "the noise of the paper is no figure"


@pytest.mark.parametrize("spoiled", [jpeg, resampled])
def test_a_spoiled_sheet_colours_like_the_clean_one(spoiled) -> None:
    drawing = figure(arm=10, size=1.4, lines_only=True)
    got = colours_of(spoiled(figure(arm=60, size=1.5)), drawing)
    truth = truth_of(figure(arm=10, size=1.4), drawing)
    near = [np.abs(np.subtract(a, b)).max() <= 6 for a, b in zip(got, truth, strict=True)]
    assert np.mean(near) > 0.8, list(zip(got, truth, strict=True))


def test_a_small_figure_on_a_wide_page_keeps_its_details() -> None:
    doll = figure(arm=60)
    cv2.circle(doll, (200, 110), 4, (30, 120, 220, 255), -1)
    page = np.full((1200, 2600, 4), 255, np.uint8)
    page[:440, :360], page[600:1040, :360] = doll, doll
    alone = cut(doll, make_palette([doll]))[0]
    on_page = cut(page, make_palette([page]))
    assert [len(f) for f in on_page] == [len(alone)] * 2


def test_short_pieces_of_ink_are_lines_too() -> None:
    lab = np.array([[15, 0, 0], [15, 0, 0], [60, 20, 20], [15, 0, 0]], np.float32)
    area, thick = np.array([400, 20, 3000, 300], np.float32), np.array([1.5, 1.5, 20, 6], np.float32)
    edge, border = np.array([500, 20, 300, 80], np.float32), np.array([200, 0, 10, 0], np.float32)
    assert outlines(lab, area, thick, edge, border).tolist() == [True, True, False, False]


def _layout(size: int, shift: int = 0) -> Layout:
    labels = np.full((300, 300), 1, np.int32)
    labels[150 - size : 150 + size, 150 - size + shift : 150 + size + shift] = 0
    outside, none = np.array([False, True]), np.zeros(2, bool)
    layout = lay_out(labels, 2, outside, none, False)
    assert layout is not None
    return layout


def test_figures_that_lie_nowhere_on_each_other_still_get_a_fit() -> None:
    one, other = _layout(40), _layout(60)
    poses, basis = poses_of([(False, 1.0, surroundings(other), other.place + 50)])
    assert np.isfinite(fit(one, surroundings(one), poses, basis).place).all()


def test_pupils_nearly_as_dark_as_the_ink_are_no_ink() -> None:
    colours = design_from_seed(203).colours
    sheet = design_sheet(203, "framed")
    palette = make_palette([lifted(sheet)])
    (shown,) = prepare_sheet(lifted(sheet), palette).figures
    pupil = int(np.flatnonzero((palette.colours[:, :3] == colours["Pupil"]).all(1))[0])
    assert (shown.shares.argmax(1) == pupil).sum() == 2
