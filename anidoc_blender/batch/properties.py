"""Which scenes take part in a batch, and what is rendered of them: stored in the scene, saved with the .blend."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

import bpy
from bpy.props import BoolProperty, EnumProperty, PointerProperty


class ANIDOC_PG_batch(bpy.types.PropertyGroup):
    """A scene's part in a batch. How it is coloured stands in the scene's own AniDoc settings."""

    use: BoolProperty(name="Batch", description="Colour this scene's shot with Colorize All", options=set())
    inbetween: BoolProperty(
        name="In-betweens first",
        description="Fill between all keys of the frame range as the scene's In-between settings say, then colour. "
        "Where drawings stand between the keys already, they are left as they are",
        options=set(),
    )
    render: EnumProperty(
        name="Render",
        description="What is rendered of the scene's sequencer when its shot is coloured",
        items=(
            ("NO", "No render", "Only the strip is placed", "X", 0),
            ("PNG", "PNG", "Pictures, in the folder render of the shot's frames", "IMAGE_DATA", 1),
            ("VIDEO", "Film", "An MP4 film, in the folder render of the shot's frames", "FILE_MOVIE", 2),
        ),
        options=set(),
    )


def register() -> None:
    """Add them to scenes."""
    bpy.utils.register_class(ANIDOC_PG_batch)
    bpy.types.Scene.anidoc_batch = PointerProperty(type=ANIDOC_PG_batch)  # pyright: ignore[reportAttributeAccessIssue]


def unregister() -> None:
    """Take them away; what a file holds stays in the file."""
    del bpy.types.Scene.anidoc_batch  # pyright: ignore[reportAttributeAccessIssue]
    bpy.utils.unregister_class(ANIDOC_PG_batch)
