"""The add-on's preferences: the environment's state and buttons, and an interpreter of one's own."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

import bpy

from . import folders, task
from .setup import environment, work


def _look_again(_: bpy.types.AddonPreferences, __: bpy.types.Context) -> None:
    for kind in environment.KINDS:
        environment.look(kind)


class ANIDOC_AP_preferences(bpy.types.AddonPreferences):
    """Filed under the extension's own name, not under this package."""

    bl_idname = folders.ADDON

    interpreter: bpy.props.StringProperty(
        name="Own Python",
        description="For studios and developers: a Python that already has numpy, scipy, OpenCV and Pillow. "
        "Leave empty to use the environment that Set up makes",
        subtype="FILE_PATH",
        update=_look_again,
    )
    torch_interpreter: bpy.props.StringProperty(
        name="Own Python for AniDoc",
        description="For studios and developers: a Python that has torch, diffusers and the others of "
        "requirements/anidoc.txt. Leave empty to use the environment that Set up AniDoc makes",
        subtype="FILE_PATH",
        update=_look_again,
    )
    flamenco: bpy.props.StringProperty(
        name="Flamenco Manager",
        description="Address of the studio's render farm, as in flamenco.studio:8080; then the Batch panel can submit to it",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Only words and buttons; the disk was looked at before."""
        layout = self.layout
        found = environment.seen()
        column = layout.column()
        words = environment.STATES[found.state]
        if found.state == "ready" and found.disk_bytes and not found.override:
            words += f", {found.disk_bytes // 10**6} MB"
        column.label(text=f"Colouring environment: {words}", icon="CHECKMARK" if found.state == "ready" else "INFO")
        if found.override:
            column.label(text=f"Python chosen by you: {found.python}")
        if found.state != "ready":
            column.label(text=work.what_it_takes())
        if not bpy.app.online_access and found.state != "ready":
            column.label(
                text="Blender is set to stay offline; setting up needs Allow Online Access.", icon="INTERNET_OFFLINE"
            )
        row = layout.row()
        if task.current() is not None:
            row.operator("anidoc.cancel")
        row.operator("anidoc.set_up", text=set_up_label())
        row.operator("anidoc.remove_environment")
        from .panels import anidoc  # it needs set_up_label

        anidoc.environment_line(layout.box())
        row = layout.row()
        row.operator("anidoc.show_log")
        row.operator("anidoc.copy_diagnostics")
        layout.prop(self, "interpreter")
        layout.prop(self, "torch_interpreter")
        layout.prop(self, "flamenco")


def set_up_label(kind: environment.Kind = environment.CEL) -> str:
    """What the set-up button is called in the environment's present state."""
    if environment.seen(kind).state not in ("absent", "half"):
        return "Repair"
    return "Set up" if kind is environment.CEL else "Set up AniDoc"


def register() -> None:
    """Add our page to Blender's preferences."""
    bpy.utils.register_class(ANIDOC_AP_preferences)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(ANIDOC_AP_preferences)
