"""Coat, jacket or dress of a demo character: its hem is pushed by the legs and lags behind them."""

from __future__ import annotations

import numpy as np

from .design import CharacterDesign
from .geometry import Points, cornered, curve, ellipse, joined, placed
from .parts import Line, Part, tone_edge
from .walk import Pose, pose_at

#: Length in units at which the hem swings fully.
FULL_LENGTH = 0.86


class _Cut:
    """The outline of the garment in one pose, and where its hem is."""

    def __init__(self, design: CharacterDesign, pose: Pose) -> None:
        self.pose, self.length, self.tall = pose, -design.coat_length, design.torso
        self.back, self.front, lift_back, lift_front = _hem(design, pose.time)
        self.hem_back = self.low(self.back, self.length + lift_back)
        self.hem_front = self.low(self.front, self.length + lift_front)
        self.hem_left = self.along_hem(0.22) + (0.0, 0.07 + 0.5 * lift_back)
        self.lift_back, self.lift_front = lift_back, lift_front
        up, low, tall = self.up, self.low, self.tall
        waist = 0.5 if design.coat_length > 0.5 else 0.62
        outline = [
            up(-0.30, tall - 0.02), up(-0.56, tall - 0.24), up(-0.55, 0.80), up(-0.47, 0.36),
            low(-0.58, 0.0) if waist == 0.5 else low(-0.55, 0.04),
            (1.0 - waist) * self.hem_back + waist * low(-0.60, 0.0) + (0.03, -0.02),
            self.hem_back, self.hem_left, self.along_hem(0.52), self.along_hem(0.80) + (0.0, 0.06 + 0.5 * lift_front), self.hem_front,
            self._over_thigh((1.0 - waist) * self.hem_front + waist * low(0.58, 0.0) + (0.05, 0.02)), low(0.55, 0.0), up(0.44, 0.36),
            up(0.53, 0.84), up(0.50, tall - 0.24), up(0.34, tall - 0.02),
        ]  # fmt: skip
        self.side_back, self.hem, self.side_front, neck = cornered(outline, [0, 6, 10, 16])
        self.outline = joined(self.side_back, self.hem, self.side_front, neck)

    def _over_thigh(self, point: Points) -> Points:
        """A point of the front edge, moved forwards as far as the thigh behind it pushes it."""
        legs = (self.pose.near_leg, self.pose.far_leg)
        thighs = [leg.hip + (leg.knee - leg.hip) * (leg.hip[1] - point[1]) / (leg.hip[1] - leg.knee[1]) for leg in legs]
        reach = max(float(thigh[0]) for thigh in thighs) + 0.37
        return np.array([max(float(point[0]), reach), point[1]])

    def up(self, x: float, y: float) -> Points:
        """A point of the upper body, turned with the spine; the waist is at y = 0."""
        return placed([(x, y)], self.pose.hip, self.pose.lean)[0]

    def low(self, x: float, y: float) -> Points:
        """A point below the waist, upright."""
        return self.pose.hip + np.array([x, y])

    def along_hem(self, share: float) -> Points:
        """The lowest line of the hem, 0 at its back and 1 at its front."""
        return self.low(share * self.front + (1.0 - share) * self.back, self.length - 0.13)


def _hem(design: CharacterDesign, time: float) -> tuple[float, float, float, float]:
    """Back and front of the hem relative to the hips, and how far each is lifted: legs push it, it lags behind."""
    fronts, backs = [], []
    for delay in (0.0, 0.04, 0.08):
        pose = pose_at(design, time - delay)
        knees = [pose.near_leg.knee[0] - pose.hip[0], pose.far_leg.knee[0] - pose.hip[0]]
        calves = [pose.near_leg.ankle[0] - pose.hip[0], pose.far_leg.ankle[0] - pose.hip[0]]
        fronts.append(max(knees))
        backs.append(min(0.7 * knees[0] + 0.3 * calves[0], 0.7 * knees[1] + 0.3 * calves[1]))
    flap = 0.07 * np.sin(2.0 * np.pi * (2.0 * time - 0.30))
    front = max(0.62, float(np.mean(fronts)) * 0.92 + 0.36)
    back = min(-0.72, float(np.mean(backs)) * 0.80 - 0.46) - 0.06 + flap
    share = min(1.15, design.coat_length / FULL_LENGTH)
    front, back = 0.56 + (front - 0.56) * share, -0.58 + (back + 0.58) * share
    return back, front, 0.16 * max(0.0, -back - 0.6), 0.12 * max(0.0, front - 0.6)


def coat(design: CharacterDesign, pose: Pose) -> tuple[list[Part], list[Part]]:
    """(behind the legs, in front of the legs): lining, and the garment with everything on it."""
    cut = _Cut(design, pose)
    details = [*_shade(cut), *(_hem_band(cut) if design.hem_band else [])]
    if design.trim:
        details += [*_opening(cut), *(_pocket(cut) if design.coat_length > 0.6 else []), *_buttons(cut)]
    belt = _belt(cut) if design.belt else []
    return _lining(cut), [_body(cut), *details, *belt]


