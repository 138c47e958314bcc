"""Keys that nobody has filled, coloured from drawings that are: their areas then lead the lines, too."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from ..cel.engine import CelEngine
from ..contracts.drawing import FILL, Drawing, Strokes
from ..contracts.engine import Frame, Order, Where
from ..contracts.errors import AniDocError
from ..contracts.options import Options
from ..contracts.shot import Key, Material, Shot
from ..contracts.tween import FlatKey
from .fills import Flats, flats_in, flats_of
from .marks import shrink_of
from .pick import pick

MOST = 4_000_000
"""px. Larger drawings are coloured at this size."""


def flats_of_all(
    drawings: Sequence[FlatKey], frames: Sequence[int], colours: np.ndarray, size: tuple[int, int]
) -> list[Flats | None]:
    """The flats of drawings that stand at ``frames``: their own fills, of ``colours`` (C, 3) uint8 sRGB, else what the Cel
    engine makes of their lines. None where nothing is filled, or not to be coloured.

    size (height, width) px of the drawings."""
    flats = [flats_of(drawing.fills, colours, size) for drawing in drawings]
    filled = [n for n, own in enumerate(flats) if own is not None]
    if not filled or len(filled) == len(flats):
        return flats
    shrink = shrink_of(size, MOST)
    height, width = max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))
    lines = [_shrunk(pick(drawing, drawing.strokes.role != FILL).key.strokes, shrink) for drawing in drawings]
    # Drawings are told apart by their numbers; their lines are black.
    order = sorted(range(len(lines)), key=lambda n: frames[n])
    shown = [n for n in order if len(lines[n].points) and np.isfinite(lines[n].points).all()]
    black = {n: replace(lines[n], material=np.full(len(lines[n]), -1, np.int32)) for n in shown}
    shot = Shot(
        name="in-betweens",
        width=width,
        height=height,
        ids=tuple(f"{n:08x}" for n in shown),
        drawings=[Drawing(f"{n:08x}", strokes=black[n]) for n in shown],
        materials=tuple(Material("", fill=(*colour, 255)) for colour in colours.tolist()),
        keys=[
            Key(f"{n:08x}", fills=_shrunk(fills, shrink))
            for n in filled
            if n in black and (fills := drawings[n].fills) is not None
        ],
    )
    with suppress(AniDocError):  # there may be too little to colour by: then lines are matched by themselves
        for event in CelEngine().frames(shot, Options(lines="omit"), _Memory()):
            if isinstance(event, Frame) and event.final and flats[int(event.drawing, 16)] is None:
                flats[int(event.drawing, 16)] = flats_in(event.paint(), colours, size)
    return flats


def _shrunk(strokes: Strokes, shrink: float) -> Strokes:
    return replace(
        strokes,
        points=(strokes.points * shrink).astype(np.float32),
        radius=(strokes.radius * shrink).astype(np.float32),
    )


class _Memory:
    """Evidence for as long as it is asked for; nobody helps."""

    def __init__(self) -> None:
        self._kept: dict[str, Mapping[str, np.ndarray]] = {}

    def load(self, key: str) -> Mapping[str, np.ndarray] | None:
        return self._kept.get(key)

    def save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        self._kept[key] = arrays

    def ahead(self, orders: Sequence[Order], where: Where = "only") -> bool:
        return False

    def leave(self, recipe: str, picture: np.ndarray, sketch: np.ndarray) -> None:
        raise NotImplementedError("nobody paints ahead here")

    def is_left(self, recipe: str) -> bool:
        return False
