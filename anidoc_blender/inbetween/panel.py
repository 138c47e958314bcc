"""The In-between panel: which keys, how many, how spaced; preview, apply, discard."""

from typing import Any

import bpy

from ...backend.contracts.errors import AniDocError
from .. import ready
from ..models import state
from ..panels import parts
from . import preview
from .keys import choose


class ANIDOC_PT_inbetween(bpy.types.Panel):
    """Drawings between two keys."""

    bl_label = "In-between"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "AniDoc"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Settings, the button, and what waits."""
        layout: Any = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings: Any = context.scene.anidoc_inbetween  # pyright: ignore[reportAttributeAccessIssue]
        try:
            chosen = choose(context, settings.whole)
            pairs = len(chosen.pairs)
            text = f"Frames {chosen.frames[0]} to {chosen.frames[-1]}" + (f", {pairs} pairs" if pairs > 1 else "")
            layout.label(text=f"{text}, {chosen.object}", icon="KEYTYPE_KEYFRAME_VEC")
        except AniDocError as error:
            parts.paragraph(layout, context, str(error), "INFO")
        layout.prop(settings, "whole")
        layout.row().prop(settings, "timing", expand=True)
        if settings.timing == "STEP" and settings.spacing != "chart":
            layout.row().prop(settings, "step", expand=True)
        elif settings.spacing != "chart":
            layout.prop(settings, "count")
        layout.prop(settings, "spacing")
        if settings.spacing == "chart":
            layout.prop(settings, "chart")
        row = layout.row(align=True, heading="Make")
        row.prop(settings, "drawings", toggle=True)
        row.prop(settings, "colour", toggle=True)
        if settings.drawings:
            layout.prop(settings, "preview")
            _pins(layout, settings)
        reason = _reason(context, settings)
        if reason:
            parts.paragraph(layout, context, reason, "INFO")
        big = layout.column()
        big.scale_y = 1.4
        big.operator_context = "INVOKE_DEFAULT"
        if preview.waiting(context.scene):
            row = big.row(align=True)
            row.operator("anidoc.inbetween_apply", icon="CHECKMARK")
            row.operator("anidoc.inbetween_discard", icon="X")
        big.operator("anidoc.inbetween", icon="KEYTYPE_BREAKDOWN_VEC")


def _reason(context: bpy.types.Context, settings: Any) -> str:
    """Why colours cannot be had with the engine that is chosen, or what it means to have them; often nothing."""
    engine = context.scene.anidoc.engine  # pyright: ignore[reportAttributeAccessIssue]
    if not settings.colour:
        return ""
    lacking = ready.why_greyed(engine)
    if lacking is not None:
        return f"{lacking.sentence} See Colorize Shot."
    return state.slow() if engine == "anidoc" else ""


def _pins(layout: Any, settings: Any) -> None:
    for n, pin in enumerate(settings.pins):
        row = layout.row()
        row.label(text=f"Pin from frame {pin.frame}", icon="PINNED")
        row.operator("anidoc.inbetween_unpin", text="", icon="X", emboss=False).index = n
    row = layout.row(align=True)
    row.operator("anidoc.inbetween_pin", text="Pin First Key").end = "first"
    row.operator("anidoc.inbetween_pin", text="Pin Second Key").end = "last"


CLASSES = (ANIDOC_PT_inbetween,)
