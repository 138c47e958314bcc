"""The conversation with the backend: a line that stays open over many jobs, and one job as a generator.

    link = Link(child, version)
    talk = converse(link, "colorize shot", folder)
    for messages in talk: ...                # each turn returns at once
    talk.send(True)                          # cancels

Nothing here waits, sleeps or knows Blender; whoever drives the generator decides how often.
"""

import time
from collections.abc import Callable, Generator
from pathlib import Path

from ...backend.contracts.errors import AniDocError
from ...backend.contracts.messages import (
    LONGEST_LINE,
    PROTOCOL,
    Cancel,
    Finished,
    Hello,
    Message,
    Problem,
    Submit,
    decode,
    encode,
)
from ..messages import Refusal
from .process import Child, log_tail

PATIENCE_HELLO = 60.0
"""Seconds for the first word: the first start reads 300 MB of packages, past a virus scanner."""

PATIENCE_CANCEL = 2.0
"""Seconds for the answer to Cancel (the backend promises one); then the process is ended."""

Talk = Generator[list[Message], bool | None, Finished]
"""Yields what arrived (often nothing); takes True to cancel; returns the last word."""


class Link:
    """One backend process and what was understood of its output so far."""

    def __init__(
        self,
        child: Child,
        version: str,
        clock: Callable[[], float] = time.monotonic,
        repair: str = "anidoc.set_up",
    ) -> None:
        """``repair``: the operator that mends the environment it runs in."""
        self.child, self.repair = child, repair
        self.clock = clock
        self.hello: Hello | None = None
        self._version = version
        self._started = clock()
        self._partial = b""

    def receive(self) -> list[Message]:
        """The messages that have arrived. Raises ``AniDocError`` when the process ended or speaks another language."""
        self._partial += self.child.receive()
        *lines, self._partial = self._partial.split(b"\n")
        if len(self._partial) > LONGEST_LINE:
            raise self._not_understood(self._partial[:200])
        messages = [m for m in map(self._understand, lines) if m is not None]
        if not messages and (code := self.child.ended()) is not None:
            raise self._died(code)
        if self.hello is None and self.clock() - self._started > PATIENCE_HELLO:
            raise AniDocError(
                f"The colouring process did not answer within {PATIENCE_HELLO:.0f} seconds.",
                f"Press the button again; if it stays silent, its log is {self.child.log}.",
            )
        return messages

    def send(self, message: Message) -> None:
        """Queue a message."""
        self.child.send(encode(message).encode("ascii"))

    def _understand(self, line: bytes) -> Message | None:
        try:
            message = decode(line)
        except ValueError:
            if self.hello is None or not line.strip():
                return None  # a start-up script of the user's may print before the backend has its stdout to itself
            raise self._not_understood(line) from None
        if isinstance(message, Hello):
            self._check(message)
            self.hello = message
        elif self.hello is None:
            raise self._not_understood(line)
        return message

    def _check(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL or hello.version != self._version:
            raise Refusal(
                f"The colouring process is of AniDoc {hello.version}, the add-on of {self._version}.",
                "Restart Blender; if that does not help, press Repair.",
                self.repair,
                f"protocol {hello.protocol} / {PROTOCOL}",
            )

    def _not_understood(self, line: bytes) -> AniDocError:
        return AniDocError(
            "The colouring process said something the add-on does not understand.",
            f"Press the button again; its log is {self.child.log}.",
            repr(line[:200]),
        )

    def _died(self, code: int) -> AniDocError:
        tail = log_tail(self.child.log)
        if "ModuleNotFoundError" in tail[-1500:] or "ImportError" in tail[-1500:]:
            return Refusal(
                "The colouring environment is damaged: a package is missing.", "Press Repair.", self.repair, tail
            )
        if code in (-9, 137):
            return AniDocError(
                "The system ended the colouring process, probably because memory ran out.",
                f"Close other programs and press the button again; what is finished is kept. Log: {self.child.log}.",
                tail,
            )
        return AniDocError(
            f"The colouring process ended unexpectedly (code {code}).",
            f"Press the button again; what is finished is kept. Its log is {self.child.log}.",
            tail,
        )


def converse(link: Link, job: str, folder: Path | None) -> Talk:
    """Submit a job and follow it to its end. A ``folder`` of None follows a process that has only one thing to do.

    Raises ``AniDocError`` when the process dies. After a cancel that is not answered in time the process is ended.
    """
    submitted, cancelled_at = folder is None, None
    while True:
        arrived = link.receive()
        if not submitted and folder is not None and link.hello is not None:
            link.send(Submit(job=job, folder=str(folder)))
            submitted = True
        ours = [m for m in arrived if getattr(m, "job", job) == job]
        cancel = yield ours
        for message in ours:
            if isinstance(message, Finished):
                return message
        if cancel and cancelled_at is None:
            if not submitted:
                return Finished(job=job, outcome="cancelled")
            link.send(Cancel(job=job))
            cancelled_at = link.clock()
        if cancelled_at is not None and link.clock() - cancelled_at > PATIENCE_CANCEL:
            link.child.stop(0.0)
            return Finished(job=job, outcome="cancelled")


def last_problem(problems: list[Problem]) -> AniDocError:
    """The sentence that ended a run, from what the backend said."""
    fatal = [p for p in problems if not p.drawing] or problems
    if not fatal:
        return AniDocError("The shot could not be coloured.", "The log says more.")
    return AniDocError(fatal[-1].sentence, fatal[-1].remedy, fatal[-1].detail)
