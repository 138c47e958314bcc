"""Small helps: where the frames lie, the log, diagnostics, putting messages away."""

import platform
import shutil
import sys
from pathlib import Path

import bpy

from ...backend.version import VERSION
from .. import folders, messages, task
from ..client.process import log_tail
from ..messages import Refusal
from ..setup import environment
from .base import Result, refuse

LOGS = ("backend", "set-up", "models")
"""Logs of the processes that the add-on starts."""


def show_outside(operator: bpy.types.Operator, path: Path) -> Result:
    """Let the system show a file or folder; where it cannot, say where it lies."""
    if sys.platform in ("win32", "darwin") or shutil.which("xdg-open"):
        try:
            bpy.ops.wm.path_open(filepath=str(path))
            return {"FINISHED"}
        except RuntimeError as problem:
            detail = str(problem)
    else:
        detail = "xdg-open is not installed"
    return refuse(
        operator,
        Refusal("This computer has no program that Blender could show it with.", f"It is {path}", detail=detail),
    )


class ANIDOC_OT_open_output(bpy.types.Operator):
    """Open the folder with the coloured frames"""

    bl_idname = "anidoc.open_output"
    bl_label = "Open Output Folder"

    def execute(self, context: bpy.types.Context) -> Result:
        """Show it in the system's file browser."""
        try:
            folder = folders.job_folder(context.scene)
        except Refusal as refusal:
            return refuse(self, refusal)
        if not folder.is_dir():
            return refuse(self, Refusal("There are no coloured frames of this shot yet.", "Press Colorize Shot."))
        return show_outside(self, folder)


class ANIDOC_OT_show_log(bpy.types.Operator):
    """Open the log of the colouring process"""

    bl_idname = "anidoc.show_log"
    bl_label = "Show Log"

    def execute(self, context: bpy.types.Context) -> Result:
        """Open the newest log with the system's viewer."""
        logs = [p for p in map(folders.log_file, LOGS) if p.exists()]
        if not logs:
            return refuse(self, Refusal("There is no log yet: nothing was started."))
        return show_outside(self, max(logs, key=lambda p: p.stat().st_mtime))


class ANIDOC_OT_copy_diagnostics(bpy.types.Operator):
    """Copy versions, the environment's state and the end of the logs to the clipboard, for a report of a fault"""

    bl_idname = "anidoc.copy_diagnostics"
    bl_label = "Copy Diagnostics"

    def execute(self, context: bpy.types.Context) -> Result:
        """Put the text on the clipboard."""
        context.window_manager.clipboard = diagnostics()
        self.report({"INFO"}, "Copied. Paste it into your report.")
        return {"FINISHED"}


def diagnostics() -> str:
    """What somebody needs to know to find a fault. The home folder's name is left out."""
    found, anidoc = environment.look(), environment.look(environment.ANIDOC)
    lines = [
        f"AniDoc {VERSION}, Blender {bpy.app.version_string}, Python {platform.python_version()}",
        f"{platform.platform()}, {platform.machine()}, {sys.platform}",
        f"environment: {found.state}{', chosen by the user' if found.override else ''}, {found.python}",
        f"AniDoc environment: {anidoc.state}, torch {anidoc.torch or '-'} (fits: {anidoc.fits}), {anidoc.python}",
        f"online access: {bpy.app.online_access}; longest tick {task.longest_tick * 1000:.0f} ms",
    ]
    for notice in messages.board:
        lines += [f"{notice.level}: {notice}", *notice.detail.splitlines()]
    for name in LOGS:
        tail = log_tail(folders.log_file(name))
        if tail:
            lines += [f"--- {name}.log", tail]
    return "\n".join(lines).replace(str(Path.home()), "~")


class ANIDOC_OT_dismiss(bpy.types.Operator):
    """Put the messages away"""

    bl_idname = "anidoc.dismiss"
    bl_label = "Dismiss"

    def execute(self, context: bpy.types.Context) -> Result:
        """Clear the board."""
        messages.show()
        return {"FINISHED"}


CLASSES = (ANIDOC_OT_open_output, ANIDOC_OT_show_log, ANIDOC_OT_copy_diagnostics, ANIDOC_OT_dismiss)
