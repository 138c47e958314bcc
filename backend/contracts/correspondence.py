"""Correspondence: which point of the reference is which point of each drawing. What matchers and trackers hand to AniDoc.

Points are (x, y) in pixels of the pictures they were found in, x right, y down, with whole numbers at the middle of a
pixel (OpenCV's and the paper's convention): picture[round(y), round(x)] is the pixel under a point. Strokes count from
the picture's corner instead; take half a pixel off their coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Matches:
    """N pairs of points, one in the reference and one in a sketch. Points may lie outside the pictures.

    reference   (N, 2) float32 px, in the reference
    sketch      (N, 2) float32 px, in the sketch
    confidence  (N,) float32 0..1
    """

    reference: np.ndarray
    sketch: np.ndarray
    confidence: np.ndarray

    def __len__(self) -> int:
        return len(self.reference)


@dataclass(frozen=True)
class Tracks:
    """N points followed through F sketches.

    points   (F, N, 2) float32 px; any value where not visible
    visible  (F, N) bool; False where the point is hidden, lost, or outside the picture
    """

    points: np.ndarray
    visible: np.ndarray

    @property
    def frames(self) -> int:
        """F."""
        return self.points.shape[0]

    def __len__(self) -> int:
        return self.points.shape[1]


@dataclass(frozen=True)
class Correspondence:
    """N points of one reference, followed through the F sketches of a shot (or of one pass over a part of it).

    reference   (N, 2) float32 px, in the reference at the size the tracks' pictures have
    tracks      F x N, in the sketches
    confidence  (N,) float32 0..1; which points to prefer where there are more than the model takes
    which       index of the reference in the shot
    """

    reference: np.ndarray
    tracks: Tracks
    confidence: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    which: int = 0

    def __len__(self) -> int:
        return len(self.reference)

    def part(self, first: int, last: int) -> "Correspondence":
        """The same points in sketches ``first`` up to, not including, ``last``."""
        t = self.tracks
        return replace(self, tracks=Tracks(t.points[first:last], t.visible[first:last]))

    def chosen(self, order: np.ndarray) -> "Correspondence":
        """The points ``order`` (indices) in that order."""
        t, c = self.tracks, self.confidence
        chosen = Tracks(t.points[:, order], t.visible[:, order])
        return replace(self, reference=self.reference[order], tracks=chosen, confidence=c[order] if len(c) else c)


def no_correspondence(frames: int, which: int = 0) -> Correspondence:
    """No point at all in ``frames`` sketches."""
    empty = np.zeros((0, 2), np.float32)
    tracks = Tracks(np.zeros((frames, 0, 2), np.float32), np.zeros((frames, 0), bool))
    return Correspondence(empty, tracks, np.zeros(0, np.float32), which)


class Matcher(Protocol):
    """Finds the reference's points in one sketch."""

    name: str

    def match(self, reference: np.ndarray, sketch: np.ndarray) -> Matches:
        """``reference`` (H, W, 3) uint8 sRGB, ``sketch`` (H, W) uint8, 0 line, 255 paper."""
        ...


class Tracker(Protocol):
    """Follows points of the first sketch through the others."""

    name: str

    def track(self, sketches: Sequence[np.ndarray], points: np.ndarray) -> Tracks:
        """``sketches`` F times (H, W) uint8, 0 line, 255 paper; ``points`` (N, 2) float32 px in the first of them."""
        ...
