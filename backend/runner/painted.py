"""Pictures that the process beside a run has painted, lying in ``work/painted`` until the run takes them over."""

import hashlib
from pathlib import Path

import numpy as np

from ..contracts.files import cannot_write, put_in_place, write_bytes
from ..contracts.jobfolder import WORK
from ..pictures.write import write_png

PAINTED = f"{WORK}/painted"


def leave(folder: Path, recipe: str, picture: np.ndarray, sketch: np.ndarray) -> None:
    """Put down a frame (H, W, 4) uint8 and its line art (H, W) uint8. Raises ``AniDocError`` where the disk is full."""
    write_png(_sketch(folder, recipe), sketch)
    write_png(_frame(folder, recipe), picture)  # last: where it is, both are


def is_left(folder: Path, recipe: str) -> bool:
    """Whether the frame with this recipe has been painted."""
    return _frame(folder, recipe).is_file()


def take(folder: Path, recipe: str, frame: Path, sketch: Path, *, leave_it: bool = False) -> str | None:
    """Put what was left in its place, or a copy with ``leave_it``; returns the frame's sha256, None where nothing was left.

    Raises ``AniDocError`` where it cannot be put there.
    """
    if not is_left(folder, recipe):
        return None
    data = _frame(folder, recipe).read_bytes()
    if leave_it:
        write_bytes(sketch, _sketch(folder, recipe).read_bytes(), durable=False)
        write_bytes(frame, data, durable=False)
    else:
        _move(_sketch(folder, recipe), sketch)
        _move(_frame(folder, recipe), frame)
    return hashlib.sha256(data).hexdigest()


def _move(left: Path, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(left, path)
    except OSError as problem:
        raise cannot_write(path, problem) from problem


def forget(folder: Path) -> None:
    """Remove everything that was left: at the end of a run, and at its beginning, as nobody knows who left it."""
    for path in (folder / PAINTED).glob("*.png"):
        path.unlink(missing_ok=True)


def _frame(folder: Path, recipe: str) -> Path:
    return folder / PAINTED / f"{recipe}.png"


def _sketch(folder: Path, recipe: str) -> Path:
    return folder / PAINTED / f"{recipe}.line.png"
