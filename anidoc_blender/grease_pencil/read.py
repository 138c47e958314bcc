"""Read one Grease Pencil drawing through the scene camera as strokes in pixels of the render frame."""

import bpy
import numpy as np

from ...backend.contracts.drawing import FILL, LINE, Strokes


def read_drawing(scene: bpy.types.Scene, ob: bpy.types.Object, frame: int) -> Strokes:
    """The strokes of every layer of ``ob`` held at ``frame``, as the scene's camera sees them."""
    parts = [
        (layer, held.drawing) for layer in ob.data.layers if (held := layer.get_frame_at(frame)) and not layer.hide
    ]
    to_pixels = _projection(scene)
    points, radius, offsets, material, cyclic, role = [], [], [0], [], [], []
    for layer, drawing in parts:
        n = len(drawing.attributes["position"].data)
        local = np.empty(n * 3, np.float32)
        drawing.attributes["position"].data.foreach_get("vector", local)
        world = np.array(ob.matrix_world @ layer.matrix_local)
        points.append(to_pixels(local.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]))
        radius.append(np.full(n, 2.0, np.float32))
        for stroke in drawing.strokes:
            offsets.append(offsets[-1] + len(stroke.points))
            material.append(stroke.material_index)
            cyclic.append(stroke.cyclic)
            role.append(FILL if ob.data.materials[stroke.material_index].grease_pencil.show_fill else LINE)
    s = len(role)
    return Strokes(
        points=np.concatenate(points).astype(np.float32),
        radius=np.concatenate(radius),
        opacity=np.ones(offsets[-1], np.float32),
        offsets=np.array(offsets, np.int32),
        layer=np.zeros(s, np.int32),
        material=np.array(material, np.int32),
        cyclic=np.array(cyclic, np.bool_),
        role=np.array(role, np.uint8),
        ids=np.full(s, -1, np.int64),
    )


def _projection(scene):
    render = scene.render
    width, height = render.resolution_x, render.resolution_y
    camera = scene.camera
    lens = camera.calc_matrix_camera(bpy.context.evaluated_depsgraph_get(), x=width, y=height)
    matrix = np.array(lens @ camera.matrix_world.normalized().inverted())

    def to_pixels(world):
        clip = np.c_[world, np.ones(len(world))] @ matrix.T
        ndc = clip[:, :2] / clip[:, 3:]
        return np.c_[(ndc[:, 0] + 1) / 2 * width, (1 - ndc[:, 1]) / 2 * height]

    return to_pixels
