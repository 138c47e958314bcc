"""The Cel engine: flat, palette-exact colours for every drawing of a shot, from keys and design sheets, on a CPU."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..contracts.drawing import FILL
from ..contracts.engine import Event, Frame, Order, Step, Store, Trouble
from ..contracts.errors import AniDocError, DrawingError
from ..contracts.options import Options
from ..contracts.shot import Key, Shot
from ..lineart.lines import Lines
from ..lineart.strokes import paint_fills
from .beside import Beside, to_finish, to_lay, to_lay_again, to_paint, to_read
from .carry import Overlap, Solved, carry, doubtful, overlap, teachable
from .certainty import as_chance
from .choose import Place, ShotChoice
from .evidence import Evidence, Few, digest
from .finishing import Finishing
from .keys import certain, read_key, small_flats
from .look import Look, shrink
from .paint import paint, painted, sketched
from .palette import Palette, make_palette
from .posterize import as_cel

if TYPE_CHECKING:
    from .sheets.shot import ShotSheets

MATTERS = 0.0005
"""Fraction of the picture a region must cover for its confidence to count for the drawing's."""

DOUBT = 0.9
"""Confidence below which a region asks further sources."""

ACROSS = 0.8
"""Trust in a key that is not the drawing beside: after half a stride the other leg lies where this one was."""

AWAY = 2
"""Frames that another process has to paint: one in work and one waiting, so that a kill costs what is in work only."""


class CelEngine:
    """Flat fills from keys and design sheets."""

    name = "cel"

    def frames(self, shot: Shot, options: Options, store: Store) -> Iterator[Event]:
        """Colour the shot. Raises ``AniDocError`` where there is nothing to take colours from."""
        with _one_thread():
            yield from _Colouring(shot, options, store).run()

    def assistant(self, shot: Shot, options: Options, store: Store) -> Callable[[Order], None]:
        """What finds evidence out for another process's :meth:`frames`, order by order."""
        beside = Beside(shot, options, store)

        def obey(order: Order) -> None:
            with _one_thread():
                beside.obey(order)

        return obey


