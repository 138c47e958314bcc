"""Curved strokes are read as the polylines Blender itself makes of them."""

from typing import Any

import bpy
import numpy as np
import pytest

from .scenery import blenders_pixels, key, layer, look, pencil, stage

PATH = [(-1, -0.5), (-0.6, 0.7), (0, -0.2), (0.4, 0.6), (0.8, -0.6), (0.9, 0.1)]


def attribute(drawing: Any, name: str, kind: str, domain: str, values: Any) -> None:
    made = drawing.attributes.get(name) or drawing.attributes.new(name, kind, domain)
    made.data.foreach_set("vector" if kind == "FLOAT_VECTOR" else "value", np.ravel(values))


def curved(kind: str, cyclic: bool = False, **about: Any) -> Any:
    """A drawing of two strokes, the second of which is curved; ``about`` are the curves' own attributes."""
    on = layer(pencil())
    drawing = key(on, 1, [(0, 0), (0.1, 0)], PATH)
    # Only so does Blender notice; a value written into the attribute itself makes it write beyond its memory.
    drawing.set_types(type=kind, indices=[1])
    attribute(drawing, "cyclic", "BOOLEAN", "CURVE", [False, cyclic])
    attribute(drawing, "radius", "FLOAT", "POINT", np.linspace(0.01, 0.08, 8))
    for name, value in about.items():
        attribute(drawing, name, "INT8" if name != "resolution" else "INT", "CURVE", [value, value])
    drawing.tag_positions_changed()
    return drawing


def blenders_polyline(ob: Any) -> tuple[np.ndarray, np.ndarray]:
    """(N, 3) points and (N,) radii of the object's strokes, evaluated by Blender's geometry nodes."""
    group = bpy.data.node_groups.new("Evaluate", "GeometryNodeTree")
    group.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    last = group.nodes.new("NodeGroupInput")
    for name in (
        "GeometryNodeGreasePencilToCurves",
        "GeometryNodeRealizeInstances",
        "GeometryNodeResampleCurve",
        "GeometryNodeCurveToPoints",
        "NodeGroupOutput",
    ):
        node: Any = group.nodes.new(name)
        if hasattr(node, "mode"):
            node.mode = "EVALUATED"
        elif "Mode" in node.inputs:
            node.inputs["Mode"].default_value = "Evaluated"
        group.links.new(last.outputs[0], node.inputs[0])
        last = node
    modifier = ob.modifiers.new("Evaluate", "NODES")
    modifier.node_group = group
    depsgraph = bpy.context.evaluated_depsgraph_get()
    geometry = ob.evaluated_get(depsgraph).evaluated_geometry()
    cloud = geometry.pointcloud
    points, radii = np.empty(len(cloud.points) * 3, np.float32), np.empty(len(cloud.points), np.float32)
    cloud.attributes["position"].data.foreach_get("vector", points)
    cloud.attributes["radius"].data.foreach_get("value", radii)
    ob.modifiers.remove(modifier)
    return points.reshape(-1, 3), radii


def apart(strokes: Any, points: np.ndarray) -> float:
    """Largest distance in px from points to the second stroke; Blender's versions step along NURBS differently."""
    line = strokes.points[strokes.of(1)]
    line = np.concatenate([line, line[:1]]) if strokes.cyclic[1] else line
    a, b, p = line[None, :-1], line[None, 1:], points[2:, None]
    along = np.clip(((p - a) * (b - a)).sum(2) / np.maximum(((b - a) ** 2).sum(2), 1e-9), 0, 1)
    return float(np.linalg.norm(a + along[..., None] * (b - a) - p, axis=2).min(1).max())


HANDLES = {"handle_left": (-0.2, 0, -0.1), "handle_right": (0.2, 0, 0.1)}

CURVES = {
    "catmull-rom": ("CATMULL_ROM", {}),
    "finer catmull-rom": ("CATMULL_ROM", {"resolution": 20}),
    "bezier": ("BEZIER", {}),
    "coarse bezier": ("BEZIER", {"resolution": 3}),
    "nurbs": ("NURBS", {"resolution": 40, "nurbs_order": 4}),
    "nurbs of order 3 to its ends": ("NURBS", {"resolution": 40, "nurbs_order": 3, "knots_mode": 1}),
    "nurbs with bezier knots": ("NURBS", {"resolution": 40, "nurbs_order": 3, "knots_mode": 2}),
    "nurbs with bezier knots to its ends": ("NURBS", {"resolution": 40, "nurbs_order": 4, "knots_mode": 3}),
    "nurbs of too high an order": ("NURBS", {"resolution": 40, "nurbs_order": 7}),
}


@pytest.mark.parametrize("cyclic", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("name", CURVES)
def test_a_curve_is_read_as_blender_evaluates_it(name, cyclic):
    kind, about = CURVES[name]
    scene = stage()
    drawing = curved(kind, cyclic, **about)
    if kind == "BEZIER":
        positions = np.array([(0, 0, 0), (0.1, 0, 0)] + [(x, 0, z) for x, z in PATH])
        for handle, shift in HANDLES.items():
            attribute(drawing, handle, "FLOAT_VECTOR", "POINT", positions + shift)
        for side in ("left", "right"):
            attribute(drawing, f"handle_type_{side}", "INT8", "POINT", [0] * 8)
    points, radii = blenders_polyline(scene.objects["Character"])
    strokes = look(scene)
    if kind == "NURBS":
        assert apart(strokes, blenders_pixels(scene, points.tolist())) < 0.2
        return
    assert len(strokes.points) == len(points)
    assert np.abs(strokes.points - blenders_pixels(scene, points.tolist())).max() < 5e-3
    assert np.abs(strokes.radius - radii * 80).max() < 5e-3
    assert strokes.cyclic[1] == cyclic


def test_a_weight_pulls_a_nurbs_curve():
    scene = stage()
    drawing = curved("NURBS", nurbs_order=4)
    attribute(drawing, "nurbs_weight", "FLOAT", "POINT", [1, 1, 1, 1, 5, 1, 0.5, 1])
    points, _ = blenders_polyline(scene.objects["Character"])
    assert apart(look(scene), blenders_pixels(scene, points.tolist())) < 0.2


def test_a_rendered_curve_lies_on_the_read_one(tmp_path, rendered):
    scene = stage()
    curved("CATMULL_ROM")
    bpy.context.view_layer.update()
    strokes = look(scene)
    ink = rendered(scene, tmp_path)[..., 3]
    x, y = np.round(strokes.points - 0.5).astype(int).T
    assert (ink[y, x] > 100).all()


def test_a_curve_of_one_point_is_a_dot():
    scene = stage()
    on = layer(pencil())
    drawing = key(on, 1, [(0, 0)], [(0.1, 0.1)])
    drawing.set_types(type="NURBS", indices=[0])
    drawing.set_types(type="BEZIER", indices=[1])
    attribute(drawing, "cyclic", "BOOLEAN", "CURVE", [True, True])
    assert len(look(scene).points) == 2
