"""A child's pipes, read and written without ever waiting: Blender's main thread is never held up."""

import os
import sys
from typing import Any

from . import windows

CHUNK = 65_536
"""Bytes asked for at a time: a pipe's usual capacity."""


def make_non_blocking(descriptor: int, *, platform: str = sys.platform, library: Any = None) -> None:
    """Set a pipe's mode. Before Python 3.12 ``os.set_blocking`` does not work on Windows pipes."""
    if platform != "win32" or (library is None and sys.version_info >= (3, 12)):
        os.set_blocking(descriptor, False)
        return
    import msvcrt

    handle = msvcrt.get_osfhandle(descriptor)  # pyright: ignore[reportAttributeAccessIssue]
    windows.do_not_wait(handle, library or windows.kernel32())


def read_available(descriptor: int, *, platform: str = sys.platform) -> bytes | None:
    """What has arrived: bytes, ``None`` when nothing has yet, ``b""`` when the other side has closed."""
    try:
        return os.read(descriptor, CHUNK)
    except BlockingIOError:
        return None
    except OSError as problem:
        if platform == "win32" and windows.nothing_yet(problem):
            return None
        raise


def write_available(descriptor: int, data: bytes) -> int:
    """How many bytes the pipe took now; 0 when it is full. Raises ``BrokenPipeError`` when the reader is gone."""
    try:
        return os.write(descriptor, data[:CHUNK])
    except BlockingIOError:
        return 0
