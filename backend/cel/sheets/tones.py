"""Two-tone pairs on design sheets: swatches side by side, and colours that meet on the figure without a line between them."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..palette import BACKGROUND, Palette, indices
from ..paper import bare_paper
from .swatches import contacts, find_swatches

SWATCH = 200
"""px of contact that a pair of swatches counts as: an artist's word, against what may meet by chance."""

THICK = 0.008
"""Of the sheet's shorter side, and 5 px at least: a dark colour of which next to nothing is as wide as this is ink."""

INK, DARK = 0.05, 40.0
"""That next to nothing, a part of what it covers; and L* of the lightest ink: the shadow under a chin is narrow, too."""


def sheet_tones(pictures: Sequence[np.ndarray], palette: Palette) -> np.ndarray:
    """(P, P) float32 px of contact, from the colour that covers more to the one that covers less; see ``cel/tones.py``."""
    colours = len(palette)
    out, size, wide = np.zeros((colours, colours), np.float32), np.zeros(colours), np.zeros(colours)
    for picture in pictures:
        index = indices(picture, palette).astype(np.int16)
        outside, _ = bare_paper(picture)
        index[outside] = BACKGROUND
        swatches, taken = find_swatches(index.astype(np.int64), outside)
        for swatch in swatches:
            for a in swatch.tones:
                for b in swatch.tones:
                    out[a, b] += SWATCH * (a != b)
        index[taken] = BACKGROUND
        thick = max(5, round(THICK * min(index.shape)))
        box = np.ones((thick, thick), np.uint8)
        solid = cv2.dilate(index, box) == cv2.erode(index, box)
        size += np.bincount(index[index > 0], minlength=colours)
        wide += np.bincount(index[(index > 0) & solid], minlength=colours)
        out += contacts(index, colours)
    ink = (wide < INK * size) & (palette.lab[:, 0] < DARK)
    ink[BACKGROUND] = True
    out[ink] = out[:, ink] = 0
    return np.where(size[:, None] >= size[None], out, 0).astype(np.float32)
