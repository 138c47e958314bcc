"""Colorize Shot as work that a timer turns: write the job, have the backend colour it, put the frames on the timeline."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import bpy

from ..backend.contracts.errors import AniDocError, JobError
from ..backend.contracts.files import inside
from ..backend.contracts.messages import Doubt, Finished, FrameReady, Message, Problem, Progress
from ..backend.contracts.report import Report, load_report
from . import folders, previews, timeline, view_transform
from .client import life
from .client.conversation import converse, last_problem
from .job_writer import Written, write_job
from .messages import Notice
from .ready import require_engine
from .shot_request import ShotRequest
from .task import Status, Work

MOST_NOTES = 6
"""Messages in the panel; what is more stands in report.json."""


Writing = Generator[Status, bool | None, Written | None]
"""A job as it is written; None where it was cancelled."""


@dataclass(frozen=True)
class Ended:
    """A shot that has been coloured or cancelled. ``finished`` is None where it was cancelled before it was written."""

    notices: list[Notice]
    folder: Path
    finished: Finished | None = None
    problems: tuple[Problem, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass
class _Said:
    """What the backend has said for people so far."""

    problems: list[Problem] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def colour_shot(request: ShotRequest, name: str) -> Work:
    """Colour the shot and place its strips, called ``name``. Raises ``AniDocError``."""
    return (yield from shot_work(request, name)).notices


def shot_work(
    request: ShotRequest, name: str, prepare: Callable[[Written], Writing] | None = None
) -> Generator[Status, bool | None, Ended]:
    """The same, telling how it ended, for whoever colours one shot after the other.

    ``prepare`` may add to the job that was written before it is run.
    """
    require_engine(request.engine)
    previews.forget_frame()
    link = life.backend(request.engine)  # started first, so that it warms up while the job is written
    yield Status("Starting")  # ends the tick: the system takes as long as it likes to start a process
    yield Status("Starting", more=True)
    try:
        written = yield from _write(request)
        if written is not None and prepare is not None:
            written = yield from prepare(written)
        if written is None:
            return Ended([Notice("Cancelled; nothing was changed.")], request.folder)
        finished, said = yield from _colour(link, written)
    finally:
        life.let_idle()
    problems, doubts = tuple(said.problems), tuple(said.doubts)
    if finished.outcome == "cancelled":
        kept = f"Cancelled: {drawings(finished.coloured)} finished and kept."
        return Ended([Notice(kept, "The next press goes on from there.")], written.folder, finished, problems, doubts)
    if finished.outcome == "failed":
        raise last_problem(said.problems)
    yield Status("Placing the strip", 1, 1, more=True)
    report = load_report(written.folder)
    yield Status("Placing the strip", 1, 1, more=True)
    notices = _place(request, name, written, finished, report, doubts)
    yield Status("Placing the strip", 1, 1)
    push_undo("Colorize Shot")
    return Ended(notices, written.folder, finished, problems, doubts)


def _write(request: ShotRequest) -> Writing:
    """The job on disk, or None when it was cancelled."""
    writing = write_job(request)
    try:
        while True:
            step = next(writing)
            if (yield Status(step.doing or "Reading drawings", step.done, step.total, more=True)):
                return None
    except StopIteration as end:
        return end.value
    finally:
        writing.close()


def _colour(link: life.Link, written: Written) -> Generator[Status, bool | None, tuple[Finished, _Said]]:
    talk = converse(link, life.next_job_name(), written.folder)
    said = _Said()
    status, cancel, ended = Status("Starting"), None, False
    try:
        while True:
            status = _heard(talk.send(cancel), written, said, status)
            cancel = yield status
    except StopIteration as end:
        ended = True
        return end.value, said
    finally:
        if not ended:  # closed from outside, or the backend went wrong: what it still does is not wanted
            life.stop_backend()


def _heard(arrived: Iterable[Message], written: Written, said: _Said, status: Status) -> Status:
    for message in arrived:
        if isinstance(message, Problem):
            said.problems.append(message)
        elif isinstance(message, Doubt):
            said.doubts.append(message)
        elif isinstance(message, Progress):
            doing = message.doing or "Colouring"
            status = Status(doing, message.done, message.total, message.seconds_left, status.preview)
        elif isinstance(message, FrameReady):
            try:
                path = inside(written.folder, message.path)
            except JobError:
                continue
            previews.show_frame(path)
            status = Status(status.doing, status.done, status.total, status.seconds_left, path)
    return status


def _place(
    request: ShotRequest, name: str, written: Written, finished: Finished, report: Report, doubts: tuple[Doubt, ...]
) -> list[Notice]:
    scene = bpy.data.scenes.get(request.scene)
    if scene is None:
        raise AniDocError(f"The scene {request.scene} is gone; its frames are kept in {written.folder}.")
    placed = timeline.place_strip(scene, written.folder, report, name=name, keep_outside=request.first is not None)
    changed = view_transform.changes_colours(scene)
    words = finished.in_words() + ("," if finished.kept else "")
    notices = [Notice(f"{words[0].upper()}{words[1:]} in {_spoken(finished.seconds)}; see the sequencer.")]
    notices += [Notice(doubt.sentence, doubt.remedy, level="WARNING") for doubt in doubts]
    if changed:
        notices.append(
            Notice(
                f"Renders will not show these exact colours: {changed} changes them.",
                "Press Fix View Transform to use Standard.",
                "anidoc.fix_view_transform",
                "WARNING",
            )
        )
    notices += [Notice(note, level="WARNING") for note in placed.notes]
    notices += [Notice(note, level="WARNING") for note in written.notes]
    if not bpy.data.filepath and written.folder.is_relative_to(folders.user_folder("unsaved")):
        notices.append(
            Notice(
                "This file is not saved yet, so its frames are kept in AniDoc's own folder.",
                "Save it and press again to have them beside it.",
                "wm.save_mainfile",
                "WARNING",
            )
        )
    if len(notices) > MOST_NOTES:
        more = len(notices) - MOST_NOTES + 1
        notices[MOST_NOTES - 1 :] = [
            Notice(f"There are {more} more messages.", "They stand in report.json.", "anidoc.open_output", "WARNING")
        ]
    return notices


def drawings(count: int) -> str:
    """``1 drawing``, ``2 drawings``."""
    return f"{count} drawing{'' if count == 1 else 's'}"


def _spoken(seconds: float) -> str:
    return "less than a second" if seconds < 1 else f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def push_undo(message: str) -> None:
    """One undo step for what was just done; a timer has no window of its own, and undo wants one."""
    context, push = bpy.context, cast(Any, bpy.ops.ed.undo_push)
    windows = list(context.window_manager.windows) if context.window_manager else []
    if context.window is None and windows:
        with context.temp_override(window=windows[0]):
            push(message=message)
    elif push.poll():
        push(message=message)
