"""A drawing: what the camera sees at a frame, as strokes in pixels of the render frame or as scanned line art."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

LINE, FILL, SEPARATION = 1, 2, 4
"""Role bits of a stroke: a drawn line, a filled shape, a coloured line that marks a tone's edge and is painted over."""

ID_LENGTH = 20
"""Hex digits of a drawing's id: 80 bits, far beyond an accidental clash in any shot."""

_GRID = 64
"""Points are compared on a grid of 1/64 px, so that rounding noise does not make two equal pictures differ."""


@dataclass(frozen=True)
class Strokes:
    """All strokes of one drawing, flattened: N points in S strokes, bottom to top as Blender draws them.

    points    (N, 2) float32, pixels of the render frame; x right, y down, (0, 0) the top left corner of the picture
    radius    (N,) float32, pixels; half the line's width
    opacity   (N,) float32, 0..1
    offsets   (S + 1,) int32; stroke s owns points ``offsets[s]:offsets[s + 1]``
    layer     (S,) int32, index into ``Shot.layers``
    material  (S,) int32, index into ``Shot.materials``
    cyclic    (S,) bool; the last point joins the first
    role      (S,) uint8, bits LINE | FILL | SEPARATION
    ids       (S,) int64, the same for one stroke as it moves from drawing to drawing, -1 where not known
    """

    points: np.ndarray
    radius: np.ndarray
    opacity: np.ndarray
    offsets: np.ndarray
    layer: np.ndarray
    material: np.ndarray
    cyclic: np.ndarray
    role: np.ndarray
    ids: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def of(self, stroke: int) -> slice:
        """The slice of the point arrays that belongs to one stroke."""
        return slice(int(self.offsets[stroke]), int(self.offsets[stroke + 1]))


POINT_ARRAYS = {"points": np.float32, "radius": np.float32, "opacity": np.float32}
STROKE_ARRAYS = {
    "layer": np.int32,
    "material": np.int32,
    "cyclic": np.bool_,
    "role": np.uint8,
    "ids": np.int64,
}


def no_strokes() -> Strokes:
    """A drawing with nothing on it."""
    return Strokes(
        points=np.zeros((0, 2), np.float32),
        radius=np.zeros(0, np.float32),
        opacity=np.zeros(0, np.float32),
        offsets=np.zeros(1, np.int32),
        layer=np.zeros(0, np.int32),
        material=np.zeros(0, np.int32),
        cyclic=np.zeros(0, np.bool_),
        role=np.zeros(0, np.uint8),
        ids=np.zeros(0, np.int64),
    )


def picture_id(strokes: Strokes, width: int, height: int) -> str:
    """The drawing's id: a hash of what is seen, so that equal pictures are coloured once.

    Stable ids are left out: they do not show. Everything that can change the picture or its colours is in.
    """
    h = hashlib.sha256(f"strokes 1 {width} {height} {len(strokes)}".encode())
    h.update(np.round(np.asarray(strokes.points, np.float64) * _GRID).astype("<i8").tobytes())
    h.update(np.round(np.asarray(strokes.radius, np.float64) * _GRID).astype("<i8").tobytes())
    h.update(np.round(np.asarray(strokes.opacity, np.float64) * 255).astype("<i2").tobytes())
    for array, kind in (
        (strokes.offsets, "<i4"),
        (strokes.layer, "<i4"),
        (strokes.material, "<i4"),
        (strokes.cyclic, "u1"),
        (strokes.role, "u1"),
    ):
        h.update(np.ascontiguousarray(array).astype(kind).tobytes())
    return h.hexdigest()[:ID_LENGTH]


def file_id(data: bytes) -> str:
    """The id of a scanned drawing: a hash of its file."""
    return hashlib.sha256(data).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True)
class Drawing:
    """One picture of the shot: either ``strokes`` or ``line_art`` is given.

    id        hash of the picture, a file name's worth of hex
    name      what people call it: "frame 101", or the sketch's file name
    strokes   vector lines in pixels of the render frame
    line_art  (H, W, 4) uint8 sRGB straight alpha: dark lines on white or on transparency
    """

    id: str
    name: str = ""
    strokes: Strokes | None = None
    line_art: np.ndarray | None = field(default=None, repr=False)
