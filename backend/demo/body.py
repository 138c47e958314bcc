"""Legs with boots, arms with gloves, and the coat of a demo character, in figure coordinates."""

from __future__ import annotations

import numpy as np

from .design import CharacterDesign
from .geometry import Points, cornered, curve, ellipse, joined, loop, placed, points_of, tube
from .parts import Line, Part, tone_edge
from .walk import Arm, Leg, Pose, pose_at


def _sided(far: bool, colour: str, shadow: str) -> str:
    return shadow if far else colour


def leg(design: CharacterDesign, joints: Leg, far: bool) -> list[Part]:
    """Trousers tucked into a boot with a cuff and a sole."""
    side = "far" if far else "near"
    middle_thigh = joints.hip + 0.5 * (joints.knee - joints.hip) + np.array([0.02, 0.0])
    calf = joints.knee + 0.42 * (joints.ankle - joints.knee) + np.array([-0.03, 0.0])
    left, right = tube([joints.hip, middle_thigh, joints.knee, calf, joints.ankle], [0.33, 0.29, 0.215, 0.205, 0.17])
    trousers = joined(left, right[::-1])
    knee_fold = curve([joints.knee + (-0.20, -0.02), joints.knee + (-0.06, -0.06), joints.knee + (0.04, -0.02)])
    shade = _sided(far, "Trousers", "Trousers shadow")
    parts = [
        Part(f"{side} trousers", trousers, shade, (Line(left), Line(right), Line(knee_fold, 0.55, layer="Details")))
    ]
    return [*parts, *_boot(joints, side, far)]


def _boot(joints: Leg, side: str, far: bool) -> list[Part]:
    shin = joints.ankle - joints.knee
    slope = float(np.degrees(np.arctan2(shin[0], -shin[1])))
    top = placed([(-0.25, 0.56), (0.25, 0.56), (0.22, 0.20), (-0.215, 0.20)], joints.ankle, slope)
    foot = placed(
        [
            (0.20, 0.06),
            (0.40, -0.02),
            (0.62, -0.08),
            (0.735, -0.22),
            (0.70, -0.315),
            (-0.27, -0.315),
            (-0.30, -0.16),
            (-0.23, 0.02),
        ],
        joints.ankle,
        joints.foot,
    )
    outline = np.concatenate([top[:1], top[1:3], foot, top[3:]])
    pieces = cornered(outline, [0, 1, 7, 8])
    boot = joined(*pieces)
    sole_shape = placed(
        [
            (0.73, -0.26),
            (0.75, -0.36),
            (0.66, -0.40),
            (0.16, -0.40),
            (0.06, -0.37),
            (0.00, -0.40),
            (-0.26, -0.40),
            (-0.29, -0.29),
            (0.20, -0.29),
        ],
        joints.ankle,
        joints.foot,
    )
    sole_pieces = cornered(sole_shape, [0, 3, 5, 7])
    cuff_shape = placed(
        [(-0.31, 0.66), (0.0, 0.62), (0.31, 0.66), (0.285, 0.44), (0.0, 0.39), (-0.285, 0.44)], joints.ankle, slope
    )
    cuff_pieces = cornered(cuff_shape, [0, 2, 3, 5])
    toe_cap = curve(placed([(0.44, -0.04), (0.40, -0.16), (0.42, -0.30)], joints.ankle, joints.foot))
    fold = curve(placed([(-0.20, 0.10), (-0.02, 0.04), (0.08, 0.08)], joints.ankle, 0.5 * (slope + joints.foot)))
    lace_lines = (Line(toe_cap, 0.6, layer="Details"), Line(fold, 0.6, layer="Details"))
    return [
        Part(f"{side} sole", joined(*sole_pieces), "Sole", tuple(Line(piece, 0.9) for piece in sole_pieces)),
        Part(
            f"{side} boot",
            boot,
            _sided(far, "Boots", "Boots shadow"),
            (*(Line(piece) for piece in pieces[1:]), *lace_lines),
        ),
        Part(f"{side} cuff", joined(*cuff_pieces), "Trim", tuple(Line(piece, 0.9) for piece in cuff_pieces)),
    ]


