"""Whether a key lies on the lines of the sketch it is given for: a wrong NAME is soon typed, and colours the whole shot wrong."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from ..contracts.errors import PictureError
from ..inbetween.fit import misfit
from ..lineart.sketch import ink_fraction, line_mask
from ..pictures.read import read_picture
from .sketches import Request

WORKING = 150_000
"""px. Pictures are compared at no more than this size."""

APART = 24
"""8-bit levels in some channel between neighbours that are an edge of colour; JPEG's noise is below."""

LINES, EDGES = 0.1, 0.1
"""What part of a drawing's lines lies far from any edge of its key's colours, and the other way round, from which the other
sketches are looked at. Keys of nine open clips have at most 0.17 and 0.08, those of another drawing mostly 0.2 to 0.5 of each."""

BETTER = 0.5
"""Part of that misfit below which another sketch is the key's own, or one that looks like it."""

NOWHERE = 0.3
"""What part of both lies far where the key belongs to no sketch at all."""

EXACT = 1.0
"""px at the working size. Of sketches that fit better, the one with most within this is named."""


def doubt_keys(request: Request, names: Sequence[str]) -> None:
    """Say on stderr which keys were given for another sketch than they lie on. ``names``: all sketches, in order."""
    for name, path in request.keys:
        edge = _read(path, _edges)
        own = _read(request.sketches / name, _lines)
        if edge is None or own is None or edge.shape != own.shape or not (edge.any() and own.any()):
            continue  # pictures that cannot be used are told by the run
        lines_far, edges_far = misfit(own, edge)
        if min(lines_far / LINES, edges_far / EDGES) < 1:
            continue
        limit = BETTER * (lines_far + edges_far)
        others = [n for n in names if n != name]
        if found := min(_better(request.sketches, edge, others, limit), default=(0.0, ""))[1]:
            print(
                f"anidoc: The key {path} lies better on the lines of {found} than on those of {name}. "
                f"If that is not meant, give it as --key {found}={path}.",
                file=sys.stderr,
            )
        elif min(lines_far, edges_far) > NOWHERE:
            print(
                f"anidoc: The key {path} does not lie on the lines of {name}. If it is no coloured version of just that "
                "drawing, give it with --reference.",
                file=sys.stderr,
            )


def _better(folder: Path, edge: np.ndarray, names: Sequence[str], limit: float) -> Iterator[tuple[float, str]]:
    """Sketches whose misfit with a key's edges lies below ``limit``: how many do not lie on them to the pixel, and the name."""
    for name in names:
        lines = _read(folder / name, _lines)
        if lines is None or lines.shape != edge.shape or not lines.any():
            continue
        if sum(misfit(lines, edge)) < limit:
            yield sum(misfit(lines, edge, EXACT)), name


def _read(path: Path, as_what: Callable[[np.ndarray], np.ndarray]) -> np.ndarray | None:
    try:
        return as_what(read_picture(path.read_bytes(), path.name))
    except (OSError, PictureError):
        return None


def _lines(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 line art -> (h, w) uint8, 1 on lines, at the working size."""
    mask = line_mask(ink_fraction(picture)) * 255
    return (cv2.resize(mask, _size(mask), interpolation=cv2.INTER_AREA) > 40).astype(np.uint8)


def _edges(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 colours -> (h, w) uint8, 1 on both sides of where they change, at the working size."""
    small = cv2.resize(picture, _size(picture), interpolation=cv2.INTER_NEAREST)
    small[small[..., 3] < 128] = 0
    out = np.zeros(small.shape[:2], np.uint8)
    across = (cv2.absdiff(small[:, 1:], small[:, :-1]) > APART).any(2)
    down = (cv2.absdiff(small[1:], small[:-1]) > APART).any(2)
    out[:, 1:] |= across
    out[:, :-1] |= across
    out[1:] |= down
    out[:-1] |= down
    return out


def _size(picture: np.ndarray) -> tuple[int, int]:
    """(width, height) px at which a picture is compared."""
    height, width = picture.shape[:2]
    shrink = min(1.0, (WORKING / (height * width)) ** 0.5)
    return max(1, round(width * shrink)), max(1, round(height * shrink))
