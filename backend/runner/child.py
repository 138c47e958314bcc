"""The worker process as its owner sees it: start it, give it orders, hear it, end it."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..contracts.messages import Message, decode, encode
from .orphans import Leash

_LOG = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[2]
"""What must be importable for ``python -m backend``."""

_FAREWELL = 0.3
"""Seconds to wait for a killed process to be gone; one that hangs in the system (a lost network disk) is left to it."""


class Child:
    """A running worker. ``hear(child, message)`` is called from a thread for each message, with None when it has ended.

    Start it from the main thread: Linux ties a child's life to the thread that made it. Its errors go to ``log``, a
    file, where one is given.
    """

    def __init__(
        self, hear: Callable[["Child", Message | None], None], leash: Leash, log: BinaryIO | None = None
    ) -> None:
        self._process = start(["worker"], leash, stdout=subprocess.PIPE, stderr=log, apart=True)
        threading.Thread(target=self._listen, args=(hear,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def order(self, message: Message) -> None:
        """Send a message. A worker that has died meanwhile is noticed by whoever hears it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode(message).encode())
            self._process.stdin.flush()
        except OSError as problem:
            _LOG.info("the worker hears nothing: %s", problem)

    def kill(self) -> None:
        """End it now, with whatever it started."""
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()
        try:
            self._process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            _LOG.warning("process %s does not end", self._process.pid)

    def ending(self) -> str:
        """How it ended, for people."""
        try:
            code = self._process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            return "it stopped answering"
        if code == -getattr(signal, "SIGKILL", 9):
            return "the system ended it, most likely because memory ran out"
        if code < 0:
            return f"it crashed, signal {-code}"
        return f"it ended with code {code}"

    def _listen(self, hear: Callable[["Child", Message | None], None]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                hear(self, decode(line))
            except ValueError as problem:
                _LOG.warning("the worker said %r: %s", line[:200], problem)
        hear(self, None)


def start(
    verb: list[str],
    leash: Leash,
    *,
    stdout: int,
    stderr: BinaryIO | None = None,
    apart: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start ``python -m backend`` with a verb as a process of ours: it hears us on its stdin and ends when we do.

    ``apart``: in a session of its own (not on Windows), so that its own children can be ended with it.
    """
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        [sys.executable, *isolation(), "-m", "backend", *verb, "--parent", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": path},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: no console flashes up
        start_new_session=apart,
    )
    if sys.platform == "win32":
        leash.tie(int(process._handle))  # pyright: ignore
    return process


def isolation() -> list[str]:
    """The flags that keep a user's own packages away (-s) and the working folder off the path (-P), where we have them."""
    return [flag for flag, ours in (("-s", sys.flags.no_user_site), ("-P", sys.flags.safe_path)) if ours]