def arm(design: CharacterDesign, joints: Arm, far: bool) -> list[Part]:
    """Sleeve, cuff and a mitten."""
    side = "far" if far else "near"
    lower = joints.wrist - joints.elbow
    slope = float(np.degrees(np.arctan2(lower[0], -lower[1])))
    end = joints.wrist + 0.02 * lower
    shoulder_cap = joints.shoulder + np.array([0.02, 0.14])
    left, right = tube(
        [shoulder_cap, joints.shoulder + 0.3 * (joints.elbow - joints.shoulder), joints.elbow, end],
        [0.12, 0.25, 0.225, 0.25],
    )
    sleeve = joined(left, right[::-1])
    cuff_shape = placed(
        [(-0.27, 0.12), (0.0, 0.08), (0.27, 0.12), (0.28, -0.08), (0.0, -0.13), (-0.28, -0.08)], joints.wrist, slope
    )
    cuff_pieces = cornered(cuff_shape, [0, 2, 3, 5])
    hand_shape = placed(
        [(-0.16, 0.0), (-0.20, -0.20), (-0.12, -0.39), (0.06, -0.43), (0.19, -0.30), (0.19, -0.12), (0.15, 0.02)],
        joints.wrist,
        slope + 10.0,
    )
    hand = loop(hand_shape)
    thumb_shape = placed(
        [(0.08, -0.06), (0.20, -0.08), (0.27, -0.22), (0.22, -0.31), (0.13, -0.27), (0.06, -0.17)],
        joints.wrist,
        slope + 10.0,
    )
    thumb_pieces = cornered(thumb_shape, [0, 5])
    elbow_fold = curve(
        [
            joints.elbow + np.array([0.20, 0.02]),
            joints.elbow + np.array([0.06, 0.02]),
            joints.elbow + np.array([0.0, -0.04]),
        ]
    )
    glove = _sided(far, "Glove", "Glove shadow")
    shade_edge = tube(
        [shoulder_cap, joints.shoulder + 0.3 * (joints.elbow - joints.shoulder), joints.elbow, end],
        [0.12, 0.20, 0.11, 0.10],
    )[1]
    shade = joined(shade_edge, right[::-1])
    shoulder_line = curve(
        np.concatenate([left[:2][::-1], [(left[0] + right[0]) / 2 + np.array([0.0, 0.05])], right[:2]])
    )
    thumb = Part(f"{side} thumb", joined(*thumb_pieces), glove, (Line(thumb_pieces[0]),))
    hand_part = Part(f"{side} hand", hand, glove, (Line(hand),))
    sleeve_part = Part(
        f"{side} sleeve",
        sleeve,
        _sided(far, "Coat", "Coat shadow"),
        (
            Line(left),
            Line(right),
            Line(elbow_fold, 0.55, layer="Details"),
            *(() if far else (Line(shoulder_line, 0.9),)),
        ),
    )
    cuff = Part(f"{side} sleeve cuff", joined(*cuff_pieces), "Trim", tuple(Line(piece, 0.9) for piece in cuff_pieces))
    shades = (
        [] if far else [Part("sleeve shade", shade, "Coat shadow", (tone_edge(shade_edge),), on=(f"{side} sleeve",))]
    )
    return [hand_part, thumb, sleeve_part, *shades, cuff]


def _hem(design: CharacterDesign, time: float) -> tuple[float, float, float, float]:
    """Back and front of the hem relative to the hips, and how far each is lifted: legs push it, it lags behind."""
    fronts, backs = [], []
    for delay in (0.0, 0.05, 0.10):
        pose = pose_at(design, time - delay)
        knees = [pose.near_leg.knee[0] - pose.hip[0], pose.far_leg.knee[0] - pose.hip[0]]
        calves = [pose.near_leg.ankle[0] - pose.hip[0], pose.far_leg.ankle[0] - pose.hip[0]]
        fronts.append(max(knees))
        backs.append(min(0.7 * knees[0] + 0.3 * calves[0], 0.7 * knees[1] + 0.3 * calves[1]))
    flap = 0.07 * np.sin(2.0 * np.pi * (2.0 * time - 0.30))
    front = max(0.62, float(np.mean(fronts)) * 0.86 + 0.32)
    back = min(-0.72, float(np.mean(backs)) * 0.80 - 0.46) - 0.06 + flap
    return back, front, 0.16 * (-back - 0.6), 0.12 * (front - 0.6)


