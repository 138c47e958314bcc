"""How in-betweens are asked for: stored in the scene, saved with the .blend."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)


class ANIDOC_PG_pin(bpy.types.PropertyGroup):
    """This point of the first key is that point of the second, in the object's own space."""

    frame: IntProperty(name="Frame", description="The first key of the pair", options=set())
    first: FloatVectorProperty(name="First", subtype="XYZ", options=set())
    last: FloatVectorProperty(name="Second", subtype="XYZ", options=set())


class ANIDOC_PG_inbetween(bpy.types.PropertyGroup):
    """How many in-betweens, how they are spaced, and what waits to be applied."""

    timing: EnumProperty(
        name="Timing",
        description="How many in-betweens are made",
        items=(
            ("COUNT", "Count", "So many, spread evenly over the frames between the keys"),
            ("STEP", "On", "One on every so many frames"),
        ),
        options=set(),
    )
    count: IntProperty(
        name="In-betweens", description="Drawings between two keys", default=1, min=1, max=100, options=set()
    )
    step: EnumProperty(
        name="Exposure",
        description="How long each drawing is held",
        items=(("1", "Ones", "Every frame"), ("2", "Twos", "Every second frame"), ("3", "Threes", "Every third frame")),
        default="2",
        options=set(),
    )
    spacing: EnumProperty(
        name="Spacing",
        description="How the in-betweens are spaced on the way",
        items=(
            ("linear", "Linear", "Even steps"),
            ("slow out", "Slow out", "Leaves the first key slowly"),
            ("slow in", "Slow in", "Comes slowly to rest in the second key"),
            ("both", "Both", "Slow out and slow in"),
            ("chart", "Chart", "The fractions you write"),
        ),
        options=set(),
    )
    chart: StringProperty(
        name="Chart",
        description="A fraction for each in-between, for example 0.25 0.5 0.8",
        default="0.5",
        options=set(),
    )
    whole: BoolProperty(
        name="Whole shot",
        description="Fill between all keys of the frame range, with even speed through each key",
        options=set(),
    )
    preview: BoolProperty(
        name="Preview first",
        description="Show the in-betweens over the keys before they are put in",
        default=True,
        options=set(),
    )
    drawings: BoolProperty(
        name="Drawings",
        description="Put in-betweens on the layers as breakdowns",
        default=True,
        options=set(),
    )
    colour: BoolProperty(
        name="Colorize",
        description="Cel colours the shot, as Colorize Shot does; give both keys as references for the best result. "
        "AniDoc paints from key to key by itself, and is shown nothing of what is drawn between",
        options=set(),
    )
    pins: CollectionProperty(type=ANIDOC_PG_pin)
    waiting: StringProperty(options={"HIDDEN"})


CLASSES = (ANIDOC_PG_pin, ANIDOC_PG_inbetween)


def register() -> None:
    """Add them to scenes."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.anidoc_inbetween = PointerProperty(type=ANIDOC_PG_inbetween)  # pyright: ignore[reportAttributeAccessIssue]


def unregister() -> None:
    """Take them away; what a file holds stays in the file."""
    del bpy.types.Scene.anidoc_inbetween  # pyright: ignore[reportAttributeAccessIssue]
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
