"""One running Blender: started, asked, watched together with every process that it starts, and ended."""

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INSIDE = Path(__file__).with_name("in_blender.py")


class Failed(Exception):
    """Something that should have happened did not; the text says what."""


@dataclass(frozen=True)
class Process:
    """A process by number and start time, so that a number given out again is not taken for it."""

    pid: int
    began: str
    command: str


def _stat(pid: int) -> tuple[int, str, str] | None:
    """(parent, state, start time) from /proc, or None when it has gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), fields[0], fields[19]


def alive(process: Process) -> bool:
    """Whether it runs (a zombie does not)."""
    stat = _stat(process.pid)
    return stat is not None and stat[1] != "Z" and stat[2] == process.began


def children_of(pid: int) -> list[Process]:
    """Every living process below ``pid``."""
    parents: dict[int, list[int]] = {}
    stats = {int(entry.name): _stat(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    for number, stat in stats.items():
        if stat is not None and stat[1] != "Z":
            parents.setdefault(stat[0], []).append(number)
    found, todo = [], [pid]
    while todo:
        for number in parents.get(todo.pop(), []):
            todo.append(number)
            stat = stats[number]
            with contextlib.suppress(OSError):  # gone between two looks
                words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
                if stat is not None:
                    found.append(Process(number, stat[2], b" ".join(words).decode(errors="replace").strip()))
    return found


class Blender:
    """A Blender with a window. ``user`` is its user folder, ``mailbox`` where questions and answers are exchanged."""

    def __init__(
        self, program: str, user: Path, mailbox: Path, log: Path, display: str, python: str | None = None
    ) -> None:
        mailbox.mkdir(parents=True, exist_ok=True)
        for name in ("question.json", "answer.json"):
            (mailbox / name).unlink(missing_ok=True)
        self.mailbox, self.log, self.number = mailbox, log, 0
        self.seen: dict[int, Process] = {}
        environment = dict(os.environ, BLENDER_USER_RESOURCES=str(user), DISPLAY=display)
        if python:
            environment["ANIDOC_PYTHON"] = python  # the backend's interpreter; the add-on makes none of its own then
        environment.pop("WAYLAND_DISPLAY", None)  # the mouse is moved through X11
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [program, "--online-mode", "--window-geometry", "0", "0", "1400", "900",
                 "--python", str(INSIDE), "--", str(mailbox)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment,
            )  # fmt: skip

    def ask(self, question: str, patience: float = 90.0, **values: Any) -> Any:
        """The answer. Raises ``Failed`` when Blender has ended, is silent for ``patience`` seconds or reports an error."""
        self.number += 1
        part = self.mailbox / "question.part"
        part.write_text(json.dumps({"number": self.number, "ask": question, "with": values}), encoding="utf-8")
        part.replace(self.mailbox / "question.json")
        until = time.monotonic() + patience
        while time.monotonic() < until:
            self.watch()
            answer = self._answer()
            if answer.get("number") == self.number:
                if "error" in answer:
                    raise Failed(f"Blender could not answer '{question}': {answer['error']}")
                return answer["answer"]
            if self.process.poll() is not None:
                raise Failed(f"Blender ended (code {self.process.returncode}) at '{question}'; see {self.log}")
            time.sleep(0.03)
        raise Failed(f"Blender did not answer '{question}' within {patience:.0f} s; see {self.log}")

    def _answer(self) -> dict[str, Any]:
        try:
            return json.loads((self.mailbox / "answer.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def watch(self) -> list[Process]:
        """The processes that Blender has started and that live now; all ever seen are remembered."""
        living = children_of(self.process.pid)
        self.seen.update({process.pid: process for process in living})
        return living

    def wait_end(self, patience: float) -> float:
        """Wait until Blender has quit; seconds it took."""
        began = time.monotonic()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failed(f"Blender had not quit after {patience:.0f} s") from None
        return time.monotonic() - began

    def left_behind(self, patience: float) -> list[Process]:
        """Those of its processes that still run ``patience`` seconds later."""
        until = time.monotonic() + patience
        while True:
            left = [process for process in self.seen.values() if alive(process)]
            if not left or time.monotonic() > until:
                return left
            time.sleep(0.1)

    def end(self) -> None:
        """Kill Blender and what it started, whatever state they are in."""
        self.watch()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        for process in self.seen.values():
            if alive(process):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
