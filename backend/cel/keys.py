"""Reading the artist's colours off a key: the palette index of every place of the drawing it colours."""

import cv2
import numpy as np

from ..lineart.lines import Lines
from .carry import Solved
from .look import tally
from .palette import CONNECTED, OPAQUE, Palette, in_pieces, indices, to_lab
from .shade import fill_in

FRINGE = 3
"""px. Side of the square around each line within which a key's colour may be the line's own blur."""


def read_key(picture: np.ndarray, lines: Lines, palette: Palette) -> np.ndarray:
    """(H, W, 4) uint8 key and the lines of its drawing -> (H, W) uint8 palette index of every pixel, lines filled in.

    Trusted are pixels that bear a palette colour and do not lie at a line; in regions too narrow to have any,
    those at lines too.
    """
    index = indices(picture, palette)
    regions = lines.regions
    away = cv2.dilate(lines.sketch.boundary, np.ones((FRINGE, FRINGE), np.uint8)) == 0
    trusted = (index >= 0) & away & regions.paper
    trusted |= _streaks(index, regions.paper & ~away, trusted, regions.labels, len(palette))
    enough = np.bincount(regions.labels[trusted], minlength=len(regions)) >= np.maximum(3, 0.1 * regions.area)
    trusted |= (index >= 0) & regions.paper & ~enough[regions.labels]
    votes = tally(regions.labels, index, trusted, len(regions), len(palette))
    common = votes.argmax(1)
    painted = _painted(
        picture, regions.labels, (index < 0) & regions.paper & (votes.sum(1) == 0)[regions.labels], palette
    )
    common[list(painted)] = list(painted.values())
    out = index.astype(np.uint8)
    open_still = ~trusted
    out[open_still] = fill_in(index, trusted, regions.labels, common, open_still)
    return out


def _streaks(index: np.ndarray, near: np.ndarray, trusted: np.ndarray, labels: np.ndarray, colours: int) -> np.ndarray:
    """(H, W) bool: pixels ``near`` a line in a piece of one palette colour too large for blur: a rim of light is as narrow.

    Only colours that lie off the lines, too (``trusted``): along a straight line blur is of one colour as well.
    index (H, W) palette index, -1 for none; labels (H, W) int32 regions.
    """
    seen = np.bincount(index[trusted], minlength=colours) >= CONNECTED
    asked = near & (index >= 0) & np.take(seen, index)
    if not asked.any():
        return asked
    around = cv2.dilate(asked.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    pieces = np.zeros(asked.shape, bool)
    pieces.ravel()[in_pieces(labels * colours + index, around & (asked | trusted))] = True
    return asked & pieces


def _painted(picture: np.ndarray, labels: np.ndarray, bare: np.ndarray, palette: Palette) -> dict[int, int]:
    """Region -> the palette colour nearest to what it bears on average, for regions of which ``bare`` (H, W) bool pixels
    bear colours of their own only, as in a steep gradient. Not all of the figure's colours need be flat."""
    bare = bare & (picture[..., 3] >= OPAQUE)
    if len(palette) < 2 or not bare.any():
        return {}
    regions, number, count = np.unique(labels[bare], return_inverse=True, return_counts=True)
    mean = np.stack([np.bincount(number, picture[..., k][bare]) / count for k in range(3)], 1)
    gap = np.linalg.norm(to_lab(mean.round().astype(np.uint8))[:, None] - palette.lab[None, 1:], axis=2)
    return dict(zip(regions.tolist(), (gap.argmin(1) + 1).tolist(), strict=True))


def certain(colour: np.ndarray, count: int) -> Solved:
    """A key's colours are the artist's: nothing is surer."""
    return Solved(colour, np.ones(count, np.float32))
