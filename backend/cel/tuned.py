"""The two-tone pairs of a shot, learned from its keys or its sheets, and its solutions brought in tune with them."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .carry import Solved, region_colours
from .evidence import Evidence, digest
from .palette import Palette
from .tones import in_tune, observed, together

if TYPE_CHECKING:
    from .sheets.shot import ShotSheets

VERSION = "tones-1"
"""Part of the key of what comes of it: raised whenever the same input gives another result."""


class ShotTones:
    """What is in tune in one shot. Costs nothing where no line is a separation line."""

    def __init__(
        self,
        evidence: Evidence,
        palette: Palette,
        keys: Sequence[tuple[str, str]],
        sheets: "ShotSheets | None" = None,
    ) -> None:
        """``keys``: drawings whose colours are known, and under which key. Without any, the ``sheets`` tell."""
        self._evidence, self._palette, self._keys, self._sheets = evidence, palette, keys, sheets

    @cached_property
    def _table(self) -> np.ndarray:
        tables = [self._observed(drawing, key) for drawing, key in self._keys]
        if self._sheets is not None:
            tables.append(self._sheets.tones())
        return together(tables) if tables else np.zeros((len(self._palette),) * 2, np.float32)

    def _observed(self, drawing: str, key: str) -> np.ndarray:
        found = self._evidence.seams(drawing)
        solved = self._evidence.solved(key)
        if solved is None or len(found.length) == 0:
            return np.zeros((len(self._palette),) * 2, np.float32)
        look = self._evidence.look(drawing)
        return observed(region_colours(solved, look, len(self._palette)), look.area, found, len(self._palette))

    @cached_property
    def name(self) -> str:
        """What the pairs are called in the key of what comes of them."""
        return digest(VERSION, self._table.tobytes())

    def tuned(self, drawing: str, solved: Solved) -> Solved:
        """The ``solved`` colours of a drawing in tune; the same object where no seam asks for it."""
        evidence, palette = self._evidence, self._palette
        found = evidence.seams(drawing) if self._table.any() else None
        if found is None or len(found.length) == 0:
            return solved
        look = evidence.look(drawing)
        before = region_colours(solved, look, len(palette))
        after, sure = in_tune(before, solved.sure, look.area, found, self._table, palette)
        colour = solved.colour.copy()
        look.fill(colour, before != after, after)
        return Solved(colour, sure)
