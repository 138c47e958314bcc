"""The one backend process of this Blender: started at the first press, kept for a while, never left behind."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from ...backend.version import VERSION
from .. import folders, task
from ..setup import environment
from .conversation import Link
from .process import Process

KEEP_WARM = 300.0
"""Seconds an idle backend is kept, so that the next press starts at once; then its memory (about 100 MB) is given back."""

GRACE = 0.5
"""Seconds to leave by itself when Blender quits; whatever it was doing is redone by the next run."""

_link: Link | None = None
_kind = environment.CEL
_count = 0
_held = 0


def backend(engine: str = "cel") -> Link:
    """The link to a living backend that has ``engine``. AniDoc's environment can do what Cel's can, so that a batch of
    both keeps one process. Raises ``AniDocError`` when there is no environment or it cannot be started."""
    global _link, _kind
    _cancel_idle()
    wanted = environment.kind_for(engine)
    if _link is not None and not (_link.child.running() and _kind in (wanted, environment.ANIDOC)):
        stop_backend()
    if _link is None:
        python = environment.backend_interpreter(wanted)
        child = start_child(python, ["-m", "backend", "serve"], "backend")
        _link, _kind = Link(child, VERSION, repair=wanted.button), wanted
    return _link


def start_child(python: Path, arguments: list[str], log: str) -> Process:
    """A child with our packages on its path. ``-P`` keeps whatever lies in its working folder out of its imports."""
    home = folders.user_folder("logs")
    return Process([str(python), "-s", "-P", *arguments], root=folders.ROOT, home=home, log=folders.log_file(log))


def next_job_name() -> str:
    """A name that no earlier job of this Blender had, so that late words about an old one are told apart."""
    global _count
    _count += 1
    return f"job {_count}"


def stop_backend(grace: float = 0.0) -> None:
    """End the backend. An idle one loses nothing by that, a working one the drawing in work."""
    global _link
    link, _link = _link, None
    _cancel_idle()
    if link is not None:
        link.child.stop(grace)


@contextmanager
def hold() -> Iterator[None]:
    """Keep the backend loaded meanwhile, from shot to shot and from file to file."""
    global _held
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        let_idle()


def let_idle() -> None:
    """A job is over: keep the backend warm for a while. In background nobody would come to end it: end it now."""
    if _held:
        return
    if bpy.app.background:
        stop_backend()
    elif not bpy.app.timers.is_registered(_idle_over):
        bpy.app.timers.register(_idle_over, first_interval=KEEP_WARM)


def _idle_over() -> None:
    if task.current() is None:
        stop_backend()


def _cancel_idle() -> None:
    if bpy.app.timers.is_registered(_idle_over):
        bpy.app.timers.unregister(_idle_over)


@bpy.app.handlers.persistent
def _another_file(*_: object) -> None:
    task.stop()
    if not _held:
        leave_nothing()


def leave_nothing() -> None:
    """End the work, the backend and the timers: Blender quits, loads a file, or the add-on is switched off."""
    task.stop()
    stop_backend(GRACE)


def register() -> None:
    """Be told when another file is loaded and when Blender quits."""
    bpy.app.handlers.load_pre.append(_another_file)
    atexit.register(leave_nothing)


def unregister() -> None:
    """Leave nothing behind."""
    leave_nothing()
    atexit.unregister(leave_nothing)
    if _another_file in bpy.app.handlers.load_pre:
        bpy.app.handlers.load_pre.remove(_another_file)
