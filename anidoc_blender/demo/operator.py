"""The operator that adds the demo shot to the open file, for a first try without own drawings."""

from typing import Any

import bpy

from .build import build_demo_scene


class ANIDOC_OT_add_demo_shot(bpy.types.Operator):
    """Add a scene with a walking character in Grease Pencil and one filled key, ready to be coloured"""

    bl_idname = "anidoc.add_demo_shot"
    bl_label = "Add Demo Shot"
    bl_options = {"REGISTER", "UNDO"}

    count: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Drawings", description="How many drawings, each held for two frames", default=24, min=1, max=240
    )
    seed: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Character", description="Which character: another number, another design", default=0, min=0
    )

    def execute(self, context: bpy.types.Context) -> Any:
        scene = bpy.data.scenes.new("AniDoc Demo")
        build_demo_scene(scene, count=self.count, seed=self.seed)
        key = scene.anidoc.references.add()  # pyright: ignore[reportAttributeAccessIssue]
        key.kind, key.frame, key.is_key = "DRAWING", scene.frame_current, True
        if context.window is not None:
            context.window.scene = scene
        if isinstance(context.space_data, bpy.types.SpaceView3D):
            _look_through_the_camera(context.space_data)
        return {"FINISHED"}


def _look_through_the_camera(view: Any) -> None:
    """The view the button was pressed in shows the drawing as it will be rendered, on its white paper."""
    view.region_3d.view_perspective = "CAMERA"
    view.shading.type = "SOLID"
    view.shading.background_type = "WORLD"


CLASSES = (ANIDOC_OT_add_demo_shot,)
