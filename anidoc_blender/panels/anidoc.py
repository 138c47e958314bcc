"""The AniDoc engine in the tab: its settings, what it lacks on this computer, and its models. Only drawn while it is chosen."""

from typing import Any

import bpy

from .. import ready, task
from ..models import state, work
from ..models.state import Row
from ..preferences import set_up_label
from ..setup import environment
from ..setup import work as setting_up
from ..setup.environment import ANIDOC
from . import parts

_WORDS = {"absent": "not here", "part": "in part", "ready": "here", "own": "your folder", "broken": "damaged"}

_USES = {
    "engine": "The engine needs",
    "matching": "For finding like places (optional)",
    "optional": "For more (optional)",
}


def engine_row(layout: Any, settings: Any) -> None:
    """The switch."""
    layout.row(align=True).prop(settings, "engine", expand=True)


def lacking(layout: Any, context: bpy.types.Context) -> bool:
    """Where the AniDoc engine cannot run: the reason, and the button that mends it. Whether it cannot."""
    reason = ready.why_greyed("anidoc")
    if reason is None or task.current() is not None:
        return reason is not None
    box = layout.box()
    parts.paragraph(box, context, reason.sentence, "INFO")
    button = getattr(reason, "button", "")
    if button == ANIDOC.button:
        _set_up(box, context)
    elif button == "anidoc.get_model":
        _first_model(box, context)
    else:
        parts.paragraph(box, context, reason.remedy)
        box.operator(button, icon="PREFERENCES")
    return True


def _set_up(box: Any, context: bpy.types.Context) -> None:
    parts.paragraph(box, context, setting_up.what_it_takes(ANIDOC))
    offline = setting_up.why_no_setup(ANIDOC)
    if offline is not None:
        _offline(box, context, str(offline))
    _big(box, ANIDOC.button, set_up_label(ANIDOC), "IMPORT")


def _first_model(box: Any, context: bpy.types.Context) -> None:
    row = state.missing(state.seen())[0]
    _about(box, context, row)
    offline = work.why_no_download()
    if offline is not None:
        _offline(box, context, str(offline))
    line = box.row(align=True)
    line.scale_y = 1.3
    line.operator_context = "INVOKE_DEFAULT"
    line.operator("anidoc.get_model", icon="IMPORT").name = row.model.name
    line.operator("anidoc.use_model_folder", icon="FILE_FOLDER").name = row.model.name


def _about(layout: Any, context: bpy.types.Context, row: Row) -> None:
    size = "The hub tells its size" if not row.size else f"{work.spoken(row.size)} to fetch"
    free = work.spoken(state.seen().free)
    parts.paragraph(layout, context, f"{size}; {free} are free. Licence: {row.model.licence.name}.")
    parts.paragraph(layout, context, row.model.licence.means)
    if row.model.gated:
        parts.paragraph(layout, context, "An account at the hub that has accepted the licence is needed.")


def _offline(layout: Any, context: bpy.types.Context, text: str) -> None:
    parts.paragraph(layout, context, text, "INTERNET_OFFLINE")
    layout.operator("anidoc.allow_online", icon="PREFERENCES")


def _big(layout: Any, button: str, text: str, icon: str) -> None:
    row = layout.row()
    row.scale_y = 1.3
    row.operator_context = "INVOKE_DEFAULT"
    row.operator(button, text=text, icon=icon)


def licence(layout: Any, context: bpy.types.Context) -> None:
    """A licence that waits for the artist's word."""
    asked = work.asking
    if asked is None:
        return
    offer = asked.offer
    box = layout.box()
    title = state.short(next(row.model for row in state.seen().rows if row.model.name == offer.name))
    parts.paragraph(box, context, f"{title}: {work.spoken(offer.size)} from {offer.source}", "QUESTION")
    parts.paragraph(box, context, f"Licence: {offer.licence} ({offer.text}). {offer.means}")
    parts.paragraph(box, context, f"{work.spoken(state.seen().free)} are free in {state.seen().root}")
    row = box.row(align=True)
    row.scale_y = 1.3
    row.operator("anidoc.answer_licence", icon="CHECKMARK")
    row.operator("anidoc.open_model_page", icon="URL").name = offer.name


def _settings(layout: Any, context: bpy.types.Context) -> tuple[Any, Any]:
    """The engine's settings, and a column for them: pale where the engine cannot run."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    column = layout.column()
    column.active = ready.why_greyed("anidoc") is None
    return context.scene.anidoc.diffusion, column  # pyright: ignore[reportAttributeAccessIssue]


class _Settings:
    bl_region_type = "UI"
    bl_category = "AniDoc"
    bl_label = "AniDoc Engine"
    bl_parent_id = "ANIDOC_PT_main"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while that engine is chosen."""
        return context.scene.anidoc.engine == "anidoc"  # pyright: ignore[reportAttributeAccessIssue]

    def draw(self, context: bpy.types.Context) -> None:
        """The few settings; they can be set where the engine cannot run, because they travel with the file."""
        layout: Any = self.layout  # pyright: ignore[reportAttributeAccessIssue]
        settings, column = _settings(layout, context)
        for name in ("steps", "guidance", "length", "seed"):
            column.prop(settings, name)
        column.row().prop(settings, "background", expand=True)
        column.prop(settings, "finish")
        slow = state.slow()
        if slow:
            parts.paragraph(layout, context, slow, "INFO")


