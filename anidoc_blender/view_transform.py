"""Whether the scene shows the frames' colours as they are, and the one-click remedy where it does not."""

from typing import Any

import bpy

EXACT_VIEWS = ("Standard",)
"""View transforms that leave 8-bit sRGB as it is. The factory's AgX moves it by up to 60 of 255."""


def changes_colours(scene: bpy.types.Scene) -> str:
    """What in the scene's colour management would change the frames, as words for a sentence; empty when nothing does."""
    view: Any = scene.view_settings
    found = []
    if view.view_transform not in EXACT_VIEWS:
        found.append(f"the view transform {view.view_transform}")
    if view.look not in ("None", ""):
        found.append(f"the look {view.look}")
    if view.exposure != 0.0:
        found.append("the exposure")
    if view.gamma != 1.0:
        found.append("the gamma")
    if view.use_curve_mapping:
        found.append("the view's curves")
    if getattr(view, "use_white_balance", False):
        found.append("the white balance")
    return " and ".join(found)


def make_exact(scene: bpy.types.Scene) -> None:
    """Set the scene's colour management so that the frames render to the bit."""
    view: Any = scene.view_settings
    view.look = "None"
    view.view_transform = "Standard"
    view.exposure, view.gamma, view.use_curve_mapping = 0.0, 1.0, False
    if hasattr(view, "use_white_balance"):
        view.use_white_balance = False
