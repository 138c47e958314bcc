"""Work that a process beside the run can do: what it is told, and how it does it.

Reading a drawing and laying one on another need no colours. On the way there through a shot the other process begins
at the shot's end, on the way back at its beginning, until the two meet; and it paints some of what has been solved.
"""

from collections.abc import Sequence
from itertools import pairwise

from ..contracts.engine import Order, Store
from ..contracts.options import Options
from .carry import doubtful
from .evidence import Evidence
from .paint import painted, sketched
from .palette import palette_of


def to_lay(ids: Sequence[str], keys: Sequence[str]) -> list[Order]:
    """For the way there: each drawing on the one before it, from the last drawing on. A key is not laid on another."""
    return [("lay", drawing, before) for drawing, before in pairwise(reversed(ids)) if drawing not in keys]


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


def carry_out(order: Order, evidence: Evidence, options: Options, store: Store) -> None:
    """Do what an order asks and leave the result in the store. Raises ``DrawingError``."""
    kind, drawing, *more = order
    if kind == "read":
        evidence.look(drawing)
    elif kind == "lay" and evidence.look(drawing).count > 1:
        evidence.prepare(drawing, more[0])
    elif kind == "lay some":
        solved = evidence.solved(more[1])
        asked = (
            None
            if solved is None
            else doubtful(solved, evidence.look(drawing), evidence.at_most(more[3], float(more[2])))
        )
        if asked is not None:
            evidence.prepare(drawing, more[0], asked)
    elif kind == "paint" and not store.is_left(more[2]):
        solved, lines = evidence.solved(more[0]), evidence.lines(drawing)
        if solved is not None:
            red, green, blue, alpha = (bytes.fromhex(more[1])[n::4] for n in range(4))
            palette = palette_of(list(zip(red, green, blue, alpha, strict=True))[1:])  # without the background
            store.leave(more[2], painted(solved.colour, lines, palette, options.lines), sketched(lines))