def _body(cut: _Cut) -> Part:
    low, up = cut.low, cut.up
    middle = cut.along_hem(0.52)
    folds = [
        curve([low(0.02, 0.54 * cut.length), middle + (-0.04, 0.28), middle + (-0.02, 0.06)]),
        curve([up(0.44, 0.34), low(0.44, 0.18 * cut.length), low(0.47, 0.46 * cut.length)]),
    ]
    lines = [Line(piece) for piece in (cut.side_back, cut.hem, cut.side_front)]
    if cut.length < -0.5:
        lines += [Line(fold, 0.55, layer="Details") for fold in folds]
    return Part("coat", cut.outline, "Coat", tuple(lines))


def _lining(cut: _Cut) -> list[Part]:
    inner_back = cut.low(cut.back * 1.04 - 0.02, cut.length + cut.lift_back * 1.3 - 0.05)
    inner_front = cut.low(cut.front * 0.96, cut.length + cut.lift_front + 0.02)
    middle = cut.low(0.5 * (cut.back + cut.front), cut.length + 0.03)
    pieces = cornered([cut.low(-0.5, 0.0), inner_back, middle, inner_front, cut.low(0.5, 0.0)], [0, 1, 3, 4])
    return [Part("coat lining", joined(*pieces), "Coat lining", (Line(pieces[0]), Line(pieces[1], 0.9)))]


def _shade(cut: _Cut) -> list[Part]:
    """The side away from the light, from the waist to the hem."""
    low, up = cut.low, cut.up
    edge = curve(
        [up(-0.34, 0.34), low(-0.36, -0.1), 0.5 * low(-0.4, 0.0) + 0.5 * (cut.hem_left + (0.10, 0.0)), cut.hem_left]
    )
    hem = cut.hem[: _nearest(cut.hem, cut.hem_left) + 1]
    side = cut.side_back[_nearest(cut.side_back, up(-0.47, 0.36)) :]
    return [Part("coat shade", joined(edge, hem[::-1], side[::-1]), "Coat shadow", (tone_edge(edge),), on=("coat",))]


def _hem_band(cut: _Cut) -> list[Part]:
    count = 8
    start, end = cut.side_back[-count], cut.side_front[count]
    lift = 0.5 * (start + end - cut.hem[0] - cut.hem[-1])
    middle = [cut.hem[round(share * (len(cut.hem) - 1))] + lift for share in (0.22, 0.5, 0.78)]
    edge = curve([start, *middle, end])
    band = joined(cut.side_back[-count:], cut.hem, cut.side_front[: count + 1], edge[::-1])
    return [Part("hem band", band, "Trim", (Line(edge, 0.7),), on=("coat",))]


def _opening(cut: _Cut) -> list[Part]:
    top, foot = cut.up(0.30, cut.tall - 0.1), cut.along_hem(0.62) + (0.0, 0.01)
    edge = curve([top, cut.up(0.36, 0.84), cut.up(0.28, 0.36), 0.55 * cut.low(0.36, 0.0) + 0.45 * foot, foot])
    other_foot = foot - (0.17, 0.0)
    other = curve(
        [
            top - (0.16, 0.0),
            cut.up(0.19, 0.84),
            cut.up(0.12, 0.36),
            0.55 * cut.low(0.20, 0.0) + 0.45 * other_foot,
            other_foot,
        ]
    )
    lines = (Line(edge, 0.8), Line(other, 0.7, layer="Details"))
    return [Part("coat trim", joined(edge, other[::-1]), "Trim", lines, on=("coat",))]


def _patch(name: str, shape: Points, colour: str, on: tuple[str, ...] = ()) -> Part:
    pieces = cornered(shape, [0, 1, 2, 3])
    return Part(name, joined(*pieces), colour, tuple(Line(piece, 0.7, layer="Details") for piece in pieces), on)


def _pocket(cut: _Cut) -> list[Part]:
    shape = placed([(-0.20, 0.14), (0.20, 0.08), (0.22, -0.02), (-0.19, 0.03)], cut.low(-0.05, -0.18), cut.pose.lean)
    return [_patch("pocket", shape, "Coat shadow", on=("coat",))]


def _buttons(cut: _Cut) -> list[Part]:
    shapes = [ellipse(cut.up(0.27, y), (0.06, 0.065), cut.pose.lean, step=0.015) for y in (0.72, 1.02)]
    return [
        Part(f"button {number}", shape, "Button", (Line(shape, 0.6, closed=True, layer="Details"),))
        for number, shape in enumerate(shapes)
    ]


def _belt(cut: _Cut) -> list[Part]:
    up = cut.up
    top = curve([up(-0.50, 0.46), up(-0.10, 0.38), up(0.26, 0.38), up(0.46, 0.44)])
    low = curve([up(-0.53, 0.24), up(-0.10, 0.16), up(0.28, 0.16), up(0.49, 0.24)])
    buckle = placed([(-0.13, -0.13), (0.13, -0.13), (0.13, 0.13), (-0.13, 0.13)], up(0.22, 0.27), cut.pose.lean)
    belt = Part("belt", joined(top, low[::-1]), "Leather", (Line(top, 0.8), Line(low, 0.8)), on=("coat",))
    return [belt, _patch("buckle", buckle, "Buckle")]


def _nearest(line: Points, point: Points) -> int:
    return int(np.argmin(np.hypot(line[:, 0] - point[0], line[:, 1] - point[1])))
