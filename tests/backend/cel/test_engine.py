"""The engine on small shots drawn here: what an animator gets back from lines and one coloured key."""

from collections.abc import Mapping

import cv2
import numpy as np
import pytest

from backend.cel.engine import CelEngine
from backend.contracts.drawing import FILL, LINE, SEPARATION, Drawing, Strokes, picture_id
from backend.contracts.engine import Frame, Trouble
from backend.contracts.errors import AniDocError
from backend.contracts.options import Options
from backend.contracts.shot import Key, Material, Reference, Shot
from tests.support.memory import Memory

RED, SKIN, WHITE, BLUE = (200, 30, 40, 255), (250, 220, 180, 255), (255, 255, 255, 255), (30, 60, 200, 255)


class Nothing(Memory):
    """A store that keeps nothing."""

    def save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        pass


def doll(step: int, colours: bool) -> np.ndarray:
    """(240, 200, 4): a head with two white eyes on a red body, moved ``step`` px to the right; lines or flats."""
    picture = np.full((240, 200, 4), 255, np.uint8)
    x = 80 + step
    shapes = [("box", (x - 30, 110, x + 30, 200), RED), ("disc", (x, 75, 40), SKIN)]
    shapes += [("disc", (x - 14, 70, 8), WHITE), ("disc", (x + 14, 70, 8), WHITE)]
    for kind, at, colour in shapes:
        for paint, width in ((colour if colours else WHITE, -1), ((0, 0, 0, 255), 2)):
            if kind == "box":
                cv2.rectangle(picture, at[:2], at[2:], paint, width)
            else:
                cv2.circle(picture, at[:2], at[2], paint, width)
    return picture


def drawn(step: int) -> Drawing:
    return Drawing(f"{step:08x}", f"at {step}", line_art=doll(step, False))


def shot_of(drawings: list[Drawing], keys: list[Key]) -> Shot:
    return Shot("doll", 200, 240, tuple(d.id for d in drawings), drawings, keys=keys)


def coloured(shot: Shot, options: Options | None = None, store: Memory | None = None) -> dict[str, np.ndarray]:
    events = CelEngine().frames(shot, options or Options(), Memory() if store is None else store)
    return {e.drawing: e.paint() for e in events if isinstance(e, Frame) and e.final}


