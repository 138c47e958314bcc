"""What the solver knows of a drawing: its regions and lines at a working size, small enough to keep for every drawing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ..lineart.lengths import borders, coded, ends, places, turned
from ..lineart.lines import Lines
from ..lineart.regions import Regions
from ..lineart.runs import Runs
from .agree import Contacts, contacts, meetings
from .view import View, view_of

WORKING, BESIDE_SHEETS = 320_000, 360_000
"""px. Drawings are compared at no more than this size (754 x 424 of a 16:9 frame), or the other (800 x 450) where design sheets
are given: what the sheets' matcher has learned was seen at that. Painting is always at full size (docs/cel-engine.md)."""


COVERED = 70
"""Of 255: a pixel at the working size is line where lines cover more of it."""

THINNED = ((4, 16_000), (2, 1_000), (1, 0))
"""Of regions of at least so many px only every so many columns of every so many rows are looked at where colours and
overlaps are counted."""


@dataclass(frozen=True)
class Sample:
    """Pixels that stand for a drawing's paper: flat numbers (N,) int64, the region of each (N,) int64, and for how many px
    each one of a region stands, (R,) int64."""

    place: np.ndarray
    label: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class Look:
    """A drawing at the working size.

    boundary (h, w) uint8 0/1; paper (h, w) bool; runs of (h, w) int32, numbers of the full-size regions;
    area (R,) px of paper at the working size, of all regions (some may be too small to show here); touching: their
    ``contacts``, where these are known
    """

    boundary: np.ndarray
    paper: np.ndarray
    runs: Runs
    area: np.ndarray
    touching: Contacts | None = None

    @property
    def count(self) -> int:
        """Regions in all."""
        return len(self.area)

    @cached_property
    def labels(self) -> np.ndarray:
        """(h, w) int32: the region of each pixel."""
        return self.runs.picture()

    def each(self, values: np.ndarray) -> np.ndarray:
        """(h, w): of each pixel what ``values`` (R,) say of its region. By runs, which is quicker than pixel by pixel."""
        return np.repeat(values.take(self.runs.value), self.runs.length).reshape(self.runs.size)

    def fill(self, picture: np.ndarray, regions: np.ndarray, values: np.ndarray) -> None:
        """Give the ``regions`` (R,) bool of a ``picture`` (h, w) uint8 one of the ``values`` (R,) each, in place."""
        cv2.copyTo(self.each(values.astype(np.uint8)), self.each(regions).view(np.uint8), picture)

    @cached_property
    def sample(self) -> Sample:
        """Enough pixels of each region to count by."""
        every = np.zeros(self.count, np.uint8)
        for step, least in reversed(THINNED):
            every[self.area >= least] = step
        thinned, shown = self.each(every), np.zeros(self.labels.shape, bool)
        for step, _ in THINNED:
            thin = (slice(step // 2, None, step),) * 2
            shown[thin] |= self.paper[thin] & (thinned[thin] == step)
        place = places(shown)
        return Sample(place, self.labels.ravel()[place].astype(np.int64), every.astype(np.int64) ** 2)

    def view(self) -> View:
        """For registration; not kept, because it is ten times as large."""
        return view_of(self.boundary, self.labels, self.runs, self.count, self.contacts)

    @cached_property
    def met(self) -> tuple[np.ndarray, np.ndarray]:
        """Where regions meet, as :func:`.agree.meetings` has it."""
        return meetings(self.labels)

    @cached_property
    def contacts(self) -> Contacts:
        """Which regions touch across a line, and where."""
        return self.touching or contacts(self.labels, met=self.met)

    @cached_property
    def _steps(self) -> np.ndarray:
        return steps(self.labels, self.paper)

    def tally(self, values: np.ndarray, columns: int) -> np.ndarray:
        """(R, columns) int64: how often each of so many ``values`` (h, w) uint8 occurs on the paper of each region."""
        return tally(self.labels, values, self.paper, self.count, columns, self._steps)


def working_size(height: int, width: int, most: int) -> tuple[int, int]:
    """(height, width) at which drawings of this size are compared: ``most`` px."""
    scale = min(1.0, (most / (height * width)) ** 0.5)
    return max(1, round(height * scale)), max(1, round(width * scale))


def shrink(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Nearest samples of (H, W, ...) at the centres of a (h, w) grid; nothing is mixed."""
    rows, columns = _centres(picture.shape[0], size[0]), _centres(picture.shape[1], size[1])
    return picture.take(rows, 0).take(columns, 1)


def shrunk(regions: Regions, size: tuple[int, int]) -> Runs:
    """The regions' labels as :func:`shrink` has them, of (h, w) px."""
    if regions.runs.size == size:
        return regions.runs
    return regions.runs.samples(*(_centres(full, small) for full, small in zip(regions.runs.size, size, strict=True)))


def _centres(full: int, small: int) -> np.ndarray:
    """(small,) int64: the pixels nearest to the centres of so many parts of ``full`` pixels."""
    return ((np.arange(small) + 0.5) * full / small).astype(np.intp)


def steps(*pictures: np.ndarray) -> np.ndarray:
    """(N - 1,) bool: which pixels of pictures of N pixels differ in any of them from the one before."""
    first, *others = (picture.ravel() for picture in pictures)
    new = first[1:] != first[:-1]
    for other in others:
        new |= other[1:] != other[:-1]
    return new


def tally(
    labels: np.ndarray,
    values: np.ndarray,
    counted: np.ndarray,
    rows: int,
    columns: int,
    known: np.ndarray | None = None,
) -> np.ndarray:
    """(rows, columns) int64: how often each (label, value) pair occurs where ``counted``; all inputs of one shape.

    Counted by runs of equal pixels; ``known``: the :func:`steps` of labels and counted, for who asks often.
    """
    new = steps(values)
    new |= steps(labels, counted) if known is None else known
    start = np.append(0, places(new) + 1)
    length = np.diff(start, append=values.size)
    kept = counted.ravel().take(start)
    start, length = start.compress(kept), length.compress(kept)
    code = labels.ravel().take(start) * np.intp(columns) + values.ravel().take(start)
    return np.bincount(code, length, rows * columns).astype(np.int64).reshape(rows, columns)


def look_at(lines: Lines, most: int = BESIDE_SHEETS) -> Look:
    """Make a :class:`Look` of ``most`` px from full-size lines."""
    full = lines.sketch.boundary
    height, width = full.shape
    size = working_size(height, width, most)
    regions = lines.regions
    labels = shrunk(regions, size)
    if size == full.shape:
        boundary, paper = full, regions.paper
    else:
        boundary = (_cover(full, size) > COVERED).astype(np.uint8)
        paper = shrink(regions.paper, size)
    shown = labels.picture()
    area = tally(shown, np.zeros(size, np.uint8), paper, len(regions), 1)[:, 0]
    return Look(boundary, paper, labels, area)


def _cover(boundary: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w) uint8: how much of each pixel of a smaller picture the lines (H, W) uint8 0/1 cover, 255 whole."""
    cover = boundary * 255
    # To halves it goes twenty times as fast as to anything else.
    while cover.shape[0] >= 2 * size[0] and cover.shape[1] >= 2 * size[1]:
        cover = cv2.resize(cover, (cover.shape[1] // 2, cover.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return cv2.resize(cover, size[::-1], interpolation=cv2.INTER_AREA)


def pack(look: Look) -> dict[str, np.ndarray]:
    """A look as plain arrays for a store: regions and lines as runs, and what touches."""
    return {
        "size": np.array(look.runs.size, np.int32),
        "runs": coded(np.diff(look.runs.start, prepend=0)),
        "values": look.runs.value.astype(np.uint16 if look.count < 65536 else np.int32),
        "area": look.area.astype(np.int32),
        "pairs": look.contacts.pairs,
        "at": look.contacts.at,
        "length": look.contacts.length,
        "boundary": borders(look.boundary > 0),
        # Paper is where no lines are, but for closed gaps and what is thinner than a pixel here.
        "paper": borders(look.paper == (look.boundary > 0)),
    }


def unpack(kept: Mapping[str, np.ndarray]) -> Look:
    """The look that :func:`pack` packed."""
    height, width = (int(v) for v in kept["size"])
    labels = Runs((height, width), ends(kept["runs"]), kept["values"].astype(np.int32))
    boundary = turned(np.zeros((height, width), np.uint8), kept["boundary"])
    paper = turned(boundary ^ 1, kept["paper"]).view(bool)
    touching = Contacts(kept["pairs"], kept["at"], kept["length"])
    return Look(boundary, paper, labels, kept["area"].astype(np.int64), touching)
