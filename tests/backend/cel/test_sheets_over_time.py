"""What a sheet leaves open in one drawing, the drawings beside it tell."""

import numpy as np

from backend.cel.palette import make_palette, palette_of
from backend.cel.sheets.over_time import Shares, settled, told
from backend.cel.sheets.scorer import judges
from backend.contracts.drawing import Drawing
from backend.contracts.engine import Frame
from backend.contracts.options import Options
from backend.contracts.shot import Reference, Shot
from tests.support.memory import Memory

RED, DARK_RED, BLUE = (200, 30, 40, 255), (198, 30, 40, 255), (30, 60, 200, 255)


def log(*rows: tuple[float, ...]) -> np.ndarray:
    return np.log(np.array(rows, np.float32))


def test_a_sure_neighbour_settles_an_open_question() -> None:
    open_, sure = log((0.02, 0.49, 0.49)), log((0.02, 0.96, 0.02))
    same = Shares(np.array([[80.0]]), np.array([80.0]), np.array([80.0]), np.zeros(1))
    share, cost = same.forward()
    assert (open_ + told(sure, share, cost)).argmax() == 1
    share, cost = same.back()
    assert (open_ + told(sure, share, cost)).argmax() == 1


def test_a_bad_match_tells_less() -> None:
    sure, share = log((0.02, 0.96, 0.02)), np.ones((1, 1), np.float32)
    near, far = (np.ptp(told(sure, share, np.array([cost]))) for cost in (0.0, 1.0))
    assert 0 < far < 0.1 * near


def test_a_region_that_came_from_nowhere_is_told_nothing() -> None:
    new = Shares(np.zeros((1, 1), np.float32), np.array([50.0]), np.array([50.0]), np.zeros(1))
    share, cost = new.forward()
    assert np.ptp(told(log((0.02, 0.96, 0.02)), share, cost)) == 0


def test_steps_of_one_gradient_count_together() -> None:
    palette = palette_of([RED, DARK_RED, BLUE])
    colour, sure = settled(log((0.01, 0.3, 0.29, 0.4)), palette)
    assert colour[0] == 1
    assert 0.55 < sure[0] < 0.6


def test_the_judges_have_the_columns_that_pairs_have() -> None:
    from backend.cel.sheets.pairs import CONTEXT_NUMBERS, EMPTY_CONTEXT, EMPTY_NUMBERS, PAIR_NUMBERS

    alone, hearing = judges()
    assert len(alone.mean) == PAIR_NUMBERS + EMPTY_NUMBERS
    assert len(hearing.mean) == PAIR_NUMBERS + EMPTY_NUMBERS + CONTEXT_NUMBERS + EMPTY_CONTEXT


def test_a_shot_with_a_sheet_and_no_key_is_coloured_and_resumes_to_the_same_bytes() -> None:
    from backend.cel.engine import CelEngine

    from .test_sheets import BOOT, COAT, HAIR, figure

    sheet = figure(arm=60)
    arms = (40, 25, 10)
    drawings = [Drawing(f"{arm:08x}", f"arm {arm}", line_art=figure(arm, lines_only=True)) for arm in arms]
    ids = tuple(d.id for d in drawings)
    shot = Shot("doll", 360, 440, ids, drawings, references=[Reference("sheet", sheet)])
    store = Memory()

    def frames() -> list[Frame]:
        return [e for e in CelEngine().frames(shot, Options(lines="omit"), store) if isinstance(e, Frame)]

    first, again = frames(), frames()
    assert [f.recipe for f in first] == [f.recipe for f in again]
    assert len(first) == len(arms)
    exact = {(*c[:3], 255) for c in make_palette([sheet]).colours[1:].tolist()} | {(0, 0, 0, 0)}
    for frame in first:
        picture = frame.paint()
        assert {tuple(c) for c in np.unique(picture.reshape(-1, 4), axis=0).tolist()} <= exact
        for place, colour in (((40, 180), HAIR), ((250, 150), COAT), ((400, 160), BOOT)):
            assert tuple(picture[place][:3].tolist()) == colour
        assert picture[10, 10, 3] == 0
