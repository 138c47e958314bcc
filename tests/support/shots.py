"""Small Grease Pencil shots made in the open file, for tests that press the real buttons."""

import os
import shlex
import stat
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from tests.support.blender import ADDON, ROOT

FAKE = ROOT / "tests" / "support" / "fake_backend.py"
RED, BLUE = (200, 30, 60, 255), (20, 90, 220, 255)


def part(name: str) -> Any:
    """A module of the installed add-on, e.g. ``part("anidoc_blender.task")``."""
    import importlib

    return importlib.import_module(f"{ADDON}.{name}")


def fake_python(folder: Path, mode: str, real: Path | str | None = None) -> Path:
    """An interpreter that runs the fake backend in ``mode``: whatever it is asked to run, or ``serve`` only and the rest
    with the ``real`` one."""
    path = folder / f"python-{mode}"
    run = f"exec {shlex.quote(sys.executable)} {shlex.quote(str(FAKE))} {mode}"
    if real is not None:
        run = f'case "$*" in *"backend serve"*) {run} ;; esac\nexec {shlex.quote(str(real))} "$@"'
    path.write_text(f"#!/bin/sh\n{run}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def processes_mentioning(*words: str) -> list[int]:
    """Numbers of living processes whose command line holds one of the words; zombies have none."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            if any(word in line for word in words):
                found.append(int(entry.name))
    return found


def children() -> list[int]:
    """Numbers of this process's living children and theirs, zombies left out."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found: list[int] = []
    seen = {os.getpid()}
    while True:
        more = [p for p, parent in parents.items() if parent in seen and p not in seen]
        if not more:
            return found
        seen.update(more)
        found += more


def wait_until(true, seconds: float = 5.0) -> bool:
    """Whether ``true()`` became so in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return bool(true())


def pump(seconds: float = 30.0) -> list[Any]:
    """Do what Blender's timers do in a window (in a module they never fire) until the work ends; returns the notices."""
    task = part("anidoc_blender.task")
    until = time.monotonic() + seconds
    while (pause := task._tick()) is not None:
        assert time.monotonic() < until, f"still at it: {task.current()}"
        time.sleep(pause)
    return list(part("anidoc_blender.messages").board)


def add_square(drawing: Any, half: float, material: int, x: float = 0.0) -> None:
    """A closed square in the plane the camera looks at."""
    drawing.add_strokes([4])
    stroke = drawing.strokes[-1]
    stroke.cyclic, stroke.material_index = True, material
    for point, (cx, cz) in zip(stroke.points, [(-1, -1), (1, -1), (1, 1), (-1, 1)], strict=True):
        point.position = (cx * half + x, 0, cz * half)


def stage(size: tuple[int, int] = (160, 120)) -> bpy.types.Scene:
    """The scene with a camera that looks along y at 4 units of the x-z plane, rendered at ``size`` px."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    lens = bpy.data.cameras.new("Camera")
    lens.type, lens.ortho_scale = "ORTHO", 4.0
    camera = bpy.data.objects.new("Camera", lens)
    camera.location, camera.rotation_euler = (0, -5, 0), (np.pi / 2, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    return scene


def make_shot(frames: tuple[int, ...] = (1, 3, 5), end: int = 6, size: tuple[int, int] = (160, 120)) -> bpy.types.Scene:
    """A square that walks to the right, one drawing at each of ``frames``; the first one is filled and used as key."""
    scene = stage(size)
    scene.frame_start, scene.frame_end = frames[0], end
    data = part("anidoc_blender.compat").grease_pencils().new("Character")
    for name, fill in (("Line", False), ("Red", True)):
        material = bpy.data.materials.new(name)
        bpy.data.materials.create_gpencil_data(material)
        material.grease_pencil.show_fill, material.grease_pencil.show_stroke = fill, not fill
        material.grease_pencil.fill_color = (*_linear(RED[:3]), 1.0)
        data.materials.append(material)
    lines, fills = data.layers.new("Lines"), data.layers.new("Fills")
    for i, frame in enumerate(frames):
        add_square(lines.frames.new(frame).drawing, 0.8, 0, x=0.1 * i)
        drawing = fills.frames.new(frame).drawing
        if i == 0:
            add_square(drawing, 0.8, 1)
    if bpy.app.version >= (5, 2):
        _fill_from_material(data)
    ob = bpy.data.objects.new("Character", data)
    scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    key = scene.anidoc.references.add()
    key.kind, key.frame, key.is_key = "DRAWING", frames[0], True
    return scene


def _fill_from_material(data: Any) -> None:
    """From 5.2 a stroke itself says that it is filled."""
    for layer in data.layers:
        for frame in layer.frames:
            strokes = frame.drawing.strokes
            if len(strokes) and any(s.material_index == 1 for s in strokes):
                drawing = frame.drawing
                fill = drawing.attributes.get("fill_id") or drawing.attributes.new("fill_id", "INT", "CURVE")
                hide = drawing.attributes.get("hide_stroke") or drawing.attributes.new(
                    "hide_stroke", "BOOLEAN", "CURVE"
                )
                for i, stroke in enumerate(strokes):
                    fill.data[i].value = 1 if stroke.material_index == 1 else 0
                    hide.data[i].value = stroke.material_index == 1


def _linear(colour: tuple[int, ...]) -> tuple[float, ...]:
    """8-bit sRGB as Blender's linear floats (IEC 61966-2-1)."""
    values = (c / 255 for c in colour)
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in values)


def rendered(scene: bpy.types.Scene, folder: Path, frame: int) -> np.ndarray:
    """One frame of the scene's sequencer as it comes out of a render: (H, W, 4) uint8, top row first."""
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.filepath = str(folder / "render_")
    first, last = scene.frame_start, scene.frame_end
    scene.frame_start = scene.frame_end = frame
    bpy.ops.render.render(animation=True, scene=scene.name)
    scene.frame_start, scene.frame_end = first, last
    return picture(folder / f"render_{frame:04}.png")


def picture(path: Path) -> np.ndarray:
    """A PNG's own values: (H, W, 4) uint8, top row first."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    image.alpha_mode = "CHANNEL_PACKED"
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return np.round(pixels.reshape(height, width, 4)[::-1] * 255).astype(np.uint8)
