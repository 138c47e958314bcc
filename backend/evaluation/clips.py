"""Clips with known colours: a folder of them, and what of each clip an engine is given for each task.

A clip is a folder with ``color/`` (the truth), ``line/`` (and perhaps ``line_loose/``), ``regions/`` and ``ref.png``; pictures of
one drawing bear one name in all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from ..contracts.errors import AniDocError
from ..lineart.white import over_white
from ..pictures.read import read_picture

Task = Literal["key", "ends", "sheet"]
TASKS: tuple[Task, ...] = ("key", "ends", "sheet")
"""key: the first drawing's colours are given · ends: the first's and the last's · sheet: a picture in another pose."""

LineArt = Literal["line", "line_loose"]


@dataclass(frozen=True)
class Clip:
    """One clip. ``names`` are the file names of its drawings in order; ``references`` its design sheets."""

    folder: Path
    names: tuple[str, ...]
    references: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    def has(self, lines: LineArt) -> bool:
        """Whether it has this kind of line art for every drawing."""
        return all((self.folder / lines / name).is_file() for name in self.names)

    def given(self, task: Task) -> tuple[int, ...]:
        """Numbers of the drawings whose colours are given."""
        ends = (0, len(self.names) - 1)
        return {"key": ends[:1], "ends": tuple(dict.fromkeys(ends)), "sheet": ()}[task]

    def truth(self, number: int) -> np.ndarray:
        """(H, W, 3) uint8 sRGB over white."""
        return over_white(read(self.folder / "color" / self.names[number]))

    def regions(self, number: int) -> np.ndarray:
        """(H, W) int64: the truth's flat areas from 1 on, 0 where nothing is scored. Raises ``AniDocError``."""
        path = self.folder / "regions" / self.names[number]
        data = np.frombuffer(_bytes(path), np.uint8)
        labels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
        if labels is None or labels.ndim != 2:
            raise AniDocError(f"{path} is no picture of region numbers.", "It has one channel of 8 or 16 bits.")
        return labels.astype(np.int64)

    def inked(self, number: int) -> np.ndarray:
        """(H, W) bool: where the clean line art has a line."""
        return grey(self.folder / "line" / self.names[number]) < 128


def find_clips(bench: Path, wanted: Sequence[str] = ()) -> list[Clip]:
    """The clips of a folder, or those ``wanted``, by name. Raises ``AniDocError``."""
    if not bench.is_dir():
        raise AniDocError(f"There is no folder {bench}.", "Give a folder whose folders are clips.")
    found = {path.name: path for path in sorted(bench.iterdir()) if (path / "color").is_dir()}
    if (bench / "color").is_dir():
        found = {bench.name: bench}
    if missing := [name for name in wanted if name not in found]:
        raise AniDocError(f"There is no clip {missing[0]} in {bench}.", f"There are: {', '.join(found) or 'none'}.")
    if not found:
        raise AniDocError(
            f"There are no clips in {bench}.", "A clip is a folder with color, line, regions and ref.png in it."
        )
    return [_clip(found[name]) for name in (wanted or found)]


def _clip(folder: Path) -> Clip:
    names = tuple(sorted(path.name for path in (folder / "color").glob("*.png")))
    if not names:
        raise AniDocError(f"The clip {folder.name} has no pictures.", "Its folder color holds PNG files.")
    for kind in ("line", "regions"):
        if lost := next((n for n in names if not (folder / kind / n).is_file()), None):
            raise AniDocError(f"The clip {folder.name} lacks {kind}/{lost}.", "Every drawing has all its pictures.")
    return Clip(folder, names, tuple(sorted(folder.glob("ref*.png"))))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise AniDocError(f"{path} cannot be read ({problem.strerror}).", "Check that it is there.") from problem


def read(path: Path) -> np.ndarray:
    """(H, W, 4) uint8 sRGB, straight alpha. Raises ``AniDocError``."""
    return read_picture(_bytes(path), path.name)


def grey(path: Path) -> np.ndarray:
    """(H, W) uint8: a picture's greys, as the eye weighs colours (Rec. 601)."""
    return cv2.cvtColor(over_white(read(path)), cv2.COLOR_RGB2GRAY)
