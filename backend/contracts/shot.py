"""A shot: drawings, when they are exposed, and the coloured pictures they take their colours from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .drawing import Drawing, Strokes

Colour = tuple[int, int, int, int]
"""8-bit sRGB with straight alpha, 0..255 each: how colours look at every boundary of the project."""


@dataclass(frozen=True)
class Material:
    """A Grease Pencil material as the engines see it. ``separation`` marks lines that are painted over."""

    name: str
    line: Colour = (0, 0, 0, 255)
    fill: Colour = (0, 0, 0, 0)
    separation: bool = False


@dataclass(frozen=True)
class Exposure:
    """A drawing held on the timeline: ``duration`` frames from ``frame`` on."""

    frame: int
    duration: int
    drawing: str


@dataclass(frozen=True)
class Reference:
    """A coloured picture of the character in any pose and size (a design sheet).

    picture  (H, W, 4) uint8 sRGB, straight alpha
    """

    name: str
    picture: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Key:
    """The coloured version of one drawing of the shot: a picture, or the artist's own Grease Pencil fills.

    drawing  id of the drawing it colours
    picture  (H, W, 4) uint8 sRGB, straight alpha, the drawing's size; None when ``fills`` is given
    fills    strokes whose role has FILL: closed shapes, painted bottom to top with their material's fill colour
    """

    drawing: str
    name: str = ""
    picture: np.ndarray | None = field(default=None, repr=False)
    fills: Strokes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Shot:
    """Everything an engine may look at. Width and height in pixels of the render frame.

    ``drawings`` holds each different picture once, in the order of first exposure. It may be lazy: an item is
    read from disk whenever it is asked for and may raise ``DrawingError``, so take one at a time and let it go.
    ``ids`` are the drawings' ids in the same order, known without reading anything.
    """

    name: str
    width: int
    height: int
    ids: tuple[str, ...]
    drawings: Sequence[Drawing]
    exposures: tuple[Exposure, ...] = ()
    layers: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    references: Sequence[Reference] = ()
    keys: Sequence[Key] = ()
    fps: float = 24.0
