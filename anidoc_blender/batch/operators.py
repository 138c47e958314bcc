"""Colorize All, Pause, Resume, and what can be done with a single line of the queue."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

from pathlib import Path

import bpy
from bpy.props import BoolProperty, IntProperty

from ...backend.contracts.batch import PAGE_FILE
from ...backend.contracts.errors import AniDocError
from .. import task
from ..messages import Refusal
from ..operators.base import Result, begin, complete, idle, refuse
from ..setup import environment
from . import state, submit
from .queue import Queue
from .work import colour_all, lines_for, lost_strips

NAME = "Colorize All"


def _start_poll(cls: type, what: str) -> bool:
    if not idle(cls, what):
        return False
    if task.busy():
        cls.poll_message_set("Blender is rendering or saving; wait until it has finished.")  # pyright: ignore
        return False
    return True


def _ready() -> None:
    refusal = environment.why_none()
    if refusal is not None:
        raise refusal


class ANIDOC_OT_colorize_all(bpy.types.Operator):
    """Colour the shots of all ticked scenes, one after the other; one that fails does not stop the others"""

    bl_idname = "anidoc.colorize_all"
    bl_label = "Colorize All"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while nothing else goes on."""
        return _start_poll(cls, NAME)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window: the queue goes on while the artist goes on."""
        return begin(self, NAME, "", lambda: self._work(context))

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script or in background: finished only when every shot has ended."""
        return complete(self, NAME, "", lambda: self._work(context))

    def _work(self, context: bpy.types.Context) -> task.Work:
        _ready()
        scenes = state.ticked()
        if not scenes:
            raise Refusal("No scene is ticked for the batch.", "Tick the scenes to be coloured in the Batch panel.")
        queue = Queue(state.place(context.scene), lines_for(scenes, bpy.data.filepath))
        queue.title = Path(bpy.data.filepath).name
        queue.save()
        state.use(queue)
        return colour_all(queue)


