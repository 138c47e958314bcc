"""The face of a demo character: outline, ear, eyes, nose and mouth, in head coordinates turned onto the pose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .design import CharacterDesign
from .geometry import Points, curve, ellipse, joined, loop, placed, points_of, resampled
from .parts import Line, Part
from .walk import Pose

#: Outline of the face from the forehead clockwise: three-quarter view, then nearly from the front.
FACE_QUARTER = [
    (0.52, 0.78), (0.84, 0.40), (0.87, 0.06), (0.90, -0.22), (0.83, -0.52), (0.62, -0.80), (0.36, -0.93),
    (0.08, -0.88), (-0.24, -0.70), (-0.50, -0.42), (-0.60, -0.05), (-0.66, 0.50), (-0.30, 0.90), (0.15, 0.98),
]  # fmt: skip
FACE_FRONT = [
    (0.50, 0.80), (0.84, 0.40), (0.88, 0.06), (0.88, -0.24), (0.76, -0.56), (0.48, -0.84), (0.16, -0.94),
    (-0.14, -0.88), (-0.46, -0.68), (-0.68, -0.40), (-0.76, -0.02), (-0.76, 0.50), (-0.40, 0.90), (0.05, 0.98),
]  # fmt: skip


def mixed(quarter: ArrayLike, front: ArrayLike, facing: float) -> Points:
    """Between the three-quarter view and the view from the front."""
    return (1.0 - facing) * points_of(quarter) + facing * points_of(front)


class HeadSpace:
    """Turns head coordinates (centre of the skull at 0, radius about 1) into those of the figure."""

    def __init__(self, design: CharacterDesign, pose: Pose) -> None:
        self.centre = pose.head
        self.tilt = pose.head_tilt
        self.scale = design.head
        self.facing = pose.facing

    def __call__(self, points: ArrayLike) -> Points:
        return placed(points, self.centre, self.tilt, self.scale)

    def mixed(self, quarter: ArrayLike, front: ArrayLike) -> Points:
        return self(mixed(quarter, front, self.facing))

    def lines(self, *pieces: ArrayLike, weight: float = 1.0, layer: str = "Lines") -> tuple[Line, ...]:
        return tuple(Line(self(piece), weight, layer=layer) for piece in pieces)


def face(space: HeadSpace) -> list[Part]:
    """Face and near ear."""
    outline = loop(mixed(FACE_QUARTER, FACE_FRONT, space.facing))
    nose = mixed(
        [(0.60, -0.34), (0.645, -0.40), (0.58, -0.42)], [(0.22, -0.35), (0.25, -0.41), (0.18, -0.425)], space.facing
    )
    mouth = mixed((0.44, -0.62), (0.12, -0.64), space.facing)[0]
    width = 0.15
    top = curve([mouth + (-width, 0.03), mouth + (-0.06, 0.0), mouth + (0.06, 0.005), mouth + (width, 0.045)])
    low = curve(
        [
            mouth + (-width, 0.03),
            mouth + (-0.07, -0.10),
            mouth + (0.03, -0.135),
            mouth + (0.11, -0.07),
            mouth + (width, 0.045),
        ]
    )
    grin = joined(top, low[::-1])
    ear = mixed(
        [(-0.52, 0.02), (-0.66, 0.10), (-0.78, 0.0), (-0.76, -0.20), (-0.64, -0.34), (-0.52, -0.28)],
        [(-0.70, 0.02), (-0.80, 0.10), (-0.90, 0.0), (-0.89, -0.18), (-0.80, -0.32), (-0.70, -0.28)],
        space.facing,
    )
    rim = curve(ear)
    fold = curve((ear[[1, 2, 3]] + ear[[0, 0, 5]]) / 2.0)
    blush = [
        [(x, y), (x - 0.035, y - 0.085)]
        for centre in (mixed((0.04, -0.50), (-0.34, -0.52), space.facing)[0],)
        for x, y in (centre + (offset, 0.0) for offset in (-0.07, 0.0, 0.07))
    ]
    return [
        Part("face", space(outline), "Skin", space.lines(outline)),
        Part(
            "ear", space(rim), "Skin", space.lines(rim) + space.lines(fold, weight=0.55, layer="Details"), on=("face",)
        ),
        Part("nose", space(nose), None, space.lines(curve(nose), weight=0.7, layer="Details")),
        Part(
            "mouth",
            space(grin),
            "Mouth",
            space.lines(top, weight=0.8, layer="Details") + space.lines(low, weight=0.7, layer="Details"),
        ),
        Part(
            "blush",
            space(nose),
            None,
            space.lines(*(resampled(points_of(dash)) for dash in blush), weight=0.45, layer="Details"),
        ),
    ]


def _eye(
    space: HeadSpace, name: str, quarter: Sequence[float], front: Sequence[float], openness: float, mirrored: float
) -> list[Part]:
    """One eye. ``quarter`` and ``front`` hold centre x, y, half width, half height for the two views."""
    x, y, wide, high = (1.0 - space.facing) * np.asarray(quarter) + space.facing * np.asarray(front)
    across = np.linspace(-1.0, 1.0, 25)
    arch = np.sqrt(np.maximum(0.0, 1.0 - np.abs(across) ** 3.0))
    slant = 0.03 * mirrored * across
    bottom = -0.80 * high * np.sqrt(np.maximum(0.0, 1.0 - np.abs(across) ** 2.2)) + slant
    shut = -0.42 * high * arch + slant
    upper = openness * (high * arch + slant) + (1.0 - openness) * shut
    bottom = np.minimum(bottom, upper)
    xs = x + wide * across
    lid = np.stack([xs, y + upper], axis=1)
    lower = np.stack([xs, y + bottom], axis=1)
    outer = -mirrored
    flick = points_of(
        [
            (x + outer * wide, y + float(upper[0])),
            (x + outer * wide * 1.22, y + float(upper[0]) + 0.07 * openness - 0.03),
        ]
    )
    lash = Line(space(resampled(lid)), 2.3, layer="Lines")
    wing = Line(space(resampled(flick)), 1.3, layer="Lines")
    brow_lift = 0.04 * (1.0 - openness)
    brow = curve(
        [
            (x - wide * 1.0, y + high * 1.42 - brow_lift),
            (x, y + high * 1.66 - brow_lift),
            (x + wide * 1.0, y + high * 1.45 - brow_lift),
        ]
    )
    parts = [Part(f"{name} brow", space(brow), None, (Line(space(brow), 1.0, layer="Details"),))]
    if openness < 0.12:
        return [*parts, Part(f"{name} lash", space(lid), None, (lash, wing))]
    white = joined(lid, lower[::-1])
    parts.append(
        Part(f"{name} white", space(white), "Eye white", (Line(space(resampled(lower)), 0.6, layer="Details"),))
    )

    def clipped(shape: Points) -> Points:
        inner_x = np.clip(shape[:, 0], xs[0], xs[-1])
        return np.stack(
            [inner_x, np.clip(shape[:, 1], np.interp(inner_x, xs, y + bottom), np.interp(inner_x, xs, y + upper))],
            axis=1,
        )

    look = x + (0.05 - 0.05 * space.facing) * wide / 0.2
    iris = clipped(ellipse((look, y + 0.06 * high), (0.68 * wide, 0.94 * high), step=0.015))
    pupil = clipped(ellipse((look, y + 0.16 * high), (0.38 * wide, 0.54 * high), step=0.015))
    glint = clipped(ellipse((look + 0.26 * wide, y + 0.48 * high), (0.25 * wide, 0.22 * high), step=0.012))
    gleam = clipped(ellipse((look, y - 0.46 * high), (0.42 * wide, 0.26 * high), step=0.015))
    for label, shape, colour in (
        ("iris", iris, "Iris"),
        ("gleam", gleam, "Iris light"),
        ("pupil", pupil, "Pupil"),
        ("glint", glint, "Glint"),
    ):
        line = Line(space(shape), 0.5, closed=True, layer="Details")
        parts.append(Part(f"{name} {label}", space(shape), colour, (line,), on=(f"{name} white",)))
    parts.append(Part(f"{name} lash", space(lid), None, (lash, wing)))
    return parts


def eyes(space: HeadSpace, openness: float) -> list[Part]:
    near = _eye(space, "near eye", (0.10, -0.18, 0.205, 0.255), (-0.30, -0.18, 0.215, 0.255), openness, 1.0)
    far = _eye(space, "far eye", (0.675, -0.18, 0.135, 0.245), (0.44, -0.18, 0.20, 0.252), openness, -1.0)
    return [*far, *near]
