"""Filled keys lead their strokes: areas are found in the other key as cut-outs, and each line goes with its area.

An outline goes with the upper of the areas beside it (``layers.py``). What its own pixels say is uneven, so every place of a
line is sent where most of the line around it goes. Which area lies over which also tells what hides a line on the way.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..contracts.drawing import Strokes
from .areas import Cells, cells_of, spread
from .curves import Curves
from .cutout import Landing, land
from .field import Field, colour_features, find_field, line_features
from .fills import Flats, Painted, painted
from .marks import shrink_of
from .match import Motion, similarity_at
from .near import flat, nearest, pixels, search
from .painted import paint
from .votes import motion_at

BESIDE = 6
"""px of the working size around the lines where motion is looked for, too."""

REACH = 8.0
"""px of the working size from an area within which a line may be its outline."""

SAME = 6.0
"""px of the working size by which a line may have moved otherwise than the area it is drawn on, and still be seen there."""

ASKED, EVERY, SPREAD = 40, 5, 50.0
"""Samples around each that say how it moves, every so many-th of the nearest; and px within which they count."""

OTHER, NONE = 0.1, 1e-4
"""How much those of other areas count, and for a line that belongs to no area."""

DOUBT = 0.05
"""How unlike the other key looks where a sample's area says a third as much."""

REST = (30.0, 15.0, 8.0, 8.0)
"""px by which a sample may miss what the others say and still count half; round by round."""


@dataclass(frozen=True)
class Sheet:
    """One key as areas of the working size.

    picture  the key, painted;  landed: where its pixels lie in the other key
    number   (h, w) which of the landed pixels is the nearest;  away (h, w) float32 px from the nearest area
    line     (M,) complex px, samples of its lines;  motion: where they go
    """

    picture: Painted
    cells: Cells
    landed: Landing
    number: np.ndarray
    away: np.ndarray
    line: np.ndarray
    motion: Motion

    def row(self, at: np.ndarray) -> np.ndarray:
        """(N,) the landed pixel nearest to each of complex places, px of the working size."""
        return self.number[pixels(at, self.away.shape)]

    def inside(self, at: np.ndarray) -> np.ndarray:
        """(N,) bool: in an area, or near enough to be its outline."""
        return self.away[pixels(at, self.away.shape)] <= REACH


@dataclass(frozen=True)
class Overlap:
    """What lies on top at a time, every pixel of the working size.

    places  of each key: (h, w) complex64 px, where the pixel lies in it
    level   (h, w) how high what is seen lies, -1 paper
    nearer  the key that is nearer in time;  further (h, w) bool: the other one is seen
    """

    places: tuple[np.ndarray, np.ndarray]
    level: np.ndarray
    nearer: int
    further: np.ndarray


@dataclass(frozen=True)
class Lead:
    """What the areas of two filled keys say about their lines; places are complex px of the drawing."""

    sheets: tuple[Sheet, Sheet]
    shrink: float

    def motion(self, side: int, at: np.ndarray) -> Motion:
        """Where places ``at`` (N,) on lines of key ``side`` (0, 1) go in the other key."""
        sheet, at = self.sheets[side], at * self.shrink
        pick = nearest(at, sheet.line, 1)[:, 0]
        turn = sheet.motion.turn[pick]
        return Motion((sheet.motion.to[pick] + turn * (at - sheet.line[pick])) / self.shrink, turn)

    def inside(self, side: int, at: np.ndarray) -> np.ndarray:
        """(N,) bool: places that areas say something about."""
        return self.sheets[side].inside(at * self.shrink)

    def overlap(self, time: float) -> Overlap:
        """What lies on top at ``time`` 0..1."""
        one, other = self.sheets
        both, further = paint((one.cells, other.cells), (one.landed, other.landed), time)
        places = both.first, both.last
        seen = []
        for sheet, place in zip(self.sheets, places, strict=True):
            at = pixels(place, sheet.away.shape)
            seen.append(np.where(sheet.picture.empty[at], -1, sheet.landed.level[sheet.number[at]]))
        nearer = 0 if time <= 0.5 else 1
        return Overlap(places, np.where(further, seen[1 - nearer], seen[nearer]), nearer, further)

    def covered(self, side: int, own: np.ndarray, here: np.ndarray, seen: Overlap) -> tuple[np.ndarray, np.ndarray]:
        """Of lines of key ``side`` at ``own`` (N,) that have got to ``here`` (N,): (N,) bool which a higher area hides, and
        (N,) bool which lie on what is seen of this very key."""
        sheet, own = self.sheets[side], own * self.shrink
        level = sheet.landed.level[sheet.row(own)]
        size = seen.level.shape
        y, x = pixels(here * self.shrink, size)
        mine = seen.further if side != seen.nearer else ~seen.further
        same, shown = np.zeros(len(own), bool), np.zeros(len(own), bool)
        over = np.ones(len(own), bool)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                at = np.clip(y + down, 0, size[0] - 1), np.clip(x + right, 0, size[1] - 1)
                alike = np.abs(seen.places[side][at] - own) <= SAME
                same |= alike
                shown |= alike & mine[at] & (seen.level[at] >= 0)
                over &= seen.level[at] > level
        return over & ~same, shown