class ANIDOC_OT_batch_resume(bpy.types.Operator):
    """Go on with the queue: shots that wait, and with Also Failed those that failed"""

    bl_idname = "anidoc.batch_resume"
    bl_label = "Resume"
    bl_options = {"REGISTER"}

    failed: BoolProperty(name="Also Failed", description="Try shots that failed again", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where there is a queue, while nothing else goes on."""
        if state.current() is None:
            cls.poll_message_set("There is no queue to go on with.")
            return False
        return _start_poll(cls, NAME)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window."""
        return begin(self, NAME, "", self._work)

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script or in background."""
        return complete(self, NAME, "", self._work)

    def _work(self) -> task.Work:
        _ready()
        queue = state.current()
        if queue is None:
            raise Refusal("There is no queue to go on with.", "Press Colorize All.")
        lost_strips(queue)
        if self.failed:
            queue.again(("failed", "cancelled"))
        queue.paused = queue.stopped = False
        if queue.next() is None:
            raise Refusal("Nothing in the queue waits.", "Press Colorize All to begin a new one.")
        return colour_all(queue)


class ANIDOC_OT_batch_pause(bpy.types.Operator):
    """Stop for now: the shot in work keeps its finished drawings, the queue waits, and you can save and quit"""

    bl_idname = "anidoc.batch_pause"
    bl_label = "Pause"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while the queue is at work."""
        queue = state.current()
        return queue is not None and queue.running() is not None

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask; the answer comes with one of the next ticks."""
        queue = state.current()
        if queue is not None:
            queue.paused = True
        task.redraw()
        return {"FINISHED"}


class _OnLine:
    """An operator on one line of the queue."""

    index: IntProperty(name="Line", description="Its place in the queue, from 0", options={"SKIP_SAVE"})

    def change(self, queue: Queue) -> None:
        """What it does. Raises ``Refusal``."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> Result:
        """Change the line, or say why not."""
        queue = state.current()
        try:
            if queue is None:
                raise Refusal("There is no queue.", "Press Colorize All.")
            self.change(queue)
        except AniDocError as error:
            return refuse(self, error)  # pyright: ignore[reportArgumentType]
        task.redraw()
        return {"FINISHED"}


class ANIDOC_OT_batch_move(_OnLine, bpy.types.Operator):
    """Let this shot be coloured earlier or later"""

    bl_idname = "anidoc.batch_move"
    bl_label = "Move"

    down: BoolProperty(name="Down", description="Later instead of earlier", options={"SKIP_SAVE"})

    def change(self, queue: Queue) -> None:
        """Change places with the next waiting line."""
        queue.move(self.index, 1 if self.down else -1)


class ANIDOC_OT_batch_leave(_OnLine, bpy.types.Operator):
    """Leave this shot out; drawings that are finished are kept"""

    bl_idname = "anidoc.batch_leave"
    bl_label = "Leave Out"

    def change(self, queue: Queue) -> None:
        """Take it out of the queue, or stop it."""
        queue.drop(self.index)


class ANIDOC_OT_batch_forget(bpy.types.Operator):
    """Put the finished queue away; frames, strips and the report stay"""

    bl_idname = "anidoc.batch_forget"
    bl_label = "Put Away"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while it is not at work."""
        queue = state.current()
        return queue is not None and queue.running() is None

    def execute(self, context: bpy.types.Context) -> Result:
        """Show the list of scenes again."""
        state.use(None)
        task.redraw()
        return {"FINISHED"}


class ANIDOC_OT_batch_tick(bpy.types.Operator):
    """Tick every scene that has a reference, or none"""

    bl_idname = "anidoc.batch_tick"
    bl_label = "Tick Scenes"
    bl_options = {"REGISTER", "UNDO"}

    none: BoolProperty(name="None", description="Untick all scenes", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> Result:
        """Set the ticks."""
        for scene in bpy.data.scenes:
            settings = scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]
            scene.anidoc_batch.use = not self.none and bool(settings.references)  # pyright: ignore
        return {"FINISHED"}


class ANIDOC_OT_batch_report(bpy.types.Operator):
    """Open the report of the last batch in the web browser"""

    bl_idname = "anidoc.batch_report"
    bl_label = "Open Report"

    def execute(self, context: bpy.types.Context) -> Result:
        """Open the page."""
        queue = state.current()
        page = (queue.place if queue is not None else state.place(context.scene)) / PAGE_FILE
        if not page.is_file():
            return refuse(self, Refusal("There is no report of this file yet.", "Press Colorize All."))
        bpy.ops.wm.url_open(url=page.as_uri())
        return {"FINISHED"}


class ANIDOC_OT_batch_submit(bpy.types.Operator):
    """Hand the ticked scenes to the render farm's Flamenco Manager instead of colouring them here"""

    bl_idname = "anidoc.batch_submit"
    bl_label = "Submit to Flamenco"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while nothing else goes on."""
        return _start_poll(cls, "Submit to Flamenco")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Pressed in a window."""
        return begin(self, self.bl_label, "", lambda: self._work(context))

    def execute(self, context: bpy.types.Context) -> Result:
        """Called by a script or in background: finished when the Manager has answered."""
        return complete(self, self.bl_label, "", lambda: self._work(context))

    def _work(self, context: bpy.types.Context) -> task.Work:
        refusal = submit.why_not()
        if refusal is not None:
            raise refusal
        scenes = [scene.name for scene in state.ticked()]
        if not scenes:
            raise Refusal("No scene is ticked for the batch.", "Tick the scenes to be coloured in the Batch panel.")
        return submit.submit(scenes, state.place(context.scene))


CLASSES = (
    ANIDOC_OT_colorize_all,
    ANIDOC_OT_batch_resume,
    ANIDOC_OT_batch_pause,
    ANIDOC_OT_batch_move,
    ANIDOC_OT_batch_leave,
    ANIDOC_OT_batch_forget,
    ANIDOC_OT_batch_tick,
    ANIDOC_OT_batch_report,
    ANIDOC_OT_batch_submit,
)
