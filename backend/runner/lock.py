"""One run at a time in a job folder. The operating system lets go of the lock when its holder dies, however it dies."""

import errno
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..contracts.errors import JobBusy
from ..contracts.files import cannot_write, inside
from .claim import Claim, claimed

_LOG = logging.getLogger(__name__)

LOCK_FILE = "run.lock"
"""Stays behind, empty, when the run has ended: deleting a lock file would let two runs hold two different files."""

_BUSY = {errno.EACCES, errno.EAGAIN, errno.EDEADLK, errno.EWOULDBLOCK}
_UNKNOWN_HERE = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EOPNOTSUPP}


def _try_posix(handle: int) -> None:
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # pyright: ignore[reportAttributeAccessIssue]


def _try_windows(handle: int) -> None:
    import msvcrt

    msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]


_TRY: Callable[[int], None] = _try_windows if sys.platform == "win32" else _try_posix


@contextmanager
def locked(folder: Path, attempt: Callable[[int], None] = _TRY) -> Iterator[Claim]:
    """Hold the job folder. Raises ``JobBusy`` at once where another run holds it, on this machine or another."""
    path = inside(folder, LOCK_FILE)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as problem:
        raise cannot_write(path, problem) from problem
    locks = True
    try:
        try:
            attempt(handle)
        except OSError as problem:
            if problem.errno in _BUSY:
                raise JobBusy(
                    "Another run is at work in this job folder.",
                    "Wait until it has finished, or cancel it.",
                    str(folder),
                ) from problem
            if problem.errno not in _UNKNOWN_HERE:
                raise cannot_write(path, problem) from problem
            _LOG.warning("this file system knows no locks; the claim alone keeps other runs out of %s", folder)
            locks = False
        with claimed(folder, locks=locks) as claim:
            yield claim
    finally:
        os.close(handle)
