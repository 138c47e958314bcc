"""What one demo character looks like: proportions, clothes, hair and colours, drawn from a seed."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

#: 8-bit sRGB.
Colour = tuple[int, int, int]

#: The colours of the first character, by the name of the material they become.
FOX_RED: Mapping[str, Colour] = {
    "Skin": (255, 219, 190),
    "Skin shadow": (236, 172, 144),
    "Hair": (214, 92, 48),
    "Hair light": (244, 143, 82),
    "Hair shadow": (150, 52, 42),
    "Hat": (62, 106, 168),
    "Hat shadow": (44, 76, 134),
    "Hat band": (236, 226, 204),
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

#: Colours of the pencil lines, 8-bit sRGB: ink for lines that stay, red for the edges of tones.
INKS: Mapping[str, Colour] = {"Ink": (44, 34, 48), "Separation": (226, 78, 92)}

Hair = Literal["ponytail", "twin", "bob", "short", "spiky"]
FringeStyle = Literal["locks", "straight", "swept"]
Hat = Literal["none", "beanie", "ears"]


@dataclass(frozen=True)
class CharacterDesign:
    """Proportions in units (the figure is about six units tall), angles in degrees, colours by material name."""

    name: str = "Robin"
    seed: int = 0
    colours: Mapping[str, Colour] = field(default_factory=lambda: dict(FOX_RED))
    hair: Hair = "ponytail"
    fringe: FringeStyle = "locks"
    hat: Hat = "none"
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
    trim: bool = True
    belt: bool = True
    hem_band: bool = False
    scarf: bool = True
    satchel: bool = True
    tail: bool = False
    #: Far legs, hand and scarf end in the shadow colour; the far sleeve always is.
    far_tone: bool = False


@dataclass(frozen=True)
class _Look:
    """Hair, fringe, hat, coat length, and which of trim, belt, hem band, scarf, satchel, tail are worn."""

    name: str
    hair: Hair
    fringe: FringeStyle
    hat: Hat
    coat_length: float
    worn: str


_LOOKS = (
    _Look("Robin", "ponytail", "locks", "none", 0.86, "trim belt scarf satchel"),
    _Look("Moss", "spiky", "swept", "none", 0.34, "trim belt satchel"),
    _Look("Juniper", "bob", "straight", "beanie", 0.74, "hem_band scarf"),
    _Look("Ember", "short", "locks", "ears", 0.62, "trim belt scarf tail"),
    _Look("Clover", "twin", "straight", "none", 0.80, "hem_band belt"),
    _Look("Flint", "short", "swept", "beanie", 0.40, "trim satchel"),
    _Look("Maple", "bob", "swept", "none", 0.92, "trim belt scarf"),
    _Look("Wren", "twin", "locks", "none", 0.66, "hem_band scarf satchel"),
    _Look("Ash", "spiky", "locks", "none", 0.88, "trim belt scarf"),
    _Look("Pepper", "ponytail", "straight", "ears", 0.50, "hem_band belt satchel tail"),
    _Look("Birch", "bob", "locks", "ears", 0.84, "belt hem_band tail"),
    _Look("Sorrel", "ponytail", "swept", "beanie", 0.56, "trim scarf satchel"),
)


def design_from_seed(seed: int) -> CharacterDesign:
    """The design of a seed: 0 is the demo's own character; each look returns every twelve seeds in other colours."""
    look = _LOOKS[seed % len(_LOOKS)]
    worn = {word: word in look.worn.split() for word in ("trim", "belt", "hem_band", "scarf", "satchel", "tail")}
    if seed == 0:
        return CharacterDesign()
    random = np.random.default_rng([7, seed])
    leg = float(random.uniform(0.90, 1.02 if look.hat != "none" else 1.07))
    return CharacterDesign(
        name=look.name,
        seed=seed,
        colours=palette_from_seed(seed),
        hair=look.hair,
        fringe=look.fringe,
        hat=look.hat,
        head=float(random.uniform(0.94, 1.04)) * (0.96 if look.hat != "none" or look.hair == "spiky" else 1.0),
        thigh=1.20 * leg,
        shin=1.18 * leg,
        hip_height=2.70 + 2.38 * (leg - 1.0),
        torso=float(random.uniform(1.34, 1.50)),
        stride=float(random.uniform(0.92, 1.14)) * leg,
        bounce=float(random.uniform(0.05, 0.10)),
        lean=float(random.uniform(1.0, 6.0)),
        arm_swing=float(random.uniform(26.0, 42.0)),
        coat_length=look.coat_length,
        far_tone=bool(seed % 2),
        **worn,
    )


