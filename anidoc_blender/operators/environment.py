"""The buttons around the colouring environment: set up, repair, remove, go online."""

import bpy

from .. import folders, preferences
from ..setup import environment, work
from ..setup.environment import ANIDOC, CEL
from .base import Result, begin, complete, idle, refuse

SET_UP, REMOVE = "Set up", "Remove"


class _SetUp:
    """Makes or repairs one of the two environments."""

    kind = CEL

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while nothing else goes on."""
        return idle(cls, SET_UP)

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """The tooltip states the sizes."""
        return f"Make or repair the {cls.kind.what}, in AniDoc's own folder. {work.what_it_takes(cls.kind)}"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window: a child process does it."""
        refusal = work.why_no_setup(self.kind)
        if refusal is not None:
            return refuse(self, refusal)  # pyright: ignore[reportArgumentType]
        return begin(self, preferences.set_up_label(self.kind), "", lambda: work.make(self.kind))  # pyright: ignore

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script or in background: finished only when the environment works."""
        return complete(self, preferences.set_up_label(self.kind), "", lambda: work.make(self.kind))  # pyright: ignore


class ANIDOC_OT_set_up(_SetUp, bpy.types.Operator):
    """Make or repair the environment that colours: download the packages once, in AniDoc's own folder"""

    bl_idname = "anidoc.set_up"
    bl_label = "Set up"


class ANIDOC_OT_set_up_anidoc(_SetUp, bpy.types.Operator):
    """Make or repair the environment of the AniDoc engine: download torch and its packages once, beside Cel's"""

    bl_idname = "anidoc.set_up_anidoc"
    bl_label = "Set up AniDoc"
    kind = ANIDOC


class _Remove:
    """Deletes one of the two environments."""

    kind = CEL

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where there is one of our own, and nothing goes on."""
        if not idle(cls, REMOVE):
            return False
        if environment.seen(cls.kind).state == "absent":
            cls.poll_message_set("There is no environment to remove.")
            return False
        if environment.seen(cls.kind).override:
            cls.poll_message_set("The Python in use was chosen by you; AniDoc removes only what it made.")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window: a child process does it."""
        return begin(self, REMOVE, "", lambda: work.remove(self.kind))  # pyright: ignore[reportArgumentType]

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script."""
        return complete(self, REMOVE, "", lambda: work.remove(self.kind))  # pyright: ignore[reportArgumentType]


class ANIDOC_OT_remove_environment(_Remove, bpy.types.Operator):
    """Delete the colouring environment from this computer; frames, files and settings stay"""

    bl_idname = "anidoc.remove_environment"
    bl_label = "Remove"


class ANIDOC_OT_remove_anidoc(_Remove, bpy.types.Operator):
    """Delete the AniDoc engine's environment from this computer; models, frames, files and settings stay"""

    bl_idname = "anidoc.remove_anidoc"
    bl_label = "Remove"
    kind = ANIDOC


class ANIDOC_OT_allow_online(bpy.types.Operator):
    """Open Blender's preferences where Allow Online Access is"""

    bl_idname = "anidoc.allow_online"
    bl_label = "Open Preferences"

    def execute(self, context: bpy.types.Context) -> Result:
        """Show the page; the switch itself is the artist's to press."""
        bpy.ops.screen.userpref_show("INVOKE_DEFAULT", section="SYSTEM")
        return {"FINISHED"}


class ANIDOC_OT_open_preferences(bpy.types.Operator):
    """Open AniDoc's own preferences"""

    bl_idname = "anidoc.open_preferences"
    bl_label = "AniDoc Preferences"

    def execute(self, context: bpy.types.Context) -> Result:
        """Show the page."""
        bpy.ops.preferences.addon_show(module=folders.ADDON)
        return {"FINISHED"}


CLASSES = (
    ANIDOC_OT_set_up,
    ANIDOC_OT_set_up_anidoc,
    ANIDOC_OT_remove_environment,
    ANIDOC_OT_remove_anidoc,
    ANIDOC_OT_allow_online,
    ANIDOC_OT_open_preferences,
)