def find_lead(
    strokes: tuple[Strokes, Strokes], flats: tuple[Flats, Flats], curves: tuple[Curves, Curves], size: tuple[int, int]
) -> Lead | None:
    """What the fills of two keys say about their lines; None where they are no areas to speak of, or too many.

    size (height, width) px of the drawings."""
    shrink = shrink_of(size)
    pictures = [painted(s, f, size) for s, f in zip(strokes, flats, strict=True)]
    features = [colour_features(p.lines, p.shown) for p in pictures]
    first, last = (cells_of(f, p.index, p.empty) for f, p in zip(features, pictures, strict=True))
    if first is None or last is None:
        return None
    around = np.ones((2 * BESIDE + 1,) * 2, np.uint8)
    wanted = [~p.empty | (cv2.dilate(p.lines, around) > 0) for p in pictures]
    found = find_field(features[0], features[1], wanted[0]), find_field(features[1], features[0], wanted[1])
    landed = land((first, last), found)
    return Lead(
        (
            _sheet(pictures[0], pictures[1], first, landed[0], curves[0], shrink),
            _sheet(pictures[1], pictures[0], last, landed[1], curves[1], shrink),
        ),
        shrink,
    )


def _sheet(own: Painted, other: Painted, cells: Cells, landed: Landing, curves: Curves, shrink: float) -> Sheet:
    line = curves.at * shrink
    number = np.zeros(own.empty.shape, np.int64)
    number[pixels(landed.at, number.shape)] = np.arange(1, len(landed.at) + 1)
    # Lines alone are cells too, of whatever area is the nearest: what counts is how far that is.
    away = cv2.distanceTransform((~cells.core).astype(np.uint8), cv2.DIST_L2, 5)
    number = spread(number) - 1
    at = pixels(line, number.shape)
    near = away[at] <= REACH
    row = number[at][near]
    pieces = landed.to[row] + (landed.turn[row] - 1) * line[near] - landed.turn[row] * landed.at[row], landed.turn[row]
    shift, turn = (v.astype(np.complex64) for v in pieces)
    field = Field(line[near].astype(np.complex64), shift, turn, landed.cost[row])
    to = line.copy()
    to[near] = motion_at(field, line[near], 1.0).to
    if not near.all():
        # Lines far from any fill are looked for by lines alone, as in keys that are not filled.
        wanted = np.zeros(number.shape, bool)
        wanted[at[0][~near], at[1][~near]] = True
        alone = find_field(line_features(own.lines), line_features(other.lines), wanted)
        to[~near] = motion_at(alone, line[~near], 1.0).to
    area = np.where(near, landed.area[number[at]], 0)
    trust = np.exp(-np.where(near, landed.cost[number[at]], 0) / DOUBT)
    motion = _evened(line, to, area, trust, curves.curve)
    return Sheet(own, cells, landed, number, away, line, motion)


def _evened(line: np.ndarray, to: np.ndarray, area: np.ndarray, trust: np.ndarray, curve: np.ndarray) -> Motion:
    """The motion of each sample that fits those around it best that are outlines of the same area: a limb of one even colour
    may slide along itself bit by bit, but its outline is one. Reweighted least squares."""
    apart, which = search(flat(line), flat(line), ASKED * EVERY)
    apart, which = apart[:, ::EVERY], which[:, ::EVERY]
    near = np.exp(-((apart / SPREAD) ** 2))
    # Along a line the area changes seldom: the one that most of the line around is the outline of.
    votes = (near * trust[which] * (curve[which] == curve[:, None])).astype(np.float32)
    alike = area[which][:, :, None] == area[which][:, None, :]
    most = np.einsum("mij,mj->mi", alike, votes).argmax(1)
    area = area[which[np.arange(len(line)), most]]
    weight = near * np.where(area[which] == area[:, None], 1.0, np.where(area > 0, OTHER, NONE)[:, None])
    return fitted(line, line[which], to[which], weight)


def fitted(place: np.ndarray, at: np.ndarray, to: np.ndarray, weight: np.ndarray) -> Motion:
    """The motion of (M,) places that fits their (M, K) or (1, K) neighbours ``at`` that go ``to`` best, by their ``weight``
    (M, K) and by how well they fit: reweighted least squares."""
    motion = similarity_at(place, at, to, weight)
    for reach in REST:
        rest = np.abs(motion.to[:, None] + motion.turn[:, None] * (at - place[:, None]) - to)
        motion = similarity_at(place, at, to, weight / (1 + (rest / reach) ** 2))
    return motion
