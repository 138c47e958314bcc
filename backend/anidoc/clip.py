"""A shot as the model sees it: sketches packed to a bit a pixel, references at its size, points chosen for each pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..contracts.correspondence import Correspondence
from .condition import binarized, control_condition
from .points import MOST_TRACKS, choose_points, heat_map, point_map


@dataclass
class ShotClip:
    """Implements ``pipeline.Clip``: gives the condition of any pass, and holds no more than a bit a pixel and frame.

    references       each (H, W, 3) uint8 sRGB at the model's size
    correspondences  one for each reference that has points, through all frames, in px of the model's picture
    reference        (N,) index of the reference each frame takes its colours from
    drawn            (N,) bool; False: the model is not shown this frame's sketch
    heat             draw points as heat maps (the paper's sparse mode) instead of single pixels
    release          choose points as the released program does, with this seed; None: as we do
    """

    height: int
    width: int
    references: Sequence[np.ndarray]
    correspondences: Sequence[Correspondence] = ()
    heat: bool = False
    release: int | None = None
    _packed: list[np.ndarray] = field(default_factory=list)
    reference: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    drawn: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))

    @property
    def frames(self) -> int:
        """How many sketches there are."""
        return len(self._packed)

    def add(self, sketch: np.ndarray) -> None:
        """One more sketch, (H, W) uint8 grey at the model's size; it is binarized."""
        self._packed.append(np.packbits(binarized(sketch) > 0))

    def sketch(self, frame: int) -> np.ndarray:
        """(H, W) uint8, 0 line, 255 paper."""
        bits = np.unpackbits(self._packed[frame], count=self.height * self.width)
        return (bits * np.uint8(255)).reshape(self.height, self.width)

    def reference_of(self, frame: int) -> int:
        """The reference a frame takes its colours from."""
        return int(self.reference[frame]) if len(self.reference) else 0

    def condition(self, first: int, last: int) -> np.ndarray:
        """The control condition of a pass, (F, 8, H, W) float32."""
        which = np.array([self.reference_of(f) for f in range(first, last)])
        shape = (last - first, self.height, self.width)
        reference_maps, frame_maps = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for number in np.unique(which):
            part = self._points(int(number), first, last)
            if part is None:
                continue
            still = point_map(part.reference, self.width, self.height)
            for i in np.flatnonzero(which == number):
                reference_maps[i] = still
                seen = part.tracks.points[i], self.width, self.height, part.tracks.visible[i]
                frame_maps[i] = heat_map(*seen) if self.heat else point_map(*seen)
        sketches = np.stack([self.sketch(f) for f in range(first, last)])
        pictures = (
            self.references[which[0]] if (which == which[0]).all() else np.stack([self.references[w] for w in which])
        )
        drawn = self.drawn[first:last] if len(self.drawn) else None
        return control_condition(sketches, pictures, reference_maps, frame_maps, "tracking", drawn)

    def _points(self, number: int, first: int, last: int) -> Correspondence | None:
        """The points of a reference that a pass is shown, numbered in their order."""
        for points in self.correspondences:
            if points.which == number and len(points):
                part = points.part(first, last)
                if self.release is not None:
                    return _as_released(part, self.width, self.height, self.release)
                return part.chosen(choose_points(part, self.width, self.height))
        return None


def _as_released(points: Correspondence, width: int, height: int, seed: int) -> Correspondence:
    """Up to fifty pairs at random, of these up to ten that move, by chance and motion: a still shot keeps none."""
    from .release import choose_pairs, choose_tracks

    numbers = np.arange(len(points))[:, None].repeat(2, 1)
    drawn = choose_pairs(numbers, numbers, len(points), len(points), seed)[0][:, 0]
    part = points.chosen(drawn)
    t = part.tracks
    kept = choose_tracks(np.arange(len(part)), t.points, t.visible, width, height, MOST_TRACKS, seed)
    return part.chosen(kept.reference)


def best_references(correspondences: Sequence[Correspondence], frames: int, references: int) -> np.ndarray:
    """(N,) which reference each frame takes its colours from: the one most of whose points are seen, surest first.

    A frame without points takes that of the nearest frame that has some; without any at all it is the first.
    """
    votes = np.zeros((frames, max(1, references)), np.float64)
    for points in correspondences:
        if len(points):
            sure = points.confidence if len(points.confidence) else np.ones(len(points))
            votes[:, points.which] += (points.tracks.visible * sure).sum(axis=1)
    known = np.flatnonzero(votes.max(axis=1) > 0)
    if not len(known):
        return np.zeros(frames, np.int64)
    nearest = known[np.abs(known[None] - np.arange(frames)[:, None]).argmin(axis=1)]
    return votes.argmax(axis=1)[nearest]
