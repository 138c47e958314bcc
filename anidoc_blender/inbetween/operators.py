"""In-between, Apply, Discard, and the pins."""

import shutil
from typing import Any

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty

from ...backend.contracts.errors import AniDocError
from .. import messages, task
from ..colorize import push_undo
from ..messages import Refusal, Refusals
from ..operators.base import Result, begin, complete, idle, refuse, tell
from ..setup import environment
from . import preview, work
from .colour import colour_of, colouring
from .keys import between, choose

NAME = "In-between"


def _settings(scene: Any) -> Any:
    return scene.anidoc_inbetween


class ANIDOC_OT_inbetween(bpy.types.Operator):
    """Make the drawings between the keys around the current frame, as breakdowns on the same layers"""

    bl_idname = "anidoc.inbetween"
    bl_label = "In-between"
    bl_options = {"REGISTER"}  # the one undo step is made when the drawings are there

    replace: BoolProperty(  # pyright: ignore[reportInvalidTypeForm]
        name="Replace", description="Replace drawings that stand between the keys already", options={"SKIP_SAVE"}
    )
    show: BoolProperty(  # pyright: ignore[reportInvalidTypeForm]
        name="Preview", description="Show them over the keys instead of putting them in", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only what can be told at once; the rest is said on pressing."""
        return idle(cls, NAME) and context.scene is not None

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window: asks before anything is replaced; the work goes on while the artist goes on."""
        settings = _settings(context.scene)
        self.show = settings.preview and settings.drawings
        if settings.drawings and not self.replace and not self.show and self._there(context):
            self.replace = True
            words = "Drawings stand between the keys already. Replace them?"
            manager: Any = context.window_manager
            return manager.invoke_confirm(self, event, title=NAME, message=words, confirm_text="Replace")
        return begin(self, NAME, context.scene.name, lambda: self._work(context))

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script, or confirmed: in background finished only when the drawings are there."""
        if bpy.app.background:
            return complete(self, NAME, context.scene.name, lambda: self._work(context))
        return begin(self, NAME, context.scene.name, lambda: self._work(context))

    def _there(self, context: bpy.types.Context) -> bool:
        try:
            return bool(between(choose(context, _settings(context.scene).whole)))
        except AniDocError:
            return False  # said when the work begins

    def _work(self, context: bpy.types.Context) -> task.Work:
        scene, settings = context.scene, _settings(context.scene)
        if not settings.drawings and not settings.colour:
            raise Refusal("Nothing is asked for.", "Switch on Drawings, Colorize, or both.")
        show, drawings = self.show and settings.drawings, settings.drawings
        refusals = Refusals()
        chosen = refusals.gather(choose, context, settings.whole)
        there = [] if chosen is None else between(chosen)
        plan = None if chosen is None else refusals.gather(work.plan_of, scene, chosen, drawings or not there)
        colour = None
        if settings.colour and not show:
            colour = refusals.gather(colour_of, scene, plan, drawings)
        else:
            refusals.gather(environment.any_interpreter)
        refusals.speak()
        assert plan is not None
        if not drawings:
            assert colour is not None
            return colouring(colour)
        if there and not self.replace and not show:
            raise work.already(there[0][1])
        return work.make(plan, show, self.replace, colour)


class ANIDOC_OT_inbetween_apply(bpy.types.Operator):
    """Put the in-betweens that are shown on their layers, as breakdowns"""

    bl_idname = "anidoc.inbetween_apply"
    bl_label = "Apply"
    bl_options = {"REGISTER"}  # the undo step is made when the drawings are there, before they are coloured

    replace: BoolProperty(  # pyright: ignore[reportInvalidTypeForm]
        name="Replace", description="Replace drawings that stand between the keys already", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while a preview waits."""
        return preview.waiting(context.scene) and idle(cls, "Apply")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Asks before anything is replaced."""
        try:
            plan, _, _ = work.load_plan(work.folder_of(context.scene))
            there = between(plan.chosen)
        except (AniDocError, KeyError):
            there = []  # said by execute
        if there and not self.replace:
            self.replace = True
            words = "Drawings stand between the keys already. Replace them?"
            manager: Any = context.window_manager
            return manager.invoke_confirm(self, event, title=NAME, message=words, confirm_text="Replace")
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> Result:
        """Write them; the preview goes. What colouring lacks is said before anything is written."""
        scene, colour = context.scene, None
        try:
            folder = work.folder_of(scene)
            if _settings(scene).colour:
                colour = colour_of(scene, work.load_plan(folder)[0], True)
            notices = work.commit(folder, self.replace)
        except AniDocError as error:
            return refuse(self, error)
        preview.forget(scene)
        push_undo("Apply In-betweens")
        messages.show(*notices)
        tell(self, notices)
        if colour is None:
            return {"FINISHED"}
        start = complete if bpy.app.background else begin
        return start(self, NAME, scene.name, lambda: colouring(colour))


class ANIDOC_OT_inbetween_discard(bpy.types.Operator):
    """Take the in-betweens that are shown away; the keys stay as they are"""

    bl_idname = "anidoc.inbetween_discard"
    bl_label = "Discard"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while a preview waits."""
        return preview.waiting(context.scene) and idle(cls, "Discard")

    def execute(self, context: bpy.types.Context) -> Result:
        """Forget them."""
        shutil.rmtree(work.folder_of(context.scene), ignore_errors=True)
        preview.forget(context.scene)
        messages.show()
        return {"FINISHED"}


class ANIDOC_OT_inbetween_pin(bpy.types.Operator):
    """Pin a point: press on the first key with the 3D cursor on the point, then on the second key with the cursor there"""

    bl_idname = "anidoc.inbetween_pin"
    bl_label = "Pin at Cursor"
    bl_options = {"REGISTER", "UNDO"}

    end: StringProperty(default="first", options={"SKIP_SAVE"})  # pyright: ignore[reportInvalidTypeForm]

    def execute(self, context: bpy.types.Context) -> Result:
        """Note the cursor's place in the object's own space."""
        from .keys import grease_pencil

        try:
            chosen = choose(context, False)
            ob = grease_pencil(context)
        except AniDocError as error:
            return refuse(self, error)
        place = ob.matrix_world.inverted_safe() @ context.scene.cursor.location
        pins = _settings(context.scene).pins
        if self.end == "first":
            pin = pins.add()
            pin.frame, pin.first, pin.last = chosen.frames[0], place, place
            return {"FINISHED"}
        if not len(pins):
            return refuse(self, AniDocError("No point of the first key is pinned yet.", "Press Pin First Key there."))
        pins[-1].last = place
        return {"FINISHED"}


class ANIDOC_OT_inbetween_unpin(bpy.types.Operator):
    """Remove this pin"""

    bl_idname = "anidoc.inbetween_unpin"
    bl_label = "Remove Pin"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(options={"SKIP_SAVE"})  # pyright: ignore[reportInvalidTypeForm]

    def execute(self, context: bpy.types.Context) -> Result:
        """Take it from the list."""
        _settings(context.scene).pins.remove(self.index)
        return {"FINISHED"}


CLASSES = (
    ANIDOC_OT_inbetween,
    ANIDOC_OT_inbetween_apply,
    ANIDOC_OT_inbetween_discard,
    ANIDOC_OT_inbetween_pin,
    ANIDOC_OT_inbetween_unpin,
)
