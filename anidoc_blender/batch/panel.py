"""The Batch panel: the scenes to tick, then the queue with a line each."""

from typing import Any

import bpy

from .. import task
from ..panels import parts
from . import state, submit
from .queue import Line, Queue

MOST_LINES = 40
"""Lines drawn; a sidebar with hundreds is slow and nobody reads it. The report has them all."""

_ICONS = {"waiting": "SORTTIME", "done": "CHECKMARK", "failed": "CANCEL", "cancelled": "X"}


class _Batch:
    bl_region_type = "UI"
    bl_category = "AniDoc"
    bl_label = "Batch"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """The queue where there is one, else the scenes."""
        layout: Any = self.layout  # pyright: ignore[reportAttributeAccessIssue]
        queue = state.current()
        if queue is None:
            _scenes(layout, context)
        else:
            _queue(layout, context, queue)


def _scenes(layout: Any, context: bpy.types.Context) -> None:
    column = layout.column(align=True)
    scenes: list[Any] = list(bpy.data.scenes)
    for scene in scenes[:MOST_LINES]:
        row = column.row(align=True)
        row.prop(scene.anidoc_batch, "use", text=scene.name)
        sub = row.row(align=True)
        sub.active = scene.anidoc_batch.use
        sub.prop(scene.anidoc, "engine", text="")
        sub.prop(scene.anidoc_batch, "inbetween", text="", icon="ONIONSKIN_ON")
        sub.prop(scene.anidoc_batch, "render", text="")
    if len(scenes) > MOST_LINES:
        layout.label(text=f"and {len(scenes) - MOST_LINES} more scenes")
    row = layout.row(align=True)
    row.operator("anidoc.batch_tick", text="All with References")
    row.operator("anidoc.batch_tick", text="None").none = True
    big = layout.column()
    big.scale_y = 1.3
    big.operator_context = "INVOKE_DEFAULT"
    ticked = sum(scene.anidoc_batch.use for scene in scenes)
    big.operator("anidoc.colorize_all", text=f"Colorize All ({ticked})", icon="PLAY")
    if submit.manager():
        row = layout.row()
        row.operator_context = "INVOKE_DEFAULT"
        row.operator("anidoc.batch_submit", icon="NETWORK_DRIVE")


def _queue(layout: Any, context: bpy.types.Context, queue: Queue) -> None:
    for index, line in _shown(queue):
        _line(layout, context, index, line)
    if len(queue.lines) > MOST_LINES:
        layout.label(text=queue.batch().spoken())
    row = layout.row(align=True)
    row.operator_context = "INVOKE_DEFAULT"
    if queue.running() is not None:
        row.operator("anidoc.batch_pause", text="Pausing" if queue.paused else "Pause", icon="PAUSE")
        row.operator("anidoc.cancel", text="Cancel All", icon="CANCEL")
        return
    row.enabled = task.current() is None
    row.operator("anidoc.batch_resume", text=f"Resume ({queue.waiting()})", icon="PLAY")
    row.operator("anidoc.batch_resume", text="Failed Too", icon="FILE_REFRESH").failed = True
    row = layout.row(align=True)
    row.operator("anidoc.batch_report", icon="URL")
    row.operator("anidoc.batch_forget", icon="X")


def _shown(queue: Queue) -> list[tuple[int, Line]]:
    """The lines that are drawn: in a long queue those around the one in work."""
    lines = list(enumerate(queue.lines))
    if len(lines) <= MOST_LINES:
        return lines
    at = next((n for n, line in lines if line.running or line.result.outcome == "waiting"), 0)
    first = max(0, min(at - MOST_LINES // 4, len(lines) - MOST_LINES))
    return lines[first : first + MOST_LINES]


def _line(layout: Any, context: bpy.types.Context, index: int, line: Line) -> None:
    row = layout.row(align=True)
    outcome = line.result.outcome
    if line.running:
        text = f"{line.result.name}: {line.words()}"
        row.progress(factor=min(1.0, line.done / line.total) if line.total else 0.0, type="BAR", text=text)
    else:
        row.label(text=line.result.name, icon=_ICONS[outcome])
        words = row.row()
        words.alignment = "RIGHT"
        words.label(text="failed" if outcome == "failed" else line.words())
    if outcome == "waiting" and not line.running:
        for down, icon in ((False, "TRIA_UP"), (True, "TRIA_DOWN")):
            move = row.operator("anidoc.batch_move", text="", icon=icon)
            move.index, move.down = index, down
    if outcome == "waiting":
        row.operator("anidoc.batch_leave", text="", icon="X").index = index
    if outcome == "failed":
        parts.paragraph(layout, context, line.words(), "BLANK1")


CLASSES = tuple(
    type(
        f"ANIDOC_PT_batch{suffix}",
        (_Batch, bpy.types.Panel),
        {"bl_space_type": space, "__doc__": "Many scenes at once."},
    )
    for suffix, space in (("", "VIEW_3D"), ("_sequencer", "SEQUENCE_EDITOR"))
)
