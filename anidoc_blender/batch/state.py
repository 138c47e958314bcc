"""The open file's queue: made by Colorize All, found again on disk when the file is opened after a crash or a quit."""

from pathlib import Path

import bpy

from .. import folders, task
from . import inbetween, steps
from .queue import Queue, recall

_queue: Queue | None = None


def current() -> Queue | None:
    """The queue of the open file, or None."""
    return _queue


def use(queue: Queue | None) -> None:
    """Let the panel show this one."""
    global _queue
    _queue = queue


def place(scene: bpy.types.Scene) -> Path:
    """The folder of the open file's queue and report page: beside its frames."""
    blend = bpy.data.filepath
    if not blend:
        return folders.user_folder("unsaved") / folders.unsaved_id(scene) / "_batch"
    return Path(blend).parent / "anidoc" / folders.safe_name(Path(blend).stem) / "_batch"


def ticked() -> list[bpy.types.Scene]:
    """The scenes that take part, in the file's order."""
    return [s for s in bpy.data.scenes if s.anidoc_batch.use]  # pyright: ignore[reportAttributeAccessIssue]


@bpy.app.handlers.persistent
def _opened(*_: object) -> None:
    """Another file is open: show what its last batch left, if something of it still waits or failed."""
    use(None)
    if bpy.data.filepath and bpy.data.scenes:
        found = recall(place(bpy.data.scenes[0]))
        if found is not None and found.batch().count("done") < len(found.lines):
            use(found)
    task.redraw()


def register() -> None:
    """Be told when a file is opened; in-betweens take part in batches."""
    steps.add(inbetween.NAME, inbetween.work_for)
    bpy.app.handlers.load_post.append(_opened)


def unregister() -> None:
    """Forget the queue; its file stays."""
    use(None)
    steps.remove(inbetween.NAME)
    if _opened in bpy.app.handlers.load_post:
        bpy.app.handlers.load_post.remove(_opened)
