"""Legs with boots and arms with gloves of a demo character, in figure coordinates."""

from __future__ import annotations

import numpy as np

from .design import CharacterDesign
from .geometry import cornered, curve, joined, loop, placed, tube
from .parts import Line, Part, tone_edge
from .walk import Arm, Leg


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
    shade = _sided(far and design.far_tone, "Trousers", "Trousers shadow")
    parts = [
        Part(f"{side} trousers", trousers, shade, (Line(left), Line(right), Line(knee_fold, 0.55, layer="Details")))
    ]
    return [*parts, *_boot(joints, side, far and design.far_tone)]


def _boot(joints: Leg, side: str, dark: bool) -> list[Part]:
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
            _sided(dark, "Boots", "Boots shadow"),
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
    glove = _sided(far and design.far_tone, "Glove", "Glove shadow")
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
