"""Pieces the panels are made of: messages, progress, a reference."""

import textwrap
from typing import Any

import bpy

from .. import messages, previews, task
from ..messages import Notice

_ICONS = {"INFO": "CHECKMARK", "WARNING": "ERROR", "ERROR": "CANCEL"}

LETTER = 6.5
"""Points a letter takes on average in Blender's interface font."""

ICON = 4
"""Letters an icon takes the place of."""


def letters(context: bpy.types.Context) -> int:
    """How many letters a line of the sidebar holds; labels do not wrap by themselves."""
    width = context.region.width if context.region else 250
    scale = (context.preferences.system.ui_scale if context.preferences else 0.0) or 1.0  # 0 without a window
    return max(20, int(width / (LETTER * scale)) - 7)


def paragraph(layout: Any, context: bpy.types.Context, text: str, icon: str = "NONE", beside: int = 0) -> None:
    """Text in as many lines as it needs; ``beside`` is how many buttons of an icon's width stand in the same row."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    width = letters(context) - ICON * ((icon != "NONE") + beside)
    for i, line in enumerate(textwrap.wrap(text, width) or [""]):
        column.label(text=line, icon=icon if i == 0 else "BLANK1" if icon != "NONE" else "NONE")


def notices(layout: Any, context: bpy.types.Context) -> None:
    """What the last job has to say, each with the button that puts it right."""
    if not messages.board:
        return
    box = layout.box()
    for i, notice in enumerate(messages.board):
        row = box.row()
        column = row.column()
        dismissed_here = i == 0
        _notice(column, context, notice, beside=int(dismissed_here))
        if dismissed_here:
            row.operator("anidoc.dismiss", text="", icon="X", emboss=False)


def _notice(layout: Any, context: bpy.types.Context, notice: Notice, beside: int) -> None:
    paragraph(layout, context, str(notice), _ICONS[notice.level], beside)
    if notice.button:
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator(notice.button)
    if notice.level == "ERROR" and notice.detail and notice.button != "anidoc.copy_diagnostics":
        row = layout.row(align=True)
        row.operator("anidoc.show_log")
        row.operator("anidoc.copy_diagnostics")


def progress(layout: Any, context: bpy.types.Context, running: task.Task) -> None:
    """How far the work is, the newest finished frame, and Cancel."""
    status = running.status
    box = layout.box()
    doing = "Cancelling" if running.cancelled else "Waiting for your hand" if running.waits else status.doing
    box.progress(factor=status.fraction, type="BAR", text=f"{doing[:1].upper()}{doing[1:]}{spoken_count(status)}")
    row = box.row()
    left = spoken_time(status.seconds_left)
    row.label(text=left or running.name, icon="TIME" if left else "NONE")
    row.operator("anidoc.cancel", icon="CANCEL")
    icon = previews.frame_icon()
    if icon:
        box.template_icon(icon_value=icon, scale=8.0)


def spoken_count(status: task.Status) -> str:
    """``: 3 of 48``, or megabytes where the numbers are bytes; empty where it cannot be told."""
    if status.total <= 0:
        return ""
    if status.total > 10**6:
        return f": {status.done // 10**6} of {status.total // 10**6} MB"
    return f": {status.done} of {status.total}"


def spoken_time(seconds: float | None) -> str:
    """Time left as people say it."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{max(1, round(seconds))} s left"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min left"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min left"


def reference(layout: Any, entry: Any, index: int) -> None:
    """One reference: thumbnail, where it comes from, whether it colours one drawing, remove."""
    row = layout.box().row()
    thumbnail = row.column()
    if entry.kind == "FILE":
        icon = previews.file_icon(entry.path)
    else:
        icon = layout.icon(entry.image) if entry.kind == "IMAGE" and entry.image else 0
    if icon:
        thumbnail.template_icon(icon_value=icon, scale=3.0)
    else:
        thumbnail.label(icon="GREASEPENCIL" if entry.kind == "DRAWING" else "IMAGE_DATA")
    column = row.column(align=True)
    if entry.kind == "DRAWING":
        column.prop(entry, "frame", text="Your drawing at frame")
    else:
        if entry.kind == "FILE":
            column.prop(entry, "path", text="")
        else:
            column.template_ID(entry, "image", open="image.open")
        line = column.row(align=True)
        line.prop(entry, "is_key", text="Colours one drawing" if not entry.is_key else "Colours frame", toggle=True)
        if entry.is_key:
            line.prop(entry, "frame", text="")
    row.operator("anidoc.remove_reference", text="", icon="X", emboss=False).index = index
