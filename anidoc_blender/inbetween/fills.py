"""What the artist has filled in the keys: shapes with colours, which lead the strokes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...backend.contracts.drawing import FILL, Strokes
from ...backend.contracts.tween import MOST_COLOURS
from ..grease_pencil.attributes import stroke_offsets
from ..grease_pencil.materials import MaterialTable
from ..grease_pencil.strokes import fills_of, read_local, roles_of
from .keys import Chosen, key_at, with_groups
from .plane import Plane, local_matrix

Colours = tuple[tuple[int, int, int], ...]


def drawings_at(ob: Any, frame: int) -> list[tuple[Any, Any]]:
    """(layer, drawing) of each visible layer with a key at this very frame, also locked ones: held fills lie where an earlier
    drawing had them."""
    found = []
    for layer in ob.data.layers:
        key = key_at(layer, frame)
        if key is not None and not any(part.hide for part in with_groups(layer)):
            found.append((layer, key.drawing))
    return found


def filled(ob: Any, frame: int) -> bool:
    """Whether anything is filled at this frame. Quick enough for a panel."""
    slots = MaterialTable().slots(ob.material_slots)
    return any(
        bool((roles_of(drawing, slots, len(stroke_offsets(drawing)) - 1) & FILL).any())
        for _, drawing in drawings_at(ob, frame)
    )


def beside(ob: Any, chosen: Chosen) -> tuple[int, ...]:
    """Where none of the keys is filled: the frames of the filled drawings before and after them, which say as much."""
    if any(filled(ob, frame) for frame in chosen.frames):
        return ()
    frames = sorted({f.frame_number for layer in ob.data.layers for f in layer.frames})
    before = (f for f in reversed(frames) if f < chosen.frames[0] and filled(ob, f))
    after = (f for f in frames if f > chosen.frames[-1] and filled(ob, f))
    return tuple(f for f in (next(before, None), next(after, None)) if f is not None)


def read_fills(ob: Any, frames: Sequence[int], plane: Plane) -> tuple[list[Strokes | None], Colours]:
    """What is filled at each of the frames, laid flat, and the colours that the shapes' materials number."""
    table = MaterialTable()
    slots = table.slots(ob.material_slots)
    out = [_read(ob, frame, slots, plane) for frame in frames]
    colours = tuple(material.fill[:3] for material in table.materials)
    if len(colours) > MOST_COLOURS:
        return [None] * len(out), ()
    return out, colours


def _read(ob: Any, frame: int, slots: Any, plane: Plane) -> Strokes | None:
    points, sizes, material = [np.zeros((0, 2))], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for layer, drawing in drawings_at(ob, frame):
        shapes = fills_of(read_local(drawing, slots, 0)[0])
        matrix = local_matrix(layer)
        flat = plane.lay(shapes.points.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3])
        points.append(np.nan_to_num(flat[:, :2], posinf=0.0, neginf=0.0))
        sizes.append(np.diff(shapes.offsets))
        material.append(shapes.material)
    place, size = np.concatenate(points), np.concatenate(sizes)
    count = len(size)
    if count == 0:
        return None
    return Strokes(
        points=place.astype(np.float32),
        radius=np.ones(len(place), np.float32),
        opacity=np.ones(len(place), np.float32),
        offsets=np.concatenate([[0], np.cumsum(size)]).astype(np.int32),
        layer=np.zeros(count, np.int32),
        material=np.concatenate(material).astype(np.int32),
        cyclic=np.ones(count, np.bool_),
        role=np.full(count, FILL, np.uint8),
        ids=np.full(count, -1, np.int64),
    )
