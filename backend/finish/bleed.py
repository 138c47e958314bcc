"""Colours that bleed over a region's edge in a soft video: how soft it is, and taking the bleeding back out.

With regions known, softness is no riddle: paint the regions flat, blur that as the video is blurred, and what is left
between video and painting belongs to each region's own colour (back projection, Irani and Peleg, CVGIP 53(3), 1991).
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from scipy.ndimage import find_objects

from .seen import Seen

TRIED = (0.0, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""px of the working size. Widths (sigma) of blur that a video is compared with."""

LEAST = 0.35
"""A region's own part in a pixel is taken for at least this: below it noise would be blown up more than colour."""

ACCIDENT = 60.0
"""8-bit levels. Differences count up to here, so that a wrong colour of one region does not decide on the blur."""


def softness(sample: Sequence[Seen], flats: Sequence[np.ndarray]) -> float:
    """The blur (sigma, px of the working size) that best explains the frames from their flat colours (R, 3) each."""
    missed = np.zeros(len(TRIED))
    for seen, flat in zip(sample, flats, strict=True):
        painted = flat[seen.look.labels].astype(np.float32)
        # Away from ink, which is not painted here, and only where colours meet at all.
        open_paper = seen.look.paper & (seen.lined < 0.35)
        for n, sigma in enumerate(TRIED):
            gap = np.abs(seen.picture - blurred(painted, sigma)).sum(2)[open_paper]
            missed[n] += float(np.minimum(gap, ACCIDENT).sum())
    return TRIED[int(missed.argmin())]


def blurred(picture: np.ndarray, sigma: float) -> np.ndarray:
    """A picture as a video of this softness shows it."""
    return picture if sigma <= 0 else cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def own_part(labels: np.ndarray, sigma: float) -> np.ndarray:
    """(h, w) float32 0..1: how much of each blurred pixel is its own region's."""
    out = np.ones(labels.shape, np.float32)
    margin = int(3 * sigma) + 1
    for region, box in enumerate(find_objects(labels + 1)):
        if box is None:
            continue
        wide = tuple(slice(max(side.start - margin, 0), side.stop + margin) for side in box)
        mine = labels[wide] == region
        out[wide][mine] = blurred(mine.astype(np.float32), sigma)[mine]
    return out


def without_bleeding(seen: Seen, flats: np.ndarray, inked: np.ndarray, ink: np.ndarray, sigma: float) -> Seen:
    """The frame with the neighbours' colours taken out of each region; flats (R, 3) its colours so far.

    A pixel is (1 - i) (p own + (1 - p) others) + i ink; ``inked`` (h, w) is i. What comes out is (1 - i) own + i ink,
    so that ``costs`` may read it like a frame, and p as the weight of what it says.
    """
    if sigma <= 0:
        return seen
    painted = flats[seen.look.labels].astype(np.float32)
    part = own_part(seen.look.labels, sigma)
    lines = inked[..., None] * ink.astype(np.float32)
    paper = 1 - inked[..., None]
    missed = seen.picture - (paper * blurred(painted, sigma) + lines)
    own = paper * painted + lines + missed / np.maximum(part, LEAST)[..., None]
    return replace(seen, picture=own.astype(np.float32), part=part)
