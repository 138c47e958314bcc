"""Leaving one shot out of a batch that is at work, on whichever machine: a small file in its job folder asks for it.

The file says no time, because clocks differ, but a word of its own: a batch heeds words that were not there when it
began. So an old one is no obstacle, and the next batch takes the shot up again.
"""

import contextlib
import time
import uuid
from pathlib import Path

from ..contracts.files import write_bytes

CANCEL_FILE = "run.cancel"

OFTEN = 0.5
"""Seconds between two looks."""


def ask(folder: Path) -> None:
    """Ask every batch at work to leave this shot. Raises ``AniDocError`` where the folder cannot be written."""
    write_bytes(folder / CANCEL_FILE, uuid.uuid4().hex.encode(), durable=False)


def word(folder: Path) -> str:
    """What lies there now; empty where nothing does."""
    try:
        with (folder / CANCEL_FILE).open("rb") as f:
            return f.read(64).decode("ascii", "replace")
    except OSError:
        return ""


class Ear:
    """Tells whether a shot is to be left. ``known`` is what lay there when the batch began."""

    def __init__(self, folder: Path, known: str) -> None:
        self._folder, self._known, self._next, self._heard = folder, known, 0.0, False

    def asked(self) -> bool:
        """Looks at most twice a second."""
        now = time.monotonic()
        if not self._heard and now >= self._next:
            self._next = now + OFTEN
            said = word(self._folder)
            self._heard = bool(said) and said != self._known
        return self._heard


def forget(folder: Path, known: str) -> None:
    """The shot is done: an old request has no meaning any more."""
    if known and word(folder) == known:
        with contextlib.suppress(OSError):
            (folder / CANCEL_FILE).unlink()
