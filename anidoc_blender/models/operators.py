"""The buttons around the AniDoc engine's models: get, accept, use a folder, verify, remove, look again."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from .. import task
from ..messages import Refusal
from ..operators.base import Result, begin, complete, idle, refuse
from . import state, work

GET, USE, VERIFY, REMOVE = "Get Model", "Use Folder", "Verify", "Remove Model"


class _OfModel:
    """An operator on one model."""

    name: StringProperty(
        name="Model",
        description="As anidoc models calls it, e.g. svd; empty: the first one that the engine lacks",
        options={"SKIP_SAVE"},
    )

    def chosen(self) -> str:
        """The model's name. Raises ``Refusal`` where none is meant."""
        if self.name:
            return self.name
        lacking = state.missing(state.look())
        if not lacking:
            raise Refusal("The AniDoc engine has all the models it needs.", "Name the one you mean.")
        return lacking[0].model.name


class ANIDOC_OT_get_model(_OfModel, bpy.types.Operator):
    """Fetch a model that the AniDoc engine uses. Its size and licence are shown first; nothing is fetched before you agree"""

    bl_idname = "anidoc.get_model"
    bl_label = "Get Model"
    bl_options = {"INTERNAL"}  # not REGISTER: Blender would write the token into its log of operators

    token: StringProperty(
        name="Token",
        description="Your own token of the hub, for reading. It is used once and kept nowhere. "
        "Leave it empty if you are logged in with the hub's own tool",
        subtype="PASSWORD",
        options={"SKIP_SAVE"},
    )
    accept_licence: BoolProperty(
        name="Accept the licence",
        description="For scripts: you have read the model's licence and accept it",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while nothing else goes on."""
        return idle(cls, GET)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window: a model that is not for everyone asks for the token first."""
        self._asked = True
        try:
            self.name = self.chosen()
            refusal = work.why_no_download()
            if refusal is not None:
                raise refusal
        except Refusal as refusal:
            return refuse(self, refusal)
        row = next((row for row in state.seen().rows if row.model.name == self.name), None)
        if row is not None and row.model.gated:
            return context.window_manager.invoke_props_dialog(self, width=420, title=GET, confirm_text="Ask the Hub")
        return begin(self, GET, "", lambda: work.get(self.name))

    def draw(self, context: bpy.types.Context) -> None:
        """The question for the token."""
        layout: Any = self.layout
        model = next(row.model for row in state.seen().rows if row.model.name == self.name)
        column = layout.column(align=True)
        column.label(text=f"{model.title}: {work.spoken(model.about)}")
        column.label(text=f"Licence: {model.licence.name}.")
        column.label(text="Its page asks you to accept it with an account, and makes a token for reading:")
        layout.operator("anidoc.open_model_page", icon="URL").name = self.name
        layout.prop(self, "token")
        column = layout.column(align=True)
        column.label(text="The token goes to the hub once and is kept nowhere.", icon="LOCKED")
        column.label(text="Leave it empty if you are logged in with the hub's own tool.", icon="BLANK1")

    def execute(self, context: bpy.types.Context) -> Result:
        """The dialog was confirmed, or a script calls: then it ends when the model is here and checked."""
        token, self.token = self.token.strip(), ""
        if getattr(self, "_asked", False):
            name = self.name
            return begin(self, GET, "", lambda: work.get(name, token))
        return complete(self, GET, "", lambda: work.get(self.chosen(), token, self.accept_licence))


class ANIDOC_OT_answer_licence(bpy.types.Operator):
    """Accept the licence that is shown, and fetch the model"""

    bl_idname = "anidoc.answer_licence"
    bl_label = "Accept and Get"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while a licence is shown."""
        if work.asking is None:
            cls.poll_message_set("No licence is waiting for your word.")
        return work.asking is not None

    def execute(self, context: bpy.types.Context) -> Result:
        """Say yes."""
        work.answer(True)
        task.redraw()
        return {"FINISHED"}


class ANIDOC_OT_use_model_folder(_OfModel, bpy.types.Operator):
    """Use a folder on this computer that already has the model; nothing is copied, and AniDoc never deletes it"""

    bl_idname = "anidoc.use_model_folder"
    bl_label = "Use Folder"
    bl_options = {"REGISTER"}

    directory: StringProperty(name="Folder", description="The model's topmost folder", subtype="DIR_PATH")
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while nothing else goes on."""
        return idle(cls, USE)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Let the artist choose it."""
        try:
            self.name = self.chosen()
        except Refusal as refusal:
            return refuse(self, refusal)
        self._asked = True
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Recognize its files and note their checksums."""
        folder = Path(bpy.path.abspath(self.directory))
        if getattr(self, "_asked", False):
            name = self.name
            return begin(self, USE, "", lambda: work.take_over(name, folder))
        return complete(self, USE, "", lambda: work.take_over(self.chosen(), folder))


class ANIDOC_OT_verify_model(_OfModel, bpy.types.Operator):
    """Read every byte of the model again and compare it with what was fetched"""

    bl_idname = "anidoc.verify_model"
    bl_label = "Verify"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while nothing else goes on."""
        return idle(cls, VERIFY)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window."""
        name = self.name
        return begin(self, VERIFY, "", lambda: work.verify(name))

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script."""
        return complete(self, VERIFY, "", lambda: work.verify(self.name))


class ANIDOC_OT_remove_model(_OfModel, bpy.types.Operator):
    """Delete the model from this computer; a folder of your own is only forgotten"""

    bl_idname = "anidoc.remove_model"
    bl_label = "Remove Model"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while nothing else goes on."""
        return idle(cls, REMOVE)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window: gigabytes are fetched again slowly, so ask."""
        self._asked = True
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> Result:
        """Delete or forget it."""
        name = self.name
        if getattr(self, "_asked", False):
            return begin(self, REMOVE, "", lambda: work.remove(name))
        return complete(self, REMOVE, "", lambda: work.remove(name))


class ANIDOC_OT_open_model_page(_OfModel, bpy.types.Operator):
    """Open the model's page in the web browser, with its licence and, where one is needed, the button to accept it"""

    bl_idname = "anidoc.open_model_page"
    bl_label = "Model's Page"

    def execute(self, context: bpy.types.Context) -> Result:
        """Open it."""
        try:
            name = self.chosen()
            page = work.page_of(name)
        except Refusal as refusal:
            return refuse(self, refusal)
        bpy.ops.wm.url_open(url=page)
        return {"FINISHED"}


class ANIDOC_OT_look_again(bpy.types.Operator):
    """Look anew for the AniDoc environment, the models and a graphics card, after something was changed outside Blender"""

    bl_idname = "anidoc.look_again"
    bl_label = "Look Again"

    def execute(self, context: bpy.types.Context) -> Result:
        """Look."""
        state.look()
        task.redraw()
        return {"FINISHED"}


CLASSES = (
    ANIDOC_OT_get_model,
    ANIDOC_OT_answer_licence,
    ANIDOC_OT_use_model_folder,
    ANIDOC_OT_verify_model,
    ANIDOC_OT_remove_model,
    ANIDOC_OT_open_model_page,
    ANIDOC_OT_look_again,
)
