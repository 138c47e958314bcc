"""Hair of a demo character: fringe with its shine, hair behind the head, tails with bows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .design import CharacterDesign
from .follow import swing
from .geometry import Points, cornered, curve, joined, loop, placed, tube
from .head import HeadSpace, mixed
from .parts import Line, Part, tone_edge

Shape = tuple[tuple[float, float], ...]

#: Outline over the skull from the temple to the nape and back up to the ear, three-quarter view and from the front.
CROWN_QUARTER: Shape = (
    (0.93, 0.06), (0.95, 0.50), (0.66, 0.98), (0.10, 1.17), (-0.48, 1.07), (-0.90, 0.70), (-1.06, 0.20),
    (-0.98, -0.28), (-0.76, -0.66), (-0.72, -0.30), (-0.62, 0.06), (-0.50, -0.18), (-0.34, -0.56), (-0.30, -0.12),
)  # fmt: skip
CROWN_FRONT: Shape = (
    (0.98, -0.40), (1.02, 0.30), (0.78, 0.92), (0.10, 1.17), (-0.56, 1.06), (-0.96, 0.66), (-1.06, 0.16),
    (-1.02, -0.28), (-0.90, -0.62), (-0.88, -0.30), (-0.80, 0.06), (-0.74, -0.16), (-0.66, -0.52), (-0.60, -0.10),
)  # fmt: skip
CROWN_CORNERS = (0, 8, 10, 12)
#: The same skull with hair that stands off in tufts.
SPIKES_QUARTER: Shape = (
    (0.93, 0.06), (0.97, 0.44), (1.12, 0.86), (0.78, 0.90), (0.62, 1.36), (0.28, 1.10), (-0.02, 1.50), (-0.24, 1.12),
    (-0.66, 1.40), (-0.70, 0.92), (-1.16, 1.00), (-0.96, 0.52), (-1.34, 0.40), (-1.02, 0.06), (-1.24, -0.24), (-0.92, -0.36),
    (-0.86, -0.72), (-0.72, -0.30), (-0.62, 0.06), (-0.50, -0.14), (-0.40, -0.40), (-0.32, -0.10),
)  # fmt: skip
SPIKES_FRONT: Shape = (
    (0.98, -0.20), (1.02, 0.36), (1.20, 0.74), (0.86, 0.84), (0.70, 1.32), (0.34, 1.10), (0.04, 1.50), (-0.24, 1.12),
    (-0.66, 1.40), (-0.74, 0.90), (-1.20, 0.96), (-1.00, 0.48), (-1.36, 0.34), (-1.06, 0.04), (-1.26, -0.24), (-1.02, -0.36),
    (-0.96, -0.66), (-0.88, -0.30), (-0.80, 0.06), (-0.74, -0.12), (-0.68, -0.38), (-0.60, -0.10),
)  # fmt: skip
SPIKES_CORNERS = (0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20)


@dataclass(frozen=True)
class Fringe:
    """The edge of the hair over the forehead, from beside the ear to the far temple, for the two views.

    ``corners`` are the tips and clefts; from the clefts listed in ``strands`` a line runs up into the hair.
    """

    quarter: Shape
    front: Shape
    corners: tuple[int, ...]
    strands: tuple[int, ...]


FRINGES = {
    "locks": Fringe(
        ((-0.26, 0.38), (-0.14, 0.26), (-0.08, 0.46), (-0.02, 0.54), (0.18, 0.46), (0.36, 0.30), (0.36, 0.48),
         (0.42, 0.57), (0.58, 0.48), (0.72, 0.32), (0.74, 0.48), (0.80, 0.54), (0.88, 0.34)),
        ((-0.56, 0.38), (-0.42, 0.26), (-0.34, 0.46), (-0.28, 0.54), (-0.10, 0.46), (0.06, 0.30), (0.10, 0.48),
         (0.16, 0.57), (0.36, 0.48), (0.52, 0.31), (0.60, 0.48), (0.66, 0.52), (0.82, 0.22)),
        (0, 1, 3, 5, 7, 9, 11), (0, 3, 7),
    ),
    "straight": Fringe(
        ((-0.26, 0.42), (-0.24, 0.31), (-0.06, 0.28), (0.14, 0.27), (0.17, 0.40), (0.21, 0.27), (0.36, 0.28),
         (0.50, 0.30), (0.53, 0.42), (0.57, 0.30), (0.70, 0.31), (0.82, 0.33), (0.86, 0.44)),
        ((-0.56, 0.42), (-0.54, 0.30), (-0.34, 0.28), (-0.14, 0.27), (-0.10, 0.40), (-0.06, 0.27), (0.10, 0.27),
         (0.28, 0.28), (0.31, 0.41), (0.35, 0.28), (0.52, 0.29), (0.72, 0.30), (0.78, 0.38)),
        (0, 1, 3, 4, 5, 7, 8, 9, 11, 12), (0, 4, 8),
    ),
    "swept": Fringe(
        ((-0.28, 0.30), (-0.22, 0.46), (-0.10, 0.58), (0.06, 0.70), (0.22, 0.48), (0.44, 0.37), (0.66, 0.32),
         (0.60, 0.41), (0.57, 0.50), (0.72, 0.38), (0.84, 0.12), (0.86, 0.30), (0.89, 0.36)),
        ((-0.58, 0.30), (-0.52, 0.46), (-0.40, 0.58), (-0.24, 0.70), (-0.08, 0.48), (0.16, 0.36), (0.42, 0.31),
         (0.36, 0.41), (0.34, 0.50), (0.54, 0.38), (0.74, 0.06), (0.80, 0.26), (0.86, 0.30)),
        (0, 3, 6, 8, 10, 12), (0, 3, 8),
    ),
}  # fmt: skip

SHINE_QUARTER: Shape = (
    (-0.80, 0.42), (-0.60, 0.70), (-0.30, 0.86), (0.04, 0.92), (0.40, 0.86), (0.68, 0.66), (0.52, 0.70), (0.44, 0.64),
    (0.30, 0.78), (0.14, 0.70), (0.00, 0.80), (-0.18, 0.68), (-0.32, 0.74), (-0.46, 0.56), (-0.58, 0.58),
)  # fmt: skip
SHINE_FRONT: Shape = (
    (-0.84, 0.38), (-0.66, 0.68), (-0.36, 0.85), (0.00, 0.92), (0.38, 0.87), (0.70, 0.66), (0.52, 0.72), (0.44, 0.66),
    (0.28, 0.78), (0.10, 0.70), (-0.06, 0.80), (-0.24, 0.68), (-0.38, 0.74), (-0.52, 0.56), (-0.64, 0.57),
)  # fmt: skip


def fringe(design: CharacterDesign, space: HeadSpace) -> list[Part]:
    """The hair in front: a cap over the skull that ends in locks over the forehead and beside the face."""
    edge_shape = FRINGES[design.fringe]
    spiky = design.hair == "spiky"
    crown = (SPIKES_QUARTER, SPIKES_FRONT, SPIKES_CORNERS) if spiky else (CROWN_QUARTER, CROWN_FRONT, CROWN_CORNERS)
    start = len(crown[0])
    values = mixed(crown[0] + edge_shape.quarter, crown[1] + edge_shape.front, space.facing)
    corners = [*crown[2], *(start + corner for corner in edge_shape.corners)]
    pieces = cornered(values, corners)
    first = len(crown[2])
    edge = joined(*pieces[first:-1])
    drop = 0.10 * np.sin(np.linspace(0.0, np.pi, len(edge)))[:, None] ** 0.35 * np.array([0.25, -1.0])
    strands = [
        curve([cleft, cleft + (-0.02, 0.08), cleft + (-0.07, 0.16)])
        for cleft in (values[start + number] for number in edge_shape.strands)
    ]
    shine = cornered(mixed(SHINE_QUARTER, SHINE_FRONT, space.facing), [0, 5, 7, 9, 11, 13])
    parts = [
        Part(
            "fringe shadow",
            space(joined(edge, (edge + drop)[::-1])),
            "Skin shadow",
            (tone_edge(space(edge + drop), 0.4),),
            on=("face",),
        ),
        Part(
            "fringe",
            space(joined(*pieces)),
            "Hair",
            space.lines(*pieces) + space.lines(*strands, weight=0.6, layer="Details"),
        ),
        Part(
            "shine",
            space(joined(*shine)),
            "Hair light",
            tuple(tone_edge(space(piece)) for piece in shine),
            on=("fringe",),
        ),
    ]
    if not spiky and design.hat == "none":
        cowlick = cornered([(-0.06, 1.12), (-0.16, 1.34), (-0.40, 1.42), (-0.22, 1.28), (-0.20, 1.10)], [0, 2, 4])[:2]
        parts.insert(1, Part("cowlick", space(joined(*cowlick)), "Hair", space.lines(*cowlick)))
    return parts


def back_hair(design: CharacterDesign, space: HeadSpace, time: float) -> list[Part]:
    """Hair behind the neck: to the nape, or to the shoulders and swinging."""
    if design.hair != "bob":
        shape = space.mixed(
            [(-0.95, 0.20), (-0.98, -0.35), (-0.80, -0.78), (-0.40, -0.80), (-0.10, -0.50), (0.20, 0.20), (-0.4, 0.6)],
            [(-1.00, 0.20), (-1.00, -0.40), (-0.84, -0.80), (-0.40, -0.72), (0.40, -0.66), (0.92, -0.30), (0.6, 0.5)],
        )
        outline = loop(shape)
        return [Part("back hair", outline, "Hair shadow", (Line(outline),))]
    sway = 0.09 * float(np.sin(2.0 * np.pi * (2.0 * time - 0.2)))
    lift = np.array([(0, 0), (0, 0), (0.6, 0.0), (1.0, 0.3), (1.0, 0.2), (0.9, 0.1), (0.4, 0), (0, 0), (0, 0)]) * sway
    quarter = [(-0.70, 0.80), (-1.10, 0.25), (-1.22, -0.50), (-1.34, -1.06), (-0.86, -1.00), (-0.40, -1.12), (0.10, -0.70),
               (0.50, 0.20), (0.0, 0.9)]  # fmt: skip
    front = [(-0.70, 0.80), (-1.12, 0.25), (-1.18, -0.50), (-1.24, -1.04), (-0.70, -0.98), (0.30, -1.04), (0.94, -0.92),
             (1.06, 0.10), (0.4, 0.9)]  # fmt: skip
    pieces = cornered(space(mixed(quarter, front, space.facing) + lift), [0, 3])
    return [Part("back hair", joined(*pieces), "Hair shadow", tuple(Line(piece) for piece in pieces))]


def tails(design: CharacterDesign, space: HeadSpace, time: float) -> tuple[list[Part], list[Part]]:
    """(behind the head, in front of the shoulder): a ponytail at the back, or one tail on each side."""
    strong = np.array([8.0, 13, 18, 23, 28])
    if design.hair == "ponytail":
        root = space.mixed([(-0.80, 0.62)], [(-0.78, 0.66)])[0]
        hang = swing(time, np.array([62.0, 44, 30, 22, 18]), strong, beats=2.0, lag=0.09, start=0.05)
        return [], _tail("ponytail", space, root, (-0.85, 0.42), hang)
    if design.hair == "twin":
        near = space.mixed([(-0.76, 0.36)], [(-0.90, 0.40)])[0]
        far = space.mixed([(0.62, 0.72)], [(0.84, 0.56)])[0]
        near_hang = swing(time, np.array([40.0, 26, 16, 12, 16]), strong, beats=2.0, lag=0.09, start=0.05)
        far_hang = swing(time, np.array([-44.0, -24, -8, 2, 6]), 0.8 * strong, beats=2.0, lag=0.09, start=0.10)
        return _tail("far tail", space, far, (0.85, 0.30), far_hang), _tail(
            "near tail", space, near, (-0.85, 0.20), near_hang
        )
    return [], []


def _tail(name: str, space: HeadSpace, root: Points, out: tuple[float, float], hang: Points) -> list[Part]:
    """A tail of hair with its bow. ``hang`` holds its segments' angles in degrees from down, positive to the back."""
    path = [root, root + 0.22 * space.scale * np.array(out)]
    for bend in np.radians(hang):
        path.append(path[-1] + 0.40 * space.scale * np.array([-np.sin(bend), -np.cos(bend)]))
    widths = np.array([0.11, 0.19, 0.33, 0.36, 0.30, 0.19, 0.0]) * space.scale
    left, right = tube(path, widths)
    strand = tube(path[1:], widths[1:] * 0.28)[0]
    strand = strand[len(strand) // 5 : -len(strand) // 4]
    share = np.array([1.0, 0.72, 0.42, 0.34, 0.40, 0.60, 1.0])
    shade_edge = tube(path, widths * share)[1]
    tie = root + np.array([0.12 * np.sign(out[0]), 0.05]) * space.scale
    lines = (Line(left), Line(right), Line(strand, 0.55, layer="Details"))
    return [
        Part(name, joined(left, right[::-1]), "Hair", lines),
        Part(f"{name} shadow", joined(shade_edge, right[::-1]), "Hair shadow", (tone_edge(shade_edge),), on=(name,)),
        *_bow(name, space, tie),
    ]


def _bow(name: str, space: HeadSpace, tie: Points) -> list[Part]:
    parts = []
    for side, degrees, colour in (("up", 62.0, "Bow"), ("down", -100.0, "Bow shadow")):
        local = [(0.0, 0.0), (0.16, 0.15), (0.40, 0.20), (0.44, 0.0), (0.38, -0.17), (0.16, -0.11)]
        shape = placed(local, tie, degrees + space.tilt, space.scale)
        pieces = cornered(shape, [0])
        crease = curve([shape[0], 0.25 * (shape[1] + shape[5] + shape[2] + shape[4])])
        lines = (*(Line(piece) for piece in pieces), Line(crease, 0.5, layer="Details"))
        parts.append(Part(f"{name} bow {side}", joined(*pieces), colour, lines))
    knot = loop(placed([(-0.10, 0.0), (0.0, 0.12), (0.10, 0.0), (0.0, -0.12)], tie, space.tilt, space.scale))
    return [*parts, Part(f"{name} bow knot", knot, "Bow", (Line(knot, closed=True),))]
