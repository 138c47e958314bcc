"""The whole figure at one moment: every part from back to front."""

from __future__ import annotations

from .accessories import collar, fox_tail, satchel, scarf
from .body import arm, leg
from .coat import coat
from .design import CharacterDesign
from .hair import back_hair, fringe, tails
from .head import HeadSpace, eyes, face
from .headgear import headgear
from .parts import Part
from .walk import Pose


def figure(design: CharacterDesign, pose: Pose) -> list[Part]:
    """The parts of the figure in this pose, back to front, in units with the ground at y = 0."""
    space = HeadSpace(design, pose)
    lining, coat_front = coat(design, pose)
    scarf_tails, neckwear = scarf(design, pose) if design.scarf else ([], collar(design, pose))
    tails_behind, tails_in_front = tails(design, space, pose.time)
    hat_behind, hat = headgear(design, space, pose.time)
    return [
        *hat_behind,
        *tails_behind,
        *(fox_tail(design, pose) if design.tail else []),
        *arm(design, pose.far_arm, far=True),
        *scarf_tails,
        *back_hair(design, space, pose.time),
        *lining,
        *leg(design, pose.far_leg, far=True),
        *leg(design, pose.near_leg, far=False),
        *coat_front,
        *(satchel(design, pose) if design.satchel else []),
        *neckwear,
        *arm(design, pose.near_arm, far=False),
        *tails_in_front,
        *face(space),
        *eyes(space, pose.eyes),
        *fringe(design, space),
        *hat,
    ]
