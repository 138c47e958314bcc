"""Regions that an engine is not sure of, outlined on a coloured drawing, and areas left open, hatched."""

from pathlib import Path

import cv2
import numpy as np

from ..contracts.errors import AniDocError
from ..contracts.files import inside
from ..contracts.jobfolder import CERTAINTY
from .read import read_picture

DOUBTFUL, GUESSED = 0.75, 0.5
"""Regions whose confidence lies below the first are outlined, below the second thickly. docs/cel-engine.md counts how often
they are wrong."""

MARK, HALO = (255, 0, 170), (255, 255, 255)
"""sRGB of an outline, and of the rim that sets it off from paint of any colour."""

THIN, THICK = 1, 2
"""px on the picture shown; the rim is one wider on either side."""

SPECK = 16
"""px of the engine's own, smaller grid. Smaller regions are crumbs between lines and hide what matters."""

RING = 6
"""px. A doubtful region smaller than this to either side gets a ring around it instead of its outline."""

APART = 6
"""px on the picture shown between two lines of a hatching."""

_LARGEST = 2**26
"""Bytes of a picture of certainty that is read."""


def read_certainty(folder: Path, drawing: str) -> np.ndarray | None:
    """(h, w) uint8: how sure the run in the job ``folder`` was of each place of a drawing; None where it did not say."""
    try:
        path = inside(folder, f"{CERTAINTY}/{drawing}.png")
        if path.stat().st_size > _LARGEST:
            return None
        return read_picture(path.read_bytes(), path.name)[..., 0]
    except (OSError, AniDocError):  # of an engine that cannot say, cleaned away, or damaged: nothing to outline
        return None


def outline_doubts(shown: np.ndarray, certainty: np.ndarray, alpha: np.ndarray) -> int:
    """Outline what is doubtful on ``shown`` (H, W, 3) uint8 sRGB in place; how many regions those are.

    certainty (h, w) uint8, 0 guessed to 255 sure, of one value in each region; alpha (h', w') uint8 of the frame, which
    may be of any size: paper around the figure is not outlined.
    """
    height, width = shown.shape[:2]
    rows, columns = certainty.shape
    clear = cv2.resize(alpha, (columns, rows), interpolation=cv2.INTER_NEAREST) < 128
    scale = np.array([width / columns, height / rows])
    shapes = [
        ((contour + 0.5) * scale, THICK if sure < GUESSED * 255 else THIN)
        for contour, sure in _doubtful(certainty, clear)
    ]
    for colour, more in ((HALO, 2), (MARK, 0)):
        for shape, wide in shapes:
            thick = wide + more
            low, high = shape.min((0, 1)), shape.max((0, 1))
            if (high - low).max() < 2 * RING:
                middle = np.rint((low + high) / 2).astype(int)
                cv2.circle(shown, (int(middle[0]), int(middle[1])), RING, colour, thick, cv2.LINE_AA)
            else:
                cv2.polylines(shown, [np.rint(shape * 16).astype(np.int32)], True, colour, thick, cv2.LINE_AA, 4)
    return len(shapes)


def hatch(shown: np.ndarray, area: np.ndarray) -> bool:
    """Hatch an ``area`` (h, w) bool of the same picture on ``shown`` (H, W, 3) uint8 sRGB in place; whether there was any."""
    height, width = shown.shape[:2]
    inside = cv2.resize(area.view(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR) > 0
    row, column = np.mgrid[:height, :width]
    shown[inside & ((row + column) % APART < 2)] = MARK
    contours, _ = cv2.findContours(inside.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for colour, more in ((HALO, 2), (MARK, 0)):
        cv2.polylines(shown, contours, True, colour, THIN + more, cv2.LINE_AA)
    return bool(inside.any())


def _doubtful(certainty: np.ndarray, clear: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """Outer contours, (N, 1, 2) int32 px, of pieces of one doubtful value, and it; paper that reaches the edge left out."""
    found = []
    height, width = certainty.shape
    for value in np.unique(certainty[certainty < DOUBTFUL * 255]).tolist():
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(
            (certainty == value).astype(np.uint8), None, None, None, 4
        )
        for k in range(1, count):
            x, y, w, h, area = (int(v) for v in stats[k])
            if area < SPECK:
                continue
            box = np.s_[y : y + h, x : x + w]
            mine = pieces[box] == k
            at_edge = x == 0 or y == 0 or x + w == width or y + h == height
            if at_edge and clear[box][mine].mean() > 0.5:
                continue
            contours, _ = cv2.findContours(mine.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            found.append((max(contours, key=len) + (x, y), value))
    return found
