"""Work that comes before a scene's shot is coloured in a batch, added by the rooms that do it (in-betweens, for one).

steps.add("In-between", work_for)          # work_for(scene) gives a generator, or None where the scene wants nothing
"""

from collections.abc import Callable, Generator
from typing import Any

import bpy

from ..task import Status

Steps = Generator[Status, bool | None, Any]

_before: dict[str, Callable[[bpy.types.Scene], Steps | None]] = {}


def add(name: str, work_for: Callable[[bpy.types.Scene], Steps | None]) -> None:
    """Let ``work_for`` be asked before each scene of a batch is coloured. It may raise ``AniDocError``."""
    _before[name] = work_for


def remove(name: str) -> None:
    """Ask it no more."""
    _before.pop(name, None)


def before(scene: bpy.types.Scene) -> Steps:
    """All of it for one scene, in the order it was added; True where somebody asked to stop meanwhile."""
    stopped = False
    for work_for in list(_before.values()):
        steps = work_for(scene)
        if steps is None or stopped:
            continue
        cancel: bool | None = None
        try:
            while True:
                cancel = yield steps.send(cancel)
                stopped |= bool(cancel)
        except StopIteration:
            continue
        finally:
            steps.close()
    return stopped
