"""Reading the artist's colours off a key: the palette index of every place of the drawing it colours."""

import cv2
import numpy as np

from ..lineart.lines import Lines
from .carry import Solved
from .look import tally
from .palette import CONNECTED, OPAQUE, Palette, codes, in_pieces, indices, rgb_of, to_lab
from .shade import fill_in

FRINGE = 3
"""px. Side of the square around each line within which a key's colour may be the line's own blur."""

SMALL, CLEAN, MOSTLY = 100, 4, 0.4
"""px of a region that is too small for its colour to be among the palette's by what it covers; px of one colour in it, and the
part of it, from which on that is its own colour and no blend with its lines."""

FEW = 9
"""px at the lines of a region, not of its commonest colour, from which a streak of a second tone is looked for there."""


def read_key(picture: np.ndarray, lines: Lines, palette: Palette) -> np.ndarray:
    """(H, W, 4) uint8 key and the lines of its drawing -> (H, W) uint8 palette index of every pixel, lines filled in.

    Trusted are pixels that bear a palette colour and do not lie at a line; in regions too narrow to have any,
    those at lines too.
    """
    index = indices(picture, palette)
    regions = lines.regions
    away = cv2.dilate(lines.sketch.boundary, np.ones((FRINGE, FRINGE), np.uint8)) == 0
    bears = (index >= 0) & regions.paper
    trusted = bears & away
    votes = tally(regions.labels, index, trusted, len(regions), len(palette))
    streaks = _streaks(index, bears & ~away, trusted, regions.labels, votes)
    votes += tally(regions.labels, index, streaks, len(regions), len(palette))
    trusted |= streaks
    narrow = votes.sum(1) < np.maximum(3, 0.1 * regions.area)
    rest = bears & ~trusted & np.take(narrow, regions.labels)
    votes += tally(regions.labels, index, rest, len(regions), len(palette))
    trusted |= rest
    common = votes.argmax(1)
    painted = _painted(
        picture, regions.labels, (index < 0) & regions.paper & (votes.sum(1) == 0)[regions.labels], palette
    )
    common[list(painted)] = list(painted.values())
    out = index.astype(np.uint8)
    open_still = ~trusted
    out[open_still] = fill_in(index, trusted, regions.labels, common, open_still)
    return out


def small_flats(picture: np.ndarray, lines: Lines) -> set[tuple[int, int, int]]:
    """Colours (sRGB) of a key's smallest regions, as a button or a pupil is: of each what most of it bears.

    picture (H, W, 4) uint8. Lines say what no counting of pixels can: that a few pixels are a shape and no edge's blend.
    """
    area = lines.regions.area
    where = np.flatnonzero(lines.regions.paper & np.take((area >= CLEAN) & (area <= SMALL), lines.regions.labels))
    code = codes(picture).ravel()[where]
    region = lines.regions.labels.ravel()[where][code >= 0]
    pairs, count = np.unique(region.astype(np.int64) << 24 | code[code >= 0], return_counts=True)
    clean = (count >= CLEAN) & (count >= MOSTLY * area[pairs >> 24])
    red, green, blue = rgb_of((pairs[clean] & 0xFFFFFF).astype(np.int32)).T.tolist() if clean.any() else ((), (), ())
    return set(zip(red, green, blue, strict=True))


def _streaks(
    index: np.ndarray, near: np.ndarray, trusted: np.ndarray, labels: np.ndarray, votes: np.ndarray
) -> np.ndarray:
    """(H, W) bool: pixels ``near`` a line in a piece of one palette colour too large for blur: a rim of light is as narrow.

    Only colours that lie off the lines, too: along a straight line blur is of one colour as well.
    index (H, W) palette index, -1 for none; labels (H, W) int32 regions; votes (R, P) px off the lines, the ``trusted``
    """
    at = np.flatnonzero(near)
    own, region = index.ravel()[at], labels.ravel()[at]
    real = np.take(votes.sum(0) >= CONNECTED, own)
    # What bears its region's commonest colour all round has no second tone there.
    other = np.bincount(region[real & (own != np.take(votes.argmax(1), region))], minlength=len(votes)) >= FEW
    found = np.zeros(labels.shape, bool)
    found.ravel()[at[real & np.take(other, region)]] = True
    if not found.any():
        return found
    around = (cv2.dilate(found.view(np.uint8), np.ones((5, 5), np.uint8)) > 0) & (found | trusted)
    pieces = np.zeros(labels.shape, bool)
    pieces.ravel()[in_pieces(labels * votes.shape[1] + index, around)] = True
    return found & pieces


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
