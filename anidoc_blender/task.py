"""The one piece of work that goes on at a time: turned by a timer in a window, or run to its end in background.

A piece of work is a generator: it yields a ``Status`` whenever it has worked for a moment, takes True to cancel, and
returns the notices for the panel. It never waits. Between two turns anything may have happened in Blender (undo, a
deleted object), so it keeps names, not data.
"""

import time
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..backend.contracts.errors import AniDocError
from . import messages
from .messages import Notice, Refusal, notices_of

BUDGET = 0.008
"""Seconds of work after which a tick takes no further step; with the longest single step it stays under 20 ms."""

SOON, LATER = 0.01, 0.1
"""Seconds to the next tick: while there is work to do here, and while the work is done elsewhere."""

_BLOCKING_JOBS = ("RENDER", "RENDER_PREVIEW", "OBJECT_BAKE", "COMPOSITE")
"""Blender's own jobs during which nobody else may touch the scene."""


_OUR_REGIONS = {"VIEW_3D": "UI", "SEQUENCE_EDITOR": "UI", "PREFERENCES": "WINDOW"}
"""Where our panels are, by editor."""

REDRAW = 0.2
"""Seconds between two drawings of the progress; oftener would only take time from the work."""


_BY_HAND = ("GREASE_PENCIL_OT_", "TRANSFORM_OT_", "SCULPT_OT_", "PAINT_OT_", "SEQUENCER_OT_", "ANIM_OT_")
"""Operators that hold the mouse while they work, by the beginning of their names."""


@dataclass(frozen=True)
class Status:
    """How far the work is. ``done`` of ``total`` (0: cannot be told). ``more``: the next step reads or
    changes the file and can be done at once; without it the work goes on elsewhere."""

    doing: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    preview: Path | None = None
    more: bool = False

    @property
    def fraction(self) -> float:
        """0..1"""
        return min(1.0, self.done / self.total) if self.total else 0.0


Work = Generator[Status, bool | None, list[Notice]]


@dataclass
class Task:
    """Work in progress. ``scene`` is the name of the scene it belongs to, or empty; ``waits``: for the artist's hand."""

    name: str
    scene: str
    work: Work
    status: Status
    cancelled: bool = False
    started: bool = False
    drawn: float = 0.0
    waits: bool = False


_current: Task | None = None
_saving = False
longest_tick = 0.0
"""Seconds: the longest time our own code has held Blender's main thread in one tick, for the diagnostics and tests."""


def current() -> Task | None:
    """What goes on now."""
    return _current


def start(name: str, work: Work, scene: str = "") -> None:
    """Begin work that a timer turns. Raises ``Refusal`` when something goes on already."""
    _begin(name, work, scene)
    bpy.app.timers.register(_tick, first_interval=SOON)


def run(name: str, work: Work, scene: str = "") -> list[Notice]:
    """Do the work now, to its end, for scripts and background Blenders. Raises ``AniDocError``."""
    task = _begin(name, work, scene)
    try:
        while True:
            status = _turn(task)
            if isinstance(status, list):
                return status
            if not status.more:
                time.sleep(0.02)
    finally:
        _end()


def cancel() -> None:
    """Ask the work to stop; it answers in a following tick."""
    if _current is not None:
        _current.cancelled = True
        redraw()


def stop() -> None:
    """End the work at once: Blender quits, another file is loaded, the add-on goes."""
    task = _current
    _end()
    if task is not None:
        task.work.close()


def refuse_second(name: str) -> Refusal | None:
    """Why this cannot start now, or None."""
    if _current is None:
        return None
    return Refusal(f"{name} cannot start: {_current.name} is still going on.", "Wait for it, or press Cancel.")


def _begin(name: str, work: Work, scene: str) -> Task:
    global _current
    refusal = refuse_second(name)
    if refusal is not None:
        raise refusal
    messages.show()
    _current = Task(name, scene, work, Status(name))
    return _current


def _end() -> None:
    global _current
    _current = None
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


def _turn(task: Task) -> Status | list[Notice]:
    """One step; the notices when it was the last one."""
    try:
        task.status = task.work.send(task.cancelled) if task.started else next(task.work)
        task.started = True
        return task.status
    except StopIteration as end:
        return end.value


def busy() -> bool:
    """Whether Blender renders or saves, so that nobody else may touch the scene."""
    return _saving or any(bpy.app.is_job_running(job) for job in _BLOCKING_JOBS)


def artist_at_work() -> bool:
    """Whether the artist draws or moves something just now, or plays the shot: going to other frames would disturb that."""
    manager = bpy.context.window_manager
    return any(
        window.screen.is_animation_playing or any(_hand(operator.bl_idname) for operator in window.modal_operators)
        for window in (manager.windows if manager else ())
    )


def _hand(operator: str) -> bool:
    return operator.startswith(_BY_HAND)


def _tick() -> float | None:
    """A timer's turn. Nothing may escape: Blender would drop the timer and the panel would wait for ever."""
    global longest_tick
    task = _current
    if task is None:
        return None
    if busy():
        return LATER
    began = time.perf_counter()
    try:
        while True:
            task.waits = task.status.more and artist_at_work()
            if task.waits and not task.cancelled:
                redraw()
                return LATER
            status = _turn(task)
            spent = time.perf_counter() - began
            if isinstance(status, list) or not status.more or spent > BUDGET:
                break
    except AniDocError as error:
        status = notices_of(error)
    except Exception as problem:
        # A fault of ours. The artist gets a sentence, the console and the diagnostics the whole of it.
        traceback.print_exc()
        status = [
            Notice(
                f"{task.name} stopped because of a fault in AniDoc: {problem}.",
                "Press it again; if it happens again, Copy Diagnostics and send them to us.",
                "anidoc.copy_diagnostics",
                "ERROR",
                traceback.format_exc(),
            )
        ]
    now = time.perf_counter()
    longest_tick = max(longest_tick, now - began)
    if isinstance(status, list):
        messages.show(*status)
        _end()
        redraw()
        return None
    if now - task.drawn > REDRAW:
        task.drawn = now
        redraw()
    return SOON if status.more else LATER


def redraw() -> None:
    """Have our panels drawn again: only the sidebars, because drawing a whole viewport can take longer than a tick."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            shown = _OUR_REGIONS.get(area.type)
            for region in area.regions:
                if region.type == shown:
                    region.tag_redraw()


@bpy.app.handlers.persistent
def _save_begins(*_: object) -> None:
    global _saving
    _saving = True


@bpy.app.handlers.persistent
def _save_ends(*_: object) -> None:
    global _saving
    _saving = False


def _handlers() -> list[tuple[list, Callable[..., None]]]:
    on = bpy.app.handlers
    return [(on.save_pre, _save_begins), (on.save_post, _save_ends), (on.save_post_fail, _save_ends)]


def register() -> None:
    """Listen for saving."""
    for handlers, function in _handlers():
        handlers.append(function)


def unregister() -> None:
    """End what goes on and listen no more."""
    stop()
    for handlers, function in _handlers():
        if function in handlers:
            handlers.remove(function)
