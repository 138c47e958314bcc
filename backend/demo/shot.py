"""A shot of walking characters as drawings: strokes in pixels, and the true flats under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .character import figure
from .design import INKS, CharacterDesign, Colour, design_from_seed
from .geometry import Points
from .parts import Part
from .strokes import DemoStroke, drawn
from .walk import pose_at

#: Twelve drawings, a second on twos, are one cycle of two steps; the whole loop is two cycles.
DRAWINGS_A_CYCLE = 12


#: The drawing an artist would fill: both hands, both legs and the bag are seen in it.
KEY = 1


@dataclass(frozen=True)
class DemoFlat:
    """One filled shape of the truth, painted over those before it: ``polygon`` ``(N, 2) float64`` in pixels."""

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
    """Drawings of one size, with the colours of the flats and of the pencils (8-bit sRGB) by material name."""

    width: int
    height: int
    colours: dict[str, Colour]
    inks: dict[str, Colour]
    drawings: tuple[DemoDrawing, ...]

    @property
    def key(self) -> int:
        """Number of the drawing to fill as key."""
        return min(KEY, len(self.drawings) - 1)


@dataclass(frozen=True)
class _Actor:
    """A character in its place: pixels per unit, the pixel of the ground under its hips, and its own clock."""

    design: CharacterDesign
    number: int
    size: float
    ground: tuple[float, float]

    @property
    def suffix(self) -> str:
        """What tells its parts and materials from those of the others."""
        return f" {self.number + 1}" if self.number else ""

    def parts(self, time: float) -> list[Part]:
        """Its parts at ``time`` in cycles, in pixels of the picture."""
        pose = pose_at(self.design, time + 0.37 * self.number)
        return [self._placed(part) for part in figure(self.design, pose)]

    def _pixels(self, points: Points) -> Points:
        return np.stack([points[:, 0], -points[:, 1]], axis=1) * self.size + np.asarray(self.ground)

    def _placed(self, part: Part) -> Part:
        return Part(
            part.name + self.suffix,
            self._pixels(part.polygon),
            part.colour + self.suffix if part.colour else None,
            tuple(replace(line, points=self._pixels(line.points)) for line in part.lines),
            tuple(name + self.suffix for name in part.on),
        )


def _actors(characters: int, width: int, height: int, seed: int) -> list[_Actor]:
    """One character stands in the middle; a crowd is spread over the picture, those farther away first."""
    scale = height / 720.0
    designs = [design_from_seed(seed + number) for number in range(characters)]
    if characters == 1:
        return [_Actor(designs[0], 0, 96.0 * scale, (width / 2.0 + 40.0 * scale, height - 50.0 * scale))]
    size = min(88.0 * scale, 1.3 * width / (4.0 * characters))
    actors = [
        _Actor(
            design,
            number,
            size,
            (width * (number + 0.8) / (characters + 0.5), height - (36.0 + 30.0 * (number % 2)) * scale),
        )
        for number, design in enumerate(designs)
    ]
    return sorted(actors, key=lambda actor: actor.ground[1])


def demo_shot(count: int = 24, width: int = 1280, height: int = 720, seed: int = 0, characters: int = 1) -> DemoShot:
    """Characters walking: ``count`` drawings meant to be held on twos, on a picture of ``width`` by ``height`` pixels.

    ``seed`` chooses the design (0 is the demo's own); a crowd takes the following seeds too. The movement
    repeats after 24 drawings, the hand's wobble does not.
    """
    actors = _actors(characters, width, height, seed)
    drawings = [_drawing(actors, number, seed, height / 720.0) for number in range(count)]
    used = {flat.colour for drawing in drawings for flat in drawing.flats}
    palette = {name + actor.suffix: colour for actor in actors for name, colour in actor.design.colours.items()}
    colours = {name: colour for name, colour in palette.items() if name in used}
    return DemoShot(width, height, colours, dict(INKS), tuple(drawings))


def _drawing(actors: Sequence[_Actor], number: int, seed: int, scale: float) -> DemoDrawing:
    parts = [part for actor in actors for part in actor.parts(number / DRAWINGS_A_CYCLE)]
    flats = tuple(DemoFlat(part.polygon, part.colour, part.name) for part in parts if part.colour)
    return DemoDrawing(number, tuple(drawn(parts, seed, number, scale)), flats)


def demo_drawings(count: int = 24, width: int = 1280, height: int = 720, seed: int = 0) -> tuple[DemoDrawing, ...]:
    """The drawings of :func:`demo_shot` alone."""
    return demo_shot(count, width, height, seed).drawings
