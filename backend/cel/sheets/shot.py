"""A shot coloured from sheets alone: once along its drawings, once back, each step kept in the store.

In the engine, where a shot has sheets and no keys:

    sheets = ShotSheets(evidence, [r.picture for r in shot.references], palette, sources)
    key = sheets.forward(drawing, (drawing before, its key) or None)                   # first pass, in order
    key = sheets.settle(drawing, its key, (drawing after, its settled key) or None)    # second pass, in reverse
    solved = evidence.solved(key)

and where it has both, after the second pass over a drawing:

    key = sheets.weigh(drawing, its key)
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from ..carry import Solved, overlap
from ..evidence import Evidence, digest
from ..palette import Palette
from .evidence import Sheet, prepare_sheet, sheet_evidence
from .fused import HEARD, weighed
from .over_time import Shares, belief, settled, told
from .tones import sheet_tones

VERSION = "sheets-7"
"""Part of every key: raised with the judges' weights and whatever else changes what a sheet says."""


class ShotSheets:
    """The sheets of a shot and the way colours are told from drawing to drawing. Sheets are read when first needed."""

    def __init__(self, evidence: Evidence, pictures: Sequence[np.ndarray], palette: Palette, sources: str) -> None:
        self._evidence, self._pictures, self._palette = evidence, pictures, palette
        self._sources = digest(VERSION, sources)
        self._before: dict[str, str] = {}

    @cached_property
    def _sheet(self) -> Sheet:
        return prepare_sheet(self._pictures, self._palette)

    def tones(self) -> np.ndarray:
        """(P, P) float32: which colours are two tones of one part; see ``cel/tones.py``."""
        key = f"pairs-{self._sources}"
        kept = self._evidence.recall(key)
        if kept is None:
            kept = {"px": sheet_tones(self._pictures, self._palette)}
            self._evidence.remember(key, kept)
        return kept["px"]

    def _own_key(self, drawing: str) -> str:
        return f"own-{digest(self._evidence.look_key(drawing), self._sources)}"

    def _own(self, drawing: str) -> np.ndarray:
        """(R, P) float32: what the sheets say of one drawing."""
        key = self._own_key(drawing)
        kept = self._evidence.recall(key)
        if kept is None:
            look = self._evidence.look(drawing)
            log = sheet_evidence(self._sheet, look.labels, look.paper, look.count)
            kept = {"log": log.astype(np.float16)}
            self._evidence.remember(key, kept)
        return kept["log"].astype(np.float32)

    def forward(self, drawing: str, before: tuple[str, str] | None) -> str:
        """Weigh a drawing's own evidence with what the one ``before`` (drawing, key) tells; the key of the outcome."""
        evidence = self._evidence
        if before:
            self._before[drawing] = before[0]
        key = f"along-{digest(evidence.look_key(drawing), self._sources, before[1] if before else '')}"
        if evidence.recall(key) is not None:
            self._own(drawing)
            if before:
                evidence.still_wanted(drawing, before[0])
            return key
        own = log = self._own(drawing)
        kept: dict[str, np.ndarray] = {}
        if before:
            given = evidence.recall(before[1])
            assert given is not None, before[1]
            found = evidence.match(drawing, before[0])
            look, other = evidence.look(drawing), evidence.look(before[0])
            lies = overlap(look, other, found)
            pixels = np.zeros((look.count, other.count), np.float32)
            pixels[lies.row, lies.column] = lies.pixels
            kept = {
                "row": lies.row.astype(np.int32),
                "column": lies.column.astype(np.int32),
                "pixels": lies.pixels.astype(np.float32),
                "cost": found.cost.astype(np.float32),
                "area_before": other.area.astype(np.float32),
            }
            share, cost = Shares(pixels, look.area, other.area, found.cost).forward()
            log = own + told(given["log"].astype(np.float32), share, cost)
        area = evidence.look(drawing).area.astype(np.float32)
        evidence.remember(key, {"log": log.astype(np.float16), "area": area, **kept})
        return key

    def weigh(self, drawing: str, carried: str) -> str:
        """Weigh colours carried from keys, solved under the key ``carried``, with what the sheets say; the new key."""
        evidence = self._evidence
        solved = evidence.solved(carried)
        assert solved is not None, carried
        if not (solved.sure < HEARD).any():
            return carried
        key = f"both-{digest(carried, self._sources)}"
        if evidence.solved(key) is None:
            look = evidence.look(drawing)
            chance = belief(self._own(drawing))
            evidence.keep(key, weighed(solved, look.labels, look.paper, chance, self._palette))
        else:
            evidence.recall(self._own_key(drawing))
        return key

    def settle(self, drawing: str, along: str, after: tuple[str, str] | None) -> str:
        """Add what the one ``after`` (drawing, settled key) tells, and choose. The key of the solution."""
        evidence = self._evidence
        key = f"back-{digest(along, after)}"
        if evidence.recall(f"{key}-told") is not None and evidence.solved(key) is not None:
            return key
        state = evidence.recall(along)
        assert state is not None, along
        add = np.zeros((), np.float32)
        if after and self._before.get(after[0]) == drawing:
            given = evidence.recall(f"{after[1]}-told")
            assert given is not None, after
            share, cost = _shares(given).back()
            add = told(given["back"].astype(np.float32), share, cost)
        # What goes on to the drawing before: this drawing's own evidence and what came from behind, not from there.
        kept = {k: v for k, v in state.items() if k != "log"}
        evidence.remember(f"{key}-told", {**kept, "back": (self._own(drawing) + add).astype(np.float16)})
        look = evidence.look(drawing)
        best, sure = settled(state["log"].astype(np.float32) + add, self._palette)
        evidence.keep(key, Solved(best[look.labels].astype(np.uint8), sure))
        return key


def _shares(kept: Mapping[str, np.ndarray]) -> Shares:
    pixels = np.zeros((len(kept["area"]), len(kept["area_before"])), np.float32)
    pixels[kept["row"], kept["column"]] = kept["pixels"]
    return Shares(pixels, kept["area"], kept["area_before"], kept["cost"])
