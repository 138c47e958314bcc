"""How many regions got their true colour: scores of a coloured clip against the truth.

Acc      % of the truth's regions whose predicted median colour is within ``NEAR`` of the true one, background left out
AccT     the same of regions of at least ``LARGE`` px
PixAcc   % of region pixels within ``NEAR``
Flicker  mean change from drawing to drawing, in 8-bit levels, where the truth stands still
Exact    % of coloured pixels off the lines that bear, to the bit, a colour of the given pictures
Colours  different colours among those pixels, a drawing

Drawings whose colours were given are not scored.
"""

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields

import cv2
import numpy as np

from ..cel.palette import to_lab
from ..lineart.white import over_white
from .clips import Clip, Task, read

NEAR = 6.0
"""CIE76 (Lab) within which two colours are the same to the eye of a paint checker."""

LARGE = 100
"""px"""

SOLID = 25
"""px. A colour belongs to the given pictures if it covers this many connected pixels."""

STILL = 2
"""8-bit levels within which the truth stands still."""

WHITE = 0xFFFFFF


@dataclass(frozen=True)
class Scores:
    """Percentages 0..100; flicker in 8-bit levels; colours a drawing."""

    acc: float
    acc_t: float
    pix_acc: float
    flicker: float
    exact: float
    colours: float


NAMES = {
    "acc": "Acc",
    "acc_t": "AccT",
    "pix_acc": "PixAcc",
    "flicker": "Flicker",
    "exact": "Exact",
    "colours": "Colours",
}


def mean(scores: Iterable[Scores]) -> Scores:
    """The mean over clips; every clip counts the same."""
    return Scores(*np.mean([astuple(s) for s in scores], axis=0).tolist())


@dataclass(frozen=True)
class Judged:
    """One drawing judged. right, size (K,) by region number: got its colour; px (0: not scored).

    near px of regions within ``NEAR``; exact, inside px; colours count
    """

    right: np.ndarray
    size: np.ndarray
    near: int
    exact: int
    inside: int
    colours: int


def code(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 sRGB -> (H, W) int64 0xBBGGRR."""
    return picture.astype(np.int64) @ np.array([1, 1 << 8, 1 << 16])


def solid_colours(picture: np.ndarray) -> set[int]:
    """Codes of the colours that cover ``SOLID`` connected pixels of (H, W, 3) uint8, and white."""
    codes = code(picture)
    values, counts = np.unique(codes, return_counts=True)
    found = {WHITE}
    for value in values[counts >= SOLID].tolist():
        stats = cv2.connectedComponentsWithStats((codes == value).astype(np.uint8), connectivity=4)[2]
        if len(stats) > 1 and stats[1:, cv2.CC_STAT_AREA].max() >= SOLID:
            found.add(value)
    return found


def scored(regions: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels of regions without the background, the largest region that reaches the picture's edge."""
    rim = np.unique(np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]]))
    rim = rim[rim > 0]
    live = regions > 0
    if len(rim):
        size = np.bincount(regions.ravel())
        live &= regions != rim[np.argmax(size[rim])]
    return live


def medians(values: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """(count, C) float32: the median of (N, C) float32 values of each label (N,); NaN where a label has none."""
    out = np.full((count, values.shape[1]), np.nan, np.float32)
    size = np.bincount(labels, minlength=count)
    start = np.cumsum(size) - size
    some = size > 0
    low, high = (start + (size - 1) // 2)[some], (start + size // 2)[some]
    for channel in range(values.shape[1]):
        ranked = values[np.lexsort((values[:, channel], labels)), channel]
        out[some, channel] = (ranked[low] + ranked[high]) / np.float32(2)
    return out


def judge(truth: np.ndarray, predicted: np.ndarray, regions: np.ndarray, inked: np.ndarray, known: set[int]) -> Judged:
    """Judge one drawing. truth, predicted (H, W, 3) uint8; regions (H, W) int; inked (H, W) bool; known colour codes."""
    live = scored(regions)
    labels, count = regions[live], int(regions.max()) + 1
    true, ours = to_lab(truth)[live], to_lab(predicted)[live]
    close = np.linalg.norm(true - ours, axis=1) < NEAR
    apart = np.linalg.norm(medians(true, labels, count) - medians(ours, labels, count), axis=1)
    codes = code(predicted)
    inside = cv2.dilate(inked.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    colours = codes[inside & (codes != WHITE)]
    return Judged(
        right=apart < NEAR,
        size=np.bincount(labels, minlength=count),
        near=int(close.sum()),
        exact=int(np.isin(colours, list(known)).sum()),
        inside=len(colours),
        colours=len(np.unique(colours)),
    )


def score(
    clip: Clip, task: Task, predicted: Callable[[int], np.ndarray], judged: dict[int, Judged] | None = None
) -> Scores:
    """The scores of a clip. ``predicted(number)`` gives (H, W, 4) uint8; ``judged`` collects each scored drawing's."""
    given = clip.given(task)
    sources = [clip.truth(n) for n in given] or [over_white(read(path)) for path in clip.references]
    known = set[int]().union(*(solid_colours(picture) for picture in sources))
    found: dict[int, Judged] = {} if judged is None else judged
    changes, still_px = 0.0, 0
    before: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    for number in range(len(clip.names)):
        truth, regions = clip.truth(number), clip.regions(number)
        ours = fitted(over_white(predicted(number)), truth.shape[:2])
        live = scored(regions)
        if before is not None and not {number - 1, number} <= set(given):
            still = (np.abs(truth.astype(int) - before[0]).max(2) <= STILL) & live & before[2]
            changes += float(np.abs(ours.astype(int) - before[1]).mean(2)[still].sum())
            still_px += int(still.sum())
        before = truth.astype(int), ours.astype(int), live
        if number not in given:
            found[number] = judge(truth, ours, regions, clip.inked(number), known)
    each = list(found.values())
    if not each:
        return Scores(*(float("nan") for _ in fields(Scores)))
    right, size = np.concatenate([j.right for j in each]), np.concatenate([j.size for j in each])
    return Scores(
        acc=_percent(right[size > 0].sum(), (size > 0).sum()),
        acc_t=_percent(right[size >= LARGE].sum(), (size >= LARGE).sum()),
        pix_acc=_percent(sum(j.near for j in each), size.sum()),
        flicker=changes / max(still_px, 1),
        exact=_percent(sum(j.exact for j in each), sum(j.inside for j in each)),
        colours=float(np.mean([j.colours for j in each])),
    )


def _percent(part: float, whole: float) -> float:
    return 100 * float(part) / max(float(whole), 1.0)


def fitted(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8 at the truth's size (height, width)."""
    return picture if picture.shape[:2] == size else cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
