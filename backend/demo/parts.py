"""A figure as layered parts: closed shapes with a colour, and the lines an artist draws on them."""

from __future__ import annotations

from dataclasses import dataclass

from .geometry import Points


@dataclass(frozen=True)
class Line:
    """One pencil line in units; ``weight`` 1 is an outline, less is a finer inner line.

    ``closed`` lines end where they begin. ``ink`` names the material, ``layer`` the Grease Pencil layer.
    """

    points: Points
    weight: float = 1.0
    closed: bool = False
    layer: str = "Lines"
    ink: str = "Ink"


def tone_edge(points: Points, weight: float = 0.5) -> Line:
    """The edge of a shadow or a shine: a coloured separation line that is painted over."""
    return Line(points, weight, layer="Separation", ink="Separation")


@dataclass(frozen=True)
class Part:
    """One shape of the figure, ordered from back to front by its place in the list.

    ``polygon`` is the whole shape, ``(N, 2)``, also where nearer parts cover it. ``on`` names the part
    that a marking (stripe, shine, belt edge) lies on: a marking hides no line of that part.
    A part without a colour carries lines only.
    """

    name: str
    polygon: Points
    colour: str | None
    lines: tuple[Line, ...] = ()
    on: tuple[str, ...] = ()
