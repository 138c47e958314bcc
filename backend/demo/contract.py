"""Demo drawings in the form of the contracts: flat arrays of strokes, materials and layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..contracts.drawing import FILL, LINE, SEPARATION, Strokes, no_strokes
from ..contracts.shot import Material
from .shot import DemoDrawing, DemoShot
from .strokes import DemoStroke

LAYERS = ("Key", "Separation", "Details", "Lines")
"""Layers of a demo character, bottom to top; the filled key lies under the lines."""


def materials(shot: DemoShot) -> tuple[Material, ...]:
    """First the pencils, then the colours of the flats."""
    inks = [Material(name, line=(*colour, 255), separation=name == "Separation") for name, colour in shot.inks.items()]
    flats = [Material(name, fill=(*colour, 255)) for name, colour in shot.colours.items()]
    return (*inks, *flats)


def lines(shot: DemoShot, drawing: DemoDrawing) -> Strokes:
    """The drawing's lines, bottom layer first."""
    ordered = sorted(drawing.strokes, key=lambda stroke: LAYERS.index(stroke.layer))
    roles = [SEPARATION if stroke.material == "Separation" else LINE for stroke in ordered]
    return _flattened(shot, ordered, roles)


def fills(shot: DemoShot, drawing: DemoDrawing) -> Strokes:
    """The drawing's true flats as filled shapes, back to front: what an artist's key holds."""
    shapes = [
        DemoStroke(flat.polygon, np.ones(len(flat.polygon)), "Key", flat.colour, cyclic=True, ident=-1)
        for flat in drawing.flats
    ]
    return _flattened(shot, shapes, [FILL] * len(shapes))


def _flattened(shot: DemoShot, strokes: Sequence[DemoStroke], roles: Sequence[int]) -> Strokes:
    if not strokes:
        return no_strokes()
    slots = {name: index for index, name in enumerate([*shot.inks, *shot.colours])}
    points = np.concatenate([stroke.points for stroke in strokes]).astype(np.float32)
    return Strokes(
        points=points,
        radius=np.concatenate([stroke.radius for stroke in strokes]).astype(np.float32),
        opacity=np.ones(len(points), np.float32),
        offsets=np.concatenate([[0], np.cumsum([len(stroke.points) for stroke in strokes])]).astype(np.int32),
        layer=np.array([LAYERS.index(stroke.layer) for stroke in strokes], np.int32),
        material=np.array([slots[stroke.material] for stroke in strokes], np.int32),
        cyclic=np.array([stroke.cyclic for stroke in strokes], np.bool_),
        role=np.array(roles, np.uint8),
        ids=np.array([stroke.ident for stroke in strokes], np.int64),
    )