#: Skin, its shadow, and eyes that go with it, 8-bit sRGB.
_SKINS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 219, 190), (236, 172, 144)),
    ((246, 200, 160), (218, 150, 116)),
    ((206, 148, 106), (164, 104, 76)),
    ((142, 92, 66), (104, 62, 50)),
    ((250, 226, 206), (230, 180, 166)),
)


def _tone(hue: float, saturation: float, value: float) -> Colour:
    """Hue in turns, saturation and value 0..1, as 8-bit sRGB (the usual HSV cone)."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def _cloth(hue: float, saturation: float, value: float) -> Colour:
    """A dyed cloth: greens and violets are calmer, or they shout."""
    loud = 0.20 < hue % 1.0 < 0.46 or 0.70 < hue % 1.0 < 0.94
    return _tone(hue, saturation * (0.72 if loud else 1.0), value * (0.90 if loud else 1.0))


def _with_shadow(hue: float, saturation: float, value: float) -> tuple[Colour, Colour]:
    """A colour and its shadow: darker, richer and a little towards blue."""
    shift = 0.04 if 0.17 < hue % 1.0 < 0.67 else -0.04
    return _cloth(hue, saturation, value), _cloth(hue + shift, min(1.0, saturation * 1.15), value * 0.70)


def palette_from_seed(seed: int) -> dict[str, Colour]:
    """Colours of a seed, 8-bit sRGB by material name: one main hue, one against it, and hair on its own."""
    random = np.random.default_rng([11, seed])
    main = float(seed * 0.381966 + 0.08) % 1.0  # steps of the golden angle: neighbours differ clearly
    against = main + float(random.uniform(0.36, 0.60))
    third = main + float(random.uniform(0.18, 0.30))
    colours = dict(FOX_RED)
    colours["Skin"], colours["Skin shadow"] = _SKINS[seed * 2 % len(_SKINS)]
    hair = float(random.choice([0.02, 0.06, 0.10, 0.13, 0.60, 0.75, 0.90, 0.48]))
    hair_value = float(random.uniform(0.36, 0.92))
    colours["Hair"], colours["Hair shadow"] = _with_shadow(hair, 0.62, hair_value)
    colours["Hair light"] = _tone(hair + 0.02, 0.46, min(1.0, hair_value + 0.18))
    pairs = {
        "Coat": (main, float(random.uniform(0.38, 0.62)), float(random.uniform(0.52, 0.80))),
        "Scarf": (against, 0.56, 0.92),
        "Bow": (third, 0.54, 0.72),
        "Glove": (against + 0.08, 0.52, 0.74),
        "Trousers": (main + 0.5, 0.22, float(random.uniform(0.34, 0.62))),
        "Boots": (float(random.uniform(0.03, 0.09)), 0.50, float(random.uniform(0.34, 0.56))),
        "Hat": (third, 0.56, 0.74),
    }
    for name, tone in pairs.items():
        colours[name], colours[f"{name} shadow"] = _with_shadow(*tone)
    colours["Scarf stripe"] = _cloth(main, 0.48, 0.72)
    colours["Coat lining"] = _tone(main, 0.7, 0.30)
    colours["Trim"] = _tone(against, 0.10, 0.94)
    colours["Hat band"] = _cloth(against, 0.30, 0.90)
    colours["Iris"], colours["Iris light"] = _tone(third, 0.64, 0.58), _tone(third, 0.44, 0.84)
    return colours
