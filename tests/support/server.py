"""A client for ``anidoc serve`` in tests: sends messages, collects answers with the time they came."""

import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from backend.contracts.messages import Cancel, Finished, Message, Submit, decode, encode

from .jobs import environment

M = TypeVar("M")


class Served:
    """A serving process. Use it in a ``with``; it is ended there."""

    def __init__(self, *flags: str, listening: bool = True, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *flags, "-m", "backend", "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment(), **more},
        )
        self.raw: list[bytes] = []
        self._answers: queue.Queue[Message] = queue.Queue()
        self.closed = threading.Event()
        if listening:
            self.listen()

    def listen(self) -> None:
        """Begin to read what the server says."""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.raw.append(line)
            self._answers.put(decode(line))
        self.closed.set()

    def send(self, message: Message | bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(message if isinstance(message, bytes) else encode(message).encode())
        self.process.stdin.flush()

    def submit(self, job: str, folder: Path) -> None:
        self.send(Submit(job, str(folder)))

    def cancel(self, job: str) -> None:
        self.send(Cancel(job))

    def next(self, kind: type[M], timeout: float = 20) -> M:
        """The next message of ``kind``, others passed over; fails after ``timeout`` seconds."""
        end = time.monotonic() + timeout
        while True:
            message = self._answers.get(timeout=max(0.01, end - time.monotonic()))
            if isinstance(message, kind):
                return message

    def finish(self, job: str, timeout: float = 20) -> tuple[list[Message], Finished]:
        """All messages up to the last word on ``job``, and that word."""
        seen, end = [], time.monotonic() + timeout
        while True:
            message = self._answers.get(timeout=max(0.01, end - time.monotonic()))
            if isinstance(message, Finished) and message.job == job:
                return seen, message
            seen.append(message)

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait(10)


def children_of(pid: int) -> list[int]:
    """Process ids of living children (Linux)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != "Z":
            found.append(int(name.split()[0]))
    return found


def gone(pid: int, within: float) -> bool:
    """Whether the process ends within so many seconds (a zombie counts as ended)."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False
