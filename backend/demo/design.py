"""What one demo character looks like: proportions, clothes, hair and colours, drawn from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: 8-bit sRGB.
Colour = tuple[int, int, int]

#: The colours of the first character, by the name of the material they become.
FOX_RED: Mapping[str, Colour] = {
    "Skin": (255, 219, 190),
    "Skin shadow": (236, 172, 144),
    "Hair": (214, 92, 48),
    "Hair light": (244, 143, 82),
    "Hair shadow": (150, 52, 42),
    "Bow": (38, 150, 142),
    "Bow shadow": (24, 104, 108),
    "Eye white": (255, 252, 244),
    "Iris": (52, 148, 104),
    "Iris light": (122, 206, 140),
    "Pupil": (36, 42, 54),
    "Glint": (250, 255, 255),
    "Mouth": (164, 52, 60),
    "Scarf": (248, 190, 62),
    "Scarf shadow": (212, 138, 40),
    "Scarf stripe": (222, 84, 64),
    "Coat": (62, 106, 168),
    "Coat shadow": (44, 76, 134),
    "Coat lining": (30, 46, 88),
    "Trim": (236, 226, 204),
    "Button": (240, 206, 96),
    "Leather": (156, 98, 58),
    "Leather light": (192, 132, 82),
    "Buckle": (226, 214, 160),
    "Trousers": (96, 86, 104),
    "Trousers shadow": (66, 58, 78),
    "Boots": (122, 76, 52),
    "Boots shadow": (84, 50, 42),
    "Sole": (58, 44, 46),
    "Glove": (206, 74, 66),
    "Glove shadow": (156, 48, 54),
}


@dataclass(frozen=True)
class CharacterDesign:
    """Proportions in units (the figure is about six units tall), angles in degrees, colours by material name."""

    name: str = "Robin"
    seed: int = 0
    colours: Mapping[str, Colour] = field(default_factory=lambda: dict(FOX_RED))
    hair: str = "ponytail"
    head: float = 1.0
    thigh: float = 1.20
    shin: float = 1.18
    hip_height: float = 2.70
    torso: float = 1.42
    neck_length: float = 0.98
    hip_spread: float = 0.15
    shoulder_spread: float = 0.40
    upper_arm: float = 0.60
    forearm: float = 0.56
    stride: float = 1.12
    bounce: float = 0.085
    lean: float = 4.0
    arm_swing: float = 40.0
    coat_length: float = 0.86
    scarf: bool = True
    satchel: bool = True


#: Colours of the pencil lines, 8-bit sRGB: ink for lines that stay, red for the edges of tones.
INKS: Mapping[str, Colour] = {"Ink": (44, 34, 48), "Separation": (226, 78, 92)}


def design_from_seed(seed: int) -> CharacterDesign:
    """The design of a seed: 0 is the demo's own character, every other number another one."""
    return CharacterDesign(seed=seed)
