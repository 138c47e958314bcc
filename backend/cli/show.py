"""What a person at a terminal sees of a run: a bar where it can move, plain lines where it cannot."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from ..contracts.messages import Doubt, Finished, Message, Problem, Progress
from ..runner.progress import Pace

_WIDTH = 30
"""Characters of the bar."""
_LINES_APART = 2.0
"""Seconds between plain lines, so that a log of a long run stays readable."""


class Show:
    """Takes messages and shows them. ``out`` gets progress, ``err`` problems; ``where`` names what people look into."""

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
        where: str = "",
    ) -> None:
        self._out, self._err = out or sys.stdout, err or sys.stderr
        self._verbose, self._clock, self._where = verbose, clock, where
        self._moving, self._bar, self._last = self._out.isatty(), "", -_LINES_APART
        self.broke_off = False

    def __call__(self, message: Message) -> None:
        """Show one message. A reader that has left (``| head``) is no reason to stop the work."""
        self.broke_off |= isinstance(message, Problem) and not message.drawing
        try:
            self._show(message)
        except BrokenPipeError:
            speak_to_nobody()

    def _show(self, message: Message) -> None:
        if isinstance(message, Progress):
            self._progress(message)
        elif isinstance(message, (Problem, Doubt)):
            self.clear()
            print(f"anidoc: {message.sentence} {message.remedy}".rstrip(), file=self._err)
            if self._verbose and isinstance(message, Problem) and message.detail:
                print(message.detail, file=self._err)
        elif isinstance(message, Finished):
            self.clear()
            found = f" They are in {self._where}." if self._where and message.coloured else ""
            print(summary(message) + found, file=self._out)

    def _progress(self, p: Progress) -> None:
        left = "" if p.seconds_left is None else f", {in_words(p.seconds_left)} left"
        doing = f" {p.doing}" if p.doing else ""
        if self._moving:
            full = _WIDTH * p.done // max(1, p.total)
            self.clear()
            bar = f"[{'#' * full}{'.' * (_WIDTH - full)}] {p.done} of {p.total}{left}{doing}"
            self._bar = bar[: shutil.get_terminal_size().columns - 1]  # a bar that wraps cannot be wiped
            print(self._bar, end="", file=self._out, flush=True)
        elif self._clock() - self._last >= _LINES_APART:
            self._last = self._clock()
            print(f"{p.done} of {p.total}{left}{doing}", file=self._out, flush=True)

    def clear(self) -> None:
        """Wipe the bar, for whoever prints something else."""
        if self._bar:
            print("\r" + " " * len(self._bar) + "\r", end="", file=self._out, flush=True)
            self._bar = ""


class Count:
    """Progress of a loop over ``total`` pictures, for people; ``shown`` False: nothing is said. Used in a ``with``, however it ends
    no bar stays."""

    def __init__(self, total: int, doing: str, shown: bool = True) -> None:
        self._show, self._total, self._doing, self._pace = Show() if shown else None, total, doing, Pace()
        self(0)

    def __enter__(self) -> "Count":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, done: int) -> None:
        """So many are done. After the last one the bar is gone."""
        if self._show is None:
            return
        if done < self._total:
            self._show(Progress("", done, self._total, self._pace.seconds_left(done, self._total), self._doing))
        else:
            self._show.clear()

    def clear(self) -> None:
        """Wipe the bar before something else is printed."""
        if self._show is not None:
            self._show.clear()


def speak_to_nobody() -> None:
    """Point stdout at nothing, so that neither the rest of the run nor Python's own farewell meets the closed pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def summary(end: Finished) -> str:
    """The last line of a run."""
    failed = f", {end.failed} could not be" if end.failed else ""
    word = {"done": "Done", "failed": "Not done", "cancelled": "Cancelled"}[end.outcome]
    return f"{word}: {end.in_words()}{failed}, {end.seconds:.1f} s."


def in_words(seconds: float) -> str:
    """``about 40 s``, ``about 3 min``: no more exact than an estimate is."""
    if seconds < 100:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 60)} min"
