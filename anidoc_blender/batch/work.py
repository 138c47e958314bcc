"""Colorize All as work that a timer turns: each line of the queue is a shot; one that fails stops nobody else."""

import contextlib
import platform
import time
import traceback
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from ...backend.contracts.batch import PAGE_FILE, ShotResult
from ...backend.contracts.errors import AniDocError
from .. import folders, timeline
from ..client import life
from ..colorize import Ended, shot_work
from ..messages import Notice, notices_of
from ..request import request_of
from ..setup import environment
from ..task import Status, Work
from . import steps
from .queue import Line, Queue
from .render import render_scene

_LONGEST_PAGE = 600.0
"""Seconds the report page may take; thousands of shots take minutes."""


def colour_all(queue: Queue) -> Work:
    """Run the queue's waiting lines in order, then make the report page."""
    with life.hold():
        yield from colour_lines(queue)
        page = yield from make_page(queue.place)
    return _notices(queue, page)


def colour_lines(queue: Queue) -> Work:
    """Run the queue's waiting lines in order."""
    try:
        while (line := queue.next()) is not None:
            yield from _run(queue, line)
        if queue.stopped:
            queue.cancel_rest()
    finally:
        queue.rest()
        with contextlib.suppress(AniDocError):  # end() has kept the reason, where there is one
            queue.save()
    return []


def _run(queue: Queue, line: Line) -> Generator[Status, bool | None, None]:
    """One line, from its first step to its result. Only the way a generator ends by force goes through."""
    began = time.monotonic()
    queue.begin(line)
    result = replace(line.result, host=platform.node(), new=0)
    try:
        ended = yield from _obeying(queue, line, _shot(line.scene))
        result = _result(result, ended)
        kind = line.render or bpy.data.scenes[line.scene].anidoc_batch.render  # pyright: ignore
        if result.outcome == "done" and kind != "NO":
            path = yield from _obeying(queue, line, render_scene(line.scene, kind, ended.folder))
            result = replace(result, render=str(path))
    except AniDocError as error:
        more = " ".join(str(e) for e in getattr(error, "also", ()))
        result = replace(result, outcome="failed", sentence=error.sentence, remedy=f"{error.remedy} {more}".strip())
    except Exception as problem:
        traceback.print_exc()
        said = f"A fault in AniDoc stopped this shot: {problem}."
        result = replace(result, outcome="failed", sentence=said, remedy="Please report it with the log.")
    if result.outcome == "cancelled" and queue.paused and not line.dropped:
        result = replace(result, outcome="waiting", sentence="")
    queue.end(line, replace(result, seconds=round(time.monotonic() - began, 3)))


def _shot(scene_name: str) -> Generator[Status, bool | None, Ended]:
    scene = bpy.data.scenes.get(scene_name)
    if scene is None:
        raise AniDocError(f"There is no scene {scene_name} any more.", "Was it renamed? Tick it and press again.")
    if (yield from steps.before(scene)):
        return Ended([], folders.job_folder(scene))
    return (yield from shot_work(request_of(scene), folders.shot_name(scene)))


def _obeying(
    queue: Queue, line: Line, work: Generator[Status, bool | None, Any]
) -> Generator[Status, bool | None, Any]:
    """Turn ``work``, telling it when the queue is stopped or paused, or the line left out."""
    cancel: bool | None = None
    try:
        while True:
            status = work.send(cancel)
            line.doing, line.done, line.total = status.doing, status.done, status.total
            number = queue.lines.index(line) + 1
            doing = f"{line.scene} ({number} of {len(queue.lines)}): {status.doing}"
            asked = yield replace(status, doing=doing, seconds_left=None)
            queue.stopped |= bool(asked)
            cancel = queue.stopped or queue.paused or line.dropped
    except StopIteration as end:
        return end.value
    finally:
        work.close()


def _result(result: ShotResult, ended: Ended) -> ShotResult:
    finished = ended.finished
    result = replace(result, folder=str(ended.folder), sentence="", remedy="")
    if finished is None:
        return replace(result, outcome="cancelled", sentence="Cancelled.")
    new = finished.coloured - finished.kept
    result = replace(result, coloured=finished.coloured, failed=finished.failed, new=new, outcome=finished.outcome)
    if finished.outcome == "cancelled":
        return replace(result, sentence="Cancelled; finished drawings are kept.")
    broken = [p for p in ended.problems if p.drawing]
    if finished.failed:
        many = f"{finished.failed} of {finished.failed + finished.coloured} drawings could not be coloured"
        first = f"; the first: {broken[0].sentence}" if broken else "."
        remedy = broken[0].remedy if broken else ""
        return replace(result, outcome="failed", sentence=many + first, remedy=remedy)
    if ended.doubts:
        return replace(result, sentence=ended.doubts[0].sentence, remedy=ended.doubts[0].remedy)
    return result


def make_page(place: Path) -> Generator[Status, bool | None, Path | None]:
    """Have the colouring environment make the report page in ``place``; None where it could not."""
    try:
        python = environment.any_interpreter()
        child = life.start_child(python, ["-m", "backend", "batch", "--page", "--report", str(place)], "report")
    except AniDocError:
        return None
    began = time.monotonic()
    try:
        while child.running() and time.monotonic() - began < _LONGEST_PAGE:
            child.receive()
            if (yield Status("Making the report")):
                return None
    finally:
        child.stop(0.0)
    page = place / PAGE_FILE
    return page if page.is_file() else None


def _notices(queue: Queue, page: Path | None) -> list[Notice]:
    batch = queue.batch()
    level = "WARNING" if batch.count("failed") else "INFO"
    waiting = batch.count("waiting")
    said = f"Paused: {batch.spoken()}." if waiting else f"Colorize All: {batch.spoken()}."
    notices = [Notice(said, "Press Resume to go on." if waiting else "", "", level)]
    if queue.trouble is not None:
        notices += notices_of(queue.trouble)
    if page is not None:
        notices.append(Notice("The report shows every shot.", "", "anidoc.batch_report"))
    return notices


def lines_for(scenes: list[bpy.types.Scene], file: str) -> list[Line]:
    """A waiting line for each scene."""
    return [Line(ShotResult(folders.shot_name(s), scene=s.name, file=file)) for s in scenes]


def lost_strips(queue: Queue) -> int:
    """Let done lines wait again whose strip this file does not have: Blender ended before it was saved. How many."""
    lost = 0
    for line in queue.lines:
        scene = bpy.data.scenes.get(line.scene)
        if (
            line.result.outcome == "done"
            and scene is not None
            and not timeline.own_strips(scene, folders.shot_name(scene))
        ):
            line.result = replace(line.result, outcome="waiting")
            lost += 1
    return lost
