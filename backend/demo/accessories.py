"""What the character wears over the coat and what swings with the walk: scarf and satchel."""

from __future__ import annotations

import numpy as np

from .design import CharacterDesign
from .follow import swing
from .geometry import Points, cornered, curve, joined, placed, tube
from .parts import Line, Part, tone_edge
from .walk import Pose


def scarf(design: CharacterDesign, pose: Pose) -> tuple[list[Part], list[Part]]:
    """(behind the coat, in front of it): two tails in the wind, and the wrap around the neck."""
    neck = pose.neck
    behind: list[Part] = []
    for name, start, lengths, rest, lag in (
        ("far tail", (-0.20, 0.12), 0.40, np.array([86.0, 92, 94, 90, 84, 80]), 0.55),
        ("near tail", (-0.34, -0.02), 0.36, np.array([62.0, 66, 70, 72, 70, 66]), 0.0),
    ):
        angles = swing(pose.time, rest, np.array([6.0, 12, 17, 22, 26, 30]), beats=2.0, lag=0.085, start=lag)
        behind += _scarf_tail(
            name, neck + np.array(start), angles, lengths, dark=design.far_tone and name.startswith("far")
        )
    upper = curve(placed([(-0.62, 0.10), (-0.40, 0.32), (0.08, 0.36), (0.50, 0.32), (0.66, 0.12)], neck, pose.lean))
    lower = curve(
        placed(
            [(0.66, 0.12), (0.62, -0.10), (0.30, -0.27), (-0.16, -0.30), (-0.54, -0.16), (-0.62, 0.10)], neck, pose.lean
        )
    )
    wrap = joined(upper, lower)
    fold = curve(placed([(-0.56, 0.00), (-0.20, -0.10), (0.24, -0.08), (0.50, 0.04)], neck, pose.lean))
    shade_low = curve(placed([(0.50, -0.18), (0.30, -0.27), (-0.16, -0.30), (-0.54, -0.16)], neck, pose.lean))
    shade_top = curve(placed([(-0.54, -0.16), (-0.14, -0.20), (0.24, -0.18), (0.50, -0.18)], neck, pose.lean))
    return behind, [
        Part("scarf", wrap, "Scarf", (Line(upper), Line(lower), Line(fold, 0.6, layer="Details"))),
        Part(
            "scarf shade",
            joined(shade_low, shade_top),
            "Scarf shadow",
            (tone_edge(shade_top),),
            on=("scarf",),
        ),
    ]


def _scarf_tail(name: str, start: Points, angles: Points, length: float, dark: bool) -> list[Part]:
    path = [start]
    for angle in angles:
        path.append(path[-1] + length * np.array([-np.sin(np.radians(angle)), -np.cos(np.radians(angle))]))
    widths = np.linspace(0.17, 0.25, len(path))
    left, right = tube(path, widths)
    end = np.concatenate([left[-1:], 0.5 * (left[-1:] + right[-1:]) + 0.03 * (path[-1] - path[-2]), right[-1:]])
    parts = [
        Part(
            f"scarf {name}",
            joined(left, curve(end), right[::-1]),
            "Scarf shadow" if dark else "Scarf",
            (Line(left), Line(right), Line(curve(end))),
        )
    ]
    for number, (low, high) in enumerate(((0.60, 0.76), (0.85, 0.91))):
        edges = []
        for place in (low, high):
            on_left = left[round(place * (len(left) - 1))]
            on_right = right[round(place * (len(right) - 1))]
            edges.append((on_left, on_right))
        side_left = left[round(low * (len(left) - 1)) : round(high * (len(left) - 1)) + 1]
        side_right = right[round(low * (len(right) - 1)) : round(high * (len(right) - 1)) + 1]
        across = [curve([a, 0.5 * (a + b) + 0.04 * (path[-1] - path[-2]), b]) for a, b in edges]
        stripe = joined(side_left, across[1], side_right[::-1], across[0][::-1])
        lines = tuple(Line(line, 0.6, layer="Details") for line in across)
        parts.append(Part(f"scarf {name} stripe {number}", stripe, "Scarf stripe", lines, on=(f"scarf {name}",)))
    return parts