class _More:
    bl_region_type = "UI"
    bl_category = "AniDoc"
    bl_label = "More"
    bl_parent_id = "ANIDOC_PT_engine"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """What is seldom changed."""
        settings, column = _settings(self.layout, context)  # pyright: ignore[reportAttributeAccessIssue]
        for name in ("size", "reference", "sparse"):
            column.prop(settings, name)


class _Models:
    bl_region_type = "UI"
    bl_category = "AniDoc"
    bl_label = "Models"
    bl_parent_id = "ANIDOC_PT_main"
    bl_options = {"DEFAULT_CLOSED"}
    poll = _Settings.poll

    def draw(self, context: bpy.types.Context) -> None:
        """The list."""
        models(self.layout, context)  # pyright: ignore[reportAttributeAccessIssue]


def models(layout: Any, context: bpy.types.Context) -> None:
    """All models with state, size, licence and buttons; for the tab and for the preferences."""
    found = state.seen()
    if found.own_weights:
        parts.paragraph(layout, context, f"The engine's weights are taken from {found.own_weights}.", "INFO")
    for use, words in _USES.items():
        rows = [row for row in found.rows if row.model.use == use]
        column = layout.column(align=True)
        if rows:
            column.label(text=words)
        for row in rows:
            _model(column, row)
    layout.operator("anidoc.look_again", icon="FILE_REFRESH")
    parts.paragraph(layout, context, f"Kept in {found.root}; {work.spoken(found.free)} free.")


def _model(layout: Any, row: Row) -> None:
    model = row.model
    box = layout.box().column(align=True)
    line = box.row(align=True)
    line.label(text=state.short(model), icon="CHECKMARK" if row.here else "X" if row.state == "broken" else "BLANK1")
    words = line.row()
    words.alignment = "RIGHT"
    words.label(text=_WORDS[row.state])
    size = work.spoken(row.size) if row.size else "size told by the hub" if model.repo else "not fetched by AniDoc"
    account = ", account needed" if model.gated and not row.here else ""
    box.label(text=f"{size}{account}", icon="BLANK1")
    box.label(text=model.licence.name, icon="BLANK1")
    buttons = box.row(align=True)
    buttons.operator_context = "INVOKE_DEFAULT"
    if row.here:
        buttons.operator("anidoc.verify_model", icon="VIEWZOOM").name = model.name
    else:
        if model.repo:
            buttons.operator("anidoc.get_model", text="Get", icon="IMPORT").name = model.name
        buttons.operator("anidoc.use_model_folder", icon="FILE_FOLDER").name = model.name
    if row.state != "absent":
        buttons.operator("anidoc.remove_model", text="Remove", icon="TRASH").name = model.name


def environment_line(layout: Any) -> None:
    """The AniDoc environment in the preferences: state, sizes, buttons."""
    found = environment.seen(ANIDOC)
    state_words = environment.STATES[found.state]
    if found.state == "ready" and found.disk_bytes and not found.override:
        build = "for the processor" if found.torch != "auto" else "with CUDA"
        state_words += f", {setting_up.amount(found.disk_bytes)}, torch {build}"
    layout.label(text=f"AniDoc environment: {state_words}", icon="CHECKMARK" if found.state == "ready" else "INFO")
    if found.override:
        layout.label(text=f"Python chosen by you: {found.python}")
    elif found.state == "ready" and found.fits == "auto" != found.torch:
        layout.label(text="An NVIDIA card was found since: press Repair to use it.", icon="INFO")
    elif found.state != "ready":
        for sentence in setting_up.what_it_takes(ANIDOC).removesuffix(".").split(". "):
            layout.label(text=f"{sentence}.")
    row = layout.row()
    row.operator("anidoc.set_up_anidoc", text=set_up_label(ANIDOC))
    row.operator("anidoc.remove_anidoc")


def _twice(part: type, name: str) -> list[type]:
    """The panel for both editors, each below its own main panel."""
    made = []
    for suffix, space in (("", "VIEW_3D"), ("_sequencer", "SEQUENCE_EDITOR")):
        parent = f"{part.bl_parent_id}{suffix}"  # pyright: ignore[reportAttributeAccessIssue]
        body = {"bl_space_type": space, "bl_parent_id": parent, "__doc__": part.bl_label}  # pyright: ignore
        made.append(type(f"ANIDOC_PT_{name}{suffix}", (part, bpy.types.Panel), body))
    return made


CLASSES = (*_twice(_Settings, "engine"), *_twice(_More, "engine_more"), *_twice(_Models, "models"))
