"""Lines and regions as a few small arrays, to be kept between the passes over a shot instead of being read twice."""

from collections.abc import Mapping

import numpy as np

from .lines import Lines
from .regions import Regions
from .runs import Runs, runs_of
from .sketch import Sketch

HALF = 128 << 24
"""Straight-alpha ink from which on it covers half a pixel."""


def pack_lines(lines: Lines) -> dict[str, np.ndarray]:
    """A drawing's lines as runs: about 50 times smaller than its pixels. What ink is fully clear loses its colour."""
    sketch, regions = lines.sketch, lines.regions
    labels = runs_of(regions.labels)
    pixels = sketch.ink.view("<u4")[..., 0]
    inked = pixels >= 1 << 24
    ink = pixels[inked]
    # Lines have few colours, in long runs; how much they cover changes from pixel to pixel.
    hue = runs_of((ink & 0xFFFFFF)[None]) if len(ink) else Runs((1, 0), np.zeros(0, np.int64), ink)
    packed = {
        "size": np.array(labels.size, np.int32),
        "labels": _small(np.diff(labels.start, prepend=0)),
        "numbers": _small(labels.value),
        "area": regions.area,
        # Lines run where ink covers half a pixel, and paper is where none run, but for faint lines and closed gaps.
        "boundary": _borders((pixels >= HALF) != (sketch.boundary > 0)),
        "paper": _borders(regions.paper == (sketch.boundary > 0)),
        "inked": _borders(inked),
        "cover": (ink >> 24).astype(np.uint8),
        "hues": hue.value,
        "hue": _small(np.diff(hue.start, prepend=0)),
    }
    if sketch.separation is not None:
        packed["separation"] = _borders(sketch.separation > 0)
    return packed


def unpack_lines(kept: Mapping[str, np.ndarray]) -> Lines:
    """The lines that :func:`pack_lines` packed."""
    height, width = (int(v) for v in kept["size"])
    size = (height, width)
    labels = Runs(size, np.cumsum(kept["labels"], dtype=np.int64), kept["numbers"].astype(np.int32)).picture()
    ink = np.zeros((*size, 4), np.uint8)
    cover = kept["cover"]
    hue = Runs((1, len(cover)), np.cumsum(kept["hue"], dtype=np.int64), kept["hues"]).picture()[0]
    ink.view("<u4").ravel()[_inside(kept["inked"], height * width)] = hue | cover.astype("<u4") << 24
    separation = _mask(kept["separation"], size).view(np.uint8) if "separation" in kept else None
    boundary = (ink.view("<u4")[..., 0] >= HALF) != _mask(kept["boundary"], size)
    paper = boundary == _mask(kept["paper"], size)
    return Lines(Sketch(boundary.view(np.uint8), ink, separation), Regions(labels, paper, kept["area"]))


def _borders(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool -> (N,) pixels: in reading order, how far it is to where it becomes True, then False, True, ..."""
    flat = mask.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return _small(np.diff(np.concatenate([[0], changes]) if flat[0] else changes, prepend=0))


def _small(numbers: np.ndarray) -> np.ndarray:
    """The same numbers from 0 on in the fewest bytes: they are packed and written for every drawing."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def _inside(borders: np.ndarray, total: int) -> np.ndarray:
    """The places where a mask of ``total`` pixels is True, in reading order."""
    edges = np.cumsum(borders, dtype=np.int64)
    edges = (np.append(edges, total) if len(edges) % 2 else edges).reshape(-1, 2)
    length = edges[:, 1] - edges[:, 0]
    shift = edges[:, 0] - (np.cumsum(length) - length)
    return np.arange(int(length.sum())) + np.repeat(shift, length)


def _mask(borders: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    lengths = np.append(borders, size[0] * size[1] - int(borders.sum(dtype=np.int64)))
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths).reshape(size)