def coat(design: CharacterDesign, pose: Pose) -> tuple[list[Part], list[Part]]:
    """(behind the legs, in front of the legs): lining, and the coat with its belt, buttons and pocket."""
    back, front, lift_back, lift_front = _hem(design, pose.time)
    length = -design.coat_length
    tall = design.torso

    def up(x: float, y: float) -> Points:
        """A point of the upper body, turned with the spine."""
        return placed([(x, y)], pose.hip, pose.lean)[0]

    def low(x: float, y: float) -> Points:
        return pose.hip + np.array([x, y])

    hem_back, hem_front = low(back, length + lift_back), low(front, length + lift_front)
    hem_middle = low(0.52 * front + 0.48 * back, length - 0.13)
    hem_left = low(0.78 * back + 0.22 * front, length - 0.06 + 0.5 * lift_back)
    hem_right = low(0.80 * front + 0.20 * back, length - 0.07 + 0.5 * lift_front)
    outline = [
        up(-0.30, tall - 0.02), up(-0.56, tall - 0.24), up(-0.55, 0.80), up(-0.47, 0.36), low(-0.58, 0.0), 0.5 * (low(-0.60, 0.0) + hem_back) + (0.03, -0.02),
        hem_back, hem_left, hem_middle, hem_right, hem_front, 0.5 * (low(0.58, 0.0) + hem_front) + (0.05, 0.02), low(0.54, 0.02), up(0.44, 0.36),
        up(0.53, 0.84), up(0.50, tall - 0.24), up(0.34, tall - 0.02),
    ]  # fmt: skip
    pieces = cornered(outline, [0, 6, 10, 16])
    body = joined(*pieces)
    opening_top, opening_low = up(0.30, tall - 0.1), low(0.62 * front + 0.38 * back, length - 0.12)
    opening = curve(
        [opening_top, up(0.36, 0.84), up(0.28, 0.36), 0.55 * low(0.36, 0.0) + 0.45 * opening_low, opening_low]
    )
    trim_low = low(0.62 * front + 0.38 * back - 0.17, length - 0.12)
    trim_edge = curve(
        [opening_top + (-0.16, 0.0), up(0.19, 0.84), up(0.12, 0.36), 0.55 * low(0.20, 0.0) + 0.45 * trim_low, trim_low]
    )
    trim = joined(opening, trim_edge[::-1])
    shade_edge = curve(
        [up(-0.34, 0.34), low(-0.36, -0.1), 0.5 * low(-0.4, 0.0) + 0.5 * (hem_left + (0.10, 0.0)), hem_left]
    )
    shade = joined(
        shade_edge, _between(pieces[1], hem_left, start=True)[::-1], _after(pieces[0], up(-0.47, 0.36))[::-1]
    )
    folds = (
        Line(
            curve([hem_middle + (-0.02, 0.06), hem_middle + (-0.04, 0.28), low(0.02, -0.46)])[::-1],
            0.6,
            layer="Details",
        ),
        Line(curve([up(0.44, 0.34), low(0.44, -0.16), low(0.47, -0.40)]), 0.5, layer="Details"),
    )
    belt_top = curve([up(-0.50, 0.46), up(-0.10, 0.38), up(0.26, 0.38), up(0.46, 0.44)])
    belt_low = curve([up(-0.53, 0.24), up(-0.10, 0.16), up(0.28, 0.16), up(0.49, 0.24)])
    belt = joined(belt_top, belt_low[::-1])
    buckle_shape = placed([(-0.13, -0.13), (0.13, -0.13), (0.13, 0.13), (-0.13, 0.13)], up(0.22, 0.27), pose.lean)
    buckle_pieces = cornered(buckle_shape, [0, 1, 2, 3])
    buttons = [ellipse(up(x, y), (0.06, 0.065), pose.lean, step=0.015) for x, y in ((0.27, 0.72), (0.27, 1.02))]
    pocket_shape = placed([(-0.20, 0.14), (0.20, 0.08), (0.22, -0.02), (-0.19, 0.03)], low(-0.05, -0.18), pose.lean)
    pocket_pieces = cornered(pocket_shape, [0, 1, 2, 3])
    inner_back = low(back * 1.04 - 0.02, length + lift_back * 1.3 - 0.05)
    inner_front = low(front * 0.96, length + lift_front + 0.02)
    lining_shape = [low(-0.5, 0.0), inner_back, low(0.5 * (back + front), length + 0.03), inner_front, low(0.5, 0.0)]
    lining_pieces = cornered(lining_shape, [0, 1, 3, 4])
    behind = [
        Part(
            "coat lining", joined(*lining_pieces), "Coat lining", (Line(lining_pieces[0]), Line(lining_pieces[1], 0.9))
        )
    ]
    in_front = [
        Part("coat", body, "Coat", (*(Line(piece) for piece in pieces[:3]), *folds)),
        Part("coat shade", shade, "Coat shadow", (tone_edge(shade_edge),), on=("coat",)),
        Part("coat trim", trim, "Trim", (Line(opening, 0.8), Line(trim_edge, 0.7, layer="Details")), on=("coat",)),
        Part(
            "pocket",
            joined(*pocket_pieces),
            "Coat shadow",
            tuple(Line(piece, 0.7, layer="Details") for piece in pocket_pieces),
            on=("coat",),
        ),
        *(
            Part(f"button {n}", shape, "Button", (Line(shape, 0.6, closed=True, layer="Details"),))
            for n, shape in enumerate(buttons)
        ),
        Part("belt", belt, "Leather", (Line(belt_top, 0.8), Line(belt_low, 0.8)), on=("coat",)),
        Part(
            "buckle",
            joined(*buckle_pieces),
            "Buckle",
            tuple(Line(piece, 0.7, layer="Details") for piece in buckle_pieces),
        ),
    ]
    return behind, in_front


def _nearest(line: Points, point: Points) -> int:
    return int(np.argmin(np.hypot(*(line - points_of(point)[0]).T)))


def _between(line: Points, point: Points, start: bool) -> Points:
    """The line from its start to where it passes the point."""
    return line[: _nearest(line, point) + 1]


def _after(line: Points, point: Points) -> Points:
    """The line from where it passes the point to its end."""
    return line[_nearest(line, point) :]
