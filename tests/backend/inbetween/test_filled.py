"""Filled keys lead their strokes: limbs stay whole, hide what they pass over, and take their fills along."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from backend.contracts.drawing import FILL, LINE, Strokes
from backend.contracts.errors import DrawingError, JobError
from backend.contracts.tween import (
    FlatKey,
    TweenRequest,
    load_between,
    load_key,
    load_request,
    load_result,
    save_request,
)
from backend.demo.geometry import inside
from backend.inbetween.fills import flats_of
from backend.inbetween.folder import run
from backend.inbetween.near import flat, search
from backend.inbetween.unfilled import flats_of_all
from tests.backend.inbetween.known import drawing

SIZE = (500, 600)
COAT, SLEEVE, HAND = (60, 90, 160), (200, 120, 60), (250, 210, 180)
COLOURS = (COAT, SLEEVE, HAND)
SHOULDER = 300 + 120j


def around(corners: list[complex], points: int) -> np.ndarray:
    """A closed shape with so many points on each side: (N,) complex px about the shoulder."""
    ring = np.array([*corners, corners[0]])
    return np.concatenate([np.linspace(a, b, points, endpoint=False) for a, b in pairwise(ring)])


def figure(time: float) -> list[np.ndarray]:
    """A coat, and over it an arm that swings by 70 degrees from outside the coat to before it; bottom to top."""
    coat = around([-60 - 60j, 60 - 60j, 80 + 240j, -80 + 240j], 60)
    swing = np.exp(1j * np.radians(75 - 70 * time))
    sleeve = around([-24 - 15j, 24 - 15j, 20 + 130j, -20 + 130j], 40) * swing
    hand = around([-16 + 130j, 16 + 130j, 30 + 165j, 0 + 185j, -18 + 170j], 20) * swing
    return [SHOULDER + shape for shape in (coat, hand, sleeve)]


def strokes(lines: list[np.ndarray], role: int, material: list[int], closed: bool) -> Strokes:
    return replace(
        drawing(lines, closed), material=np.array(material, np.int32), role=np.full(len(lines), role, np.uint8)
    )


def flat_points(line: np.ndarray) -> np.ndarray:
    return np.column_stack([np.real(line), np.imag(line)])


def seen_lines(shapes: list[np.ndarray]) -> list[np.ndarray]:
    """The outlines, where no shape above hides them: what is drawn on paper."""
    out = []
    for n, shape in enumerate(shapes):
        hidden = np.zeros(len(shape), bool)
        for above in shapes[n + 1 :]:
            hidden |= inside(flat_points(shape), flat_points(above))
        line = np.append(shape, shape[:1])
        cuts = np.flatnonzero(np.diff(np.append(hidden, hidden[0]))) + 1
        out += [run for run in np.split(line, cuts) if len(run) > 3 and not hidden[np.abs(shape - run[1]).argmin()]]
    return out


def key(time: float, filled: bool = True, fills_are_strokes: bool = False) -> FlatKey:
    shapes = figure(time)
    lines = strokes(runs := seen_lines(shapes), LINE, [0] * len(runs), False)
    fills = strokes(shapes, FILL, [0, 2, 1], True)
    drawn = lines
    if fills_are_strokes:
        joined = {n: np.concatenate([getattr(fills, n), getattr(lines, n)]) for n in vars(lines)}
        offsets = np.concatenate([fills.offsets, lines.offsets[1:] + fills.offsets[-1]]).astype(np.int32)
        drawn = Strokes(**{**joined, "offsets": offsets})
    return FlatKey(drawn, np.zeros(len(drawn.points), np.float32), fills if filled else None)


def made(folder, keys: list[FlatKey], times: tuple[float, ...]):
    """The in-betweens that the backend leaves in a folder with these keys."""
    save_request(folder, TweenRequest(*SIZE, (1, 9), (times,), (), COLOURS), keys)
    run(folder)
    assert load_result(folder) is None
    return [load_between(folder, 0, n) for n in range(len(times))]


def drawn_of(line: np.ndarray, between) -> float:
    """How much of a line, 0..1, stands within 4 px in the in-between."""
    points = between.points[:, 0] + 1j * between.points[:, 1]
    return float((search(flat(line), flat(points), 1)[0] < 4).mean())


TIMES = (0.2, 0.4, 0.6, 0.8)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return made(tmp_path_factory.mktemp("filled"), [key(0), key(1)], TIMES)


def test_an_arm_that_swings_before_the_coat_stays_whole(filled, tmp_path):
    by_lines_alone = made(tmp_path, [key(0, False), key(1, False)], TIMES)
    for n, time in enumerate(TIMES):
        for shape in seen_lines(figure(time)):
            assert drawn_of(shape, filled[n]) > 0.9, f"at {time}: {drawn_of(shape, filled[n]):.2f}"
    arm = np.concatenate(seen_lines(figure(0.4))[-2:])
    assert drawn_of(arm, by_lines_alone[1]) < 0.5  # which is why fills are asked


def test_what_lies_behind_is_hidden(filled):
    """The edge of the coat is whole in the second key, and before that cut where the arm passes over it."""
    for n, time in enumerate(TIMES[:2]):
        coat, _, sleeve = figure(time)
        edge = coat[inside(flat_points(coat), flat_points(sleeve.mean() + 0.7 * (sleeve - sleeve.mean())))]
        assert len(edge) > 0 and drawn_of(edge, filled[n]) < 0.3


def test_fills_that_are_strokes_go_with_their_areas(tmp_path):
    keys = [key(0, fills_are_strokes=True), key(1, fills_are_strokes=True)]
    for between, time in zip(made(tmp_path, keys, TIMES), TIMES, strict=True):
        shapes = [between.points[between.offsets[s] : between.offsets[s + 1]] for s in range(3)]
        assert between.stroke[:3].tolist() == [0, 1, 2]  # as they lie over each other in the key
        for shape, true in zip(shapes, figure(time), strict=True):
            assert crossings(shape) == 0
            both = []
            for outline in (shape, flat_points(true)):
                picture = np.zeros(SIZE, np.uint8)
                cv2.fillPoly(picture, [np.round(outline).astype(np.int32)[:, None]], 1)
                both.append(picture > 0)
            assert (both[0] & both[1]).sum() > 0.85 * (both[0] | both[1]).sum()


def alike(shape: np.ndarray, true: np.ndarray) -> float:
    """Of two filled shapes what both cover, of what either covers."""
    both = []
    for outline in (shape, flat_points(true)):
        picture = np.zeros(SIZE, np.uint8)
        cv2.fillPoly(picture, [np.round(outline).astype(np.int32)[:, None]], 1)
        both.append(picture > 0)
    return (both[0] & both[1]).sum() / (both[0] | both[1]).sum()


@pytest.mark.parametrize("role", [FILL, LINE | FILL])
def test_strokes_that_are_drawn_and_filled_at_once_stay_whole(tmp_path, role):
    """Also fills alone, where the lines' layer is locked."""
    keys = []
    for time in (0, 1):
        shapes = strokes(figure(time), role, [0, 2, 1], True)
        fills = strokes(figure(time), FILL, [0, 2, 1], True)
        keys.append(FlatKey(shapes, np.zeros(len(shapes.points), np.float32), fills))
    for between, time in zip(made(tmp_path, keys, TIMES), TIMES, strict=True):
        assert between.stroke.tolist() == [0, 1, 2]
        for s, true in enumerate(figure(time)):
            assert alike(between.points[between.offsets[s] : between.offsets[s + 1]], true) > 0.8


