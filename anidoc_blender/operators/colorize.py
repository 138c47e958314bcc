"""Colorize Shot and Cancel."""

import bpy

from .. import folders, task
from ..colorize import colour_shot
from ..messages import Refusals
from ..ready import require_engine
from ..request import request_of
from .base import Result, begin, complete, idle, refuse

NAME = "Colorize Shot"


class ANIDOC_OT_colorize_shot(bpy.types.Operator):
    """Colour every drawing of the shot from the references and put the frames on the timeline"""

    bl_idname = "anidoc.colorize_shot"
    bl_label = "Colorize Shot"
    bl_options = {"REGISTER"}  # the one undo step is made when the strips are placed, perhaps minutes later

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only what can be told at once; the rest is said on pressing."""
        if not idle(cls, NAME):
            return False
        if task.busy():
            cls.poll_message_set("Blender is rendering or saving; wait until it has finished.")
            return False
        return context.scene is not None

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window: the work goes on while the artist goes on."""
        return begin(self, NAME, context.scene.name, lambda: self._work(context))

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script or in background: finished only when the strips are there."""
        return complete(self, NAME, context.scene.name, lambda: self._work(context))

    def _work(self, context: bpy.types.Context) -> task.Work:
        refusals, scene = Refusals(), context.scene
        refusals.gather(require_engine, scene.anidoc.engine)
        request = refusals.gather(request_of, scene)
        refusals.speak()
        assert request is not None
        return colour_shot(request, folders.shot_name(scene))


class ANIDOC_OT_cancel(bpy.types.Operator):
    """Stop what AniDoc is doing; drawings that are finished are kept"""

    bl_idname = "anidoc.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something goes on."""
        if task.current() is None:
            cls.poll_message_set("Nothing is going on that could be cancelled.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask; the answer comes with one of the next ticks."""
        task.cancel()
        return {"FINISHED"}


class ANIDOC_OT_fix_view_transform(bpy.types.Operator):
    """Use the Standard view transform without look, exposure or gamma, so that renders show the frames' exact colours"""

    bl_idname = "anidoc.fix_view_transform"
    bl_label = "Fix View Transform"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Set the scene's colour management."""
        from .. import messages, view_transform

        try:
            view_transform.make_exact(context.scene)
        except TypeError as problem:
            return refuse(
                self,
                messages.Refusal(
                    "Blender's colour configuration has no Standard view transform.",
                    "Start Blender without the OCIO environment variable.",
                    detail=str(problem),
                ),
            )
        messages.board[:] = [n for n in messages.board if n.button != "anidoc.fix_view_transform"]
        task.redraw()
        return {"FINISHED"}


CLASSES = (ANIDOC_OT_colorize_shot, ANIDOC_OT_cancel, ANIDOC_OT_fix_view_transform)
