"""What registration looks at in a drawing: its regions, how far each pixel is from a line, how wide and large things are."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..lineart.runs import Runs, pixels_of
from .agree import Contacts
from .sample import look_up

POINTS = 96
"""Places compared for each region and guess."""

TABLED = 512
"""Regions whose places are drawn by lot in one go."""

FAR, NEAR = 24.0, 8.0
"""px of the working size. Distances to a line are compared up to FAR while searching, up to NEAR when judging."""

ON_LINES = 1500
"""Places on lines that tell how a figure moved as a whole."""

MARGIN = 10.0
"""px. How far around itself even the smallest region looks."""

AREA_SHARE = 1.0
"""How much of a region's kind is its size (log of its area over log of the picture's)."""

RIM = 3
"""px. A region this near to the picture's edge counts as outside the figure: scans are often framed by a line."""

OPEN = 0.25
"""Part of the edge of the picture that a region must hold to be what lies around the figure, or a scene's ground. What
holds less is a part of the figure that the picture cuts off, and moves with it."""


FLOW_REACH, STEP = 20.0, 4
"""px. Dense flow sees the distance to the nearest line up to the one, there is nothing to follow further inside a region;
in steps of the other: finer ones cost twice the time and change nothing that was measured."""


LEVEL, STEEP = 128, 127
"""Slopes in eight bits: what level ground is, and a slope of one more. Of bytes OpenCV looks up three times as many."""

LEVELS = (255 / NEAR, 28.0, 127.0)
"""How many levels of eight bits a px of distance, a step of width and a step of kind take."""


