"""The Cel engine, smallest form: each region enclosed by lines takes the key's colour that lies most over it."""

import hashlib
from collections.abc import Iterator

import cv2
import numpy as np

from ..contracts.drawing import FILL, Strokes
from ..contracts.engine import Event, Frame, Store
from ..contracts.options import Options
from ..contracts.shot import Shot


class CelEngine:
    """Flat fills from keys."""

    name = "cel"

    def frames(self, shot: Shot, options: Options, store: Store) -> Iterator[Event]:
        """Colour each drawing from the first key, place by place."""
        fills = next((k.fills for k in shot.keys if k.fills is not None), None)
        key = np.zeros((shot.height, shot.width, 4), np.uint8)
        if fills is not None:
            for s in range(len(fills)):
                _polygon(key, fills, s, shot.materials[int(fills.material[s])].fill)
        for drawing in shot.drawings:
            assert drawing.strokes is not None
            lines = np.zeros((shot.height, shot.width), np.uint8)
            for s in range(len(drawing.strokes)):
                if not drawing.strokes.role[s] & FILL:
                    _line(lines, drawing.strokes, s)
            recipe = hashlib.sha256(drawing.id.encode() + key.tobytes()).hexdigest()
            yield Frame(drawing.id, recipe, lambda lines=lines: _paint(lines, key))


def _corners(strokes: Strokes, s: int) -> np.ndarray:
    return np.round(strokes.points[strokes.of(s)]).astype(np.int32)


def _polygon(picture: np.ndarray, strokes: Strokes, s: int, colour: tuple[int, int, int, int]) -> None:
    cv2.fillPoly(picture, [_corners(strokes, s)], colour)


def _line(picture: np.ndarray, strokes: Strokes, s: int) -> None:
    width = max(1, round(2 * float(strokes.radius[strokes.of(s)].mean())))
    cv2.polylines(picture, [_corners(strokes, s)], bool(strokes.cyclic[s]), 255, width)


def _paint(lines: np.ndarray, key: np.ndarray) -> np.ndarray:
    count, labels = cv2.connectedComponents((lines == 0).astype(np.uint8), connectivity=4)
    border = set(np.unique(np.r_[labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    picture = np.zeros_like(key)
    for label in range(1, count):
        if label not in border:
            colours, share = np.unique(key[labels == label], axis=0, return_counts=True)
            picture[labels == label] = colours[share.argmax()]
    picture[lines > 0] = (0, 0, 0, 255)
    return picture
