"""In-betweens whose truth is known: at most 2 % of the motion off, keys untouched, whatever the strokes were made of."""

import time

import numpy as np
import pytest

from backend.contracts.drawing import Strokes
from backend.contracts.errors import AniDocError
from backend.inbetween.tween import in_betweens, match_pair
from tests.backend.inbetween.known import MOTIONS, SIZE, drawing, drawn_anew, figure, moved, turned

WAYS = ("as it was", "shuffled", "reversed", "split", "resampled", "everything")


def error(first, last, motion, seed=0, count=14) -> float:
    """Mean distance from the true middle, as a fraction of the mean motion."""
    lines = figure(count, seed)
    start = drawing(first(lines))
    middle = match_pair(start, drawing(last([motion(line, 1) for line in lines])), SIZE).at(0.5)
    true = np.concatenate([motion(line, 0.5) for line in first(lines)])
    made = middle.points[:, 0] + 1j * middle.points[:, 1]
    assert len(made) == len(true)
    way = np.abs(np.concatenate([motion(line, 1) - line for line in lines])).mean()
    return float(np.abs(made - true).mean() / way)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("name", MOTIONS)
def test_the_middle_is_where_it_belongs(name, how):
    assert error(lambda x: x, lambda x: drawn_anew(x, how), MOTIONS[name]) <= 0.02


def test_pieces_that_are_one_stroke_in_the_second_key():
    assert error(lambda x: drawn_anew(x, "split"), lambda x: x, turned) <= 0.02


def test_the_keys_stay_to_the_bit():
    lines = figure()
    first, last = drawing(lines), drawing([moved(line, 1) for line in lines])
    before = [a.tobytes() for s in (first, last) for a in vars(s).values()]
    pair = match_pair(first, last, SIZE)
    assert pair.at(0) is first and pair.at(1) is last
    pair.at(0.5)
    assert [a.tobytes() for s in (first, last) for a in vars(s).values()] == before


def test_identical_drawings_stand_still():
    same = drawing(figure())
    (middle,) = in_betweens(same, same, [0.5], SIZE)
    assert np.abs(middle.points - same.points).max() < 0.05


def test_closed_strokes_stay_closed():
    ring = 300 + 300j + 100 * np.exp(1j * np.linspace(0, 6.2, 60)) * (1 + 0.2 * np.sin(np.linspace(0, 18.6, 60)))
    first, last = drawing([ring], cyclic=True), drawing([np.roll(moved(ring, 1), 17)], cyclic=True)
    middle = match_pair(first, last, SIZE).at(0.5)
    made = middle.points[:, 0] + 1j * middle.points[:, 1]
    assert middle.cyclic.all() and np.abs(made - moved(ring, 0.5)).max() < 1.5


def test_pressure_and_opacity_are_on_their_way_too():
    lines = figure(3)
    first = drawing(lines)
    last = drawing([moved(line, 1) for line in lines])
    last = Strokes(**{**vars(last), "radius": last.radius * 3, "opacity": last.opacity * 0.5})
    middle = match_pair(first, last, SIZE).at(0.5)
    assert middle.radius == pytest.approx(4, abs=0.01) and middle.opacity == pytest.approx(0.75, abs=0.01)


def test_a_stroke_of_the_first_key_only_is_drawn_off_and_one_of_the_second_only_drawn_on():
    lines = figure(8)
    extra = np.linspace(650 + 700j, 760 + 760j, 40)
    both, more = drawing(lines), drawing([*lines, extra])
    going, coming = match_pair(more, both, SIZE), match_pair(both, more, SIZE)
    for pair, sizes in ((going, (30, 20, 10)), (coming, (10, 20, 30))):
        left = [len(pair.at(t).points) - len(both.points) for t in (0.25, 0.5, 0.75)]
        assert left == pytest.approx(sizes, abs=2)


def test_a_pin_decides_which_of_two_alike_lines_is_meant():
    first = drawing([np.linspace(300 + 300j, 500 + 300j, 40)])
    last = drawing([np.linspace(300 + 250j, 500 + 250j, 40), np.linspace(300 + 360j, 500 + 360j, 40)])
    for y in (250.0, 360.0):
        middle = match_pair(first, last, SIZE, pins=[((400.0, 300.0), (400.0, y))]).at(0.5)
        assert np.median(middle.points[:40, 1]) == pytest.approx((300 + y) / 2, abs=3)


@pytest.mark.parametrize("spoilt", ["empty", "nan"])
def test_what_cannot_be_matched_is_a_sentence(spoilt):
    good = drawing(figure(2))
    points = good.points.copy()
    points[3] = np.nan
    bad = drawing([np.zeros(0, complex)]) if spoilt == "empty" else Strokes(**{**vars(good), "points": points})
    with pytest.raises(AniDocError, match="second key drawing") as caught:
        match_pair(good, bad, SIZE)
    assert caught.value.remedy


def test_a_dot_and_thousands_of_strokes():
    dots = drawing([np.array([100 + 100j]), *figure(5)])
    assert len(match_pair(dots, dots, SIZE).at(0.5)) == 6
    lines = figure(2000, points=6)
    many = match_pair(drawing(lines), drawing([moved(line, 1) for line in lines]), SIZE).at(0.5)
    assert np.isfinite(many.points).all() and len(many) >= 2000


def test_two_hundred_strokes_in_two_seconds_on_two_cores():
    lines = figure(200, 3)
    first, last = drawing(lines), drawing(drawn_anew([MOTIONS["bent"](line, 1) for line in lines], "everything"))
    began = time.process_time()
    made = in_betweens(first, last, [n / 6 for n in range(1, 6)], SIZE)
    assert len(made) == 5
    assert (
        time.process_time() - began < 8
    )  # generous: this computer may be busy; measured numbers stand in the document
