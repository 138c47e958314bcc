"""The Cel engine: flat, palette-exact colours for every drawing of a shot, from keys and design sheets, on a CPU."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..contracts.engine import Event, Frame, Step, Store, Trouble
from ..contracts.errors import AniDocError, DrawingError
from ..contracts.options import Options
from ..contracts.shot import Key, Shot
from ..lineart.strokes import paint_fills
from .carry import Solved, carry, stronger
from .evidence import Evidence, digest
from .keys import certain, read_key
from .look import shrink, working_size
from .paint import enlarge, paint
from .palette import Palette, make_palette

MATTERS = 0.0005
"""Fraction of the picture a region must cover for its confidence to count for the drawing's."""


@dataclass(frozen=True)
class _Place:
    """Where a solution can be found: the evidence key, and the drawing it is of."""

    drawing: str
    key: str


class CelEngine:
    """Flat fills from keys and design sheets."""

    name = "cel"

    def frames(self, shot: Shot, options: Options, store: Store) -> Iterator[Event]:
        """Colour the shot. Raises ``AniDocError`` where there is nothing to take colours from."""
        threads = cv2.getNumThreads()
        # OpenCV's flow depends on how many threads share it; resumed runs must give the same bytes on any machine.
        cv2.setNumThreads(1)
        try:
            yield from _Colouring(shot, options, store).run()
        finally:
            cv2.setNumThreads(threads)


def key_picture(key: Key, shot: Shot) -> np.ndarray:
    """(H, W, 4) uint8: the picture of a key, painted from its fills where it has strokes. Raises ``AniDocError``."""
    if key.picture is None:
        if key.fills is None:
            raise AniDocError(f"The key {key.name} holds neither a picture nor fills.", "Choose another key.")
        return paint_fills(key.fills, shot.materials, shot.height, shot.width)
    if key.picture.shape != (shot.height, shot.width, 4):
        h, w = key.picture.shape[:2]
        raise AniDocError(
            f"The key {key.name} is {w} x {h} px; the shot is {shot.width} x {shot.height}.",
            "Export the key at the size of the drawings.",
        )
    return key.picture


