"""What an engine is: it takes a Shot and yields frames. It knows nothing of jobs, files or processes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from .options import Options
from .shot import Shot


@dataclass(frozen=True)
class Step:
    """So much of the work is done. ``done`` of ``total`` in units of equal cost; ``doing`` is a word for people."""

    done: int
    total: int
    doing: str = ""


@dataclass(frozen=True)
class Frame:
    """One coloured drawing, not yet painted.

    drawing     id of the drawing
    recipe      hash of everything that decides the picture: same recipe, same bytes, so what is on disk can stay
    paint       makes the picture, (H, W, 4) uint8 sRGB straight alpha; called at most once, and only where needed
    final       False: shown early, will come again
    confidence  0..1, the least certain region that matters; None where the engine cannot say
    sketch      makes the line art as the engine saw it, (H, W) uint8, 0 line, 255 paper; called at most once, left in the
                job folder for people to look at; None where there is nothing to show
    certainty   makes a small picture of how sure the engine is, (h, w) uint8 in the shot's proportions, 0 guessed, 255 sure,
                of one value in each region; kept for contact sheets; None where the engine cannot say
    """

    drawing: str
    recipe: str
    paint: Callable[[], np.ndarray]
    final: bool = True
    confidence: float | None = None
    sketch: Callable[[], np.ndarray] | None = None
    certainty: Callable[[], np.ndarray] | None = None


@dataclass(frozen=True)
class Trouble:
    """A drawing that could not be coloured, in a sentence; the engine goes on with the others."""

    drawing: str
    sentence: str
    remedy: str = ""


Event = Step | Frame | Trouble

Where = Literal["only", "first", "last"]

Order = tuple[str, ...]
"""A piece of evidence that can be found out by itself, in the engine's own words."""


class Store(Protocol):
    """Where an engine keeps evidence between runs. Keys are short file-name-safe texts that name all they depend on.

    What was saved under a key never changes: an engine that computes differently uses another key.
    """

    def load(self, key: str) -> Mapping[str, np.ndarray] | None:
        """The arrays saved under ``key``, or None where there are none (or where they cannot be trusted)."""
        ...

    def save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep plain numeric arrays under ``key``. Atomic: after a kill they are there whole or not at all."""
        ...

    def ahead(self, orders: Sequence[Order], where: Where = "only") -> bool:
        """Let a process beside this one find out what will be asked for, in this order. False: there is none.

        ``where`` these orders go among those given before and not begun: ``first``, ``last``, or in place of them.
        Nothing is answered: what was found out is in the store, and what is not there whoever needs it finds out.
        """
        ...

    def leave(self, recipe: str, picture: np.ndarray, sketch: np.ndarray) -> None:
        """Paint ahead: the picture and the sketch of the :class:`Frame` with this recipe."""
        ...

    def is_left(self, recipe: str) -> bool:
        """Whether the frame with this recipe has been painted ahead."""
        ...


class Engine(Protocol):
    """An engine by name. Yields often (at least once a second of work), so that a run can be cancelled between."""

    name: str

    def frames(self, shot: Shot, options: Options, store: Store) -> Iterator[Event]:
        """Colour the shot. Each drawing ends in exactly one final Frame or one Trouble."""
        ...


class Assisted(Engine, Protocol):
    """An engine that can give part of its work to a process beside it."""

    def assistant(self, shot: Shot, options: Options, store: Store) -> Callable[[Order], None]:
        """What carries out the orders that :meth:`frames` gives through the store, leaving its results there."""
        ...
