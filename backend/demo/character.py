"""The whole figure at one moment: every part from back to front."""

from __future__ import annotations

import numpy as np

from .accessories import satchel, scarf
from .body import arm, coat, leg
from .design import CharacterDesign
from .follow import swing
from .head import HeadSpace, back_hair, eyes, face, fringe, tail
from .parts import Part
from .walk import Pose


def figure(design: CharacterDesign, pose: Pose) -> list[Part]:
    """The parts of the figure in this pose, back to front, in units with the ground at y = 0."""
    space = HeadSpace(design, pose)
    lining, coat_front = coat(design, pose)
    scarf_tails, scarf_wrap = scarf(design, pose) if design.scarf else ([], [])
    hang = swing(
        pose.time, np.array([62.0, 44, 30, 22, 18]), np.array([8.0, 13, 18, 23, 28]), beats=2.0, lag=0.09, start=0.05
    )
    ponytail = tail(space, hang, 0.0)
    return [
        *arm(design, pose.far_arm, far=True),
        *scarf_tails,
        *back_hair(space),
        *lining,
        *leg(design, pose.far_leg, far=True),
        *leg(design, pose.near_leg, far=False),
        *coat_front,
        *(satchel(design, pose) if design.satchel else []),
        *scarf_wrap,
        *arm(design, pose.near_arm, far=False),
        *ponytail,
        *face(space),
        *eyes(space, pose.eyes),
        *fringe(space),
    ]
