"""Drawings of a shot as plain strokes: visible lines only, with pressure and a steady hand's wobble."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .character import figure
from .design import CharacterDesign, Colour
from .geometry import Points, inside
from .parts import Line, Part
from .walk import pose_at


@dataclass(frozen=True)
class DemoStroke:
    """One stroke. ``points`` ``(N, 2) float64`` in pixels (y down, 0,0 the top left corner of the picture),
    ``radius`` ``(N,)`` in pixels. ``ident`` stays the same for the same line in every drawing."""

    points: NDArray[np.float64]
    radius: NDArray[np.float64]
    layer: str
    material: str
    cyclic: bool
    ident: int


@dataclass(frozen=True)
class DemoFlat:
    """One filled shape of the truth, painted over those before it: ``polygon`` ``(N, 2)`` in pixels."""

    polygon: NDArray[np.float64]
    colour: str
    part: str


@dataclass(frozen=True)
class DemoDrawing:
    """One drawing: its lines, and the true flats from back to front."""

    number: int
    strokes: tuple[DemoStroke, ...]
    flats: tuple[DemoFlat, ...]


@dataclass(frozen=True)
class DemoShot:
    """Drawings of one size with the colours of their materials (8-bit sRGB)."""

    width: int
    height: int
    colours: dict[str, Colour]
    drawings: tuple[DemoDrawing, ...]


#: Radius of an outline in pixels on a picture 720 pixels high.
OUTLINE_RADIUS = 1.6
#: Shorter pieces of a line (in pixels at 720) are not worth a stroke.
SHORTEST = 5.0


def visible_runs(line: Points, covers: Sequence[Points]) -> list[Points]:
    """The pieces of a line that no polygon covers."""
    hidden = np.zeros(len(line), dtype=bool)
    for polygon in covers:
        hidden |= inside(line, polygon)
    edges = np.flatnonzero(np.diff(np.concatenate([[True], hidden, [True]]).astype(np.int8)))
    runs = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        runs.append(line[max(0, start - 1) : min(len(line), stop + 1)])
    return runs


def _wobble(points: Points, random: np.random.Generator, size: float) -> Points:
    """A slow, small drift of the hand along the stroke, at most about ``size`` pixels."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    drift = np.zeros_like(points)
    for wavelength in (60.0, 140.0):
        phase = random.uniform(0.0, 2.0 * np.pi, 2)
        drift += np.sin(2.0 * np.pi * along[:, None] / (wavelength * random.uniform(0.8, 1.25)) + phase)
    return points + 0.5 * size * drift


def _pressure(
    points: Points, weight: float, taper: tuple[bool, bool], random: np.random.Generator, scale: float
) -> NDArray[np.float64]:
    """Radius along a stroke in pixels: fuller in the middle, thin where the pencil lands and lifts."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    total = max(float(along[-1]), 1e-6)
    reach = min(26.0 * scale, 0.45 * total)
    shape = np.ones(len(points))
    if taper[0]:
        shape = np.minimum(shape, 0.38 + 0.62 * np.sqrt(np.clip(along / reach, 0.0, 1.0)))
    if taper[1]:
        shape = np.minimum(shape, 0.38 + 0.62 * np.sqrt(np.clip((total - along) / reach, 0.0, 1.0)))
    swell = 1.0 + 0.14 * np.sin(np.pi * along / total + random.uniform(-0.6, 0.6))
    return OUTLINE_RADIUS * scale * (0.35 + 0.65 * weight) * shape * swell


def _strokes(
    parts: Sequence[Part], to_pixels: Points, flip: float, seed: int, number: int, scale: float
) -> list[DemoStroke]:
    strokes: list[DemoStroke] = []
    for index, part in enumerate(parts):
        covers = [
            other.polygon for other in parts[index + 1 :] if other.colour is not None and part.name not in other.on
        ]
        for order, line in enumerate(part.lines):
            for run_number, run in enumerate(visible_runs(line.points, covers)):
                points = np.stack([run[:, 0] * flip, -run[:, 1]], axis=1) * to_pixels[0] + to_pixels[1:]
                name = f"{seed}/{part.name}/{order}/{run_number}"
                stroke = _stroke(points, line, len(run) >= len(line.points), name, number, scale)
                if stroke is not None:
                    strokes.append(stroke)
    return strokes


def _stroke(points: Points, line: Line, whole: bool, name: str, number: int, scale: float) -> DemoStroke | None:
    if len(points) < 2 or float(np.hypot(*np.diff(points, axis=0).T).sum()) < SHORTEST * scale:
        return None
    ident = zlib.crc32(name.encode())
    random = np.random.default_rng([ident, number])
    cyclic = line.closed and whole
    moved = points if cyclic else _wobble(points, random, 0.45 * scale)
    taper = (not cyclic, not cyclic)
    radius = _pressure(points, line.weight, taper, random, scale)
    if cyclic:
        moved, radius = moved[:-1], radius[:-1]
    return DemoStroke(moved, radius, line.layer, line.ink, cyclic, ident)


def _times(count: int) -> list[float]:
    """Moments of the drawings in cycles: twelve drawings (a second on twos) are one cycle of two steps."""
    return [number / 12.0 for number in range(count)]


def demo_shot(count: int = 24, width: int = 1280, height: int = 720, seed: int = 0) -> DemoShot:
    """A character walking: ``count`` drawings meant to be held on twos, ``width`` by ``height`` pixels."""
    design = CharacterDesign(seed=seed)
    scale = height / 720.0
    drawings = []
    for number, time in enumerate(_times(count)):
        parts = figure(design, pose_at(design, time, look=(0.92, 1.55), blink=0.83))
        to_pixels = np.array([96.0 * scale, width / 2.0 + 40.0 * scale, height - 50.0 * scale])
        strokes = _strokes(parts, to_pixels, 1.0, seed, number, scale)
        flats = [
            DemoFlat(
                np.stack([part.polygon[:, 0], -part.polygon[:, 1]], axis=1) * to_pixels[0] + to_pixels[1:],
                part.colour,
                part.name,
            )
            for part in parts
            if part.colour is not None
        ]
        drawings.append(DemoDrawing(number, tuple(strokes), tuple(flats)))
    return DemoShot(width, height, dict(design.colours), tuple(drawings))


def demo_drawings(count: int = 24, width: int = 1280, height: int = 720, seed: int = 0) -> tuple[DemoDrawing, ...]:
    """The drawings of :func:`demo_shot` alone."""
    return demo_shot(count, width, height, seed).drawings
