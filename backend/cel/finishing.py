"""The last touches to colours that are chosen: what strokes tell, and two-tone pairs that belong together.

What comes of it is carried to no other drawing, so that a process beside the run can do it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..contracts.shot import Shot
from .evidence import Evidence, digest
from .palette import Palette
from .strokes_known import VERSION as STROKES
from .strokes_known import KnownStrokes
from .tuned import ShotTones

if TYPE_CHECKING:
    from .sheets.shot import ShotSheets


class Finishing:
    """The last touches to the drawings of one shot."""

    def __init__(
        self,
        evidence: Evidence,
        shot: Shot,
        palette: Palette,
        keys: Sequence[tuple[str, str]],
        sheets: "ShotSheets | None" = None,
    ) -> None:
        """``keys``: drawings whose colours are known, and under which key. Without any, the ``sheets`` tell of pairs."""
        self._evidence = evidence
        self._strokes = KnownStrokes(evidence, shot, palette, keys)
        self._tones = ShotTones(evidence, palette, keys, sheets)
        self._keys = [f"{key} {evidence.look_key(drawing)}" for drawing, key in keys]

    def finished(self, drawing: str, key: str) -> str:
        """The key of a drawing's finished solution, of the chosen one under ``key``; that itself where nothing is to do."""
        new = f"finished-{digest(STROKES, self._tones.name, key, *self._keys)}"
        chosen = self._evidence.solved(key)
        if chosen is None or self._evidence.solved(new) is not None:
            return key if chosen is None else new
        done = self._tones.tuned(drawing, self._strokes.known(drawing, chosen))
        if done is chosen:
            return key
        self._evidence.keep(new, done)
        return new
