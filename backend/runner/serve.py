"""``anidoc serve``: the process Blender talks to. It answers at once, because the work is done by another one.

Jobs queue and run one at a time in a worker that keeps the engines loaded. A job that does not stop politely is ended
with its worker; a worker that dies takes one job with it and no more.
"""

import os
import platform
import queue
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ..contracts.messages import (
    LONGEST_LINE,
    PROTOCOL,
    Cancel,
    Finished,
    FrameReady,
    Hello,
    Message,
    Problem,
    Submit,
    decode,
)
from ..version import VERSION
from .child import Child
from .engines import ready_engines
from .orphans import Leash
from .stdio import Speaker, claim_stdout

POLITE = 0.4
"""Seconds a cancelled job gets to stop by itself; with what killing takes, the answer comes within one second."""


@dataclass
class _Job:
    """A job in the queue or at work."""

    name: str
    folder: Path
    start: float = 0.0
    cancel_by: float | None = None
    coloured: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)


class Server:
    """The queue and the worker. Everything happens in ``run``, on the main thread; other threads only bring news."""

    def __init__(self, speak: Speaker) -> None:
        self._speak = speak
        self._out: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._news: queue.SimpleQueue[tuple[Child | None, Message | None]] = queue.SimpleQueue()
        self._waiting: list[_Job] = []
        self._now: _Job | None = None
        self._leash = Leash()
        self._child: Child | None = None

    def run(self, lines: BinaryIO) -> None:
        """Serve until ``lines`` ends. Does not return: the process ends with its stdin."""
        threading.Thread(target=self._write, daemon=True).start()
        self._out.put(Hello(PROTOCOL, VERSION, platform.python_version(), ready_engines()))
        self._child = Child(self._hear, self._leash)
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        while True:
            try:
                child, message = self._news.get(timeout=self._patience())
            except queue.Empty:
                self._lose_patience()
                continue
            if child is None:
                self._asked(message)
            elif child is self._child:
                self._told(message)

    def _hear(self, child: Child, message: Message | None) -> None:
        self._news.put((child, message))

    def _read(self, lines: BinaryIO) -> None:
        while line := lines.readline(LONGEST_LINE):
            try:
                self._news.put((None, decode(line)))
            except (ValueError, RecursionError):
                self._out.put(Problem("", "The backend received a line that is no message.", detail=repr(line[:200])))
        self._leave()

    def _write(self) -> None:
        """A reader that is busy (Blender renders) must not stop the serving; so writing has a thread of its own."""
        while True:
            try:
                self._speak(self._out.get())
            except OSError:
                self._leave()

    def _leave(self) -> None:
        child = self._child
        if child is not None:
            child.kill()
        os._exit(0)

    def _asked(self, message: Message | None) -> None:
        if isinstance(message, Submit):
            self._submit(message)
        elif isinstance(message, Cancel):
            self._cancel(message.job)

    def _submit(self, message: Submit) -> None:
        try:
            job = _Job(message.job, Path(message.folder).resolve())
        except (ValueError, OSError, RuntimeError) as problem:  # a name no file system knows, a ring of links
            self._refuse(message.job, "This job's folder cannot be found.", "Write the job again.", str(problem))
            return
        others = [*self._waiting, *([self._now] if self._now else [])]
        if any(o.name == job.name for o in others):
            self._out.put(Problem("", f"A job called {job.name!r} is already here.", "Give each job its own name."))
        elif any(o.folder == job.folder for o in others):
            self._refuse(job.name, "This job is already at work.", "Wait until it has finished, or cancel it.")
        else:
            self._waiting.append(job)
            self._next()

    def _refuse(self, name: str, sentence: str, remedy: str, detail: str = "") -> None:
        self._out.put(Problem(name, sentence, remedy, detail=detail))
        self._out.put(Finished(name, "failed"))

    def _cancel(self, name: str) -> None:
        now = self._now
        if now is not None and now.name == name and now.cancel_by is None and self._child is not None:
            now.cancel_by = time.monotonic() + POLITE
            self._child.order(Cancel(name))
        for job in [j for j in self._waiting if j.name == name]:
            self._waiting.remove(job)
            self._out.put(Finished(name, "cancelled"))

    def _next(self) -> None:
        if self._now is not None or not self._waiting:
            return
        if self._child is None:
            self._child = Child(self._hear, self._leash)
        self._now = self._waiting.pop(0)
        self._now.start = time.monotonic()
        self._child.order(Submit(self._now.name, str(self._now.folder)))

    def _told(self, message: Message | None) -> None:
        """News from the worker; None: it has ended."""
        job = self._now
        if message is None:
            self._child_died()
        elif job is not None and getattr(message, "job", None) == job.name:
            if isinstance(message, FrameReady) and message.final:
                job.coloured.add(message.drawing)
            elif isinstance(message, Problem) and message.drawing:
                job.failed.add(message.drawing)
            self._out.put(message)
            if isinstance(message, Finished):
                self._now = None
                self._next()

    def _child_died(self) -> None:
        child, self._child = self._child, None
        assert child is not None
        how = child.ending()
        if self._now is not None:
            self._out.put(
                Problem(
                    self._now.name,
                    f"The colouring process broke off: {how}.",
                    "Press the button again; what is finished is kept. If it happens again, choose a smaller render size.",
                )
            )
            self._finish("failed")

    def _patience(self) -> float | None:
        if self._now is None or self._now.cancel_by is None:
            return None
        return max(0.0, self._now.cancel_by - time.monotonic())

    def _lose_patience(self) -> None:
        """The cancelled job did not stop by itself."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
        self._finish("cancelled")

    def _finish(self, outcome) -> None:
        job, self._now = self._now, None
        if job is not None:
            seconds = round(time.monotonic() - job.start, 3)
            self._out.put(Finished(job.name, outcome, len(job.coloured), len(job.failed), seconds))
        if self._child is None:
            self._child = Child(self._hear, self._leash)
        self._next()


def serve() -> int:
    """Serve on this process's stdin and stdout."""
    Server(Speaker(claim_stdout())).run(sys.stdin.buffer)
    return 0
