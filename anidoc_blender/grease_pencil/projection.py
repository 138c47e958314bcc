"""What the camera sees: world points to pixels of the render frame, radius to pixels."""

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...backend.contracts.errors import AniDocError

NEAREST = 1e-4
"""Blender units before the camera. A point nearer than that, or behind it, has no place in the picture."""

FARTHEST = float(2**19)
"""px. Points of a stroke that leaves the frame are kept within this distance: 32 times the largest picture."""

THICKEST = 8192.0
"""px of radius: a line just before the camera covers the whole picture anyway."""


@dataclass(frozen=True)
class View:
    """A camera at a frame.

    matrix   (4, 4) float64, world to clip space
    width, height  px of the render frame
    axis     (3,) float64, towards the camera: Grease Pencil objects are painted along it, the farthest first
    perspective    whether things shrink with distance
    """

    matrix: np.ndarray
    width: int
    height: int
    axis: np.ndarray
    perspective: bool

    def project(self, world: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Points (N, 3) and radii (N,) in Blender units -> (N, 2) px, (N,) px, (N,) bool: has a place in the picture."""
        with np.errstate(all="ignore"):
            clip = world @ self.matrix[:, :3].T + self.matrix[:, 3]
            w = clip[:, 3]
            ok = np.isfinite(clip).all(1) & np.isfinite(radius) & (w > (NEAREST if self.perspective else 0))
            w = np.where(ok, w, 1.0)
            x = (clip[:, 0] / w + 1) * (self.width / 2)
            y = (1 - clip[:, 1] / w) * (self.height / 2)
            size = radius * (self.per_unit() / w)
        points = np.stack([x, y], 1)
        return (
            np.clip(np.where(ok[:, None], points, 0), -FARTHEST, FARTHEST),
            np.clip(np.where(ok, size, 0), 0, THICKEST),
            ok,
        )

    def per_unit(self) -> float:
        """px to a Blender unit across the view, at distance 1 in perspective (as Grease Pencil measures thickness)."""
        rows = self.matrix[1, :3]
        return float(np.linalg.norm(rows)) * self.height / 2

    def key(self) -> bytes:
        """Equal for equal views."""
        return self.matrix.tobytes() + f"{self.width} {self.height}".encode()


def render_size(scene: bpy.types.Scene) -> tuple[int, int]:
    """Width and height of the render frame in px, the percentage applied as Blender rounds it."""
    r = scene.render
    percent = r.resolution_percentage
    return max(1, r.resolution_x * percent // 100), max(1, r.resolution_y * percent // 100)


def camera_at(scene: bpy.types.Scene, frame: int) -> bpy.types.Object | None:
    """The camera that renders ``frame``: the last bound by a marker at or before it, else the first bound at all, else the scene's."""
    bound = sorted(
        ((m.frame, m.camera) for m in scene.timeline_markers if m.camera is not None and not m.camera.hide_render),
        key=lambda pair: pair[0],
    )
    if not bound:
        return scene.camera
    before = [camera for at, camera in bound if at <= frame]
    return before[-1] if before else bound[0][1]


def require_camera(scene: bpy.types.Scene, frame: int) -> bpy.types.Object:
    """The camera that renders ``frame``. Raises ``AniDocError`` where there is none."""
    camera = camera_at(scene, frame)
    if camera is None or camera.type != "CAMERA":
        raise AniDocError(
            f"The scene {scene.name} has no camera.",
            "Add a camera that frames the drawings (Add, Camera) and make it the scene's active camera.",
        )
    return camera


def view_at(scene: bpy.types.Scene, depsgraph: Any, frame: int) -> View:
    """The view through the camera of ``frame``, as ``depsgraph`` has evaluated it. Raises ``AniDocError``."""
    camera = require_camera(scene, frame)
    seen: Any = camera.evaluated_get(depsgraph)
    if seen.data.type == "PANO":
        raise AniDocError(
            f"The camera {camera.name} is panoramic; line art cannot be read through it.",
            "Set the camera's type to Perspective or Orthographic.",
        )
    width, height = render_size(scene)
    r = scene.render
    lens = seen.calc_matrix_camera(depsgraph, x=width, y=height, scale_x=r.pixel_aspect_x, scale_y=r.pixel_aspect_y)
    world = seen.matrix_world.normalized()
    matrix = np.array(lens, np.float64) @ np.array(world.inverted_safe(), np.float64)
    if not np.isfinite(matrix).all():
        raise AniDocError(
            f"The camera {camera.name} has no usable position or lens.",
            "Clear the camera's scale and check its constraints and lens.",
        )
    return View(matrix, width, height, np.array(world.col[2][:3], np.float64), seen.data.type == "PERSP")
