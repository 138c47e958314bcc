"""The few choices an artist makes for a result; the same for every engine."""

from dataclasses import dataclass
from typing import Literal

Lines = Literal["keep", "omit"]
"""Whether the drawn lines stand in the coloured frames."""


@dataclass(frozen=True)
class Options:
    """Result options of a job.

    lines    keep the drawn lines in the picture, or leave them out (flats only)
    gap      px of the render frame; openings in the line art up to this wide are closed. None: the engine chooses
    shading  carry tone edges of the key that no line marks
    """

    lines: Lines = "keep"
    gap: float | None = None
    shading: bool = True
