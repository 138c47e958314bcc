"""The AniDoc engine's settings: stored in the scene beside the others, and as the plain data that goes into job.json."""

# pyright: reportInvalidTypeForm=false
# Blender declares properties as annotations that are calls.

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty

from ..backend.contracts.options import Diffusion

USUAL = Diffusion()

SIZES = (
    ("512x320", "512 x 320", "What the published model was trained on; with Cel finish crisp at any size of the shot"),
    ("768x448", "768 x 448", "Finer; more than twice the time and memory"),
    ("1024x576", "1024 x 576", "Finest; nearly four times the time and memory"),
)
"""Boxes of the model's picture in px; its shape in them is the shot's."""


class ANIDOC_PG_diffusion(bpy.types.PropertyGroup):
    """What an artist chooses for the AniDoc engine."""

    steps: IntProperty(
        name="Quality",
        description="Steps in which the picture is worked out: more is finer and slower. "
        "The paper's pictures have 25, a first look is there with 8",
        default=USUAL.steps,
        min=1,
        max=200,
        soft_min=4,
        soft_max=50,
    )
    seed: IntProperty(
        name="Seed",
        description="Another number gives another picture; the same number gives the same one on the same computer",
        default=USUAL.seed,
        min=0,
    )
    guidance: FloatProperty(
        name="Guidance",
        description="How strongly the shot's last frame follows the reference; from the first frame on it rises evenly to this",
        default=USUAL.guidance,
        min=1.0,
        max=30.0,
        soft_max=6.0,
        step=10,
        precision=1,
    )
    length: IntProperty(
        name="Frames per Pass",
        description="Drawings that are worked out together. The published model knows 14; fewer need less memory. "
        "Longer shots are made of passes that overlap",
        default=USUAL.length,
        min=2,
        max=256,
        soft_min=6,
        soft_max=28,
    )
    size: EnumProperty(name="Model Picture", description="Size at which the model paints", items=SIZES)
    finish: BoolProperty(
        name="Cel Finish",
        description="Make crisp flats of what the model painted: one colour a region, at the shot's own size",
        default=USUAL.finish,
    )
    background: EnumProperty(
        name="Background",
        description="What stands behind the character",
        items=(
            ("keep", "Keep", "What the model painted there"),
            ("cut", "Cut Out", "Nothing: the frames are transparent outside the line art's outermost regions"),
        ),
    )
    reference: EnumProperty(
        name="Reference",
        description="What of a coloured picture the model sees",
        items=(
            ("keep", "Whole Picture", "All of it"),
            ("cut", "Without Paper", "Paper that reaches the picture's edge becomes plain white"),
            ("matte", "Figure Only", "All but the figure becomes white; needs the model U-2-Net, see Models"),
        ),
    )
    sparse: BoolProperty(
        name="First and Last Only",
        description="Show the model only the shot's first and last drawing, and let it invent what is between them; "
        "the drawings between are only cut out or finished by",
    )


def diffusion_of(settings: Any) -> Diffusion | None:
    """What goes into the job; None where the engine is another. ``settings``: the scene's."""
    if settings.engine != "anidoc":
        return None
    chosen = settings.diffusion
    width, _, height = chosen.size.partition("x")
    return Diffusion(
        seed=chosen.seed,
        steps=chosen.steps,
        guidance=round(chosen.guidance, 3),  # Blender keeps 32-bit floats: 3.2 would be 3.200000047
        length=chosen.length,
        width=int(width),
        height=int(height),
        background=chosen.background,
        reference_background=chosen.reference,
        drawn="ends" if chosen.sparse else "all",
        finish=chosen.finish,
    )


def engine_chosen(settings: Any, _: bpy.types.Context) -> None:
    """The engine was switched: look anew at what AniDoc needs, because draw functions may not."""
    if settings.engine == "anidoc":
        from .models import state  # settings are read before the add-on's other rooms are

        state.look()