class _Colouring:
    """One run over one shot."""

    def __init__(self, shot: Shot, options: Options, store: Store) -> None:
        self._shot, self._options = shot, options
        self._evidence = Evidence(shot, options, store)
        self._size = working_size(shot.height, shot.width)
        self._keys = {k.drawing: n for n, k in enumerate(shot.keys) if k.drawing in shot.ids}
        self._trouble: dict[str, DrawingError] = {}
        self._done = 0

    def run(self) -> Iterator[Event]:
        """Steps, frames and troubles of the whole shot."""
        shot = self._shot
        yield Step(0, len(shot.ids), "reading the colours")
        self._palette, self._sources = self._read_colours()
        self._steps = 2 * len(shot.ids)
        backward: dict[str, _Place] = {}
        if any(d in self._keys for d in shot.ids[1:]):
            for drawing, place in self._chain(tuple(reversed(shot.ids))):
                if place is not None:
                    backward[drawing] = place
                self._done += 1
                yield Step(self._done, self._steps, "following the keys back")
        else:
            self._steps = len(shot.ids)
        for drawing, place in self._chain(shot.ids):
            self._done += 1
            if drawing in self._trouble:
                error = self._trouble[drawing]
                yield Trouble(drawing, error.sentence, error.remedy)
            else:
                yield self._frame(drawing, [p for p in (place, backward.get(drawing)) if p is not None])
            yield Step(self._done, self._steps, "colouring")

    def _read_colours(self) -> tuple[Palette, str]:
        pictures = [key_picture(self._shot.keys[n], self._shot) for n in self._keys.values()]
        pictures += [r.picture for r in self._shot.references]
        if not pictures:
            raise AniDocError(
                "There is nothing to take colours from.", "Give a coloured key drawing or a reference picture."
            )
        palette = make_palette(pictures)
        if len(palette) < 2:
            raise AniDocError(
                "No colour was found in the keys and references.",
                "A colour counts where it covers at least 25 connected pixels; flat fills without texture work best.",
            )
        hashes = [digest(p.shape, np.ascontiguousarray(p).tobytes()) for p in pictures]
        self._key_hash = dict(zip(self._keys, hashes, strict=False))
        return palette, digest(palette.colours.tobytes(), self._options.shading)

    def _solve_key(self, drawing: str) -> _Place:
        """The key's own colours as a solution."""
        place = _Place(drawing, f"key-{digest(self._evidence.look_key(drawing), self._key_hash[drawing])}")
        if self._evidence.solved(place.key) is None:
            lines = self._evidence.lines(drawing)
            index = read_key(self._picture(drawing), lines, self._palette)
            self._evidence.keep(place.key, certain(shrink(index, self._size), len(lines.regions)))
        return place

    def _picture(self, drawing: str) -> np.ndarray:
        return key_picture(self._shot.keys[self._keys[drawing]], self._shot)

    def _chain(self, order: tuple[str, ...]) -> Iterator[tuple[str, _Place | None]]:
        """Carry colours along ``order``, from each key to the next; None where no key came before."""
        last: _Place | None = None
        key: _Place | None = None
        for drawing in order:
            place = None
            try:
                if drawing in self._keys:
                    place = key = self._solve_key(drawing)
                elif self._evidence.look(drawing).count > 1 and last is not None and key is not None:
                    place = self._solve_from(drawing, last, key)
            except DrawingError as error:
                self._trouble[drawing] = error
            yield drawing, place
            if place is not None and self._evidence.look(drawing).count > 1:
                last = place

    def _solve_from(self, drawing: str, last: _Place, key: _Place) -> _Place:
        """A drawing from the one before it, and where that does not fit well, from the key itself."""
        evidence = self._evidence
        sources = [last] if key.drawing == last.drawing else [last, key]
        place = _Place(drawing, f"cel-{digest(evidence.look_key(drawing), self._sources, *(s.key for s in sources))}")
        if evidence.solved(place.key) is not None:
            for source in sources:
                evidence.still_wanted(drawing, source.drawing)
            return place
        solved = None
        for source in sources:
            given = evidence.solved(source.key)
            assert given is not None, source.key
            found = evidence.match(drawing, source.drawing)
            look, other = evidence.look(drawing), evidence.look(source.drawing)
            carried = carry(look, other, found, given, self._palette, self._options.shading)
            solved = carried if solved is None else stronger(solved, carried, look.labels)
        assert solved is not None
        evidence.keep(place.key, solved)
        return place

    def _final(self, drawing: str, places: list[_Place]) -> Solved:
        solutions = [s for s in (self._evidence.solved(p.key) for p in places) if s is not None]
        if not solutions:
            look = self._evidence.look(drawing)
            return Solved(np.zeros(self._size, np.uint8), np.zeros(look.count, np.float32))
        if len(solutions) == 1:
            return solutions[0]
        return stronger(solutions[0], solutions[1], self._evidence.look(drawing).labels)

    def _frame(self, drawing: str, places: list[_Place]) -> Frame:
        solved = self._final(drawing, places)
        recipe = digest(drawing, self._options.lines, self._shot.materials, *(p.key for p in places))

        def painted() -> np.ndarray:
            lines = self._evidence.lines(drawing)
            if drawing in self._keys:
                index = read_key(self._picture(drawing), lines, self._palette)
            else:
                index = enlarge(solved.colour, lines, len(self._palette))
            return paint(index, lines, self._palette, self._options.lines)

        return Frame(drawing, recipe, painted, True, self._confidence(drawing, solved))

    def _confidence(self, drawing: str, solved: Solved) -> float:
        area = np.bincount(self._evidence.look(drawing).labels.ravel(), minlength=len(solved.sure))
        matters = area >= MATTERS * area.sum()
        return float(solved.sure[matters].min()) if matters.any() else 1.0