@contextmanager
def _one_thread() -> Iterator[None]:
    """OpenCV's flow depends on how many threads share it; resumed runs must give the same bytes on any machine."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
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
        self._shot, self._options, self._store = shot, options, store
        self._evidence = Evidence(shot, options, store)
        self._materials = digest(shot.materials)
        self._keys = {k.drawing: n for n, k in enumerate(shot.keys) if k.drawing in shot.ids}
        last_key = max((n for n, drawing in enumerate(shot.ids) if drawing in self._keys), default=0)
        self._before_last_key = frozenset(shot.ids[:last_key])
        self._trouble: dict[str, DrawingError] = {}
        self._pictures, self._indices = Few(1), Few(1)

    def run(self) -> Iterator[Event]:
        """Steps, frames and troubles of the whole shot."""
        shot = self._shot
        # Each drawing is visited twice, on the way there and on the way back; people count drawings.
        total = len(shot.ids)
        yield Step(0, total, "reading the colours")
        ids, keys = shot.ids, tuple(self._keys)
        if keys or shot.references:
            self._store.ahead(to_lay(ids, keys) if keys else to_read(ids))
        self._palette, self._sources = self._read_colours()
        done = 0
        forward: dict[str, Place] = {}
        before: Place | None = None
        for drawing, place in self._pass(ids, {}):
            if place is not None:
                forward[drawing] = place
                if before is not None and before.drawing not in keys and self._sheets is None:
                    teacher = self._teacher(before.drawing, place)
                    self._store.ahead([to_lay_again(before.drawing, drawing, before.key, DOUBT, teacher)], "last")
            before = place
            done += 1
            yield Step(done // 2, total, "following the colours")
        away: list[Frame] = []
        given = [(d, forward[d].key) for d in self._keys if d in forward]
        for drawing, place in self._finished(self._chosen(self._pass(ids[::-1], forward), dict(given)), given):
            frame = None if drawing in self._trouble else self._frame(drawing, place)
            # Asked first, as what was painted meanwhile makes room for more.
            while away and self._store.is_left(away[0].recipe):
                yield away.pop(0)
            if frame is None:
                error = self._trouble[drawing]
                yield Trouble(drawing, error.sentence, error.remedy)
            elif len(away) < AWAY and place is not None and self._give_away(frame, place):
                away.append(frame)
            else:
                yield frame
            done += 1
            yield Step(done // 2, total, "colouring")
        yield from away

    def _finished(
        self, chosen: Iterator[tuple[str, Place | None]], given: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[str, Place | None]]:
        """What was chosen with the last touches, a few drawings later, so that another process may have done them."""
        finishing = Finishing(self._evidence, self._shot, self._palette, given, self._sheets)
        colours = self._palette.colours.tobytes()
        waiting: deque[tuple[str, Place | None]] = deque()

        def finish() -> tuple[str, Place | None]:
            drawing, place = waiting.popleft()
            if place is None or drawing in self._keys:
                return drawing, place
            return drawing, Place(drawing, finishing.finished(drawing, place.key))

        for drawing, place in chosen:
            waiting.append((drawing, place))
            away = False
            if place is not None and drawing not in self._keys and self._sheets is None:
                away = self._store.ahead([to_finish(drawing, place.key, colours, given)], "first")
            while len(waiting) > (AWAY if away else 0):
                yield finish()
        while waiting:
            yield finish()

    def _give_away(self, frame: Frame, place: Place) -> bool:
        """Let another process paint a frame, if there is one."""
        if frame.drawing in self._keys:
            return False
        order = to_paint(frame.drawing, place.key, self._palette.colours.tobytes(), frame.recipe)
        return self._store.ahead([order], "first")

    def _read_colours(self) -> tuple[Palette, str]:
        of_keys = {drawing: self._picture(drawing) for drawing in self._keys}
        pictures = [*of_keys.values()]
        pictures += [as_cel(r.picture) for r in self._shot.references]
        if not pictures:
            raise AniDocError(
                "There is nothing to take colours from.", "Give a coloured key drawing or a reference picture."
            )
        palette = make_palette(pictures, self._named_colours() | self._small_colours(of_keys))
        if len(palette) < 2:
            raise AniDocError(
                "No colour was found in the keys and references.",
                "A colour counts where it covers at least 25 connected pixels; flat fills without texture work best.",
            )
        hashes = [digest(p.shape, np.ascontiguousarray(p).tobytes()) for p in pictures]
        self._key_hash = dict(zip(self._keys, hashes, strict=False))
        sources = digest(*hashes, palette.colours.tobytes(), self._options.shading)
        sheets = self._read_sheets(pictures, palette, sources) if self._shot.references else None
        self._sheets, self._beside_keys = (None, sheets) if self._keys else (sheets, None)
        return palette, sources

    def _read_sheets(self, pictures: list[np.ndarray], palette: Palette, sources: str) -> "ShotSheets":
        from .sheets.shot import ShotSheets  # with SciPy and the matcher's weights, which keys do without

        return ShotSheets(self._evidence, pictures, palette, sources)

    def _named_colours(self) -> set[tuple[int, int, int]]:
        """Fill colours of the materials that Grease Pencil keys are filled with."""
        materials, used = self._shot.materials, set()
        for n in self._keys.values():
            fills = self._shot.keys[n].fills
            if fills is not None:
                used |= {int(m) for m in fills.material[fills.role & FILL > 0]}
        return {materials[m].fill[:3] for m in used if 0 <= m < len(materials) and materials[m].fill[3] > 0}

    def _small_colours(self, of_keys: Mapping[str, np.ndarray]) -> set[tuple[int, int, int]]:
        """Colours of the smallest shapes in the pictures of keys; what is painted from fills has its materials'."""
        found: set[tuple[int, int, int]] = set()
        for drawing, picture in of_keys.items():
            if self._shot.keys[self._keys[drawing]].picture is not None:
                with suppress(DrawingError):  # which is told when it is the drawing's turn
                    found |= small_flats(picture, self._evidence.lines(drawing))
        return found

    def _solve_key(self, drawing: str) -> Place:
        """The key's own colours as a solution."""
        palette = self._palette.colours.tobytes()
        place = Place(drawing, f"key-{digest(self._evidence.look_key(drawing), self._key_hash[drawing], palette)}")
        if self._evidence.solved(place.key) is None:
            lines = self._evidence.lines(drawing)
            index = self._index(drawing, lines)
            self._evidence.keep(place.key, certain(shrink(index, self._evidence.size), len(lines.regions)))
        return place

    def _picture(self, drawing: str) -> np.ndarray:
        if drawing not in self._pictures:
            key = self._shot.keys[self._keys[drawing]]
            picture = key_picture(key, self._shot)
            # What was painted from fills has neither paper nor noise.
            self._pictures.keep(drawing, picture if key.picture is None else as_cel(picture, figure_only=False))
        return self._pictures[drawing]

    def _index(self, drawing: str, lines: Lines) -> np.ndarray:
        """(H, W) uint8 palette index of every pixel of a key."""
        if drawing not in self._indices:
            self._indices.keep(drawing, read_key(self._picture(drawing), lines, self._palette))
        return self._indices[drawing]

    def _pass(self, order: tuple[str, ...], before: dict[str, Place]) -> Iterator[tuple[str, Place | None]]:
        """Carry colours along ``order``, keeping of what was known ``before`` the regions that are surer."""
        last: Place | None = None
        key: Place | None = None
        for drawing in order:
            place = None
            try:
                if drawing in self._trouble:
                    pass
                elif drawing in self._keys:
                    place = key = self._solve_key(drawing)
                elif self._evidence.look(drawing).count > 1:
                    known = before.get(drawing)
                    if self._sheets is not None:
                        place = self._from_sheets(self._sheets, drawing, known, last)
                    else:
                        teacher = (
                            "" if known is None or last is None else self._teacher(drawing, before.get(last.drawing))
                        )
                        place = self._solve(drawing, known, last, key, teacher)
                        if before and place is not None and self._beside_keys is not None:
                            # Keys know better what goes where; where they leave a doubt, the sheets are heard.
                            place = replace(place, key=self._beside_keys.weigh(drawing, place.key))
            except DrawingError as error:
                self._trouble[drawing] = error
            if place is not None:
                last = place
            yield drawing, place

    def _chosen(
        self, solved: Iterator[tuple[str, Place | None]], keys: Mapping[str, str]
    ) -> Iterator[tuple[str, Place | None]]:
        """What was solved from the shot's end on, each drawing once the one before it has all its offers, too."""
        if self._sheets is not None:
            yield from solved
            return
        choice = ShotChoice(self._evidence, self._palette, keys)
        after: Place | None = None
        waiting: list[tuple[str, Place | None]] = []

        def last_word(before: Place | None) -> Iterator[tuple[str, Place | None]]:
            """A drawing that colours came to, and those without any that stand between it and the one before."""
            nonlocal after
            for drawing, place in waiting:
                if place is not None and drawing not in keys:
                    place = choice.chosen(place, [p for p in (before, after) if p is not None])
                after = place or after
                yield drawing, place
            waiting.clear()

        for drawing, place in solved:
            if place is not None:
                yield from last_word(place)
            waiting.append((drawing, place))
        yield from last_word(None)

    def _to_solve(
        self, drawing: str, known: Place | None, last: Place | None, key: Place | None
    ) -> tuple[Place, list[Place]]:
        """Where the solution of a drawing will be found, and what it is carried from."""
        sources = [s for s in dict.fromkeys((last, key)) if s is not None]
        names = [s.key for s in (known, *sources) if s is not None]
        new = f"cel-{digest(self._evidence.look_key(drawing), self._sources, *names)}"
        return Place(drawing, new, new), sources

    def _teacher(self, drawing: str, after: Place | None) -> str:
        """The key of the solution that says what a drawing can learn from the one after it; empty: anything.

        Behind the last key colours come from before, and the drawing after knows most of them from this one.
        """
        return "" if after is None or drawing in self._before_last_key else after.key

    def _solve(
        self, drawing: str, known: Place | None, last: Place | None, key: Place | None, teacher: str
    ) -> Place | None:
        """A drawing from the one beside it, then from the key itself, region by region whichever fits better.

        Sources that cost a match are asked only while some region is in doubt, and could learn from it.
        """
        evidence = self._evidence
        place, sources = self._to_solve(drawing, known, last, key)
        if not sources:
            return known
        if evidence.solved(place.key) is not None:
            for source in sources:
                evidence.still_wanted(drawing, source.drawing)
            return place
        look = evidence.look(drawing)
        solved = None if known is None else evidence.solved(known.key)
        beside: tuple[Overlap, Look] | None = None
        for source in sources:
            given = evidence.solved(source.key)
            assert given is not None, source.key
            if solved is None:
                found = evidence.match(drawing, source.drawing)
            else:
                asked = doubtful(solved, look, evidence.at_most(teacher, DOUBT) if source is last else ACROSS)
                if asked is None:
                    break
                found = evidence.match(drawing, source.drawing, asked)
            other = evidence.look(source.drawing)
            trust = 1.0 if source is last else ACROSS
            shading = self._options.shading
            lies = overlap(look, other, found)
            solved = carry(look, other, found, given, self._palette, shading, solved, trust, source.drawing, lies)
            if known is None and source is last:
                beside = lies, other
        assert solved is not None
        if beside is not None:
            lies, other = beside
            solved = replace(solved, teaches=teachable(lies, look, other, solved.sure))
        evidence.keep(place.key, solved)
        return place

    def _from_sheets(self, sheets: "ShotSheets", drawing: str, known: Place | None, last: Place | None) -> Place:
        """A drawing of a shot without keys: what the sheets and the drawing beside it say; settled on the way back."""
        beside = None if last is None else (last.drawing, last.key)
        if known is None:
            return Place(drawing, sheets.forward(drawing, beside))
        return Place(drawing, sheets.settle(drawing, known.key, beside))

    def _frame(self, drawing: str, place: Place | None) -> Frame:
        solved = None if place is None else self._evidence.solved(place.key)
        if solved is None:
            count = self._evidence.look(drawing).count
            solved = Solved(np.zeros(self._evidence.size, np.uint8), np.zeros(count, np.float32))
        # The recipe names the colours, not how they were found: a drawing whose colours stay keeps its picture.
        found = self._key_hash[drawing] if drawing in self._keys else solved.colour.tobytes()
        look = self._evidence.look_key(drawing)
        recipe = digest(look, self._palette.colours.tobytes(), found, self._options.lines, self._materials)

        @cache
        def lines() -> Lines:
            return self._evidence.lines(drawing)

        def picture() -> np.ndarray:
            if drawing in self._keys:
                return paint(self._index(drawing, lines()), lines(), self._palette, self._options.lines)
            return painted(solved.colour, self._evidence.look(drawing), lines(), self._palette, self._options.lines)

        def certain_where() -> np.ndarray:
            sure = as_chance(solved.sure, carried=bool(self._keys))
            return self._evidence.look(drawing).each((sure * 255).astype(np.uint8))

        sure = self._confidence(drawing, solved)
        return Frame(drawing, recipe, picture, True, sure, lambda: sketched(lines()), certain_where)

    def _confidence(self, drawing: str, solved: Solved) -> float:
        area = self._evidence.look(drawing).area
        matters = area >= MATTERS * area.sum()
        sure = as_chance(solved.sure[matters], carried=bool(self._keys))
        return float(sure.min()) if matters.any() else 1.0
