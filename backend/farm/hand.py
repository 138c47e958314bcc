"""One worker process with the engines loaded, and one shot at a time in it: the same on this machine and on a farm's."""

import os
import platform
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..contracts.batch import ShotResult
from ..contracts.errors import AniDocError, JobBusy
from ..contracts.messages import Cancel, Doubt, Finished, FrameReady, Message, Problem, Progress, Submit
from ..runner.child import Child
from ..runner.orphans import Leash
from .cancelling import Ear, forget, word
from .jobs import called
from .joining import gather, put_away

POLITE = 0.4
"""Seconds a cancelled shot gets to stop by itself before its process is ended."""

_LOOK = 0.2
"""Seconds between two looks for a request to stop."""

HOST = platform.node()

Tell = Callable[[Message], None]


@dataclass(frozen=True)
class Outcome:
    """A shot's result. ``busy``: another run holds its folder. ``died``: its process broke off; worth another try."""

    result: ShotResult
    busy: bool = False
    died: bool = False


class Hand:
    """Runs shots one after the other in a process of its own, which stays loaded. Use it from one thread only."""

    def __init__(self, *, log: BinaryIO | None = None, cores: set[int] | None = None) -> None:
        self._log, self._cores = log, cores
        self._leash = Leash()
        self._news: queue.SimpleQueue[tuple[Child, Message | None]] = queue.SimpleQueue()
        self._child: Child | None = None
        self._count = 0

    def warm_up(self) -> None:
        """Start the process, so that it loads the engines while nobody waits."""
        if self._child is None:
            self._child = Child(lambda child, message: self._news.put((child, message)), self._leash, self._log)
            if self._cores and hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(self._child.pid, self._cores)

    def run(
        self,
        folder: Path,
        *,
        name: str = "",
        known: str | None = None,
        stop: Callable[[], bool] = lambda: False,
        tell: Tell = lambda message: None,
        heed: Path | None = None,
        join: bool = False,
    ) -> Outcome:
        """Colour the shot in ``folder``. Raises nothing that a shot can be the reason of.

        ``known``: the request to cancel that lay in the folder (or ``heed``) when the batch began. ``stop`` is asked
        five times a second. ``join``: take over what the shot's ranges found out first.
        """
        known = word(heed or folder) if known is None else known
        ear = Ear(heed or folder, known)
        nothing = ShotResult(name or called(folder), str(folder), "cancelled", sentence=_CANCELLED)
        if stop() or ear.asked():
            return Outcome(nothing)
        offered = 0
        if join:
            try:
                offered = gather(folder)
            except AniDocError as problem:
                failed = replace(nothing, outcome="failed", sentence=problem.sentence, remedy=problem.remedy)
                return Outcome(failed, busy=isinstance(problem, JobBusy))
        self.warm_up()
        child = self._child
        assert child is not None
        self._count += 1
        job = f"shot {self._count}"
        began = time.monotonic()
        heard = _Heard()
        end: Finished | None = None
        cancel_by: float | None = None
        child.order(Submit(job, str(folder)))
        while end is None:
            if cancel_by is None and (stop() or ear.asked()):
                child.order(Cancel(job))
                cancel_by = time.monotonic() + POLITE
            message = self._next(child, _LOOK if cancel_by is None else max(0.0, cancel_by - time.monotonic()))
            if message is _NOTHING:
                if cancel_by is not None and time.monotonic() >= cancel_by:
                    self.close()
                    end = Finished(job, "cancelled", len(heard.coloured))
            elif message is None:
                heard.fatal = self._broken_off(child, job)
                heard.died = cancel_by is None
                end = Finished(job, "failed" if cancel_by is None else "cancelled", len(heard.coloured))
            elif getattr(message, "job", None) == job:
                heard.take(message)
                tell(message)
                end = message if isinstance(message, Finished) else None
        if end.outcome == "done" and not end.failed:
            forget(folder, known)
            if join:
                put_away(folder)
        sentence, remedy = heard.sentence(end)
        result = ShotResult(
            name=name or called(folder),
            folder=str(folder),
            outcome=heard.outcome(end),
            coloured=end.coloured,
            failed=end.failed,
            new=min(end.coloured, len(heard.anew) + offered),
            seconds=end.seconds or round(time.monotonic() - began, 3),
            host=HOST,
            sentence=sentence,
            remedy=remedy,
        )
        busy = heard.fatal is not None and heard.fatal.kind == "busy" and result.outcome == "failed"
        return Outcome(result, busy, heard.died)

    def _next(self, child: Child, patience: float):
        """The next message of ``child`` (None: it has ended), or ``_NOTHING``."""
        try:
            while True:
                who, message = self._news.get(timeout=patience)
                if who is child:
                    return message
        except queue.Empty:
            return _NOTHING

    def _broken_off(self, child: Child, job: str) -> Problem:
        self._child = None
        how = child.ending()
        remedy = "Run it again; what is finished is kept. If it happens again, render the shot smaller."
        return Problem(job, f"The colouring process broke off: {how}.", remedy)

    def close(self) -> None:
        """End the process; the next shot starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()


_NOTHING: Message = Progress("", 0, 0)
"""Stands for: no message came in time."""


class _Heard:
    """What a worker said about one shot."""

    def __init__(self) -> None:
        self.fatal: Problem | None = None
        self.first: Problem | None = None
        self.doubt: Doubt | None = None
        self.coloured: set[str] = set()
        self.anew: set[str] = set()
        self.died = False

    def take(self, message: Message) -> None:
        if isinstance(message, Problem) and not message.drawing:
            self.fatal = message
        elif isinstance(message, Problem):
            self.first = self.first or message
        elif isinstance(message, Doubt):
            self.doubt = self.doubt or message
        elif isinstance(message, FrameReady) and message.final:
            self.coloured.add(message.drawing)
            if message.anew:
                self.anew.add(message.drawing)

    def outcome(self, end: Finished) -> str:
        return "failed" if end.outcome == "done" and end.failed else end.outcome

    def sentence(self, end: Finished) -> tuple[str, str]:
        if end.outcome == "cancelled":
            return _CANCELLED, ""
        if self.fatal is not None:
            return self.fatal.sentence, self.fatal.remedy
        if end.failed and self.first is not None:
            many = f"{end.failed} of {end.failed + end.coloured} drawings could not be coloured; the first: "
            return many + self.first.sentence, self.first.remedy
        return ("", "") if self.doubt is None else (self.doubt.sentence, self.doubt.remedy)


_CANCELLED = "Cancelled; finished drawings are kept."
