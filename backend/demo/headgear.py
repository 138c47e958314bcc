"""What a demo character may wear on the head: a knitted hat with a bobble, or the ears of an animal."""

from __future__ import annotations

import numpy as np

from .design import CharacterDesign
from .follow import swing
from .geometry import Points, cornered, curve, ellipse, joined
from .head import HeadSpace
from .parts import Line, Part, tone_edge


def headgear(design: CharacterDesign, space: HeadSpace, time: float) -> tuple[list[Part], list[Part]]:
    """(behind the head, over the fringe)."""
    if design.hat == "beanie":
        return [], _beanie(space, time)
    if design.hat == "ears":
        return _ear("far animal ear", space, far=True), _ear("near animal ear", space, far=False)
    return [], []


def _beanie(space: HeadSpace, time: float) -> list[Part]:
    nod = float(swing(time, np.array([0.0]), np.array([1.0]), beats=2.0, start=0.1)[0])
    dome = space.mixed(
        [
            (-1.02, 0.42),
            (-0.98, 0.86),
            (-0.56, 1.28),
            (0.06, 1.42),
            (0.62, 1.22),
            (0.94, 0.84),
            (0.96, 0.56),
            (0.0, 0.50),
        ],
        [
            (-1.05, 0.42),
            (-1.00, 0.86),
            (-0.56, 1.28),
            (0.06, 1.42),
            (0.64, 1.24),
            (1.00, 0.84),
            (1.04, 0.50),
            (0.0, 0.48),
        ],
    )
    pieces = cornered(dome, [0, 6])
    band_top = [(-1.06, 0.72), (-0.6, 0.84), (0.0, 0.88), (0.6, 0.86), (1.0, 0.78)]
    band_low = [(-1.08, 0.40), (-0.6, 0.54), (0.0, 0.58), (0.6, 0.56), (1.02, 0.48)]
    top, low = curve(space(band_top)), curve(space(band_low))
    sides = [
        curve([top[0], 0.5 * (top[0] + low[0]) + (-0.03, 0.0), low[0]]),
        curve([top[-1], 0.5 * (top[-1] + low[-1]) + (0.03, 0.0), low[-1]]),
    ]
    band = joined(sides[0], low, sides[1][::-1], top[::-1])
    ribs = [
        Line(space(curve([(x, y + 0.05), (x * 1.01, y + 0.24)])), 0.5, layer="Details")
        for x, y in ((-0.7, 0.53), (-0.35, 0.57), (0.0, 0.59), (0.35, 0.59), (0.7, 0.56))
    ]
    bobble = ellipse(space([(-0.06 - 0.06 * nod, 1.55)])[0], np.array([0.24, 0.22]) * space.scale, 12.0 * nod)
    shade_edge = curve(space([(-0.62, 0.84), (-0.60, 1.02), (-0.40, 1.20), (-0.16, 1.36)]))
    dome_left = pieces[0]
    cut = int(np.argmin(np.hypot(*(dome_left - shade_edge[-1]).T)))
    shade = joined(shade_edge, dome_left[: cut + 1][::-1])
    return [
        Part("bobble", bobble, "Trim", (Line(bobble, closed=True),)),
        Part("hat", joined(*pieces), "Hat", (Line(pieces[0]),)),
        Part("hat shadow", shade, "Hat shadow", (tone_edge(shade_edge),), on=("hat",)),
        Part("hat band", band, "Hat band", (Line(top, 0.9), Line(low), Line(sides[0]), Line(sides[1]), *ribs)),
    ]


def _ear(name: str, space: HeadSpace, far: bool) -> list[Part]:
    if far:
        outer = space.mixed([(0.36, 1.00), (0.66, 1.52), (0.86, 0.72)], [(0.36, 1.04), (0.84, 1.52), (0.98, 0.62)])
    else:
        outer = space.mixed([(-0.72, 0.78), (-0.58, 1.66), (0.06, 1.02)], [(-0.98, 0.62), (-0.86, 1.60), (-0.26, 1.02)])
    centre = outer.mean(axis=0)
    inner = centre + 0.56 * (outer - centre) + np.array([0.0, -0.04])
    pieces, inside = _bulged(outer, 0.07), _bulged(inner, 0.04)
    lining = Part(
        f"{name} inside",
        joined(*inside),
        "Skin shadow",
        tuple(Line(piece, 0.7, layer="Details") for piece in inside[:2]),
        on=(name,),
    )
    return [
        Part(name, joined(*pieces), "Hair shadow" if far else "Hair", tuple(Line(piece) for piece in pieces[:2])),
        lining,
    ]


def _bulged(corners: Points, amount: float) -> list[Points]:
    """A triangle whose sides bend outwards."""
    centre = corners.mean(axis=0)
    pieces = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        middle = 0.5 * (start + end)
        away = (middle - centre) / max(float(np.hypot(*(middle - centre))), 1e-9)
        pieces.append(curve([start, middle + amount * away, end]))
    return pieces
