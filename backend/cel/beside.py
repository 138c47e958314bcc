"""Work that a process beside the run can do: what it is told, and how it does it.

Reading a drawing and laying one on another need no colours. On the way there through a shot the other process begins
at the shot's end, on the way back at its beginning, until the two meet; and it finishes and paints what has been solved.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from ..contracts.engine import Order, Store
from ..contracts.options import Options
from ..contracts.shot import Shot
from .carry import doubtful
from .evidence import Evidence
from .finishing import Finishing
from .paint import painted, sketched
from .palette import Palette, palette_of


def to_lay(ids: Sequence[str], keys: Sequence[str]) -> list[Order]:
    """For the way there: each drawing on the one before it, from the last drawing on. A key is not laid on another.

    Where the key is yet another, laying the drawing on that is begun, too: which of its regions will ask the key is known
    only when colours have come to it.
    """
    orders: list[Order] = []
    key = ""
    for before, drawing in pairwise(ids):
        key = before if before in keys else key
        if drawing not in keys:
            orders.append(("lay", drawing, before) if key in ("", before) else ("lay", drawing, before, key))
    return orders[::-1]


def to_read(ids: Sequence[str]) -> list[Order]:
    """Each drawing's lines, from the last drawing on."""
    return [("read", drawing) for drawing in reversed(ids)]


def to_lay_again(drawing: str, after: str, solution: str, below: float, teacher: str) -> Order:
    """For the way back: the regions of a drawing less sure than ``below``, on the drawing after it.

    ``solution``: where the drawing's solution from the way there is kept; ``teacher``: that which says what it can learn.
    """
    return ("lay some", drawing, after, solution, str(below), teacher)


def to_paint(drawing: str, solution: str, colours: bytes, recipe: str) -> Order:
    """The frame of a drawing from the solution kept there. ``colours``: the palette's, (P, 4) uint8, background first."""
    return ("paint", drawing, solution, colours.hex(), recipe)


def to_finish(drawing: str, solution: str, colours: bytes, keys: Sequence[tuple[str, str]]) -> Order:
    """The last touches to the solution kept there. ``colours`` as for painting; ``keys``: drawings and their solutions."""
    return ("finish", drawing, solution, colours.hex(), *(name for key in keys for name in key))


class Beside:
    """Carries out orders for one shot, and leaves what comes of them in the store."""

    def __init__(self, shot: Shot, options: Options, store: Store) -> None:
        self._shot, self._options, self._store = shot, options, store
        self._evidence = Evidence(shot, options, store)
        self._finishing: tuple[Sequence[str], Finishing] | None = None

    def obey(self, order: Order) -> None:
        """Do what an order asks. Raises ``DrawingError``."""
        kind, drawing, *more = order
        evidence = self._evidence
        if kind == "read":
            evidence.look(drawing)
        elif kind == "lay" and evidence.look(drawing).count > 1:
            # Where the run has come by already, it needs no beginning any more.
            if evidence.prepare(drawing, more[0]) and more[1:]:
                evidence.begin(drawing, more[1])
        elif kind == "lay some":
            self._lay_some(drawing, *more)
        elif kind == "finish" and evidence.solved(more[0]) is not None:
            self._finish(*more[1:]).finished(drawing, more[0])
        elif kind == "paint" and not self._store.is_left(more[2]):
            self._paint(drawing, *more)

    def _lay_some(self, drawing: str, after: str, solution: str, below: str, teacher: str) -> None:
        evidence = self._evidence
        solved = evidence.solved(solution)
        if solved is not None:
            asked = doubtful(solved, evidence.look(drawing), evidence.at_most(teacher, float(below)))
            if asked is not None:
                evidence.prepare(drawing, after, asked)

    def _finish(self, colours: str, *keys: str) -> Finishing:
        if self._finishing is None or self._finishing[0] != (colours, *keys):
            pairs = list(zip(keys[::2], keys[1::2], strict=True))
            finishing = Finishing(self._evidence, self._shot, _palette(colours), pairs)
            self._finishing = (colours, *keys), finishing
        return self._finishing[1]

    def _paint(self, drawing: str, solution: str, colours: str, recipe: str) -> None:
        solved, lines = self._evidence.solved(solution), self._evidence.lines(drawing)
        if solved is not None:
            picture = painted(
                solved.colour, self._evidence.look(drawing), lines, _palette(colours), self._options.lines
            )
            self._store.leave(recipe, picture, sketched(lines))


@lru_cache(maxsize=1)
def _palette(colours: str) -> Palette:
    red, green, blue, alpha = (bytes.fromhex(colours)[n::4] for n in range(4))
    return palette_of(list(zip(red, green, blue, alpha, strict=True))[1:])  # without the background
