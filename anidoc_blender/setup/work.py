"""Setting up, repairing and removing an environment as work that a timer turns; the doing is a child process's."""

from collections.abc import Iterable

import bpy

from ...backend.contracts.messages import Message, Problem, Progress
from ...backend.setup import recipes
from ...backend.setup.install import JOB
from ...backend.version import VERSION
from .. import folders
from ..client import life
from ..client.conversation import Link, converse, last_problem
from ..messages import Notice, Refusal
from ..task import Status, Work
from . import environment
from .environment import CEL, Kind


def what_it_takes(kind: Kind = CEL) -> str:
    """Said before the download."""
    made = recipes.CEL if kind is CEL else recipes.anidoc(environment.seen(kind).fits)
    about = "" if made.measured else "about "
    said = (
        f"Downloads {about}{amount(made.download)} once and takes {about}{amount(made.disk)} on disk "
        f"({amount(made.meanwhile)} while it works)."
    )
    if kind is CEL:
        return said
    return f"{said} {amount(environment.seen(kind).free)} are free. {_build(made)}"


def _build(made: recipes.Recipe) -> str:
    if made.torch == "auto":
        return "An NVIDIA card was found: torch comes with CUDA, in the build that fits its driver."
    return "No NVIDIA card was found: torch comes in its build for the processor."


def amount(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 10**9:.1f} GB" if count >= 10**9 else f"{count // 10**6} MB"


def why_no_setup(kind: Kind = CEL) -> Refusal | None:
    """Why the environment cannot be made now, or None."""
    if not bpy.app.online_access:
        return Refusal(
            "Blender is set to stay offline, and setting up downloads packages.",
            f"Switch on Allow Online Access in Preferences > System, then press {_press(kind)}.",
            "anidoc.allow_online",
        )
    return None


def _press(kind: Kind) -> str:
    return "Set up" if kind is CEL else "Set up AniDoc"


def make(kind: Kind = CEL) -> Work:
    """Make or repair the environment."""
    refusal = why_no_setup(kind)
    if refusal is not None:
        raise refusal
    folders.user_folder()
    lock, *torch = map(str, environment.locks(kind))
    requirements = [lock, str(folders.ROOT / recipes.UV_LOCK), *torch]
    arguments = ["make", str(folders.environment_folder(kind.name)), *requirements]
    return (yield from _follow(kind, arguments, f"The {kind.what} is ready.", "Set-up was cancelled."))


def remove(kind: Kind = CEL) -> Work:
    """Delete the environment."""
    arguments = ["remove", str(folders.environment_folder(kind.name))]
    return (yield from _follow(kind, arguments, f"The {kind.what} was removed.", "Removing was cancelled."))


def _follow(kind: Kind, arguments: list[str], done: str, cancelled: str) -> Work:
    life.stop_backend()  # on Windows a running interpreter cannot be replaced
    python = environment.blender_python()
    child = life.start_child(python, ["-m", "backend.setup.install", *arguments], "set-up")
    try:
        problems: list[Problem] = []
        talk = converse(Link(child, VERSION), JOB, None)
        status, cancel = Status("Starting"), None
        while True:
            try:
                arrived = talk.send(cancel)
            except StopIteration as end:
                finished = end.value
                break
            status = _said(arrived, problems) or status
            cancel = yield status
        if finished.outcome == "failed":
            raise last_problem(problems)
        return [Notice(done if finished.outcome == "done" else cancelled)]
    finally:
        # It has said its last word, or is not wanted any more; what it left half done the next run sweeps away.
        child.stop(0.0)
        environment.look(kind)


def _said(arrived: Iterable[Message], problems: list[Problem]) -> Status | None:
    status = None
    for message in arrived:
        if isinstance(message, Problem):
            problems.append(message)
        elif isinstance(message, Progress):
            status = Status(message.doing, message.done, message.total, message.seconds_left)
    return status
