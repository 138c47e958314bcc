"""Files that a kill cannot tear: written under a temporary name, then renamed; and paths that stay in their folder."""

import errno
import logging
import os
import time
from collections.abc import Callable
from io import BufferedWriter
from pathlib import Path

from .errors import AniDocError, JobError

_LOG = logging.getLogger(__name__)

_SHORT = 40
"""Characters of a file's name that its temporary name repeats, so that a name of full length has room for the rest."""

_OLD = 60.0
"""Seconds after which a temporary file is nobody's."""

_TRIES, _PAUSE = 20, 0.05
"""On Windows another program (a viewer, a virus scanner, Blender itself) may hold a file for a moment: 1 s in all."""


def write_bytes(
    path: Path, data: bytes, *, durable: bool = True, replace: Callable[[Path, Path], None] = os.replace
) -> None:
    """Put ``data`` at ``path``, whole or not at all. Raises ``AniDocError`` when the disk is full or the place cannot be written.

    ``durable`` also waits until it has reached the disk, so that not even a power cut takes it back.
    """
    part = path.with_name(f"{path.name[:_SHORT]}.{os.getpid()}.part")
    try:
        with _created(part) as f:
            f.write(data)
            f.flush()
            if durable:
                os.fsync(f.fileno())
        put_in_place(part, path, replace=replace)
    except OSError as problem:
        _forget(part)
        raise cannot_write(path, problem) from problem


def _created(part: Path) -> BufferedWriter:
    """A new file, open; never through a link that lies there already. Its folder is nearly always there, and it is not."""
    try:
        return part.open("xb")
    except FileNotFoundError:
        part.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        part.unlink(missing_ok=True)
    return part.open("xb")


def _forget(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError as problem:
        _LOG.info("%s stays behind: %s", part, problem)


def put_in_place(part: Path, path: Path, *, replace: Callable[[Path, Path], None] = os.replace) -> None:
    """Rename ``part`` to ``path``, trying again for a second where another program holds the old file."""
    for attempt in range(_TRIES):
        try:
            replace(part, path)
            return
        except PermissionError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE)


def forget_parts(folder: Path, pattern: str = "*.part") -> None:
    """Remove temporary files that somebody who was killed has left in ``folder``: those that match and have lain for a minute,
    as one in work is there for an instant. What cannot be removed stays."""
    until = time.time() - _OLD
    for part in folder.glob(pattern):
        try:
            if part.lstat().st_mtime < until:
                part.unlink()
        except OSError as problem:
            _LOG.info("%s stays behind: %s", part, problem)


def cannot_write(path: Path, problem: OSError) -> AniDocError:
    """The sentence for an ``OSError`` met while writing ``path``."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return AniDocError(
            f"The disk is full: {path.name} could not be written.",
            "Free some space and press the button again; what is finished is kept.",
            str(problem),
        )
    return AniDocError(
        f"{path} cannot be written ({problem.strerror or problem}).",
        "Choose another output folder, or allow writing there.",
        str(problem),
    )


def inside(folder: Path, name: str) -> Path:
    """The path of a file of the job that must lie in ``folder``, links followed. Raises ``JobError`` where it does not."""
    path = folder / name
    real, home = path.resolve(), folder.resolve()
    if not real.is_relative_to(home):
        raise JobError(
            f"The job's file {name!r} lies outside the job folder.",
            "Do not run jobs of unknown origin; write the job again from Blender.",
        )
    return path
