"""Attributes of a Grease Pencil drawing as numpy arrays; one that is absent has its default everywhere."""

from typing import Any

import numpy as np

_KINDS: dict[str, tuple[type, str, int]] = {
    "FLOAT": (np.float32, "value", 1),
    "FLOAT_VECTOR": (np.float32, "vector", 3),
    "FLOAT_COLOR": (np.float32, "color", 4),
    "INT": (np.int32, "value", 1),
    "INT8": (np.int32, "value", 1),
    "BOOLEAN": (np.bool_, "value", 1),
}
"""How Blender hands an attribute's values over: numpy type, name of the value, values per element."""


def stroke_offsets(drawing: Any) -> np.ndarray:
    """(S + 1,) int32: stroke s owns points ``offsets[s]:offsets[s + 1]``. A drawing without strokes gives ``[0]``."""
    position = drawing.attributes.get("position")
    if position is None or not len(position.data):
        # Blender counts one offset here but hands out none.
        return np.zeros(1, np.int32)
    offsets = np.empty(len(drawing.curve_offsets), np.int32)
    drawing.curve_offsets.foreach_get("value", offsets)
    return offsets


def values(drawing: Any, name: str, count: int, default: float | tuple[float, ...]) -> np.ndarray:
    """(count,) or (count, k) values of the attribute ``name``, or ``default`` repeated where the drawing has none.

    Asked for only by name: a point's own ``opacity`` reads 0.0 in Blender 4.5 and 5.0 when the attribute is absent.
    """
    filled = np.repeat(np.asarray(default)[None], count, axis=0)
    attribute = drawing.attributes.get(name)
    if attribute is None or attribute.data_type not in _KINDS or len(attribute.data) != count or count == 0:
        return filled
    kind, value, width = _KINDS[attribute.data_type]
    array = np.empty(count * width, kind)
    attribute.data.foreach_get(value, array)
    return array.reshape(count, width) if width > 1 else array


def has(drawing: Any, name: str) -> bool:
    """Whether the drawing carries the attribute at all."""
    return drawing.attributes.get(name) is not None
