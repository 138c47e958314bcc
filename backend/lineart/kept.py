"""Lines and regions as a few small arrays, to be kept between the passes over a shot instead of being read twice."""

from collections.abc import Mapping

import numpy as np

from .lengths import borders_of, coded, ends, inside, pack_picture, places, turned, unpack_picture
from .lines import Lines
from .regions import Regions
from .runs import Runs
from .sketch import Ink, Sketch

SOLID = 255
"""Ink that covers a pixel whole, as most of it does."""


def pack_lines(lines: Lines) -> dict[str, np.ndarray]:
    """A drawing's lines as runs: about 40 times smaller than its pixels."""
    sketch, regions = lines.sketch, lines.regions
    where, ink = sketch.ink.where, sketch.ink.pixels
    cover = (ink >> 24).astype(np.uint8)
    solid = cover == SOLID
    # Lines have few colours, in long runs; how much they cover changes from pixel to pixel.
    hue = pack_picture((ink & 0xFFFFFF)[None]) if len(ink) else {"runs": np.zeros(0, np.uint8), "values": ink}
    unlike = np.zeros_like(sketch.boundary)
    unlike.ravel()[where] = cover >> 7
    unlike ^= sketch.boundary
    packed = {
        "size": np.array(sketch.boundary.shape, np.int32),
        "labels": coded(np.diff(regions.runs.start, prepend=0)),
        "numbers": _small(regions.runs.value),
        "area": regions.area,
        # Lines run where ink covers half a pixel, and paper is where none run, but for faint lines and closed gaps.
        "boundary": _few(unlike),
        "paper": _few(regions.paper.view(np.uint8) == sketch.boundary),
        "inked": borders_of(where, sketch.boundary.size),
        "solid": np.packbits(solid),
        "cover": cover[~solid],
        "hues": hue["values"],
        "hue": hue["runs"],
    }
    if sketch.separation is not None:
        packed["separation"] = _few(sketch.separation)
    return packed


def unpack_lines(kept: Mapping[str, np.ndarray]) -> Lines:
    """The lines that :func:`pack_lines` packed."""
    height, width = (int(v) for v in kept["size"])
    size = (height, width)
    labels = Runs(size, ends(kept["labels"]), kept["numbers"].astype(np.int32))
    where = inside(kept["inked"], height * width)
    solid = np.unpackbits(kept["solid"], count=len(where)).view(bool)
    cover = np.full(len(where), SOLID, np.uint8)
    cover[np.flatnonzero(~solid)] = kept["cover"]
    ink = cover.astype("<u4")
    if len(where):
        ink <<= 24
        ink |= unpack_picture(np.array([1, len(where)]), kept["hue"], kept["hues"])[0]
    boundary = np.zeros(size, np.uint8)
    boundary.ravel()[where] = cover >> 7
    turned(boundary, kept["boundary"])
    paper = turned(boundary ^ 1, kept["paper"]).view(bool)
    separation = turned(np.zeros(size, np.uint8), kept["separation"]) if "separation" in kept else None
    return Lines(Sketch(boundary, Ink(size, where, ink), separation), Regions(labels, paper, kept["area"]))


def _few(mask: np.ndarray) -> np.ndarray:
    """:func:`borders` of a mask that is True at few pixels."""
    return borders_of(places(mask), mask.size)


def _small(numbers: np.ndarray) -> np.ndarray:
    """The same numbers from 0 on in the fewest bytes: they are packed and written for every drawing."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
