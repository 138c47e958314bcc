"""How operators speak: an error becomes a report and a message in the panel, never a traceback."""

from collections.abc import Callable
from typing import Any

import bpy

from ...backend.contracts.errors import AniDocError
from .. import messages, task
from ..messages import Notice, notices_of

Result = set[Any]


def refuse(operator: bpy.types.Operator, error: AniDocError) -> Result:
    """Say why nothing was done. In a script Blender raises the report as a RuntimeError with the same sentence."""
    notices = notices_of(error)
    if task.current() is None:
        messages.show(*notices)
    task.redraw()
    operator.report({"ERROR"}, " ".join(map(str, notices)))
    return {"CANCELLED"}


def begin(operator: bpy.types.Operator, name: str, scene: str, work: Callable[[], task.Work]) -> Result:
    """Start work that a timer turns; ``work`` may refuse."""
    try:
        task.start(name, work(), scene)
    except AniDocError as error:
        return refuse(operator, error)
    return {"FINISHED"}


def complete(operator: bpy.types.Operator, name: str, scene: str, work: Callable[[], task.Work]) -> Result:
    """Do the work now, waiting for its end: the way of scripts and background Blenders."""
    try:
        notices = task.run(name, work(), scene)
    except AniDocError as error:
        return refuse(operator, error)
    messages.show(*notices)
    tell(operator, notices)
    return {"FINISHED"}


def tell(operator: bpy.types.Operator, notices: list[Notice]) -> None:
    """Report notices in Blender's own way too."""
    for notice in notices:
        operator.report({notice.level}, str(notice))


def idle(cls: Any, what: str) -> bool:
    """A poll that only allows ``what`` while nothing else goes on; the tooltip says why not."""
    refusal = task.refuse_second(what)
    if refusal is not None:
        cls.poll_message_set(str(refusal))
    return refusal is None
