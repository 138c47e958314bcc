"""In-betweens of a batch: a scene that asks for them gets them between all its keys before it is coloured."""

from typing import Any

import bpy

from ..inbetween.keys import between, choose
from ..inbetween.work import make, plan_of
from .steps import Steps

NAME = "In-between"


def work_for(scene: bpy.types.Scene) -> Steps | None:
    """The work, or None where the scene asks for none or drawings stand between its keys already.

    Number and spacing are the scene's own In-between settings. Raises ``AniDocError`` where there are no two keys.
    """
    settings: Any = scene
    if not settings.anidoc_batch.inbetween:
        return None
    with bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
        chosen = choose(bpy.context, True)
    if between(chosen):
        return None
    return make(plan_of(scene, chosen), False, False)
