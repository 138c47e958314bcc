"""The panels of the AniDoc tab, the same in the 3D view and in the sequencer."""

from typing import Any

import bpy

from .. import task
from ..preferences import set_up_label
from ..setup import environment, work
from . import anidoc, parts


def _settings(context: bpy.types.Context) -> Any:
    return context.scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]


class _Tab:
    """A panel in the AniDoc tab; the classes below say in which editor."""

    bl_region_type = "UI"
    bl_category = "AniDoc"


class _Main(_Tab):
    bl_label = "Colorize Shot"

    def draw(self, context: bpy.types.Context) -> None:
        """The button, what it takes, and what it has to say."""
        layout: Any = self.layout  # pyright: ignore[reportAttributeAccessIssue]
        running = task.current()
        settings = _settings(context)
        anidoc.engine_row(layout, settings)
        lacking = False
        if settings.engine == "anidoc":
            lacking = anidoc.lacking(layout, context)
        elif environment.seen().state != "ready" and running is None:
            _set_up(layout, context)
        if not settings.references and running is None and settings.source == "GREASE_PENCIL":
            _first_steps(layout, context)
        big = layout.column()
        big.enabled = not lacking
        big.scale_y = 1.6
        big.operator_context = "INVOKE_DEFAULT"
        big.operator("anidoc.colorize_shot", icon="PLAY")
        anidoc.licence(layout, context)
        if running is not None:
            parts.progress(layout, context, running)
        parts.notices(layout, context)


def _set_up(layout: Any, context: bpy.types.Context) -> None:
    box = layout.box()
    refusal = environment.why_not(environment.seen())
    if refusal is not None:
        parts.paragraph(box, context, refusal.sentence, "INFO")
    if refusal is not None and refusal.button == "anidoc.open_preferences":
        parts.paragraph(box, context, refusal.remedy)
        box.operator("anidoc.open_preferences", icon="PREFERENCES")
        return
    parts.paragraph(box, context, work.what_it_takes())
    offline = work.why_no_setup()
    if offline is not None:
        parts.paragraph(box, context, str(offline), "INTERNET_OFFLINE")
        box.operator("anidoc.allow_online", icon="PREFERENCES")
    row = box.row()
    row.scale_y = 1.3
    row.operator_context = "INVOKE_DEFAULT"
    row.operator("anidoc.set_up", text=set_up_label(), icon="IMPORT")


def _first_steps(layout: Any, context: bpy.types.Context) -> None:
    box = layout.box()
    parts.paragraph(box, context, "Add a coloured picture of the character, or fill one drawing and use it.")
    if hasattr(bpy.types, "ANIDOC_OT_add_demo_shot"):
        box.operator("anidoc.add_demo_shot", icon="ARMATURE_DATA")


class _References(_Tab):
    bl_label = "References"

    def draw(self, context: bpy.types.Context) -> None:
        """The list, and the three ways to add to it."""
        layout: Any = self.layout  # pyright: ignore[reportAttributeAccessIssue]
        settings = _settings(context)
        for i, entry in enumerate(settings.references):
            parts.reference(layout, entry, i)
        column = layout.column(align=True)
        column.operator_context = "INVOKE_DEFAULT"
        frame = context.scene.frame_current
        column.operator("anidoc.use_drawing_as_key", text=f"Use This Drawing (frame {frame})", icon="GREASEPENCIL")
        row = column.row(align=True)
        row.operator("anidoc.add_reference", icon="FILE_IMAGE")
        row.operator("anidoc.add_image", icon="IMAGE_DATA")


class _Shot(_Tab):
    bl_label = "Shot"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """What is coloured."""
        layout: Any = self.layout  # pyright: ignore[reportAttributeAccessIssue]
        layout.use_property_split = True
        layout.use_property_decorate = False
        scene, settings = context.scene, _settings(context)
        layout.prop(settings, "name", placeholder=scene.name)
        layout.prop(settings, "source")
        if settings.source == "GREASE_PENCIL":
            layout.row().prop(settings, "which", expand=True)
            if settings.which == "CHOSEN":
                _choices(layout, settings)
        elif settings.source == "STRIP" and scene.sequence_editor is not None:
            layout.prop_search(settings, "strip", scene.sequence_editor, "strips_all", icon="SEQUENCE")
        elif settings.source == "STRIP":
            layout.label(text="The sequencer of this scene is empty.", icon="INFO")
        else:
            layout.prop(settings, "folder")
            layout.prop(settings, "folder_frame")
            layout.prop(settings, "hold")
        layout.row().prop(settings, "range", expand=True)
        if settings.range == "CUSTOM":
            column = layout.column(align=True)
            column.prop(settings, "first")
            column.prop(settings, "last")


def _choices(layout: Any, settings: Any) -> None:
    box = layout.box().column()
    box.use_property_split = False
    for i, choice in enumerate(settings.chosen):
        row = box.row(align=True)
        row.prop(choice, "object", text="")
        if choice.object is not None:
            row.prop_search(choice, "layer", choice.object.data, "layers", text="", icon="RENDERLAYERS")
        row.operator("anidoc.forget_choice", text="", icon="X").index = i
    box.operator("anidoc.choose", icon="ADD")


class _Result(_Tab):
    bl_label = "Result"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """How the frames shall look and where they go."""
        layout: Any = self.layout  # pyright: ignore[reportAttributeAccessIssue]
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = _settings(context)
        layout.row().prop(settings, "lines", expand=True)
        layout.prop(settings, "shading")
        layout.prop(settings, "auto_gap")
        row = layout.row()
        row.active = not settings.auto_gap
        row.prop(settings, "gap")
        layout.prop(settings, "output")
        row = layout.row(align=True)
        row.operator("anidoc.open_output", icon="FILE_FOLDER")
        row.operator("anidoc.show_log", icon="TEXT")


class ANIDOC_PT_material(bpy.types.Panel):
    """What AniDoc knows about a Grease Pencil material."""

    bl_label = "AniDoc"
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "material"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for Grease Pencil."""
        material = getattr(context, "material", None)
        return material is not None and material.grease_pencil is not None

    def draw(self, context: bpy.types.Context) -> None:
        """One switch."""
        layout: Any = self.layout
        layout.prop(context.material.anidoc, "separation")  # pyright: ignore[reportAttributeAccessIssue]


def _twice(part: type, name: str) -> list[type]:
    """The panel for both editors."""
    return [
        type(f"ANIDOC_PT_{name}{suffix}", (part, bpy.types.Panel), {"bl_space_type": space, "__doc__": part.bl_label})
        for suffix, space in (("", "VIEW_3D"), ("_sequencer", "SEQUENCE_EDITOR"))
    ]


CLASSES = (
    *_twice(_Main, "main"),
    *_twice(_References, "references"),
    *_twice(_Shot, "shot"),
    *_twice(_Result, "result"),
    ANIDOC_PT_material,
)