@pytest.mark.parametrize("way", [0, 40, 40 + 25j])
def test_a_filled_drawing_that_is_held_or_slides_keeps_its_lines_and_fills(tmp_path, way):
    first = key(0.3, fills_are_strokes=True)
    shift = np.array([way.real, way.imag], np.float32)
    assert first.fills is not None
    moved, fills = (replace(s, points=s.points + shift) for s in (first.strokes, first.fills))
    (between,) = made(tmp_path, [first, FlatKey(moved, first.depth, fills)], (0.5,))
    assert between.stroke.tolist() == list(range(len(first.strokes)))
    assert np.abs(between.points - first.strokes.points - shift / 2).max() < 2


def crossings(shape: np.ndarray) -> int:
    """How often the edge of a shape, (N, 2), crosses itself: Blender fills such shapes wrongly. Edges that lie in one straight
    line, to a hundredth of a px, do not cross."""
    a = (shape[:, 0] + 1j * shape[:, 1]).astype(np.complex128)
    b = np.roll(a, -1)
    length = np.maximum(np.abs(b - a), 1e-9)[:, None]

    def side(r: np.ndarray) -> np.ndarray:
        """(N, N) -1, 0 or 1: on which side of each edge points lie."""
        away = np.imag(np.conj(b - a)[:, None] * (r[None] - a[:, None])) / length
        return np.sign(away) * (np.abs(away) > 0.01)

    parted = side(a) * side(b) < 0
    beside = np.abs(np.subtract.outer(np.arange(len(a)), np.arange(len(a))))
    return int((parted & parted.T & (beside > 1) & (beside < len(a) - 1)).sum()) // 2


def test_a_bow_crosses_itself_once_and_straight_edges_never():
    line = np.linspace(0.0, 7.0, 40)[:, None] * (0.3, 0.9)
    assert crossings(np.array([[0, 0], [10, 10], [10, 0], [0, 10]], np.float32)) == 1
    assert crossings(np.concatenate([line, line[::-1] + (5.0, 0.0)]).astype(np.float32)) == 0


