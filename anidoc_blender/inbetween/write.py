"""In-betweens into Grease Pencil: real strokes on the layers of their keys, with everything a stroke carries."""

from typing import Any

import numpy as np

from ...backend.contracts.tween import Between
from ..grease_pencil.attributes import _KINDS
from .flat import Source
from .keys import key_at
from .plane import Plane, local_matrix

_MADE = {"position", "radius", "opacity", "cyclic", "handle_left", "handle_right", ".selection"}
"""Attributes that are computed, or that a moved stroke has no use for."""

_DEFAULTS: dict[str, float] = {"fill_opacity": 1.0, "aspect_ratio": 1.0, "u_scale": 1.0}
"""What an absent attribute means, where that is not 0."""


def write_between(
    data: Any,
    between: Between,
    plane: Plane,
    keys: tuple[tuple[int, Source], tuple[int, Source]],
    place: Any,
    source_data: Any = None,
) -> list[str]:
    """Put an in-between's strokes into drawings; returns the layers that were written.

    keys   frame and source of the first and the second key; place(layer name) gives the drawing to write to
    """
    source_data = data if source_data is None else source_data
    written = []
    names = list(dict.fromkeys([*keys[0][1].layers, *keys[1][1].layers]))
    raised = plane.raise_(np.column_stack([between.points, between.depth]).astype(np.float64))
    for name in names:
        picks = [_of_layer(between, side, source, name) for side, (_, source) in enumerate(keys)]
        rows = np.concatenate(picks)
        both = all(key_at(source_data.layers[name], frame) is not None for frame, _ in keys)
        if not both and len(rows) == 0:
            continue
        drawing = place(name)
        if drawing is None:
            continue
        written.append(name)
        if len(rows):
            _fill(drawing, between, raised, plane, source_data.layers[name], name, keys, rows)
    return written


def _of_layer(between: Between, side: int, source: Source, name: str) -> np.ndarray:
    """The in-between's strokes that come from this layer of this key."""
    if name not in source.layers:
        return np.zeros(0, np.int64)
    at = source.layers.index(name)
    begin = source.strokes[at]
    end = source.strokes[at + 1] if at + 1 < len(source.layers) else np.iinfo(np.int32).max
    return np.flatnonzero((between.key == side) & (between.stroke >= begin) & (between.stroke < end))


def _fill(
    drawing: Any,
    between: Between,
    raised: np.ndarray,
    plane: Plane,
    layer: Any,
    name: str,
    keys: tuple[tuple[int, Source], tuple[int, Source]],
    rows: np.ndarray,
) -> None:
    sizes = np.diff(between.offsets)[rows]
    points = np.concatenate([np.arange(int(between.offsets[r]), int(between.offsets[r + 1])) for r in rows])
    drawing.add_strokes([int(n) for n in sizes])
    back = np.linalg.inv(local_matrix(layer))
    _set(drawing, "position", "FLOAT_VECTOR", "POINT", raised[points] @ back[:3, :3].T + back[:3, 3])
    _set(drawing, "radius", "FLOAT", "POINT", between.radius[points] / plane.scale)
    _set(drawing, "opacity", "FLOAT", "POINT", between.opacity[points])
    side = between.key[rows]
    origin = np.zeros(len(rows), np.int64), np.zeros(len(points), np.int64)
    drawings: list[Any] = []
    on = np.repeat(side, sizes)
    for k, (frame, source) in enumerate(keys):
        key = key_at(layer, frame)
        drawings.append(None if key is None else key.drawing)
        if name in source.layers:
            at = source.layers.index(name)
            origin[0][side == k] = between.stroke[rows][side == k] - source.strokes[at]
            origin[1][on == k] = between.point[points][on == k] - source.points[at]
    _carry(drawing, drawings, side, on, origin, sizes)
    drawing.tag_positions_changed()


def _carry(
    drawing: Any,
    drawings: list[Any],
    side: np.ndarray,
    on: np.ndarray,
    origin: tuple[np.ndarray, np.ndarray],
    sizes: np.ndarray,
) -> None:
    """Whatever else the keys' strokes and points have: material, caps, vertex colours, fills, and what add-ons left."""
    known: dict[str, tuple[str, str]] = {}
    for source in drawings:
        for attribute in source.attributes if source is not None else ():
            if attribute.data_type in _KINDS and attribute.domain in ("POINT", "CURVE") and attribute.name not in _MADE:
                known.setdefault(attribute.name, (attribute.data_type, attribute.domain))
    for name, (kind, domain) in known.items():
        which, rows = (side, origin[0]) if domain == "CURVE" else (on, origin[1])
        width = _KINDS[kind][2]
        out = np.full((len(rows), width), _DEFAULTS.get(name, 0), np.float64)
        for k, source in enumerate(drawings):
            given = None if source is None else _get(source, name, kind)
            if given is not None and (which == k).any():
                out[which == k] = given[rows[which == k]]
        _set(drawing, name, kind, domain, out)
    cyclic = np.zeros(len(side), bool)
    for k, source in enumerate(drawings):
        given = None if source is None else _get(source, "cyclic", "BOOLEAN")
        if given is not None and (side == k).any():
            mine = origin[0][side == k]
            whole = sizes[side == k] == _sizes(source)[mine]
            cyclic[side == k] = given[mine, 0].astype(bool) & whole
    if cyclic.any():
        _set(drawing, "cyclic", "BOOLEAN", "CURVE", cyclic)


def _sizes(drawing: Any) -> np.ndarray:
    from ..grease_pencil.attributes import stroke_offsets

    return np.diff(stroke_offsets(drawing))


def _get(drawing: Any, name: str, kind: str) -> np.ndarray | None:
    attribute = drawing.attributes.get(name)
    if attribute is None or attribute.data_type != kind or not len(attribute.data):
        return None
    number, value, width = _KINDS[kind]
    array = np.empty(len(attribute.data) * width, number)
    attribute.data.foreach_get(value, array)
    return array.reshape(-1, width)


def _set(drawing: Any, name: str, kind: str, domain: str, given: np.ndarray) -> None:
    number, value, _ = _KINDS[kind]
    attribute = drawing.attributes.get(name) or drawing.attributes.new(name, kind, domain)
    attribute.data.foreach_set(value, np.ascontiguousarray(given, number).ravel())
