"""Areas that a hole in the lines, too wide to be closed, has joined to the paper: bare in a drawing, painted in those beside it.

The engine knows no such area: it is part of the paper. But the drawings before and after show paint there, and its own lines
still run around it. Where a part has moved on or is hidden there is paper too, but no line around its old place.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..cel.flow import dense_flow
from ..cel.look import COVERED, WORKING, working_size
from ..cel.view import depth_of
from ..lineart.regions import at_the_edge

NOTHING, LINE, OPEN = 0, 1, 2
"""What a pixel of a :class:`Seen` is where it has no colour: enclosed paper, or white, which on white paper is often no paint but
a gap between parts; line; paper that hangs together with the picture's edge."""

CRUMB = 7
"""px of the working size. What is thinner is where a figure's edge has moved."""

LEAST = 0.001
"""Part of the picture that an open area covers at least."""

BACK = 8
"""px by which the way to the drawing beside and back again may miss: what was not found there is not what was taken for it."""

BESIDE, AROUND = 4.0, 0.88
"""px from a line, and the part of an area's edge that lies as near. Holes of 26 or 40 px were rubbed into one drawing each of ten
generated characters: nine areas of that had run out were found. Of 330 drawings of generated and open clips without such holes
three were named: two where gaps between generated strokes had left a sleeve open, one where a scarf had moved away."""


@dataclass(frozen=True)
class Seen:
    """A coloured drawing at the engine's working size. colour (h, w) uint16: a number of its own for each colour, or what
    ``NOTHING``, ``LINE`` and ``OPEN`` say; depth (h', w') uint8, what dense flow looks at."""

    colour: np.ndarray
    depth: np.ndarray

    def beside(self) -> np.ndarray:
        """(h, w) bool: what lies near a line."""
        return cv2.distanceTransform((self.colour != LINE).view(np.uint8), cv2.DIST_L2, 3) <= BESIDE


def look_at(frame: np.ndarray, sketch: np.ndarray) -> Seen:
    """Of a frame (H, W, 4) uint8 straight alpha and its line art (H, W) uint8, 0 on lines."""
    height, width = working_size(sketch.shape[0], sketch.shape[1], WORKING)
    line = cv2.resize(cv2.bitwise_not(sketch), (width, height), interpolation=cv2.INTER_AREA) > COVERED
    red, green, blue, alpha = cv2.split(cv2.resize(frame, (width, height), interpolation=cv2.INTER_NEAREST))
    bare = (alpha < 128) & ~line
    # Five bits of red, six of green and five of blue tell the colours of a palette apart.
    colour = (red.astype(np.uint16) >> 3 << 11) | (green.astype(np.uint16) >> 2 << 5) | blue.astype(np.uint16) >> 3
    np.maximum(colour, OPEN + 1, out=colour)
    colour[bare | (cv2.min(cv2.min(red, green), blue) == 255)] = NOTHING
    colour[line] = LINE
    colour[at_the_edge(bare)] = OPEN
    distance = cv2.distanceTransform((~line).view(np.uint8), cv2.DIST_L2, 3)
    return Seen(colour, depth_of(distance))


def open_areas(drawings: Sequence[Seen]) -> list[np.ndarray]:
    """Of each of a shot's ``drawings``, in their order, (h, w) bool: what is open to the paper and probably ought not to be.

    Paint is looked for from both sides, along runs of drawings that are open in the same place. Where either side shows
    another colour one of them is wrong, and nothing is said.
    """
    if not drawings:
        return []
    nothing = np.zeros(drawings[0].colour.shape, np.uint16)
    before = _from_one_side(drawings, nothing)
    # At the shot's ends one side has to do.
    after = _from_one_side(drawings[::-1], before[-1])[::-1]
    before = _from_one_side(drawings, after[0]) if after[0].any() else before
    return [_surrounded((a == b) & (a > OPEN), seen) for a, b, seen in zip(before, after, drawings, strict=True)]


def _from_one_side(drawings: Sequence[Seen], first: np.ndarray) -> list[np.ndarray]:
    """(h, w) uint16 of each drawing: which colour the one before it has, or had when it was open there itself; else 0.

    ``first``: of the first drawing.
    """
    out = [first]
    for last, seen in itertools.pairwise(drawings):
        row, column, back = _places(seen, last)
        found = np.maximum(out[-1], last.colour)[row, column]
        found *= (seen.colour == OPEN) & (found > OPEN) & back
        found *= _surrounded(found > OPEN, seen)
        out.append(found)
    return out


def _places(here: Seen, there: Seen) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row and column (h, w) of each pixel of a drawing in another, and (h, w) bool: whether the way back from there agrees."""
    height, width = size = here.colour.shape
    row, column = np.mgrid[:height, :width]
    out, back = (
        np.rint(dense_flow(a.depth, b.depth, size).everywhere()).astype(np.intp)
        for a, b in ((here, there), (there, here))
    )
    row, column = (row + out[..., 1]).clip(0, height - 1), (column + out[..., 0]).clip(0, width - 1)
    apart = out + back[row, column]
    return row, column, np.abs(apart).max(2) <= BACK


def _surrounded(found: np.ndarray, seen: Seen) -> np.ndarray:
    """(h, w) bool: of what was ``found`` (h, w) bool the pieces that are no crumbs and have lines around them."""
    solid = cv2.morphologyEx(found.view(np.uint8), cv2.MORPH_OPEN, np.ones((CRUMB, CRUMB), np.uint8))
    out = np.zeros(found.shape, bool)
    if not solid.any():
        return out
    beside = seen.beside()
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(solid, None, None, None, 4)
    for k in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[k])
        if area < LEAST * found.size:
            continue
        box = np.s_[max(y - 1, 0) : y + height + 1, max(x - 1, 0) : x + width + 1]
        mine = pieces[box] == k
        rim = (cv2.dilate(mine.view(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~mine
        if beside[box][rim].mean() >= AROUND:
            out[box] |= mine
    return out
