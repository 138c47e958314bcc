"""A child process that never outlives Blender: how it is started, spoken to and stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..messages import Refusal
from . import pipes, windows

LARGEST_LOG = 2**20
"""Bytes. A longer log is put aside (one old log is kept) when a process starts."""

_NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV")
"""Set by launchers for their own Python; in another interpreter they would make it look in the wrong place."""


class Child(Protocol):
    """What the conversation needs of a process; tests hand in their own."""

    log: Path

    def send(self, data: bytes) -> None:
        """Queue bytes for its stdin; written as the pipe takes them."""
        ...

    def receive(self) -> bytes:
        """What its stdout has brought since last time, perhaps nothing."""
        ...

    def ended(self) -> int | None:
        """Its exit code, or None while it lives or while its stdout has not been read to the end."""
        ...

    def running(self) -> bool:
        """Whether the process lives, read to the end or not."""
        ...

    def stop(self, grace: float) -> None:
        """Close its stdin, give it ``grace`` seconds, then end it and all it started."""
        ...


def child_environment(root: Path, base: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of a child: it finds our packages in ``root`` and nothing of the user's own Python."""
    kept = {name: value for name, value in base.items() if name.upper() not in _NOT_INHERITED}
    return kept | {"PYTHONPATH": str(root), "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}


class Process:
    """A real process. Its errors and stray prints go to ``log``: a pipe for them could fill and stop it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        root: Path,
        home: Path,
        log: Path,
        platform: str = sys.platform,
        popen: Callable[..., Any] = subprocess.Popen,
    ) -> None:
        """Start ``command`` in the folder ``home``. Raises ``AniDocError`` where it cannot be started."""
        self.log = log
        self._platform = platform
        self._outgoing = b""
        self._output_open = True
        options: dict[str, Any] = {"start_new_session": True}
        if platform == "win32":
            options = {"creationflags": windows.CREATION_FLAGS}
        home.mkdir(parents=True, exist_ok=True)
        with _log_file(log) as errors:
            try:
                self._process = popen(
                    list(command),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    bufsize=0,
                    cwd=home,
                    env=child_environment(root, os.environ),
                    **options,
                )
            except OSError as problem:
                raise Refusal(
                    f"Python could not be started at {command[0]}.",
                    "Press Repair in the AniDoc tab.",
                    "anidoc.set_up",
                    str(problem),
                ) from problem
        self.pid: int = self._process.pid
        self._job = windows.JobObject(self.pid, windows.kernel32()) if platform == "win32" else None
        for pipe in (self._process.stdin, self._process.stdout):
            pipes.make_non_blocking(pipe.fileno(), platform=platform)

    def send(self, data: bytes) -> None:
        """Queue bytes for its stdin; written as the pipe takes them."""
        self._outgoing += data
        self._push()

    def _push(self) -> None:
        while self._outgoing and not self._process.stdin.closed:
            try:
                taken = pipes.write_available(self._process.stdin.fileno(), self._outgoing)
            except OSError:
                # The reader is gone: that it ended is found, with its reason, by whoever reads.
                self._outgoing = b""
                return
            if not taken:
                return
            self._outgoing = self._outgoing[taken:]

    def receive(self) -> bytes:
        """What its stdout has brought since last time, perhaps nothing; at most 1 MB, so that a tick stays short."""
        self._push()
        arrived = []
        while self._output_open and len(arrived) < 16:
            chunk = pipes.read_available(self._process.stdout.fileno(), platform=self._platform)
            if chunk is None:
                # Windows says "nothing yet" where others say "closed": there the end of the process is the end.
                self._output_open = self._platform != "win32" or self._process.poll() is None
                break
            self._output_open = chunk != b""
            arrived.append(chunk)
        return b"".join(arrived)

    def ended(self) -> int | None:
        """Its exit code, or None while it lives or while its stdout has not been read to the end."""
        return None if self._output_open else self._process.poll()

    def running(self) -> bool:
        """Whether the process lives, read to the end or not."""
        return self._process.poll() is None

    def stop(self, grace: float) -> None:
        """Close its stdin, give it ``grace`` seconds, then end it and all it started."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        until = time.monotonic() + grace
        while self._process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        self._end_group()
        self._process.wait()
        self._process.stdout.close()
        self._output_open = False
        if self._job is not None:
            self._job.close()

    def _end_group(self) -> None:
        if self._platform == "win32":
            if self._process.poll() is None:
                self._process.kill()
            return
        # The group can outlive its leader, and its number is not given to others while it does.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def _log_file(path: Path) -> Any:
    """The log, opened for appending. A log held open by another process cannot be put aside and simply grows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def log_tail(path: Path, size: int = 4000) -> str:
    """The last ``size`` bytes of a log as text, for diagnostics; empty where there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - size))
            return log.read().decode("utf-8", "replace")
    except OSError:
        return ""
