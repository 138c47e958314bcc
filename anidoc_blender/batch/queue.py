"""The queue of a batch: a line for each shot. It outlives a crash, because every change of a line is written to disk."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...backend.contracts.batch import Batch, ShotResult, load_batch, save_batch
from ...backend.contracts.errors import AniDocError
from ..messages import Refusal


@dataclass
class Line:
    """One shot. ``result`` is what stands on disk; ``running``, ``done`` of ``total`` and ``doing`` only live now.

    ``render``: what is rendered of it, where that is not left to the scene's own setting.
    """

    result: ShotResult
    running: bool = False
    done: int = 0
    total: int = 0
    doing: str = ""
    dropped: bool = False
    render: str = ""

    @property
    def scene(self) -> str:
        """The scene's name."""
        return self.result.scene

    def words(self) -> str:
        """``waiting``, ``running 12/48``, ``done``, or the sentence why it failed."""
        if self.running:
            return f"running {self.done}/{self.total}" if self.total else "running"
        if self.result.outcome == "done":
            return "done" if self.result.new else "done before"
        if self.result.outcome == "failed":
            return f"{self.result.sentence} {self.result.remedy}".strip()
        return self.result.outcome


@dataclass
class Queue:
    """All lines, in the order they are run. ``place`` is the folder of batch.json and of the report page."""

    place: Path
    lines: list[Line] = field(default_factory=list)
    paused: bool = False
    stopped: bool = False
    seconds: float = 0.0
    title: str = ""
    trouble: AniDocError | None = None
    _since: float | None = None

    def next(self) -> Line | None:
        """The first line that waits."""
        if self.paused or self.stopped:
            return None
        return next((line for line in self.lines if line.result.outcome == "waiting"), None)

    def running(self) -> Line | None:
        """The line in work."""
        return next((line for line in self.lines if line.running), None)

    def waiting(self) -> int:
        """How many lines wait."""
        return sum(line.result.outcome == "waiting" and not line.running for line in self.lines)

    def begin(self, line: Line) -> None:
        """The line comes into work."""
        self._since = time.monotonic() if self._since is None else self._since
        line.running, line.dropped, line.done, line.total = True, False, 0, 0

    def end(self, line: Line, result: ShotResult) -> None:
        """The line has its result; written at once. Where the disk says no the queue goes on, and ``trouble`` says why."""
        line.running, line.result = False, result
        try:
            self.save()
        except AniDocError as error:
            self.trouble = error

    def move(self, index: int, by: int) -> None:
        """Move a waiting line up (-1) or down (1) among the waiting ones. Raises ``Refusal``."""
        line = self._waiting_line(index)
        places = [n for n, other in enumerate(self.lines) if other.result.outcome == "waiting" and not other.running]
        at = places.index(index) + by
        if 0 <= at < len(places):
            self.lines[index], self.lines[places[at]] = self.lines[places[at]], line
            self.save()

    def drop(self, index: int) -> None:
        """Leave a line out: one that waits at once, the one in work as soon as it stops. Raises ``Refusal``."""
        if 0 <= index < len(self.lines) and self.lines[index].running:
            self.lines[index].dropped = True
            return
        line = self._waiting_line(index)
        self.end(line, replace(line.result, outcome="cancelled", sentence="Left out."))

    def cancel_rest(self) -> None:
        """Nothing that waits is run any more."""
        for line in self.lines:
            if line.result.outcome == "waiting":
                line.running, line.result = False, replace(line.result, outcome="cancelled", sentence="Cancelled.")
        self.save()

    def again(self, outcomes: tuple[str, ...]) -> int:
        """Let lines that ended so wait again; how many."""
        chosen = [line for line in self.lines if line.result.outcome in outcomes and not line.running]
        for line in chosen:
            line.result = replace(line.result, outcome="waiting", sentence="", remedy="")
        return len(chosen)

    def batch(self) -> Batch:
        """What stands on disk: a line in work counts as waiting, so that a crash only means to begin it again."""
        seconds = self.seconds + (0.0 if self._since is None else time.monotonic() - self._since)
        return Batch(tuple(line.result for line in self.lines), round(seconds, 3), self.title)

    def save(self) -> None:
        """Write batch.json. Raises ``AniDocError``."""
        save_batch(self.place, self.batch())

    def rest(self) -> None:
        """Nothing is in work any more: the clock stands still, what was in work waits."""
        for line in self.lines:
            line.running = False
        self.seconds, self._since = self.batch().seconds, None

    def _waiting_line(self, index: int) -> Line:
        if not 0 <= index < len(self.lines):
            raise Refusal("There is no such line in the queue.")
        line = self.lines[index]
        if line.running or line.result.outcome != "waiting":
            raise Refusal(f"{line.result.name} does not wait any more.")
        return line


def recall(place: Path) -> Queue | None:
    """The queue that an earlier Blender left in ``place``, or None."""
    try:
        batch = load_batch(place)
    except (AniDocError, OSError):
        return None
    return Queue(place, [Line(shot) for shot in batch.shots if shot.scene], seconds=batch.seconds, title=batch.title)
