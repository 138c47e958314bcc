"""How much of a shot moves: decides which frames must be visited, and whether Blender must evaluate them at all."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

import bpy

from .chosen import Sight


class Motion(Enum):
    """From the quickest way of reading to the slowest."""

    STILL = "only keys change: drawings are read where they lie, without moving the current frame"
    MODIFIED = "only keys change, through modifiers that do the same at every frame: only the keys' frames are visited"
    MOVING = "something else may change at any frame: each is visited"


_STEADY = frozenset(
    f"GREASE_PENCIL_{name}"
    for name in (
        *("COLOR", "TINT", "OPACITY", "TEXTURE", "ARRAY", "MIRROR", "MULTIPLY", "SIMPLIFY", "SUBDIV", "ENVELOPE"),
        *("OUTLINE", "OFFSET", "SMOOTH", "THICKNESS", "DASH", "LENGTH", "NOISE", "VERTEX_WEIGHT_ANGLE"),
    )
)
"""Modifiers whose result depends on the drawing and their settings alone, unless they look at another object or roll dice a frame."""


def motion_of(scene: bpy.types.Scene, found: Iterable[Sight], cameras: Iterable[Any]) -> Motion:
    """The least that is enough to see every change of these objects through these cameras."""
    if animated(scene) or bpy.app.handlers.frame_change_pre or bpy.app.handlers.frame_change_post:
        return Motion.MOVING
    motion = Motion.STILL
    for camera in cameras:
        if moves(camera):
            return Motion.MOVING
    for sight in found:
        ob = sight.object
        if moves(ob) or varies(ob) or any(moves(p) for p in _instancers(scene, sight)):
            return Motion.MOVING
        if any(layer.parent is not None and moves(layer.parent) for layer in ob.data.layers):
            return Motion.MOVING
        if active_modifiers(ob):
            motion = Motion.MODIFIED
    return motion


def moves(ob: Any) -> bool:
    """Whether the object, what it is made of, or anything it hangs on is animated, driven or constrained."""
    seen: set[str] = set()
    while ob is not None and ob.name_full not in seen:
        seen.add(ob.name_full)
        if animated(ob) or (ob.data is not None and animated(ob.data)) or ob.rigid_body is not None:
            return True
        if any(not c.mute for c in ob.constraints) or ob.parent_type not in ("OBJECT", "BONE"):
            return True
        if ob.pose is not None and any(bone.constraints for bone in ob.pose.bones):
            return True
        ob = ob.parent
    return False


def varies(ob: Any) -> bool:
    """Whether the object's strokes may differ at every frame, so that they must be read and compared."""
    return animated(ob.data) or any(_unsteady(ob, m) for m in active_modifiers(ob))


def animated(datablock: Any) -> bool:
    """Whether a datablock has an action, drivers or NLA strips."""
    data = getattr(datablock, "animation_data", None)
    return data is not None and bool(data.action or data.drivers or data.nla_tracks)


def active_modifiers(ob: Any) -> list[Any]:
    """The modifiers that are switched on in the viewport."""
    return [m for m in ob.modifiers if m.show_viewport]


def _unsteady(ob: Any, modifier: Any) -> bool:
    if modifier.type not in _STEADY or getattr(modifier, "use_random", False) or animated(ob):
        return True
    return any(
        p.type == "POINTER" and p.fixed_type.identifier == "Object" and getattr(modifier, p.identifier) is not None
        for p in modifier.bl_rna.properties
    )


def _instancers(scene: bpy.types.Scene, sight: Sight) -> list[Any]:
    return [ob for name in sight.names[1:] if (ob := scene.objects.get(name)) is not None]