def test_one_filled_key_is_enough(filled, tmp_path):
    """The other is coloured from it, and the lines go as if both were filled."""
    for keys in ([key(0), key(1, False)], [key(0, False), key(1)]):
        made_of_one = made(tmp_path / str(keys[0].fills is None), keys, TIMES)
        for n, time in enumerate(TIMES):
            for shape in seen_lines(figure(time)):
                assert drawn_of(shape, made_of_one[n]) > 0.9, f"at {time}: {drawn_of(shape, made_of_one[n]):.2f}"


def test_a_filled_drawing_beside_the_keys_is_enough(tmp_path):
    keys = [key(0, False), key(1, False), key(-0.2)]
    for further in ((-1,), (20,)):
        folder = tmp_path / str(further)
        save_request(folder, TweenRequest(*SIZE, (1, 9), (TIMES,), (), COLOURS, further), keys)
        run(folder)
        for n, time in enumerate(TIMES):
            for shape in seen_lines(figure(time)):
                assert drawn_of(shape, load_between(folder, 0, n)) > 0.9


def test_shapes_that_the_other_key_lacks_are_left_out(tmp_path):
    """Fills are not drawn on like lines: torn shapes would lie in the in-between."""
    for keys in ([key(0, fills_are_strokes=True), key(1, False)], [key(0, False), key(1, fills_are_strokes=True)]):
        given = [int((k.strokes.role == FILL).sum()) for k in keys]
        for between in made(tmp_path / str(given[0]), keys, TIMES):
            assert (between.stroke >= np.array(given)[between.key]).all() and len(between.stroke) >= 3


def test_a_line_far_from_any_fill_goes_its_own_way(tmp_path):
    """A bird beside a filled figure."""
    keys = []
    for time, place in ((0.0, 60 + 60j), (1.0, 84 + 52j)):
        bird = place + np.linspace(-40, 40, 60) - 12j * np.abs(np.sin(np.linspace(-np.pi, np.pi, 60)))
        shapes = figure(time)
        lines = [bird, *seen_lines(shapes)]
        drawn = strokes(lines, LINE, [0] * len(lines), False)
        fills = strokes(shapes, FILL, [0, 2, 1], True)
        keys.append(FlatKey(drawn, np.zeros(len(drawn.points), np.float32), fills))
    between = made(tmp_path, keys, (0.5,))[0]
    bird = 72 + 56j + np.linspace(-40, 40, 60) - 12j * np.abs(np.sin(np.linspace(-np.pi, np.pi, 60)))
    assert drawn_of(bird, between) > 0.95


def test_a_folder_keeps_fills_and_their_colours(tmp_path):
    given = key(0)
    save_request(tmp_path, TweenRequest(*SIZE, (1, 9), ((0.5,),), (), COLOURS), [given, key(1, False)])
    request = load_request(tmp_path)
    assert request.colours == COLOURS
    read = load_key(tmp_path, 0, len(request.colours)).fills
    assert read is not None and given.fills is not None and (read.points == given.fills.points).all()
    assert load_key(tmp_path, 1, len(request.colours)).fills is None


def test_colours_that_do_not_fit_are_a_sentence(tmp_path):
    save_request(tmp_path, TweenRequest(*SIZE, (1, 9), ((0.5,),), (), COLOURS[:2]), [key(0), key(1)])
    with pytest.raises(DrawingError, match="colours that are not in the list"):
        load_key(tmp_path, 0, 2)
    with pytest.raises(DrawingError):
        run(tmp_path)
    said = load_result(tmp_path)
    assert said is not None and "not in the list" in said.sentence
    request = TweenRequest(*SIZE, (1, 9), ((0.5,),), (), COLOURS)
    for wrong in (((1, 2, 300),), ((1, 2),), ((1, 2, 3, 4),)):
        save_request(tmp_path, replace(request, colours=wrong), [])  # pyright: ignore[reportArgumentType]
        with pytest.raises(JobError):
            load_request(tmp_path)


def test_keys_of_any_size_are_coloured():
    """A hundred million pixels, where one key alone is filled."""
    large = []
    for small in (key(0), key(1, False)):
        grown = [
            None if s is None else replace(s, points=s.points * 20, radius=s.radius * 20)
            for s in (small.strokes, small.fills)
        ]
        assert grown[0] is not None
        large.append(FlatKey(grown[0], small.depth, grown[1]))
    size = 20 * SIZE[0], 20 * SIZE[1]
    flats = flats_of_all(large, (1, 9), np.array(COLOURS, np.uint8), size)
    assert flats[0] is not None and flats[1] is not None
    true = flats_of(key(1).fills, np.array(COLOURS, np.uint8), SIZE)
    assert true is not None and (flats[1].under == true.under).mean() > 0.95
