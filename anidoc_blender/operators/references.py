"""Adding and removing what the shot takes its colours from, and choosing what is coloured."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

from pathlib import Path
from typing import Any

import bpy
from bpy.props import CollectionProperty, IntProperty, StringProperty

from ...backend.contracts.errors import AniDocError
from ..folders import stored_path
from ..grease_pencil.keys import fills_held_from, require_fills
from ..messages import Refusal
from .base import Result, refuse


def _settings(context: bpy.types.Context) -> Any:
    return context.scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]


class ANIDOC_OT_add_reference(bpy.types.Operator):
    """Add coloured pictures of the character from disk: a design sheet in any pose and size, or a coloured drawing"""

    bl_idname = "anidoc.add_reference"
    bl_label = "Add Picture"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    files: CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Let the artist choose files."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Add each chosen file once."""
        paths = [Path(self.directory) / f.name for f in self.files if f.name] or [Path(self.filepath)]
        for path in paths:
            real = Path(bpy.path.abspath(str(path)))
            if not real.is_file():
                return refuse(self, Refusal(f"There is no file {real.name or real}.", "Choose a picture."))
        settings = _settings(context)
        known = {bpy.path.abspath(r.path) for r in settings.references if r.kind == "FILE"}
        for path in paths:
            text = bpy.path.abspath(str(path))
            if text in known:
                continue
            entry = settings.references.add()
            entry.kind, entry.path = "FILE", stored_path(text)
            settings.reference_index = len(settings.references) - 1
        return {"FINISHED"}


class ANIDOC_OT_add_image(bpy.types.Operator):
    """Add a reference that is an image of this .blend"""

    bl_idname = "anidoc.add_image"
    bl_label = "Add Image"
    bl_options = {"REGISTER", "UNDO"}

    image: StringProperty(name="Image", description="Name of the image; empty: choose it in the list")

    def execute(self, context: bpy.types.Context) -> Result:
        """Add the entry."""
        if self.image and self.image not in bpy.data.images:
            return refuse(self, Refusal(f"This .blend has no image {self.image}."))
        settings = _settings(context)
        entry = settings.references.add()
        entry.kind = "IMAGE"
        entry.image = bpy.data.images.get(self.image)
        settings.reference_index = len(settings.references) - 1
        return {"FINISHED"}


class ANIDOC_OT_use_drawing_as_key(bpy.types.Operator):
    """Take the colours from the Grease Pencil drawing at the current frame, which you have filled yourself"""

    bl_idname = "anidoc.use_drawing_as_key"
    bl_label = "Use This Drawing"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Remember the frame; the drawing itself is read when the shot is coloured."""
        scene, settings = context.scene, _settings(context)
        frame = scene.frame_current
        if settings.source == "GREASE_PENCIL" and not _drawing_held(scene, frame):
            return refuse(
                self,
                Refusal(
                    f"There is no Grease Pencil drawing at frame {frame}.",
                    "Go to a frame with a drawing you have filled.",
                ),
            )
        if any(r.kind == "DRAWING" and r.frame == frame for r in settings.references):
            return refuse(self, Refusal(f"The drawing at frame {frame} is in the list already."))
        if settings.source == "GREASE_PENCIL":
            try:
                require_fills(scene, frame)
            except AniDocError as error:
                return refuse(self, error)
        entry = settings.references.add()
        entry.kind, entry.frame, entry.is_key = "DRAWING", frame, True
        settings.reference_index = len(settings.references) - 1
        earlier = fills_held_from(scene, frame) if settings.source == "GREASE_PENCIL" else None
        if earlier is not None:
            self.report(
                {"WARNING"},
                f"The fills seen at frame {frame} were drawn at frame {earlier}, its lines later. If they do not fit "
                f"each other, take this key off the list, go to frame {earlier} and press Use This Drawing there",
            )
        return {"FINISHED"}


def _drawing_held(scene: bpy.types.Scene, frame: int) -> bool:
    return any(
        layer.get_frame_at(frame) is not None
        for ob in scene.objects
        if ob.type == "GREASEPENCIL" and not ob.hide_render
        for layer in ob.data.layers  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]
    )


class ANIDOC_OT_remove_reference(bpy.types.Operator):
    """Take this reference off the list; the picture or drawing itself stays"""

    bl_idname = "anidoc.remove_reference"
    bl_label = "Remove Reference"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(name="Index", description="Its place in the list", default=-1, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> Result:
        """Remove it."""
        settings = _settings(context)
        index = self.index if self.index >= 0 else settings.reference_index
        if not 0 <= index < len(settings.references):
            return refuse(self, Refusal("There is no reference to remove."))
        settings.references.remove(index)
        settings.reference_index = max(0, min(settings.reference_index, len(settings.references) - 1))
        return {"FINISHED"}


class ANIDOC_OT_choose(bpy.types.Operator):
    """Colour only the selected Grease Pencil objects"""

    bl_idname = "anidoc.choose"
    bl_label = "Add Selected"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Add them to the list of chosen objects."""
        settings = _settings(context)
        selected = [ob for ob in context.scene.objects if ob.type == "GREASEPENCIL" and ob.select_get()]
        if not selected:
            return refuse(self, Refusal("No Grease Pencil object is selected.", "Select one in the 3D view."))
        settings.which = "CHOSEN"
        known = {c.object for c in settings.chosen if not c.layer}
        for ob in selected:
            if ob not in known:
                settings.chosen.add().object = ob
        return {"FINISHED"}


class ANIDOC_OT_forget_choice(bpy.types.Operator):
    """Take this object or layer off the list"""

    bl_idname = "anidoc.forget_choice"
    bl_label = "Take Off"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(name="Index", description="Its place in the list", default=0, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> Result:
        """Remove it from the list."""
        chosen = _settings(context).chosen
        if not 0 <= self.index < len(chosen):
            return refuse(self, Refusal("There is no such object in the list."))
        chosen.remove(self.index)
        return {"FINISHED"}


CLASSES = (
    ANIDOC_OT_add_reference,
    ANIDOC_OT_add_image,
    ANIDOC_OT_use_drawing_as_key,
    ANIDOC_OT_remove_reference,
    ANIDOC_OT_choose,
    ANIDOC_OT_forget_choice,
)
