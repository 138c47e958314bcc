"""What the artist has set: stored in the scene (and in materials), saved with the .blend, undone with everything else."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from .diffusion import ANIDOC_PG_diffusion, engine_chosen
from .folders import DEFAULT_OUTPUT

_RELATIVE = {"ANIMATABLE", "PATH_SUPPORTS_BLEND_RELATIVE"}
"""Options of a path that may begin with //: without the second, Blender warns and its file browser writes full paths."""


def _is_grease_pencil(_: Any, ob: bpy.types.Object) -> bool:
    return ob.type == "GREASEPENCIL"


class ANIDOC_PG_reference(bpy.types.PropertyGroup):
    """One coloured picture that the shot takes its colours from."""

    kind: EnumProperty(
        name="Kind",
        description="Where the colours come from",
        items=(
            ("FILE", "File", "A picture on disk", "FILE_IMAGE", 0),
            ("IMAGE", "Image", "An image of this .blend", "IMAGE_DATA", 1),
            ("DRAWING", "Drawing", "A Grease Pencil drawing of the shot that you have filled", "GREASEPENCIL", 2),
        ),
    )
    path: StringProperty(name="File", description="The coloured picture", subtype="FILE_PATH", options=_RELATIVE)
    image: PointerProperty(name="Image", description="The coloured picture", type=bpy.types.Image)
    is_key: BoolProperty(
        name="Colours one drawing",
        description="The picture is the coloured version of the drawing at one frame, line for line. "
        "Leave off for a design sheet: any pose, any size",
    )
    frame: IntProperty(name="Frame", description="The frame of the drawing it colours", default=1)


class ANIDOC_PG_choice(bpy.types.PropertyGroup):
    """One chosen Grease Pencil object, with all its visible layers or just one of them."""

    object: PointerProperty(
        name="Object", description="A Grease Pencil object of the shot", type=bpy.types.Object, poll=_is_grease_pencil
    )
    layer: StringProperty(name="Layer", description="Only this layer; empty: every visible layer of the object")


class ANIDOC_PG_shot(bpy.types.PropertyGroup):
    """Everything about the shot of one scene."""

    name: StringProperty(
        name="Name",
        description="Strip and folder carry this name; empty: the scene's. "
        "Under another name a second character of the scene gets a strip of its own",
    )
    source: EnumProperty(
        name="Drawings",
        description="Where the drawings come from",
        items=(
            ("GREASE_PENCIL", "Grease Pencil", "The Grease Pencil drawings that the scene's camera sees"),
            ("STRIP", "Scanned strip", "Line art in an image or movie strip of the sequencer"),
            ("FOLDER", "Scanned folder", "Line art as picture files in a folder, in natural order"),
        ),
    )
    which: EnumProperty(
        name="Objects",
        description="Which Grease Pencil objects are coloured",
        items=(
            ("VISIBLE", "All visible", "Every Grease Pencil object and layer that would be rendered"),
            ("CHOSEN", "Chosen", "Only the objects and layers listed here"),
        ),
    )
    chosen: CollectionProperty(type=ANIDOC_PG_choice)
    strip: StringProperty(name="Strip", description="The image or movie strip with the scanned line art")
    folder: StringProperty(
        name="Folder",
        description="The folder with the scanned line art",
        subtype="DIR_PATH",
        options=_RELATIVE,
    )
    folder_frame: IntProperty(name="From frame", description="Where the first scanned drawing stands", default=1)
    hold: IntProperty(name="Hold", description="Frames each scanned drawing is held (2: on twos)", default=1, min=1)
    range: EnumProperty(
        name="Frames",
        description="Which frames are coloured",
        items=(
            ("SCENE", "Whole shot", "The scene's frame range (the preview range where that is on)"),
            ("CUSTOM", "Range", "Only these frames; what was coloured outside them stays"),
        ),
    )
    first: IntProperty(name="First", description="First frame to colour", default=1)
    last: IntProperty(name="Last", description="Last frame to colour", default=24)
    references: CollectionProperty(type=ANIDOC_PG_reference)
    reference_index: IntProperty(name="Reference", description="The chosen reference")
    lines: EnumProperty(
        name="Lines",
        description="Whether the drawn lines stand in the coloured frames",
        items=(
            ("keep", "Keep", "The frames show colours and lines"),
            ("omit", "Leave out", "The frames show flat colours only, painted through under the lines"),
        ),
    )
    auto_gap: BoolProperty(
        name="Close gaps automatically", description="Let the engine choose how wide an opening is closed", default=True
    )
    gap: FloatProperty(
        name="Widest gap",
        description="Openings in the line art up to this many pixels of the render are closed",
        default=8.0,
        min=0.0,
        max=500.0,
        subtype="PIXEL",
    )
    shading: BoolProperty(
        name="Shading",
        description="Carry tones of the key that no line separates (a shadow's edge) along with the drawing",
        default=True,
    )
    engine: EnumProperty(
        name="Engine",
        description="How the drawings are coloured",
        items=(
            ("cel", "Cel", "Exact flat colours from the reference's palette, on any computer"),
            (
                "anidoc",
                "AniDoc",
                "The painterly video of the AniDoc paper: needs its published models, and in practice an NVIDIA card",
            ),
        ),
        update=engine_chosen,
    )
    diffusion: PointerProperty(type=ANIDOC_PG_diffusion)
    output: StringProperty(
        name="Output",
        description="Where the coloured frames are kept. // is the folder of the .blend",
        default=DEFAULT_OUTPUT,
        subtype="DIR_PATH",
        options=_RELATIVE,
    )
    unsaved_id: StringProperty(options={"HIDDEN"})


class ANIDOC_PG_material(bpy.types.PropertyGroup):
    """What AniDoc knows about a Grease Pencil material."""

    separation: BoolProperty(
        name="Colour separation",
        description="Lines of this material mark the edge of a tone: they divide colours and are painted over",
    )


CLASSES = (ANIDOC_PG_reference, ANIDOC_PG_choice, ANIDOC_PG_diffusion, ANIDOC_PG_shot, ANIDOC_PG_material)


def register() -> None:
    """Add our settings to scenes and materials."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.anidoc = PointerProperty(type=ANIDOC_PG_shot)  # pyright: ignore[reportAttributeAccessIssue]
    bpy.types.Material.anidoc = PointerProperty(type=ANIDOC_PG_material)  # pyright: ignore[reportAttributeAccessIssue]


def unregister() -> None:
    """Take them away; what a file holds stays in the file."""
    del bpy.types.Material.anidoc  # pyright: ignore[reportAttributeAccessIssue]
    del bpy.types.Scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
