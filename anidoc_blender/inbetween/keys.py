"""Which drawings are the keys: the object, its layers, and the frames around the current one."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import bpy

from ..messages import Refusal

OURS = "BREAKDOWN"
"""Blender's type of keyframe for what stands between keys: yellow diamonds are keys, small blue ones these."""


@dataclass(frozen=True)
class Chosen:
    """An object's layers, and the frames of the keys that in-betweens are made of, rising; all by name.

    keys: for each frame the layers that have a key there
    """

    object: str
    layers: tuple[str, ...]
    frames: tuple[int, ...]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Keys that follow each other."""
        return tuple(pairwise(self.frames))


@dataclass(frozen=True)
class Plan:
    """What is to be made: keys, and for each pair the frames and times of its in-betweens. Names and numbers only."""

    scene: str
    chosen: Chosen
    frames: tuple[tuple[int, ...], ...]
    times: tuple[tuple[float, ...], ...]
    pins: tuple[tuple[tuple[tuple[float, ...], tuple[float, ...]], ...], ...] = ()

    @property
    def count(self) -> int:
        """In-betweens in all."""
        return sum(map(len, self.frames))


def grease_pencil(context: bpy.types.Context) -> Any:
    """The active Grease Pencil object, or the only one of the scene. Raises ``Refusal``."""
    active = context.object
    if active is not None and active.type == "GREASEPENCIL":
        return active
    found = [ob for ob in context.scene.objects if ob.type == "GREASEPENCIL" and ob.visible_get()]
    if len(found) == 1:
        return found[0]
    raise Refusal(
        "No Grease Pencil object is chosen." if found else "There is no Grease Pencil object in the scene.",
        "Select the object with the key drawings." if found else "Draw two keys first.",
    )


def open_layers(data: Any) -> list[Any]:
    """Layers that may be drawn on: neither hidden nor locked, nor in a group that is."""
    return [layer for layer in data.layers if not any(_shut(part) for part in with_groups(layer))]


def with_groups(layer: Any) -> list[Any]:
    """The layer and the groups it lies in."""
    parts = [layer]
    while getattr(parts[-1], "parent_group", None) is not None:
        parts.append(parts[-1].parent_group)
    return parts


def _shut(part: Any) -> bool:
    return bool(part.hide or part.lock)


def choose(context: bpy.types.Context, whole: bool) -> Chosen:
    """The keys around the current frame, or all of the frame range. Raises ``Refusal``."""
    ob = grease_pencil(context)
    layers = open_layers(ob.data)
    if not layers:
        raise Refusal(f"All layers of {ob.name} are hidden or locked.", "Show and unlock the layers with the keys.")
    active = ob.data.layers.active
    leading = [active] if active in layers and len(_key_frames([active])) > 1 else layers
    frames = _key_frames(leading)
    scene = context.scene
    if whole:
        frames = [f for f in frames if scene.frame_start <= f <= scene.frame_end]
    if len(frames) < 2:
        hidden = [layer for layer in ob.data.layers if layer not in layers and len(_key_frames([layer])) > 1]
        if hidden:
            raise Refusal(
                f"The keys of {ob.name} are on layers that are hidden or locked ({hidden[0].name}).",
                "Show and unlock the layers with the keys.",
            )
        raise Refusal(f"{ob.name} has fewer than two keys.", "Draw a second key at a later frame.")
    if not whole:
        frames = _around(frames, scene.frame_current)
    used = [layer for layer in layers if sum(_has_key(layer, f) for f in frames) >= 2]
    return Chosen(ob.name, tuple(layer.name for layer in used), tuple(frames))


def _key_frames(layers: list[Any]) -> list[int]:
    return sorted({f.frame_number for layer in layers for f in layer.frames if f.keyframe_type != OURS})


def _around(frames: list[int], now: int) -> list[int]:
    """The pair of keys that holds the current frame; on the last key, or after it, the last pair."""
    for a, b in pairwise(frames):
        if now < b:
            return [a, b]
    return frames[-2:]


def _has_key(layer: Any, frame: int) -> bool:
    return key_at(layer, frame) is not None


def key_at(layer: Any, frame: int) -> Any:
    """The layer's keyframe that begins at ``frame``, or None."""
    held = layer.get_frame_at(frame)
    return held if held is not None and held.frame_number == frame else None


def between(chosen: Chosen) -> list[tuple[str, int]]:
    """(layer, frame) of drawings that already stand between these keys."""
    data = bpy.data.objects[chosen.object].data
    edges = set(chosen.frames)
    found = []
    for name in chosen.layers:
        for frame in data.layers[name].frames:  # pyright: ignore[reportAttributeAccessIssue]
            number = frame.frame_number
            if chosen.frames[0] < number < chosen.frames[-1] and number not in edges:
                found.append((name, number))
    return found
