"""Whether a drawing is bare where its key is painted, as line art is: paintings are given for it by mistake, grey ones too."""

import cv2
import numpy as np

from ..cel.look import working_size
from ..contracts.messages import Doubt
from ..lineart.white import over_white, paper_of

WORKING = 60_000
"""px. Pictures are compared at no more than this size."""

EVEN = 16
"""8-bit levels that an area of the key may differ within itself."""

DARK = 90
"""8-bit levels: what the key paints darker may be spotted black in the drawing, too."""

TONE = 24
"""8-bit levels in some channel from paper that are a tone; the noise of scans is below."""

MOSTLY = 0.6
"""Part of a key's painted areas from which a drawing with tones there is said to be painted. Of 36 generated characters drawn
whole, drawings (in pencil, on shaded or tinted scans, with shadows shaded) have at most 0.2, with all hair filled 0.44; painted in
grey they have at least 0.77, in half the contrast 0.69. Cut to close-ups, drawings have at most 0.3 (hair filled: any), grey
paintings mostly over 0.7 and at least 0.46. Of nine open clips lines have at most 0.09, grey paintings 0.56 and more."""

AROUND = 1 / 6
"""Part of the longer side within which a place's paper is looked for, as light falls unevenly on scans."""

LEAST = 50
"""px at the working size. Of a smaller painted area nothing is said."""


def doubt(drawing: np.ndarray, name: str, key: np.ndarray) -> Doubt | None:
    """What to say of a scan called ``name`` that has tones nearly wherever its ``key`` is painted, both (H, W, 4) uint8 sRGB
    straight alpha. None: nothing."""
    part = toned(drawing, key)
    if part is None or part < MOSTLY:
        return None
    return Doubt(
        "",
        f"The drawing {name} is painted where its coloured version is: it is no line art.",
        "If that is not meant, give it as dark lines on light paper.",
    )


def toned(drawing: np.ndarray, key: np.ndarray) -> float | None:
    """0..1, on what part of the key's even areas the drawing has tones; None where there are none. A few milliseconds."""
    height, width = working_size(key.shape[0], key.shape[1], WORKING)
    colours, lines = (
        over_white(cv2.resize(p, (width, height), interpolation=cv2.INTER_NEAREST)) for p in (key, drawing)
    )
    box = np.ones((3, 3), np.uint8)
    even = _most(cv2.absdiff(cv2.dilate(colours, box), cv2.erode(colours, box))) < EVEN
    ground = np.broadcast_to(paper_of(cv2.cvtColor(colours, cv2.COLOR_RGB2RGBA)), colours.shape).copy()
    painted = (_most(cv2.absdiff(colours, ground)) > TONE) & (_most(cv2.bitwise_not(colours)) > TONE)
    asked = even & painted & (_most(colours) > DARK)
    if asked.sum() < LEAST:
        return None
    reach = 2 * round(AROUND * max(width, height)) + 1
    paper = cv2.dilate(cv2.blur(lines, (5, 5)), np.ones((reach, reach), np.uint8))
    return float((_most(cv2.subtract(paper, lines))[asked] > TONE).mean())


def _most(picture: np.ndarray) -> np.ndarray:
    """(H, W) uint8: the largest of three channels."""
    red, green, blue = cv2.split(picture)
    return cv2.max(cv2.max(red, green), blue)
