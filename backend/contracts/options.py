"""The few choices an artist makes for a result; the same for every engine."""

from dataclasses import dataclass
from typing import Literal

Lines = Literal["keep", "omit"]
"""Whether the drawn lines stand in the coloured frames."""


Background = Literal["keep", "cut"]
"""What stands behind the character: what the model painted, or nothing, cut out along the line art's regions."""

Drawn = Literal["all", "ends"]
"""Which sketches the model is shown: all, or only the first and the last (the paper's sparse mode)."""

ReferenceBackground = Literal["keep", "cut", "matte"]
"""What of a reference the model and the matcher see: all of it, what stands before the paper that reaches the picture's
edge, or what a network (U-2-Net) takes for the figure."""


@dataclass(frozen=True)
class Diffusion:
    """What an artist chooses for the AniDoc engine.

    seed           of all random draws: the same seed gives the same pictures on the same machine
    steps          denoising steps; more is finer and slower
    guidance       how strongly the last frame follows the reference; the first has 1, between them it rises evenly
    length         frames in a pass; the published weights know 14
    width, height  px of the box that the model's picture fits into; its shape is the shot's
    background     see ``Background``
    drawn          see ``Drawn``
    finish         make crisp flats of the result at the shot's size (Cel finish)
    like_release   choose points and sizes as the released program does
    reference_background  see ``ReferenceBackground``
    heat           with ``drawn`` ends: points are Gaussian heat maps, as in the paper; False: single pixels, as always else
    spacing        with ``drawn`` ends: (frame, fraction of the way at which the in-between there stands), rising; empty:
                   the way is even in time
    """

    seed: int = 42
    steps: int = 25
    guidance: float = 3.0
    length: int = 14
    width: int = 512
    height: int = 320
    background: Background = "keep"
    drawn: Drawn = "all"
    finish: bool = False
    like_release: bool = False
    reference_background: ReferenceBackground = "keep"
    heat: bool = True
    spacing: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Options:
    """Result options of a job.

    lines    keep the drawn lines in the picture, or leave them out (flats only)
    gap      px of the render frame; openings in the line art up to this wide are closed. None: the engine chooses
    shading  carry tone edges of the key that no line marks
    anidoc   for the AniDoc engine; None: as it comes
    """

    lines: Lines = "keep"
    gap: float | None = None
    shading: bool = True
    anidoc: Diffusion | None = None
