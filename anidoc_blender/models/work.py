"""Fetching, taking over, checking and removing models as work that a timer turns: each drives one ``anidoc models`` process.

    python -m backend models VERB NAME --json --stdin

No network in Blender itself, and no token either: it goes down the process's stdin once, and is kept nowhere.
"""

import json
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from ...backend.contracts.errors import AniDocError
from ...backend.contracts.messages import LONGEST_LINE
from ...backend.setup.models import hub
from .. import task
from ..client import life
from ..client.process import Process, log_tail
from ..messages import Notice, Refusal
from ..setup import environment
from ..task import Status, Work
from . import state

LOG = "models"


@dataclass(frozen=True)
class Offer:
    """What the hub would send, and its licence: shown before anything is fetched."""

    name: str
    size: int
    licence: str
    text: str
    means: str
    source: str


@dataclass
class _Asking:
    """An offer that waits for the artist's word."""

    offer: Offer
    word: str = ""


asking: _Asking | None = None
"""What the panel asks now."""


def answer(yes: bool) -> None:
    """The artist's word on the licence."""
    if asking is not None:
        asking.word = "yes" if yes else "no"


def why_no_download() -> Refusal | None:
    """Why nothing can be fetched now, or None."""
    if bpy.app.online_access:
        return None
    return Refusal(
        "Blender is set to stay offline, and getting a model downloads it.",
        "Switch on Allow Online Access in Preferences > System; or copy the model from another computer and press Use Folder.",
        "anidoc.allow_online",
    )


def get(name: str, token: str = "", accept: bool | None = None) -> Work:
    """Fetch a model, or what is missing of it. ``accept``: the licence was read and accepted; None: ask in the panel."""
    refusal = why_no_download()
    if refusal is not None:
        raise refusal
    talk = _Talk(["get", name], token)
    try:
        yield from _follow(talk, accept)
    finally:
        talk.end()
    title = state.short(_model(name))
    if talk.cancelled:
        return [Notice(f"{title} was not fetched.", "What has arrived is kept; Get Model goes on from there.")]
    return [Notice(f"{title} is here and checked.")]


def take_over(name: str, folder: Path) -> Work:
    """Use a folder that the artist already has; nothing is copied."""
    return (yield from _simple(["get", name, "--from", str(folder)], name, "{} is taken from your folder."))


def verify(name: str) -> Work:
    """Read every byte again and compare."""
    return (yield from _simple(["verify", name], name, "{}: every byte is as it was fetched."))


def remove(name: str) -> Work:
    """Delete a model's files; a folder of the artist's own is forgotten, never deleted."""
    return (yield from _simple(["remove", name], name, "{} was removed."))


def _simple(arguments: list[str], name: str, done: str) -> Work:
    life.stop_backend()  # it may hold the files open
    talk = _Talk(arguments)
    try:
        yield from _follow(talk, False)
    finally:
        talk.end()
    title = state.short(_model(name))
    return [Notice("Cancelled." if talk.cancelled else done.format(title))]


def _model(name: str) -> Any:
    found = next((row.model for row in state.seen().rows if row.model.name == name), None)
    if found is None:
        names = ", ".join(row.model.name for row in state.seen().rows)
        raise Refusal(f"There is no model called {name}.", f"There are: {names}.")
    return found


