"""The walk through the shot: each frame's drawing, read where something changed, in steps that leave Blender as it was."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy

from ...backend.contracts.drawing import Strokes
from .chosen import check_choice, evaluated, sights, view_layer_of
from .motion import Motion, animated, motion_of
from .picture import Reader
from .projection import camera_at

OWN_TIME = 0.005
"""Seconds of our own work after which a step ends; with the drawing it ends on, well within the 20 ms of a timer tick."""

WHOLE_TIME = 0.05
"""Seconds with Blender's own evaluation after which a step ends, so that the window keeps answering."""


@dataclass(frozen=True)
class Seen:
    """From ``frame`` on this is seen. ``size`` is the render frame's (width, height)."""

    frame: int
    strokes: Strokes
    size: tuple[int, int]


def go_to(scene: bpy.types.Scene, frame: int, part: float = 0.0) -> float:
    """Let Blender evaluate the scene at a frame; the seconds it took."""
    begun = time.perf_counter()
    scene.frame_set(frame, subframe=part)
    return time.perf_counter() - begun


@contextmanager
def frame_put_back(scene: bpy.types.Scene) -> Iterator[None]:
    """Whatever happens inside, the current frame and the active camera are the artist's again afterwards."""
    frame, part, camera = scene.frame_current, scene.frame_subframe, scene.camera
    try:
        yield
    finally:
        if (scene.frame_current, scene.frame_subframe) != (frame, part):
            go_to(scene, frame, part)
        if scene.camera != camera:
            scene.camera = camera


def walk(reader: Reader, first: int, last: int) -> Generator[list[Seen], None, None]:
    """The drawings from ``first`` to ``last``: each step yields those it came to, in order (none where nothing changed).

    At every yield the scene stands at the artist's own frame. Raises ``AniDocError``.
    """
    motion, frames = plan(reader, first, last)
    signature = None
    todo = iter(frames)
    frame = next(todo, None)
    while frame is not None:
        seen: list[Seen] = []
        begun, blenders = time.perf_counter(), 0.0
        scene = reader.scene()
        with frame_put_back(scene):
            while frame is not None:
                if motion is not Motion.STILL:
                    blenders += go_to(scene, frame)
                look = reader.look(frame, motion)
                if look.signature != signature:
                    signature = look.signature
                    seen.append(Seen(frame, reader.lines(look), (look.view.width, look.view.height)))
                frame = next(todo, None)
                spent = time.perf_counter() - begun
                if spent - blenders > OWN_TIME or spent > WHOLE_TIME:
                    break
        yield seen


def plan(reader: Reader, first: int, last: int) -> tuple[Motion, list[int]]:
    """How the shot is to be read and the frames at which something may change. Raises ``AniDocError``."""
    scene = reader.scene()
    view_layer = view_layer_of(scene)
    found = sights(view_layer, evaluated(view_layer), reader.choice)
    cameras = {c.name_full: c for f in _cuts(scene, first, last) if (c := camera_at(scene, f)) is not None}
    motion = motion_of(scene, found, cameras.values())
    present = {s.object for s in found}
    absent = [ob for ob in scene.objects if ob.type == "GREASEPENCIL" and ob not in present]
    if any(reader.choice.wants((ob.name,)) and animated(ob) for ob in absent):
        motion = Motion.MOVING  # hidden at this frame, perhaps not at another
    else:
        check_choice(scene, view_layer, reader.choice, found)
    if motion is not Motion.MOVING:
        keys = {f.frame_number for s in found for layer in s.object.data.layers for f in layer.frames}
        inside = {f for f in keys if first <= f <= last}
        return motion, sorted(inside | _cuts(scene, first, last))
    return motion, list(range(first, last + 1))


def _cuts(scene: bpy.types.Scene, first: int, last: int) -> set[int]:
    """The first frame and those at which a marker changes the camera."""
    return {first} | {m.frame for m in scene.timeline_markers if m.camera is not None and first <= m.frame <= last}


@contextmanager
def at_frame(reader: Reader, frame: int) -> Iterator[Motion]:
    """The scene evaluated at ``frame`` where that is needed for reading it; the artist's own frame afterwards."""
    motion, _ = plan(reader, frame, frame)
    scene = reader.scene()
    with frame_put_back(scene):
        if motion is not Motion.STILL:
            go_to(scene, frame)
        yield motion
