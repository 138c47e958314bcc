"""Whether a coloured picture lies on a drawing's lines: pictures given in the wrong order are noticed by it."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..contracts.errors import AniDocError

NEAR = 4.0
"""px at the working size. An edge of colour this near to a line, or a line to an edge, belongs to it."""

BETTER = 0.8
"""What part of the worse-placed pictures' misfit may be left with exchanged pictures. 27 pairs of the open clips kept at least 1.6
times theirs in their own order, and at most 0.66 in the other."""

FAR = 0.05
"""What misfits must differ by: below, the drawings are too much alike to say."""


def require_own(lines: Sequence[np.ndarray], edge: Sequence[np.ndarray]) -> None:
    """Raise ``AniDocError`` where two coloured pictures were given in the wrong order: each of two ``edge`` maps lies on the
    other one of two drawings' ``lines``, (H, W) uint8 0/1 each, clearly better than both on their own."""
    if exchanged((lines[0], lines[1]), (edge[0], edge[1])):
        raise AniDocError(
            "The coloured drawings are exchanged: each lies on the lines of the other drawing.",
            "Give the first drawing's colours as --from-color and the second's as --to-color.",
        )


def edges(picture: np.ndarray) -> np.ndarray:
    """(H, W) uint8, 1 on both sides of each change between flats: (H, W) of numbers, or (H, W, 4) uint8."""
    flat = np.ascontiguousarray(picture).view(np.uint32)[..., 0] if picture.ndim == 3 else picture
    out = np.zeros(flat.shape, np.uint8)
    across, down = flat[:, 1:] != flat[:, :-1], flat[1:] != flat[:-1]
    out[:, 1:] |= across
    out[:, :-1] |= across
    out[1:] |= down
    out[:-1] |= down
    return out


def misfit(lines: np.ndarray, edge: np.ndarray, near: float = NEAR) -> tuple[float, float]:
    """What part of ``lines`` is further than ``near`` px from any ``edge``, and of edges from any line; (H, W) uint8 0/1
    each, neither empty."""
    return _far(lines, edge, near), _far(edge, lines, near)


def exchanged(lines: tuple[np.ndarray, np.ndarray], edge: tuple[np.ndarray, np.ndarray]) -> bool:
    """Whether the first picture's edges lie on the second drawing's lines and the second's on the first's, clearly better
    than each on its own. (H, W) uint8 0/1 each."""
    if not all(mask.any() for mask in (*lines, *edge)):
        return False
    own = [sum(misfit(lines[i], edge[i])) for i in (0, 1)]
    other = [sum(misfit(lines[i], edge[1 - i])) for i in (0, 1)]
    return all(o < min(BETTER * s, s - FAR) for o in other for s in own)


def _far(these: np.ndarray, those: np.ndarray, near: float) -> float:
    away = cv2.distanceTransform(1 - those, cv2.DIST_L2, 3)
    return float(np.count_nonzero(away[these > 0] > near) / max(np.count_nonzero(these), 1))
