"""Rendering in a Blender of its own: without graphics drivers Blender ends the whole process."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

_RENDER = """
import bpy, sys
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
scene = bpy.context.scene
scene.render.engine = "BLENDER_WORKBENCH"
scene.render.film_transparent = True
scene.render.image_settings.file_format = "PNG"
scene.render.image_settings.color_mode = "RGBA"
scene.render.filepath = sys.argv[2]
bpy.ops.render.render(write_still=True)
"""


@pytest.fixture
def rendered() -> Callable[..., np.ndarray]:
    """A function that renders the open scene at its frame and gives (H, W, 4) uint8 sRGB, row 0 at the top."""

    def render(scene: bpy.types.Scene, folder: Path) -> np.ndarray:
        blend, png = folder / "scene.blend", folder / "render.png"
        bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True)
        done = subprocess.run(
            [sys.executable, "-c", _RENDER, str(blend), str(png)],
            timeout=180,
            capture_output=True,
            text=True,
            check=False,
        )
        assert png.is_file(), done.stdout + done.stderr
        image: Any = bpy.data.images.load(str(png))
        image.colorspace_settings.name = "Non-Color"
        pixels = np.empty(len(image.pixels), np.float32)
        image.pixels.foreach_get(pixels)
        return np.round(pixels.reshape(image.size[1], image.size[0], 4)[::-1] * 255).astype(np.uint8)

    return render