@dataclass(frozen=True)
class View:
    """What registration looks at, all at the working size.

    labels   (h, w) int32, region under each pixel
    distance (h, w) float32, px to the nearest line, at most FAR
    width    (h, w) uint8, how wide the region under each pixel is: log2 px of its thickness, see ``LEVELS``
    kind     (h, w) uint8, 1 where the region surrounds the figure, plus a little for its area, see ``LEVELS``
    centre   (R, 2) float32 px; spread (R,) float32, px, root mean square distance from the centre
    axis     (R,) complex64: twice the angle of the long axis as direction, its length 0 for a disc and 1 for a line
    shape    (R, 3) float32: log area, log thickness, log spread, each over 1 for a factor of e
    border   (R,) bool: what surrounds the figure, see ``OPEN``
    contacts which regions touch across a line, and where
    rows     runs that end with the row, as :meth:`.Runs.rows` has them
    """

    labels: np.ndarray
    distance: np.ndarray
    width: np.ndarray
    kind: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    axis: np.ndarray
    shape: np.ndarray
    border: np.ndarray
    contacts: Contacts
    rows: tuple[np.ndarray, np.ndarray, np.ndarray]

    def __len__(self) -> int:
        return len(self.spread)

    @cached_property
    def points(self) -> np.ndarray:
        """(R, POINTS) complex64 px: where each region is compared, see :func:`sample_points`."""
        return sample_points(self).view(np.complex64)[..., 0]

    @cached_property
    def on_lines(self) -> np.ndarray:
        """(N,) complex64 px: places on lines, ``ON_LINES`` or a little more."""
        line = np.flatnonzero(self.distance < 1)
        line = line[:: max(1, len(line) // ON_LINES)]
        width = self.distance.shape[1]
        return (line % width + 1j * (line // width)).astype(np.complex64)

    @cached_property
    def depth(self) -> np.ndarray:
        """(h, w) uint8, of every ``STEP`` px: what dense flow looks at."""
        return depth_of(self.distance)

    @cached_property
    def slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """(h, w, 3) uint8, at each of the two reaches: slopes of the distance along x and y, and itself; see :func:`felt`."""
        return _slopes(self.distance, FAR), _slopes(self.distance, NEAR)

    @cached_property
    def ground(self) -> np.ndarray:
        """(h, w, 3) uint8: distance up to NEAR, width and kind, in so many levels a unit as ``LEVELS`` says."""
        return cv2.merge([_in_levels(np.minimum(self.distance, NEAR), 0), self.width, self.kind])

    @cached_property
    def own(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the points show in their own drawing: distance up to FAR and NEAR (R, POINTS), ground (R, POINTS, 3)."""
        far = look_up(self.distance, self.points)
        return far, np.minimum(far, NEAR), look_up(self.ground, self.points)


def depth_of(distance: np.ndarray) -> np.ndarray:
    """Distances (h, w) px to the nearest line as dense flow looks at them: uint8, means of ``STEP`` px each way."""
    height, width = distance.shape
    size = max(1, width // STEP), max(1, height // STEP)
    near = (np.minimum(distance, FLOW_REACH) * (255 / FLOW_REACH)).astype(np.uint8)
    return cv2.resize(near, size, interpolation=cv2.INTER_AREA)


def view_of(boundary: np.ndarray, labels: np.ndarray, runs: Runs, count: int, touching: Contacts) -> View:
    """Make a :class:`View` from a boundary (h, w) uint8 0/1 and gapless labels (h, w) int32 of ``count`` regions, which are
    the same as ``runs`` and are ``touching`` as :func:`.agree.contacts` says."""
    away = cv2.distanceTransform(1 - boundary, cv2.DIST_L2, 3)
    rows = runs.rows()
    start, length, value = rows
    width = labels.shape[1]
    # Sums over runs: of a run of n pixels about its middle the squares add up to n (n n - 1) / 12.
    middle, row, many = start % width + (length - 1) / 2, (start // width).astype(np.float64), length.astype(np.float64)
    area = np.maximum(np.bincount(value, many, count), 1)
    cx = np.bincount(value, many * middle, count) / area
    cy = np.bincount(value, many * row, count) / area
    away_x, away_y = middle - cx[value], row - cy[value]
    xx2 = np.bincount(value, many * (away_x**2 + (many**2 - 1) / 12), count) / area
    yy2, xy = (np.bincount(value, many * part, count) / area for part in (away_y**2, away_x * away_y))
    spread = np.sqrt(np.maximum(xx2 + yy2, 1.0))
    # Twice the angle of the long axis, as long as the region is longer than broad (1 for a line, 0 for a disc).
    axis = ((xx2 - yy2) + 2j * xy) / np.maximum(xx2 + yy2, 1.0)
    thick = np.zeros(count, np.float32)
    np.maximum.at(thick, value, np.maximum.reduceat(away.ravel(), start))
    thick = np.maximum(thick, 1)
    along = np.zeros(count)
    rim = min(RIM, *(n // 4 for n in labels.shape))
    for side in (labels[rim], labels[-rim - 1], labels[:, rim], labels[:, -rim - 1]):
        along += np.bincount(side, minlength=count)
    border = along >= OPEN * 2 * sum(labels.shape)
    shape = np.stack([np.log(area), np.log(thick), np.log(spread)], 1).astype(np.float32)
    kind = border * 1.0 + AREA_SHARE * np.log(area) / np.log(area.sum())
    return View(
        labels,
        np.minimum(away, FAR),
        np.repeat(_in_levels(np.log2(thick), 1)[value], length).reshape(labels.shape),
        np.repeat(_in_levels(kind.astype(np.float32), 2)[value], length).reshape(labels.shape),
        np.stack([cx, cy], 1).astype(np.float32),
        spread.astype(np.float32),
        axis.astype(np.complex64),
        shape,
        border,
        touching,
        rows,
    )


def _in_levels(values: np.ndarray, of: int) -> np.ndarray:
    """float32 values as uint8, in so many levels a unit as ``LEVELS`` says."""
    return cv2.convertScaleAbs(values, alpha=LEVELS[of]).reshape(values.shape)


def sample_points(view: View, seed: int = 7) -> np.ndarray:
    """(R, POINTS, 2) float32 px: places in each region and in a margin around it, the same every time.

    Half lie in the region itself, half in its surroundings out to half its own size: what is beside a region tells
    it from others of its shape.
    """
    count = len(view)
    picked, aside = _chances(seed, -(-count // TABLED))
    start, length, value = view.rows
    # Sixteen bits are sorted several times faster.
    by_region = np.argsort(value.astype(np.uint16) if count <= 1 << 16 else value, kind="stable")
    order = pixels_of(start[by_region], length[by_region])
    area = np.bincount(value, length, count).astype(np.int64)
    picks = (picked[:count] * np.maximum(area, 1)[:, None]).astype(np.int64)
    picks += (np.cumsum(area) - area)[:, None]
    at = order[np.minimum(picks, len(order) - 1)]
    height, width = view.labels.shape
    row = at // width
    points = np.empty((count, POINTS, 2), np.float32)
    points[..., 0], points[..., 1] = at - row * width, row
    margin = np.clip(0.7 * view.spread, MARGIN, 24)[:, None, None]
    half = POINTS // 2
    points[:, half:] += aside[:count] * margin
    for axis, most in enumerate((width - 1, height - 1)):
        np.clip(points[..., axis], 0, most, out=points[..., axis])
    return points


@lru_cache(maxsize=2)
def _chances(seed: int, tables: int) -> tuple[np.ndarray, np.ndarray]:
    """By chance, but always the same: (R, POINTS) from 0 on below 1, and (R, POINTS / 2, 2) float32 from -1 to 1, for as many
    regions as so many ``tables`` hold."""
    random = [np.random.default_rng([seed, n]) for n in range(tables)]
    picked = [r.random((TABLED, POINTS)) for r in random]
    aside = [r.random((TABLED, POINTS - POINTS // 2, 2), np.float32) * 2 - 1 for r in random]
    return np.concatenate(picked), np.concatenate(aside)


def _slopes(distance: np.ndarray, reach: float) -> np.ndarray:
    """(h, w, 3) uint8: slopes along x and y of a distance up to ``reach``, and itself, as :func:`felt` reads them."""
    image = cv2.convertScaleAbs(np.minimum(distance, reach), alpha=255 / reach)
    scale = STEEP * reach / 255 / 8
    along = (cv2.Sobel(image, cv2.CV_8U, dx, 1 - dx, scale=scale, delta=LEVEL) for dx in (1, 0))
    return cv2.merge([*along, image])


def felt(seen: np.ndarray, reach: float) -> tuple[NDArray[np.complex64], np.ndarray]:
    """Slopes (K, M) complex64 and distances (K, M) float32 px from what a view's slopes show at places, (K, M, 3) uint8."""
    values = seen.astype(np.float32)
    slope = np.ascontiguousarray(values[..., :2])
    slope -= LEVEL
    slope *= 1 / STEEP
    return slope.view(np.complex64)[..., 0], values[..., 2] * (reach / 255)
