"""Stroke identity: the same strokes around a region make it the same region, wherever it went."""

import tempfile
from pathlib import Path

import numpy as np

from backend.cel.engine import CelEngine
from backend.cel.strokes_known import outlines, same_regions
from backend.contracts.drawing import FILL, LINE, Drawing, Strokes
from backend.contracts.engine import Frame
from backend.contracts.options import Options
from backend.contracts.shot import Key, Material, Shot
from backend.lineart.lines import read_lines
from backend.runner.store import EvidenceStore

WIDTH, HEIGHT = 320, 160
MATERIALS = (Material("Line"), Material("Red", fill=(200, 30, 40, 255)), Material("Blue", fill=(30, 60, 200, 255)))


def squares(*at: tuple[float, float, int, int], role: int = LINE) -> Strokes:
    """Squares of 40 px: (x, y) of the middle, id, material."""
    corners = np.array([(-20, -20), (20, -20), (20, 20), (-20, 20)], np.float32)
    points = np.concatenate([corners + (x, y) for x, y, _, _ in at]).astype(np.float32)
    count = len(at)
    return Strokes(
        points=points,
        radius=np.full(len(points), 1.5, np.float32),
        opacity=np.ones(len(points), np.float32),
        offsets=np.arange(0, len(points) + 1, 4, dtype=np.int32),
        layer=np.zeros(count, np.int32),
        material=np.array([m for *_, m in at], np.int32),
        cyclic=np.ones(count, np.bool_),
        role=np.full(count, role, np.uint8),
        ids=np.array([i for *_, i, _ in at], np.int64),
    )


def swapped(first: int, second: int) -> dict[str, tuple[int, ...]]:
    """Two squares that change places from a key to the next drawing, with these ids there; their colours after that."""
    key = Drawing("00000001", "key", strokes=squares((80, 80, 11, 0), (240, 80, 12, 0)))
    after = Drawing("00000002", "after", strokes=squares((240, 82, first, 0), (80, 78, second, 0)))
    fills = squares((80, 80, -1, 1), (240, 80, -1, 2), role=FILL)
    keys = [Key(key.id, fills=fills)]
    shot = Shot("swap", WIDTH, HEIGHT, (key.id, after.id), [key, after], materials=MATERIALS, keys=keys)

    with tempfile.TemporaryDirectory() as work:
        for event in CelEngine().frames(shot, Options(lines="omit"), EvidenceStore(Path(work))):
            if isinstance(event, Frame) and event.drawing == after.id:
                picture = event.paint()
                return {"left": tuple(picture[80, 80].tolist()), "right": tuple(picture[80, 240].tolist())}
    raise AssertionError("no frame")


RED, BLUE = (200, 30, 40, 255), (30, 60, 200, 255)


def test_squares_that_change_places_keep_their_colours_where_their_strokes_are_known() -> None:
    assert swapped(11, 12) == {"left": BLUE, "right": RED}


def test_without_numbers_or_with_new_ones_the_nearest_square_gives_the_colour() -> None:
    assert swapped(-1, -1) == {"left": RED, "right": BLUE}
    assert swapped(21, 22) == {"left": RED, "right": BLUE}


def test_an_outline_that_is_mostly_somebody_elses_is_no_evidence() -> None:
    def outline(strokes: Strokes):
        lines = read_lines(Drawing("0" * 8, "d", strokes=strokes), MATERIALS, HEIGHT, WIDTH)
        return outlines(strokes, lines.regions.labels, len(lines.regions), (1.0, 1.0)), lines.regions.labels

    four = [(40, 40, 11, 0), (120, 40, 12, 0), (200, 40, 13, 0), (280, 40, 14, 0)]
    one, labels = outline(squares(*four))
    other, _ = outline(squares(*four[:3], (280, 40, 99, 0)))
    same = same_regions(one, other)
    assert same[labels[40, 40]] >= 0 and same[labels[40, 280]] == -1
    fresh, _ = outline(squares(*four[:2], (200, 40, 98, 0), (280, 40, 99, 0)))
    assert (same_regions(one, fresh) == -1).all(), "two of four numbers may be alike by chance"
