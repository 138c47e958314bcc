"""Setting up, repairing and removing the environment as work that a timer turns; the doing is a child process's."""

from collections.abc import Iterable

import bpy

from ...backend.contracts.messages import Message, Problem, Progress
from ...backend.setup.install import DISK, DISK_MEANWHILE, DOWNLOAD, JOB
from ...backend.version import VERSION
from .. import folders
from ..client import life
from ..client.conversation import Link, converse, last_problem
from ..messages import Notice, Refusal
from ..task import Status, Work
from . import environment


def what_it_takes() -> str:
    """Said before the download."""
    return (
        f"Downloads {DOWNLOAD // 10**6} MB once and takes {DISK // 10**6} MB on disk "
        f"({DISK_MEANWHILE // 10**6} MB while it works)."
    )


def why_no_setup() -> Refusal | None:
    """Why the environment cannot be made now, or None."""
    if not bpy.app.online_access:
        return Refusal(
            "Blender is set to stay offline, and setting up downloads packages.",
            "Switch on Allow Online Access in Preferences > System, then press Set up.",
            "anidoc.allow_online",
        )
    return None


def make() -> Work:
    """Make or repair the environment."""
    refusal = why_no_setup()
    if refusal is not None:
        raise refusal
    folders.user_folder()
    requirements = [str(folders.ROOT / environment.CEL_LOCK), str(folders.ROOT / environment.UV_LOCK)]
    arguments = ["make", str(folders.environment_folder()), *requirements]
    return (yield from _follow(arguments, "The colouring environment is ready.", "Set-up was cancelled."))


def remove() -> Work:
    """Delete the environment."""
    arguments = ["remove", str(folders.environment_folder())]
    return (yield from _follow(arguments, "The colouring environment was removed.", "Removing was cancelled."))


def _follow(arguments: list[str], done: str, cancelled: str) -> Work:
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
        environment.look()


def _said(arrived: Iterable[Message], problems: list[Problem]) -> Status | None:
    status = None
    for message in arrived:
        if isinstance(message, Problem):
            problems.append(message)
        elif isinstance(message, Progress):
            status = Status(message.doing, message.done, message.total, message.seconds_left)
    return status
