"""Evidence of a shot, computed when it is asked for and kept in the store: looks, matches and solved colours.

A key names everything its value depends on, by hash; so a drawing that is drawn anew leaves the others' evidence valid.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..contracts.engine import Store
from ..contracts.options import Options
from ..contracts.shot import Shot
from ..lineart.kept import pack_lines, unpack_lines
from ..lineart.lengths import pack_picture, unpack_picture
from ..lineart.lines import Lines, read_lines
from .carry import Solved
from .look import BESIDE_SHEETS, WORKING, Look, look_at, pack, unpack, working_size
from .match import Begun, Laid, Match, begin, laid
from .match import pack as pack_laid
from .match import unpack as unpack_laid
from .offers import pack as pack_offers
from .offers import unpack as unpack_offers
from .tones import Seams, seams
from .view import View

VERSION = "cel-22"
"""Part of every key: raised whenever the same input gives another result."""


def digest(*parts: object) -> str:
    """40 hex digits over the texts, numbers and bytes given; their order and borders count."""
    h = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        h.update(len(data).to_bytes(8, "little"))
        h.update(data)
    return h.hexdigest()[:40]


class Few(OrderedDict):
    """The values used last, so that what was just made, and a key that every drawing asks, is not read back."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __getitem__(self, key: object) -> Any:
        self.move_to_end(key)
        return super().__getitem__(key)

    def keep(self, key: object, value: object) -> None:
        self[key] = value
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)


class Evidence:
    """Looks, matches and solutions of one shot. Holds a few drawings in memory, never all."""

    def __init__(self, shot: Shot, options: Options, store: Store) -> None:
        self._shot, self._options, self._store = shot, options, store
        separations = "".join("1" if m.separation else "0" for m in shot.materials)
        self._most = BESIDE_SHEETS if shot.references else WORKING
        self.size = working_size(shot.height, shot.width, self._most)
        """(h, w) of looks, of drawings of the shot's size."""
        self._base = digest(VERSION, shot.width, shot.height, self.size, options.gap, separations)
        self._looks, self._views = Few(5), Few(5)
        self._solved: Few = Few(4)
        self._keeps: bool | None = None
        """Whether the store gives back what it was given; a store that keeps nothing is stood in for by memory."""
        self._unkept: dict[str, Mapping[str, np.ndarray]] = {}

    def look_key(self, drawing: str) -> str:
        """The name of a drawing's look."""
        return f"look-{digest(self._base, drawing)}"

    def lines(self, drawing: str) -> Lines:
        """A drawing's lines at full size. Raises ``DrawingError``."""
        key = f"lines-{digest(self._base, drawing)}"
        kept = self._load(key)
        if kept is not None:
            return unpack_lines(kept)
        shot = self._shot
        given = shot.drawings[shot.ids.index(drawing)]
        lines = read_lines(given, shot.materials, shot.height, shot.width, self._options.gap)
        self._save(key, pack_lines(lines))
        return lines

    def look(self, drawing: str) -> Look:
        """A drawing at the working size. Raises ``DrawingError``."""
        if drawing not in self._looks:
            key = self.look_key(drawing)
            kept = self._load(key)
            if kept is None:
                lines = self.lines(drawing)
                look = look_at(lines, self._most)
                self._save(key, pack(look))
                self.keep_seams(drawing, seams(lines, look))
            else:
                look = unpack(kept)
            self._looks.keep(drawing, look)
        return self._looks[drawing]

    def seams(self, drawing: str) -> Seams:
        """Where a drawing's regions touch along separation lines."""
        kept = self._load(f"seams-{digest(self.look_key(drawing))}")
        if kept is not None:
            return Seams(kept["pairs"], kept["length"])
        found = seams(self.lines(drawing), self.look(drawing))
        self.keep_seams(drawing, found)
        return found

    def keep_seams(self, drawing: str, found: Seams) -> None:
        """Keep the seams of a drawing."""
        self._save(f"seams-{digest(self.look_key(drawing))}", {"pairs": found.pairs, "length": found.length})

    def view(self, drawing: str) -> View:
        """What registration needs of a drawing."""
        if drawing not in self._views:
            self._views.keep(drawing, self.look(drawing).view())
        return self._views[drawing]

    def match(self, target: str, source: str, asked: np.ndarray | None = None) -> Match:
        """Where ``target`` lies in ``source``, both drawings of the shot; or only the regions ``asked`` (R,) bool."""
        key, labels = self._fit_key(target, source, asked), self.look(target).labels
        kept = self._load(key)
        return (self._lay(key, target, source, asked) if kept is None else unpack_laid(kept, labels.shape)).at(labels)

    def prepare(self, target: str, source: str, asked: np.ndarray | None = None) -> bool:
        """Have what :meth:`match` needs in the store; whether it was not there yet."""
        key = self._fit_key(target, source, asked)
        new = self._load(key) is None
        if new:
            self._lay(key, target, source, asked)
        return new

    def begin(self, target: str, source: str) -> None:
        """Have in the store what laying any regions of one drawing on another begins with."""
        key = self._begun_key(target, source)
        if self._load(key) is None:
            self._save(key, begin(self.view(target), self.view(source)).packed())

    def _lay(self, key: str, target: str, source: str, asked: np.ndarray | None) -> Laid:
        here, kept = self.view(target), self._load(self._begun_key(target, source))
        begun = None if kept is None else Begun.unpacked(kept, here.labels.shape)
        found = laid(here, self.view(source), asked, begun)
        self._save(key, pack_laid(found))
        return found

    def still_wanted(self, target: str, source: str) -> None:
        """Tell the store that a match is in use, though its result is known: stores forget what is not asked for."""
        self._load(self._fit_key(target, source))

    def _fit_key(self, target: str, source: str, asked: np.ndarray | None = None) -> str:
        names = self.look_key(target), self.look_key(source)
        return f"fit-{digest(*names)}" if asked is None else f"some-{digest(*names, asked.tobytes())}"

    def _begun_key(self, target: str, source: str) -> str:
        return f"begun-{digest(self.look_key(target), self.look_key(source))}"

    def recall(self, key: str) -> Mapping[str, np.ndarray] | None:
        """What was remembered under ``key``, if it was."""
        return self._load(key)

    def remember(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep arrays that are neither looks, matches nor solutions."""
        self._save(key, arrays)

    def at_most(self, teacher: str, below: float) -> float | np.ndarray:
        """``below``, or for each region (R,) less, where the solution kept under ``teacher`` cannot make it surer."""
        solved = self.solved(teacher) if teacher else None
        return below if solved is None or solved.teaches is None else np.minimum(solved.teaches, below)

    def solved(self, key: str) -> Solved | None:
        """What was solved under ``key``, if it was."""
        if key in self._solved:
            return self._solved[key]
        kept = self._load(key)
        if kept is None:
            return None
        colour = unpack_picture(kept["size"], kept["runs"], kept["values"])
        return Solved(colour, kept["sure"], kept.get("teaches"), unpack_offers(kept))

    def keep(self, key: str, solved: Solved) -> None:
        """Keep a solution."""
        self._solved.keep(key, solved)
        arrays = pack_picture(solved.colour) | {"sure": solved.sure.astype("<f4")}
        if solved.teaches is not None:
            arrays["teaches"] = solved.teaches
        self._save(key, arrays | pack_offers(solved.offers))

    def _load(self, key: str) -> Mapping[str, np.ndarray] | None:
        return self._unkept.get(key) or self._store.load(key)

    def _save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        self._store.save(key, arrays)
        if self._keeps is None:
            self._keeps = self._store.load(key) is not None
        if not self._keeps:
            self._unkept[key] = arrays
