"""Passes: the overlapping stretches of a clip that the model sees at once, and how their answers are joined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

PASS = 14
"""Frames that the released weights were trained to see at once."""
OVERLAP = 4
"""Frames that neighbouring passes share."""
DECODE_CHUNK = 8
"""Frames that the released program decodes at once; another number gives another picture."""
DECODE_OVERLAP = 3
"""Frames that neighbouring chunks of a long clip share; they are faded over."""


@dataclass(frozen=True)
class Settings:
    """How to sample.

    steps            denoising steps
    guidance         of the first and of the last frame; between them it rises evenly
    control          how much the control network counts; 1 as trained
    length, overlap  frames in a pass, and frames that neighbouring passes share
    decode_chunk     frames decoded at once
    cache_every      1: every step computes everything; n: only every n-th step computes the networks' deep part
    """

    steps: int = 25
    guidance: tuple[float, float] = (1.0, 3.0)
    control: float = 1.0
    length: int = PASS
    overlap: int = OVERLAP
    decode_chunk: int = DECODE_CHUNK
    cache_every: int = 1


_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Pass:
    """Frames ``first`` up to, not including, ``last``; how much each counts where passes overlap, (last - first,)."""

    first: int
    last: int
    weight: np.ndarray


def passes(frames: int, length: int = PASS, overlap: int = OVERLAP, step: int = 0) -> list[Pass]:
    """The passes over a clip at one denoising step. A clip that fits into one pass is one pass.

    Where passes meet moves from step to step (by the golden ratio, so that no frame is a border twice in a row), hence
    no frame is one in the picture.
    """
    if frames <= length:
        return [Pass(0, frames, np.ones(frames))]
    overlap = max(1, min(overlap, length - 1))
    stride = length - overlap
    shift = int(stride * ((step * _GOLDEN) % 1.0))
    last = frames - length
    starts = sorted({0, last, *range(shift, last, stride)})
    return [Pass(s, s + length, _faded(length, overlap)) for s in starts]


def _faded(length: int, overlap: int) -> np.ndarray:
    """Rises over the shared frames, and falls."""
    place = np.arange(length)
    return np.minimum(np.minimum(place + 1, length - place), overlap + 1) / (overlap + 1)


def most_passes(frames: int, length: int, overlap: int, steps: int) -> int:
    """How many passes there are in ``steps`` steps: what progress is counted in."""
    return sum(len(passes(frames, length, overlap, step)) for step in range(steps))


def chunks(frames: int, chunk: int = DECODE_CHUNK, length: int = PASS, overlap: int = DECODE_OVERLAP) -> list[Pass]:
    """The stretches that are decoded at once: side by side as released where the clip is one pass, else overlapping."""
    chunk = max(1, chunk)
    if frames <= max(length, chunk) or chunk <= overlap + 1:
        return [Pass(s, min(s + chunk, frames), np.ones(min(chunk, frames - s))) for s in range(0, frames, chunk)]
    starts = sorted({frames - chunk, *range(0, frames - chunk, chunk - overlap)})
    return [Pass(s, s + chunk, _faded(chunk, overlap)) for s in starts]


def joined(stretches: Sequence[Pass], pictures: Iterator[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """Frame after frame, (number, picture), from the stretches' pictures (F, ...), faded over where they overlap.

    Holds no more than one stretch and what it shares with the next.
    """
    waiting: dict[int, tuple[np.ndarray, float]] = {}
    for n, (stretch, made) in enumerate(zip(stretches, pictures, strict=True)):
        for i, picture in enumerate(made):
            weight = float(stretch.weight[i])
            sum_, total = waiting.get(stretch.first + i, (0.0, 0.0))
            waiting[stretch.first + i] = (sum_ + picture * weight, total + weight)
        following = stretches[n + 1].first if n + 1 < len(stretches) else stretch.last
        for frame in sorted(f for f in waiting if f < following):
            sum_, total = waiting.pop(frame)
            yield frame, sum_ / total if total != 1.0 else sum_
