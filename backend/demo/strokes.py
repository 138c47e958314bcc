"""From the parts of a figure to pencil strokes: visible lines only, with pressure and a steady hand's wobble."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .geometry import Points, inside
from .parts import Line, Part


@dataclass(frozen=True)
class DemoStroke:
    """One stroke.

    ``points`` ``(N, 2) float64`` in pixels (y down, 0,0 the top left corner of the picture), ``radius`` ``(N,)``
    in pixels. ``ident`` is the same for the same line in every drawing.
    """

    points: NDArray[np.float64]
    radius: NDArray[np.float64]
    layer: str
    material: str
    cyclic: bool
    ident: int


#: Radius of an outline in pixels on a picture 720 pixels high.
OUTLINE_RADIUS = 1.6
#: Shorter pieces of a line (in pixels at 720) are not worth a stroke.
SHORTEST = 5.0
#: How far the hand drifts, in pixels at 720.
WOBBLE = 0.45


def visible_runs(line: Points, covers: Sequence[Points]) -> list[Points]:
    """The pieces of a line that no polygon covers, each up to the edge that hides it."""
    hidden = np.zeros(len(line), dtype=bool)
    for polygon in covers:
        hidden |= inside(line, polygon)
    edges = np.flatnonzero(np.diff(np.concatenate([[True], hidden, [True]]).astype(np.int8)))
    return [
        line[max(0, start - 1) : min(len(line), stop + 1)] for start, stop in zip(edges[::2], edges[1::2], strict=True)
    ]


def drawn(parts: Sequence[Part], seed: int, number: int, scale: float) -> list[DemoStroke]:
    """The strokes of one drawing. Parts are in pixels, back to front; ``scale`` is 1 on a picture 720 pixels high.

    ``seed`` and ``number`` (of the drawing) decide the wobble, nothing else.
    """
    strokes: list[DemoStroke] = []
    low = np.array([part.polygon.min(axis=0) for part in parts])
    high = np.array([part.polygon.max(axis=0) for part in parts])
    for index, part in enumerate(parts):
        hides = [number > index and bool(p.colour) and part.name not in p.on for number, p in enumerate(parts)]
        for order, line in enumerate(part.lines):
            meets = ((high >= line.points.min(axis=0)) & (low <= line.points.max(axis=0))).all(axis=1)
            nearer = [parts[int(number)].polygon for number in np.flatnonzero(meets & hides)]
            for piece, run in enumerate(visible_runs(line.points, nearer)):
                name = f"{seed}/{part.name}/{order}/{piece}"
                stroke = _stroke(run, line, len(run) >= len(line.points), zlib.crc32(name.encode()), number, scale)
                strokes += [stroke] if stroke else []
    return strokes


def _along(points: Points) -> NDArray[np.float64]:
    steps = np.diff(points, axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])


def _stroke(points: Points, line: Line, whole: bool, ident: int, number: int, scale: float) -> DemoStroke | None:
    along = _along(points)
    if along[-1] < SHORTEST * scale:
        return None
    random = np.random.default_rng([ident, number])
    cyclic = line.closed and whole
    radius = _pressure(along, line.weight, cyclic, random, scale)
    if cyclic:
        return DemoStroke(points[:-1], radius[:-1], line.layer, line.ink, True, ident)
    return DemoStroke(_wobbled(points, along, random, scale), radius, line.layer, line.ink, False, ident)


def _wobbled(points: Points, along: NDArray[np.float64], random: np.random.Generator, scale: float) -> Points:
    """A slow, small drift of the hand along the stroke."""
    drift = np.zeros_like(points)
    for wavelength in (60.0, 140.0):
        phase = random.uniform(0.0, 2.0 * np.pi, 2)
        drift += np.sin(2.0 * np.pi * along[:, None] / (wavelength * scale * random.uniform(0.8, 1.25)) + phase)
    return points + 0.5 * WOBBLE * scale * drift


def _pressure(
    along: NDArray[np.float64], weight: float, cyclic: bool, random: np.random.Generator, scale: float
) -> NDArray[np.float64]:
    """Radius along a stroke in pixels: fuller in the middle, thin where the pencil lands and lifts."""
    total = float(along[-1])
    reach = min(26.0 * scale, 0.45 * total)
    shape = np.ones(len(along))
    if not cyclic:
        nearer_end = np.minimum(along, total - along)
        shape = 0.38 + 0.62 * np.sqrt(np.clip(nearer_end / reach, 0.0, 1.0))
    swell = 1.0 + 0.14 * np.sin(np.pi * along / total + random.uniform(-0.6, 0.6))
    return OUTLINE_RADIUS * scale * (0.35 + 0.65 * weight) * shape * swell