def satchel(design: CharacterDesign, pose: Pose) -> list[Part]:
    """A strap across the chest and the bag on the near hip, swinging late."""
    angle = float(swing(pose.time, np.array([4.0]), np.array([7.0]), beats=2.0, start=0.16)[0])

    def up(x: float, y: float) -> Points:
        return placed([(x, y)], pose.hip, pose.lean)[0]

    ring = up(-0.46, 0.20)
    outer = curve([up(0.46, design.torso - 0.16), up(0.10, 0.86), up(-0.20, 0.36), ring + (0.20, -0.08)])
    inner = curve([up(0.32, design.torso - 0.10), up(-0.04, 0.88), up(-0.32, 0.46), ring + (0.08, -0.06)])
    strap = joined(outer, inner[::-1])
    bag_shape = placed(
        [(-0.42, 0.02), (0.40, 0.02), (0.43, -0.30), (0.36, -0.56), (-0.38, -0.56), (-0.45, -0.30)],
        ring + (0.12, -0.06),
        angle,
    )
    bag_pieces = cornered(bag_shape, [0, 1])
    flap_shape = placed(
        [(-0.45, 0.06), (0.43, 0.06), (0.44, -0.16), (0.22, -0.34), (-0.24, -0.34), (-0.46, -0.16)],
        ring + (0.12, -0.06),
        angle,
    )
    flap_pieces = cornered(flap_shape, [0, 1])
    clasp_shape = placed([(-0.09, -0.25), (0.07, -0.25), (0.07, -0.43), (-0.09, -0.43)], ring + (0.12, -0.06), angle)
    clasp_pieces = cornered(clasp_shape, [0, 1, 2, 3])
    return [
        Part("strap", strap, "Leather light", (Line(outer, 0.8), Line(inner, 0.8)), on=("coat",)),
        Part("bag", joined(*bag_pieces), "Leather", tuple(Line(piece) for piece in bag_pieces)),
        Part("bag flap", joined(*flap_pieces), "Leather light", tuple(Line(piece, 0.9) for piece in flap_pieces)),
        Part(
            "clasp", joined(*clasp_pieces), "Buckle", tuple(Line(piece, 0.7, layer="Details") for piece in clasp_pieces)
        ),
    ]


def collar(design: CharacterDesign, pose: Pose) -> list[Part]:
    """A soft collar in place of the scarf."""
    upper = curve(
        placed([(-0.54, 0.06), (-0.34, 0.26), (0.08, 0.30), (0.44, 0.26), (0.56, 0.08)], pose.neck, pose.lean)
    )
    lower = curve(
        placed([(0.56, 0.08), (0.46, -0.16), (0.20, -0.24), (-0.24, -0.24), (-0.54, 0.06)], pose.neck, pose.lean)
    )
    notch = curve(placed([(0.30, 0.02), (0.26, -0.10), (0.28, -0.22)], pose.neck, pose.lean))
    return [Part("collar", joined(upper, lower), "Trim", (Line(upper), Line(lower), Line(notch, 0.6, layer="Details")))]


def fox_tail(design: CharacterDesign, pose: Pose) -> list[Part]:
    """A bushy tail with a light tip, held up behind."""
    rest = np.array([70.0, 92, 116, 138, 150, 140])
    angles = np.radians(swing(pose.time, rest, np.array([4.0, 7, 10, 14, 18, 22]), beats=1.0, lag=0.07, start=0.2))
    path = [pose.hip + np.array([-0.30, 0.02])]
    for angle in angles:
        path.append(path[-1] + 0.34 * np.array([-np.sin(angle), -np.cos(angle)]))
    left, right = tube(path, [0.14, 0.24, 0.36, 0.44, 0.42, 0.26, 0.0])
    cut_left, cut_right = round(0.66 * (len(left) - 1)), round(0.66 * (len(right) - 1))
    start, end = left[cut_left], right[cut_right]
    across = curve([start, 0.7 * start + 0.3 * end + (0.02, -0.12), 0.3 * start + 0.7 * end + (0.02, 0.06), end])
    tip = joined(left[cut_left:], right[cut_right:][::-1], across[::-1])
    return [
        Part("fox tail", joined(left, right[::-1]), "Hair", (Line(left), Line(right))),
        Part("fox tail tip", tip, "Trim", (Line(across, 0.7, layer="Details"),), on=("fox tail",)),
    ]