def test_a_doll_that_walks_keeps_its_colours_to_the_bit():
    drawings = [drawn(s) for s in (0, 12, 24, 36)]
    frames = coloured(shot_of(drawings, [Key(drawings[0].id, picture=doll(0, True))]))
    for step in (0, 12, 24, 36):
        picture, truth = frames[f"{step:08x}"], doll(step, True)
        away = cv2.dilate((truth[..., :3].max(2) < 128).astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
        outside = np.zeros(away.shape, bool)
        outside[:20], outside[:, :8] = True, True
        assert (picture[outside] == 0).all()
        inside = away & (picture[..., 3] > 0)
        assert (picture[inside] == truth[inside]).all()
        assert inside.sum() > 8000


def test_white_eyes_are_paint_and_the_paper_is_not():
    frame = coloured(shot_of([drawn(0)], [Key(drawn(0).id, picture=doll(0, True))]))[drawn(0).id]
    assert tuple(frame[70, 66]) == WHITE
    assert tuple(frame[5, 5]) == (0, 0, 0, 0)


def test_the_same_bytes_come_from_kept_evidence_and_from_none():
    shot = shot_of([drawn(0), drawn(10)], [Key(drawn(0).id, picture=doll(0, True))])
    store = Memory()
    first = coloured(shot, store=store)
    for other in (coloured(shot, store=store), coloured(shot, store=Nothing())):
        assert all(np.array_equal(first[d], other[d]) for d in first)


def test_a_redrawn_drawing_leaves_the_evidence_before_it_alone():
    store = Memory()
    key = Key(drawn(0).id, picture=doll(0, True))
    coloured(shot_of([drawn(0), drawn(5), drawn(10), drawn(15)], [key]), store=store)
    before = set(store)
    coloured(shot_of([drawn(0), drawn(5), drawn(10), drawn(17)], [key]), store=store)
    new = [k.split("-")[0] for k in set(store) - before]
    assert new.count("look") == 1, "only the new drawing is read again"
    assert new.count("fit") <= 2, "and only laid on its neighbour and on the key"


def test_lines_can_be_left_out():
    shot = shot_of([drawn(0)], [Key(drawn(0).id, picture=doll(0, True))])
    kept = coloured(shot)[drawn(0).id]
    flats = coloured(shot, Options(lines="omit"))[drawn(0).id]
    assert (kept[..., :3].max(2)[kept[..., 3] == 255] < 20).any()
    assert {tuple(c) for c in np.unique(flats.reshape(-1, 4), axis=0)} == {(0, 0, 0, 0), RED, SKIN, WHITE}


def test_a_drawing_of_another_size_is_left_out_with_a_sentence():
    wrong = Drawing("ffffffff", "small", line_art=np.full((50, 50, 4), 255, np.uint8))
    shot = shot_of([drawn(0), wrong, drawn(9)], [Key(drawn(0).id, picture=doll(0, True))])
    events = list(CelEngine().frames(shot, Options(), Memory()))
    assert [e.drawing for e in events if isinstance(e, Trouble)] == ["ffffffff"]
    assert {e.drawing for e in events if isinstance(e, Frame)} == {drawn(0).id, drawn(9).id}


def test_an_empty_drawing_is_empty_and_the_next_one_still_coloured():
    empty = Drawing("eeeeeeee", "empty", line_art=np.full((240, 200, 4), 255, np.uint8))
    shot = shot_of([drawn(0), empty, drawn(8)], [Key(drawn(0).id, picture=doll(0, True))])
    frames = coloured(shot)
    assert not frames["eeeeeeee"].any()
    assert tuple(frames[drawn(8).id][150, 88]) == RED


def test_nothing_to_take_colours_from_is_a_sentence():
    with pytest.raises(AniDocError, match="nothing to take colours from"):
        list(CelEngine().frames(shot_of([drawn(0)], []), Options(), Memory()))


def strokes(parts: list[tuple[np.ndarray, int, int, bool]]) -> Strokes:
    """Strokes from (points, material, role, cyclic)."""
    n = sum(len(p) for p, *_ in parts)
    return Strokes(
        np.concatenate([p for p, *_ in parts]).astype(np.float32),
        np.full(n, 1.5, np.float32),
        np.ones(n, np.float32),
        np.concatenate([[0], np.cumsum([len(p) for p, *_ in parts])]).astype(np.int32),
        np.zeros(len(parts), np.int32),
        np.array([m for _, m, *_ in parts], np.int32),
        np.array([c for *_, c in parts], bool),
        np.array([r for _, _, r, _ in parts], np.uint8),
        np.full(len(parts), -1, np.int64),
    )


def test_a_separation_line_is_painted_over_and_parts_two_tones():
    box = np.array([(40, 40), (160, 40), (160, 160), (40, 160)], float)
    middle = np.array([(100, 40), (100, 160)], float)
    lines = strokes([(box, 0, LINE, True), (middle, 1, SEPARATION, False)])
    left, right = box.copy(), box.copy()
    left[:, 0], right[:, 0] = left[:, 0].clip(40, 100), right[:, 0].clip(100, 160)
    fills = strokes([(left, 2, FILL, True), (right, 3, FILL, True)])
    materials = (
        Material("ink"),
        Material("shadow edge", (255, 0, 0, 255), separation=True),
        Material("red", fill=RED),
        Material("blue", fill=BLUE),
    )
    drawing = Drawing(picture_id(lines, 200, 200), strokes=lines)
    shot = Shot("box", 200, 200, (drawing.id,), [drawing], materials=materials, keys=[Key(drawing.id, fills=fills)])
    frame = coloured(shot)[drawing.id]
    assert tuple(frame[100, 60]) == RED
    assert tuple(frame[100, 140]) == BLUE
    assert {tuple(c) for c in frame[100, 90:110]} == {RED, BLUE}


def test_a_design_sheet_alone_colours_every_drawing():
    drawings = [drawn(s) for s in (0, 10, 20)]
    sheet = np.full((300, 320, 4), 255, np.uint8)
    sheet[40:280, 60:260] = doll(4, True)
    shot = Shot("doll", 200, 240, tuple(d.id for d in drawings), drawings, references=[Reference("sheet", sheet)])
    for step, frame in zip((0, 10, 20), (coloured(shot)[d.id] for d in drawings), strict=True):
        assert tuple(frame[160, 80 + step]) == RED
        assert tuple(frame[5, 5]) == (0, 0, 0, 0)


def test_keys_at_both_ends_meet_in_the_middle():
    drawings = [drawn(s) for s in (0, 15, 30, 45)]
    changed = doll(45, True)
    changed[(changed == RED).all(2)] = BLUE
    keys = [Key(drawings[0].id, picture=doll(0, True)), Key(drawings[3].id, picture=changed)]
    frames = coloured(shot_of(drawings, keys))
    assert tuple(frames[drawings[0].id][160, 80]) == RED
    assert tuple(frames[drawings[3].id][160, 125]) == BLUE
    for d, step in zip(drawings[1:3], (15, 30), strict=True):
        assert tuple(frames[d.id][160, 80 + step]) in (RED, BLUE)
        assert tuple(frames[d.id][60, 80 + step]) == SKIN


def test_a_key_that_is_given_and_taken_back_leaves_the_colours_of_a_fresh_start():
    drawings = [drawn(s) for s in (0, 12, 24)]
    first = Key(drawings[0].id, picture=doll(0, True))
    other = doll(24, True)
    other[other[..., 2] == SKIN[2]] = BLUE
    kept = Memory()
    coloured(shot_of(drawings, [first]), store=kept)
    coloured(shot_of(drawings, [first, Key(drawings[2].id, picture=other)]), store=kept)
    again = coloured(shot_of(drawings, [first]), store=kept)
    fresh = coloured(shot_of(drawings, [first]))
    assert all((again[d.id] == fresh[d.id]).all() for d in drawings)
    both = coloured(shot_of(drawings, [first, Key(drawings[2].id, picture=other)]), store=kept)
    fresh = coloured(shot_of(drawings, [first, Key(drawings[2].id, picture=other)]))
    assert all((both[d.id] == fresh[d.id]).all() for d in drawings)


def test_a_tone_edge_without_a_line_is_carried_along_and_can_be_turned_off():
    key = doll(0, True)
    shade = (150, 10, 20, 255)
    body = (key == RED).all(2)
    body[:, 80:] = False
    key[body] = shade
    shot = shot_of([drawn(0), drawn(20)], [Key(drawn(0).id, picture=key)])
    shaded = coloured(shot)[drawn(20).id]
    assert tuple(shaded[160, 85]) == shade
    assert tuple(shaded[160, 115]) == RED
    flat = coloured(shot, Options(shading=False))[drawn(20).id]
    assert tuple(flat[160, 85]) == tuple(flat[160, 115])


def test_a_fill_of_a_few_pixels_keeps_its_materials_colour():
    def box(cx, cy, half):
        return np.array(
            [[cx - half, cy - half], [cx + half, cy - half], [cx + half, cy + half], [cx - half, cy + half]]
        )

    materials = (Material("Ink"), Material("Coat", fill=RED), Material("Button", fill=BLUE))
    lines = strokes([(box(60, 60, 30), 0, LINE, True), (box(60, 60, 3.2), 0, LINE, True)])
    fills = strokes([(box(60, 60, 30), 1, FILL, True), (box(60, 60, 3.2), 2, FILL, True)])
    drawing = Drawing(picture_id(lines, 120, 120), strokes=lines)
    shot = Shot("button", 120, 120, (drawing.id,), [drawing], materials=materials, keys=[Key(drawing.id, fills=fills)])
    frame = coloured(shot, Options(lines="omit"))[drawing.id]
    assert tuple(frame[60, 60]) == BLUE and tuple(frame[40, 60]) == RED


def with_bag(step: int, colours: bool) -> np.ndarray:
    """The doll with a blue bag beside it."""
    picture, x = doll(step, colours), 145 + step
    for paint, width in ((BLUE if colours else WHITE, -1), ((0, 0, 0, 255), 2)):
        cv2.rectangle(picture, (x, 150), (x + 22, 190), paint, width)
    return picture


def test_what_no_key_shows_takes_its_colour_from_the_sheet_beside_them():
    drawings = [drawn(0), Drawing("0b", "with its bag", line_art=with_bag(10, False))]
    keys = [Key(drawings[0].id, picture=doll(0, True))]
    ids = tuple(d.id for d in drawings)
    bag = np.zeros((240, 200), bool)
    bag[155:185, 160:172] = True
    alone = coloured(Shot("doll", 200, 240, ids, drawings, keys=keys))["0b"]
    sheet = Reference("sheet", with_bag(-20, True))
    both = coloured(Shot("doll", 200, 240, ids, drawings, keys=keys, references=[sheet]))["0b"]
    assert not (alone[bag] == BLUE).all(1).any()
    assert (both[bag] == BLUE).all(1).all()
    rest = np.arange(200) < 140
    assert (both[:, rest] == alone[:, rest]).all()


def cream_key(step: int) -> np.ndarray:
    """The doll, coloured on cream paper, an arm leaving a gap to the body."""
    picture = doll(step, True)
    cv2.ellipse(picture, (110 + step, 155), (30, 36), 0, -90, 90, (0, 0, 0, 255), 2)
    white = (picture[..., :3] == 255).all(2)
    eyes = np.zeros(white.shape, bool)
    eyes[60:80, 50 + step : 110 + step] = True
    picture[white & ~eyes] = CREAM
    return picture


CREAM = (244, 236, 220, 255)


def test_cream_paper_colours_nothing():
    lines = cream_key(12)
    lines[(lines[..., :3].max(2) > 60)] = WHITE
    moved = Drawing("0000000c", "moved", line_art=lines)
    first = cream_key(0)
    first[(first[..., :3].max(2) > 60)] = WHITE
    drawings = [Drawing("00000001", "first", line_art=first), moved]
    key, sheet = Key("00000001", picture=cream_key(0)), Reference("sheet", cream_key(0))
    for keys, sheets in (([key], []), ([], [sheet])):
        shot = Shot("doll", 200, 240, tuple(d.id for d in drawings), drawings, keys=keys, references=sheets)
        frame = coloured(shot, Options(lines="omit"))[moved.id]
        assert {tuple(c) for c in np.unique(frame.reshape(-1, 4), axis=0)} <= {(0, 0, 0, 0), RED, SKIN, WHITE}
        assert frame[5, 5, 3] == 0
        assert tuple(frame[70, 78]) == WHITE and tuple(frame[180, 92]) == RED
        if keys:
            assert frame[155, 138, 3] == 0, "nor is it seen through the gap at the arm"
