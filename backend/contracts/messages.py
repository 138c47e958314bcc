"""What the add-on and the backend say to each other: one JSON object a line, on the process's stdin and stdout.

Both sides send ``PROTOCOL`` in or check it in the first message. docs/protocol.md describes every field.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

PROTOCOL = 1
LONGEST_LINE = 2**20
"""Bytes. A longer line is not one of ours."""


@dataclass(frozen=True)
class Hello:
    """Backend, first line: who speaks. The add-on refuses another protocol or version."""

    protocol: int
    version: str
    python: str
    engines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Submit:
    """Add-on: run the job in ``folder``. ``job`` is the add-on's own name for it and comes back in every answer."""

    job: str
    folder: str


@dataclass(frozen=True)
class Cancel:
    """Add-on: stop this job. Answered by ``Finished`` with outcome cancelled within a second."""

    job: str


@dataclass(frozen=True)
class Progress:
    """Backend: ``done`` of ``total``; ``seconds_left`` is None until it can be told."""

    job: str
    done: int
    total: int
    seconds_left: float | None = None
    doing: str = ""


@dataclass(frozen=True)
class FrameReady:
    """Backend: the picture of ``drawing`` lies at ``path`` (relative to the job folder). Not ``final``: it may change.

    Not ``anew``: it lay there before the run, and still is right.
    """

    job: str
    drawing: str
    path: str
    final: bool = True
    anew: bool = True


@dataclass(frozen=True)
class Problem:
    """Backend: something a person should read. With ``drawing`` the run goes on without it; without, the run ends.

    ``kind`` is for programs: ``busy`` where another run holds the job folder, so that it is worth trying later.
    """

    job: str
    sentence: str
    remedy: str = ""
    drawing: str = ""
    detail: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Doubt:
    """Backend: what was asked for is probably not what is meant; the run does it all the same.

    ``key`` is the name of the key it is about, if it is about one, ``drawing`` the id of the one whose lines that key lies on
    better, if any.
    """

    job: str
    sentence: str
    remedy: str = ""
    key: str = ""
    drawing: str = ""


@dataclass(frozen=True)
class Finished:
    """Backend, last word on a job. ``coloured`` drawings have frames, ``failed`` have none. report.json has it all.

    ``kept`` of the coloured ones lay there before the run, and still are right.
    """

    job: str
    outcome: Literal["done", "failed", "cancelled"]
    coloured: int = 0
    failed: int = 0
    seconds: float = 0.0
    kept: int = 0

    def in_words(self) -> str:
        """``12 drawings coloured``, or ``1 drawing coloured anew, 11 as before``."""
        anew = self.coloured - self.kept
        if not self.kept:
            return f"{_drawings(anew)} coloured"
        if not anew:
            return f"nothing had changed, {_drawings(self.kept)} as before"
        return f"{_drawings(anew)} coloured anew, {self.kept} as before"


def _drawings(count: int) -> str:
    return f"{count} drawing{'' if count == 1 else 's'}"


Message = Hello | Submit | Cancel | Progress | FrameReady | Problem | Doubt | Finished
_KINDS: dict[str, type] = {
    "hello": Hello,
    "submit": Submit,
    "cancel": Cancel,
    "progress": Progress,
    "frame": FrameReady,
    "problem": Problem,
    "doubt": Doubt,
    "finished": Finished,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(message: Message) -> str:
    """One line of JSON, newline included, ASCII only (so that no console encoding can break it)."""
    return json.dumps({"type": _NAMES[type(message)], **asdict(message)}, ensure_ascii=True) + "\n"


def decode(line: str | bytes) -> Message:
    """The message in a line. Raises ``ValueError`` for anything else; unknown fields are ignored, so that both sides can grow."""
    data: Any = json.loads(line)
    kind = _KINDS.get(str(data.get("type"))) if isinstance(data, dict) else None
    if kind is None:
        raise ValueError("not a message")
    known = {f.name: data[f.name] for f in fields(kind) if f.name in data}
    try:
        message = kind(**known)
    except TypeError as problem:
        raise ValueError(f"incomplete {data['type']} message") from problem
    if any(not _fits(getattr(message, f.name), f.name) for f in fields(kind)):
        raise ValueError(f"wrong type in {data['type']} message")
    return message


_WHOLE = {"protocol", "done", "total", "coloured", "failed", "kept"}


def _fits(value: Any, name: str) -> bool:
    if name in _WHOLE:
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "seconds_left":
        return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
    if name == "seconds":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name in ("final", "anew"):
        return isinstance(value, bool)
    if name == "engines":
        return isinstance(value, list) and all(isinstance(e, str) for e in value)
    return isinstance(value, str)
