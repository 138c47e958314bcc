"""Close shots: the picture cuts the figure off, and what it cuts moves like everything else."""

import cv2
import numpy as np

from backend.cel.engine import CelEngine
from backend.cel.look import Look
from backend.contracts.drawing import Drawing
from backend.contracts.engine import Frame
from backend.contracts.options import Options
from backend.contracts.shot import Key, Shot
from backend.lineart.runs import runs_of
from tests.support.memory import Memory

COAT, SHIRT, SKIN = (90, 60, 140, 255), (240, 230, 200, 255), (250, 205, 170, 255)
HEIGHT, WIDTH = 160, 320


def bust(left: int, coloured: bool) -> np.ndarray:
    """(160, 320, 4): a head over an open coat with a shirt in it, both cut off by the lower edge; lines or flats."""
    picture = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    coat = np.array([(0, 170), (25, 95), (95, 95), (120, 170)]) + (left, 0)
    shirt = np.array([(45, 170), (40, 95), (80, 95), (75, 170)]) + (left, 0)
    for shape, colour in ((coat, COAT), (shirt, SHIRT)):
        cv2.fillPoly(picture, [shape], colour if coloured else (255, 255, 255, 255))
        cv2.polylines(picture, [shape], True, (0, 0, 0, 255), 2)
    cv2.circle(picture, (left + 60, 60), 36, SKIN if coloured else (255, 255, 255, 255), -1)
    cv2.circle(picture, (left + 60, 60), 36, (0, 0, 0, 255), 2)
    return picture


def test_a_coat_cut_off_by_the_picture_keeps_its_colours_when_it_moves_far() -> None:
    places = (10, 90, 170)
    drawings = [Drawing(str(x), str(x), line_art=bust(x, False)) for x in places]
    shot = Shot(
        "bust", WIDTH, HEIGHT, tuple(d.id for d in drawings), drawings, keys=[Key("10", picture=bust(10, True))]
    )
    events = CelEngine().frames(shot, Options(), Memory())
    frames = {e.drawing: e.paint() for e in events if isinstance(e, Frame) and e.final}
    for x in places:
        at = {
            "left of coat": (x + 22, 150),
            "right of coat": (x + 98, 150),
            "shirt": (x + 60, 150),
            "head": (x + 60, 60),
        }
        seen = {name: tuple(frames[str(x)][row, column].tolist()) for name, (column, row) in at.items()}
        assert seen == {"left of coat": COAT, "right of coat": COAT, "shirt": SHIRT, "head": SKIN}, x


def test_only_what_holds_much_of_the_edge_surrounds_the_figure() -> None:
    labels = np.zeros((60, 100), np.int32)
    labels[30:, 40:60] = 1
    look = Look(
        np.zeros(labels.shape, np.uint8), np.ones(labels.shape, bool), runs_of(labels), np.bincount(labels.ravel())
    )
    assert look.view().border.tolist() == [True, False]