@dataclass
class _Talk:
    """One process and what it has said."""

    arguments: list[str]
    token: str = field(default="", repr=False)
    cancelled: bool = False
    problem: AniDocError | None = None
    offer: Offer | None = None
    _done: int = 0
    _file: tuple[str, int] = ("", 0)
    _partial: bytes = b""
    _child: Process | None = None

    def start(self) -> None:
        """Start the process and hand it the token, which is forgotten here."""
        _model(self.arguments[1])
        command = ["-m", "backend", "models", *self.arguments, "--json", "--stdin"]
        self._child = life.start_child(environment.blender_python(), command, LOG)
        self._child.send(f"{self.token}\n".encode())
        self.token = ""

    def say(self, word: str) -> None:
        """Answer it."""
        assert self._child is not None
        self._child.send(f"{word}\n".encode())

    def lines(self) -> list[dict[str, Any]]:
        """What has arrived."""
        assert self._child is not None
        self._partial += self._child.receive()
        *lines, self._partial = self._partial.split(b"\n")
        if len(self._partial) > LONGEST_LINE:
            raise AniDocError(
                "The models' process said something the add-on does not understand.", "Show Log says more."
            )
        found = []
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue  # a start-up script of the user's may print
            if isinstance(said, dict):
                found.append(said)
        return found

    def ended(self) -> bool:
        """Whether it has, without a last word. Raises ``AniDocError``."""
        assert self._child is not None
        code = self._child.ended()
        if code is None:
            return False
        raise AniDocError(
            f"The models' process ended unexpectedly (code {code}).",
            "Press the button again; what has arrived is kept.",
            log_tail(self._child.log),
        )

    def end(self) -> None:
        """It is not wanted any more; look at what it has done."""
        global asking
        asking = None
        if self._child is not None:
            self._child.stop(0.0)
        state.look()

    def heard(self, line: dict[str, Any]) -> Status | None:
        """One line; what it says of the progress."""
        kind = line.get("type")
        if kind == "problem":
            self.problem = _problem(line)
        elif kind == "licence":
            words = [str(line.get(word, "")) for word in ("licence", "licence_text", "licence_means", "source")]
            self.offer = Offer(str(line.get("name", "")), int(line.get("bytes", 0)), *words)
        elif kind == "progress":
            file, done, size = str(line.get("file", "")), int(line.get("done", 0)), int(line.get("total", 0))
            if file != self._file[0]:
                self._done, self._file = self._done + self._file[1], (file, size)
            doing = "Fetching" if self.arguments[0] == "get" and "--from" not in self.arguments else "Reading"
            total = self.offer.size if self.offer else 0
            return Status(f"{doing} {Path(file).parent.name or file}", self._done + done, total)
        return None


def _follow(talk: _Talk, accept: bool | None) -> Generator[Status, bool | None, None]:
    """Turn the talk to its end. Raises ``AniDocError`` with what it says."""
    talk.start()
    status, ended, cancel = Status("Asking the hub" if talk.arguments[0] == "get" else "Looking"), False, None
    while not ended:
        lines = talk.lines()
        for line in lines:
            status = talk.heard(line) or status
            if line.get("type") == "licence" and talk.offer is not None:
                yield from _agree(talk, talk.offer, accept)
                if talk.cancelled:
                    return
            ended |= line.get("type") == "summary"
        if not ended and not lines:
            talk.ended()
        if not ended:
            cancel = yield status
        if cancel:
            talk.cancelled = True
            return
    if talk.problem is not None:
        raise talk.problem


def _agree(talk: _Talk, offer: Offer, accept: bool | None) -> Generator[Status, bool | None, None]:
    """Answer the licence: with what the script said, or with what the artist presses."""
    global asking
    if accept is False:
        raise Refusal(
            f"{offer.name} has {spoken(offer.size)} and is under this licence: {offer.licence}. {offer.means}",
            "Nothing was fetched. Read it, then call with accept_licence=True.",
        )
    if accept is None:
        asking = _Asking(offer)
        task.redraw()
        while not asking.word:
            if (yield Status("Waiting for your word on the licence")):
                asking.word = "no"
        word, asking = asking.word, None
        talk.cancelled = word == "no"
    talk.say("no" if talk.cancelled else "yes")


def _problem(line: dict[str, Any]) -> AniDocError:
    sentence, remedy = str(line.get("sentence", "")), str(line.get("remedy", ""))
    if line.get("kind") == "access":
        remedy = "Accept it on the model's page, make a token there for reading, then press Get Model and enter it."
        return Refusal(sentence, remedy, "anidoc.open_model_page")
    return AniDocError(_in_buttons(sentence), _in_buttons(remedy))


_BUTTONS = (
    (r"anidoc models get \S+", "press Get Model."),
    (r"anidoc models remove \S+", "press Remove."),
    (r"(its folder )?with --from", "with Use Folder"),
    (r"--folder", "ANIDOC_MODELS in the environment"),
)
"""What the command line says, and what it is called here."""


def _in_buttons(text: str) -> str:
    for command, button in _BUTTONS:
        text = re.sub(command, button, text)
    return text


def page_of(name: str) -> str:
    """The address of the model's page."""
    return f"{hub()}/{_model(name).repo}"


def spoken(count: int) -> str:
    """Bytes for people; where the hub alone knows, it says so."""
    if not count:
        return "a size that the hub tells"
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{max(1, round(count / 1000))} KB"
