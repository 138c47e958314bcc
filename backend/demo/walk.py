"""The walk: joint positions of the figure at any moment of the cycle (contact, down, passing, up)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .design import CharacterDesign
from .geometry import Points, rotation, smoothstep

#: Offsets from the ankle of a flat foot to the ground under its heel and its ball, in units.
HEEL = np.array([-0.26, -0.40])
BALL = np.array([0.58, -0.40])


#: How much higher the ground stands in the picture under the far foot, in units.
FAR_GROUND = 0.10

#: Cycles until the movement repeats; in each loop the head turns to the camera once, with a blink on the way.
LOOP = 2.0
LOOK = (0.92, 1.55)
BLINK = 0.83


@dataclass(frozen=True)
class Leg:
    """Joints of one leg, ``(2,)`` each, and the foot's angle in degrees (positive: toes up)."""

    hip: Points
    knee: Points
    ankle: Points
    foot: float


@dataclass(frozen=True)
class Arm:
    """Joints of one arm, ``(2,)`` each."""

    shoulder: Points
    elbow: Points
    wrist: Points


@dataclass(frozen=True)
class Pose:
    """One moment of the walk. Positions in units, ground at y = 0, angles in degrees, time in cycles."""

    time: float
    hip: Points
    neck: Points
    lean: float
    head: Points
    head_tilt: float
    #: 0 looks where she walks (three-quarter), 1 looks into the camera.
    facing: float
    #: 1 open, 0 shut.
    eyes: float
    near_leg: Leg
    far_leg: Leg
    near_arm: Arm
    far_arm: Arm


def _stance(phase: float, stride: float) -> tuple[Points, float]:
    """Ankle and foot angle while the foot is on the ground: heel strike, flat, then up on the ball."""
    flat = np.array([stride - 4.0 * stride * phase, -HEEL[1]])
    if phase < 0.1:
        angle = 24.0 * (1.0 - smoothstep(phase / 0.1))
        return flat + HEEL - HEEL @ rotation(angle), angle
    if phase < 0.28:
        return flat, 0.0
    angle = -54.0 * ((phase - 0.28) / 0.30) ** 1.5
    return flat + BALL - BALL @ rotation(angle), angle


def _foot(phase: float, stride: float) -> tuple[Points, float]:
    """Ankle relative to the point of the ground under the hips, and foot angle, at a phase in cycles."""
    phase %= 1.0
    lift_off = 0.57
    if phase <= lift_off:
        return _stance(phase, stride)
    start, start_angle = _stance(lift_off, stride)
    end, end_angle = _stance(0.0, stride)
    keys = np.array([lift_off, 0.66, 0.77, 0.88, 0.95, 1.0])
    table = np.array(
        [
            [*start, start_angle],
            [-0.50 * stride, 1.02, -72.0],
            [0.12 * stride, 0.92, -42.0],
            [0.80 * stride, 0.76, 4.0],
            [1.05 * stride, 0.66, 26.0],
            [*end, end_angle],
        ]
    )
    slopes = np.gradient(table, keys, axis=0)
    index = int(np.clip(np.searchsorted(keys, phase) - 1, 0, len(keys) - 2))
    span = keys[index + 1] - keys[index]
    t = (phase - keys[index]) / span
    value = (
        (2 * t**3 - 3 * t**2 + 1) * table[index]
        + (t**3 - 2 * t**2 + t) * span * slopes[index]
        + (-2 * t**3 + 3 * t**2) * table[index + 1]
        + (t**3 - t**2) * span * slopes[index + 1]
    )
    return value[:2], float(value[2])


def _bent(start: Points, end: Points, upper: float, lower: float) -> tuple[Points, Points]:
    """Knee of a two-bone leg that bends forwards, and the end as far as the bones reach."""
    reach = end - start
    length = float(np.hypot(*reach))
    held = min(length, 0.9995 * (upper + lower))
    reach = reach / max(length, 1e-9)
    along = (upper**2 - lower**2 + held**2) / (2.0 * held)
    height = np.sqrt(max(upper**2 - along**2, 0.0))
    forward = np.array([-reach[1], reach[0]])
    return start + reach * along + forward * height, start + reach * held


def _leg(design: CharacterDesign, phase: float, hip: Points, shift: Points) -> Leg:
    ankle, angle = _foot(phase, design.stride)
    knee, reached = _bent(hip, ankle + shift, design.thigh, design.shin)
    return Leg(hip, knee, reached, angle)


def _arm(design: CharacterDesign, shoulder: Points, swing: float, lean: float) -> Arm:
    """``swing`` from -1 (fully back) to 1 (fully forward)."""
    upper = design.arm_swing * swing + lean
    bend = 24.0 + 26.0 * (swing + 1.0) / 2.0
    down = np.array([0.0, -1.0])
    elbow = shoulder + design.upper_arm * down @ rotation(upper)
    wrist = elbow + design.forearm * down @ rotation(upper + bend)
    return Arm(shoulder, elbow, wrist)


def _eased(time: float, start: float, end: float, ease: float) -> float:
    """0 outside start..end, 1 inside, with slow changes that take ``ease`` at both ends."""
    return smoothstep((time - start + ease) / ease) * (1.0 - smoothstep((time - end) / ease))


def pose_at(design: CharacterDesign, time: float) -> Pose:
    """The pose at ``time`` in cycles; everything repeats after two cycles."""
    phase = time % 1.0
    turn = 2.0 * np.pi
    bob = -design.bounce * np.cos(2.0 * turn * (phase - 0.09))
    hip = np.array([0.05 * np.sin(2.0 * turn * (phase - 0.2)), design.hip_height + bob])
    lean = -design.lean + 1.6 * np.cos(2.0 * turn * (phase - 0.12))
    spine = np.array([0.0, design.torso]) @ rotation(lean)
    neck = hip + spine
    twist = np.cos(turn * phase)
    half_hip = np.array([design.hip_spread, 0.03])
    half_chest = np.array([design.shoulder_spread, 0.02])
    hip_swing = np.array([0.07 * twist, -0.03 * twist])
    near_leg = _leg(design, phase, hip - half_hip + hip_swing, np.array([-design.hip_spread, 0.0]))
    far_leg = _leg(design, phase + 0.5, hip + half_hip - hip_swing, np.array([design.hip_spread, FAR_GROUND]))
    chest = hip + 0.84 * spine
    arm_swing = np.cos(turn * (phase - 0.03))
    chest_swing = np.array([0.09 * twist, -0.02 * twist])
    near_arm = _arm(design, chest - half_chest - chest_swing, -arm_swing, lean)
    far_arm = _arm(design, chest + half_chest + chest_swing, arm_swing, lean)
    facing = _eased(time % LOOP, *LOOK, 0.22)
    eyes = float(np.clip((abs(time % LOOP - BLINK) - 0.035) / 0.09, 0.0, 1.0))
    head_tilt = 2.2 * np.cos(2.0 * turn * (phase - 0.2)) - 2.0 + 4.0 * facing
    head = neck + np.array([0.10, design.neck_length + 0.03 * np.cos(2.0 * turn * (phase - 0.42))])
    return Pose(time, hip, neck, lean, head, head_tilt, facing, eyes, near_leg, far_leg, near_arm, far_arm)
