"""Keys and sheets weighed together: a sheet is heard where carried colours are in doubt, and only there."""

import numpy as np

from backend.cel.carry import Solved
from backend.cel.palette import palette_of
from backend.cel.sheets.fused import weighed

RED, DARK, BLUE = (200, 30, 40, 255), (120, 10, 20, 255), (30, 60, 200, 255)
PALETTE = palette_of([RED, DARK, BLUE])
LABELS = np.repeat(np.array([[0, 1]], np.int32), 10, 1).repeat(10, 0)
PAPER = np.ones(LABELS.shape, bool)


def chance(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32)


def carried(colour: np.ndarray, *sure: float) -> Solved:
    return Solved(colour.astype(np.uint8), np.array(sure, np.float32))


def test_a_doubtful_colour_is_decided_by_a_sure_sheet() -> None:
    before = carried(np.where(LABELS == 0, 1, 3), 0.05, 0.99)
    sheet = chance((0.001, 0.001, 0.001, 0.997), (0.001, 0.997, 0.001, 0.001))
    after = weighed(before, LABELS, PAPER, sheet, PALETTE)
    assert (after.colour[LABELS == 0] == 3).all() and after.sure[0] > 0.8
    assert (after.colour[LABELS == 1] == 3).all() and after.sure[1] == before.sure[1]


def test_a_sheet_that_hesitates_changes_nothing() -> None:
    before = carried(np.where(LABELS == 0, 1, 3), 0.4, 0.4)
    after = weighed(before, LABELS, PAPER, chance((0.1, 0.3, 0.3, 0.3), (0.1, 0.3, 0.3, 0.3)), PALETTE)
    assert (after.colour == before.colour).all()


def test_agreement_makes_surer() -> None:
    before = carried(np.where(LABELS == 0, 1, 3), 0.4, 0.4)
    after = weighed(before, LABELS, PAPER, chance((0.02, 0.9, 0.04, 0.04), (0.02, 0.04, 0.04, 0.9)), PALETTE)
    assert (after.sure > 0.8).all()


def test_shading_stays_where_the_sheet_agrees_with_its_base() -> None:
    shaded = np.where(LABELS == 0, 1, 3)
    shaded[:3, LABELS[0] == 0] = 2
    before = carried(shaded, 0.3, 0.9)
    after = weighed(before, LABELS, PAPER, chance((0.02, 0.9, 0.04, 0.04), (0.02, 0.04, 0.04, 0.9)), PALETTE)
    assert (after.colour == before.colour).all()
