"""Whether a key lies on the lines of the drawing it is given for: a wrong name or frame colours the whole shot wrong."""

from collections.abc import Iterable

import cv2
import numpy as np

from ..cel.look import working_size
from ..contracts.messages import Doubt
from ..inbetween.fit import misfit

WORKING = 150_000
"""px. Pictures are compared at no more than this size."""

APART = 24
"""8-bit levels in some channel between neighbours that are an edge of colour; JPEG's noise is below."""

LINES, EDGES = 0.1, 0.1
"""What part of a drawing's lines lies far from any edge of its key's colours, and the other way round, from which the other
drawings are looked at. Keys of nine open clips have at most 0.17 and 0.08, those of another drawing mostly 0.2 to 0.5 of each."""

BETTER = 0.5
"""Part of that misfit below which another drawing is the key's own, or one that looks like it."""

NOWHERE = 0.3
"""What part of both lies far where the key belongs to no drawing at all."""

EXACT = 1.0
"""px at the working size. Of drawings that fit better, the one with most within this is named."""


def suspicious(key: np.ndarray, lines: np.ndarray) -> bool:
    """Whether a key, (H, W, 4) uint8, lies beside its drawing's ``lines``, (H, W) uint8 1 on lines. A few milliseconds."""
    edge, own = _edges(key), _small(lines)
    return edge.shape == own.shape and bool(edge.any() and own.any()) and _beside(*misfit(own, edge))


def doubt(
    key: np.ndarray, name: str, drawing: str, lines: np.ndarray, others: Iterable[tuple[str, str, np.ndarray]]
) -> Doubt | None:
    """What to say of a suspicious key called ``name`` that was given for ``drawing`` (its name) with these ``lines``.

    ``others``: the shot's other drawings, each with its id, its name and its lines (H, W) uint8. None: nothing.
    """
    edge, own = _edges(key), _small(lines)
    lines_far, edges_far = misfit(own, edge)
    better = BETTER * (lines_far + edges_far)
    _, found, called = min(_lying_better(edge, others, better), default=(0.0, "", ""))
    if found:
        return Doubt(
            "",
            f"The key {name} lies better on the lines of {called} than on those of {drawing}.",
            f"If that is not meant, let it colour {called}.",
            key=name,
            drawing=found,
        )
    if min(lines_far, edges_far) > NOWHERE:
        return Doubt(
            "",
            f"The key {name} does not lie on the lines of {drawing}.",
            "If it is no coloured version of just that drawing, give it as a reference instead.",
            key=name,
        )
    return None


def _beside(lines_far: float, edges_far: float) -> bool:
    return min(lines_far / LINES, edges_far / EDGES) >= 1


def _lying_better(
    edge: np.ndarray, others: Iterable[tuple[str, str, np.ndarray]], limit: float
) -> Iterable[tuple[float, str, str]]:
    """Drawings whose misfit with a key's edges lies below ``limit``: how many do not lie on them to the pixel, id and name."""
    for drawing, name, mask in others:
        lines = _small(mask)
        if lines.shape == edge.shape and lines.any() and sum(misfit(lines, edge)) < limit:
            yield sum(misfit(lines, edge, EXACT)), drawing, name


def _small(lines: np.ndarray) -> np.ndarray:
    """(H, W) uint8, 1 on lines -> (h, w) uint8 of the same, at the working size."""
    return (cv2.resize(lines * 255, _size(lines), interpolation=cv2.INTER_AREA) > 40).astype(np.uint8)


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
    height, width = working_size(picture.shape[0], picture.shape[1], WORKING)
    return width, height
