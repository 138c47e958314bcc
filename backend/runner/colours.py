"""Whether a key or reference holds colour at all, and a drawing only lines: each is given by mistake for the other."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..contracts.drawing import Drawing
from ..contracts.errors import PictureError
from ..contracts.shot import Material
from ..lineart.sketch import coloured, ink_fraction, line_mask, read_sketch
from ..lineart.strokes import read_strokes

PATCH = 5
"""px. Colour is at least a patch of this side; lines that stand a little beside the drawing's own are thinner."""
SHEET_PART = 100
"""Of a sheet, whose lines are not known, a patch is this part of the shorter side: 10 px at 1080, broader than its lines."""
BLUR = 3
"""px around the drawing's lines within which a key may show their blur."""
LIGHT, NEUTRAL = 192, 24
"""8-bit levels: paper is as light as this in its darkest channel, and its channels differ by no more than that."""
DARK, SOLID = 96, 8
"""8-bit levels that ink is darker than; times the side of a patch: a black square of this side in a sheet is paint."""
MOSTLY = 0.5
"""Of a picture: what covers more is its ground, and no lines."""
PAINT_PART = 50
"""Of a drawing, a patch of coloured lines is this part of the shorter side: broader than separation lines are drawn."""
APART = 16
"""8-bit levels by which paint differs from the paper in some channel; the noise of scans and of JPEG is below."""


def require_colour(picture: np.ndarray, name: str, what: str, lines: np.ndarray | None = None) -> None:
    """Raise ``PictureError`` where (H, W, 4) uint8 ``picture`` is paper and lines only.

    ``what`` it is, for people (key, reference); ``lines`` (H, W) uint8 are those of the drawing that a key colours.
    """
    if lines is None:
        held = _holds_colour(picture)
    else:
        paint, side = _not_paper(picture).astype(np.uint8), 2 * BLUR + 1
        paint[cv2.dilate(lines, np.ones((side, side), np.uint8)) > 0] = 0
        held = _holds_patch(paint, PATCH)
        if not held and _holds_colour(picture):
            drawing = f"The drawing that the {what} {name} belongs to"
            if _dark(lines):
                raise PictureError(*_light_on_dark(drawing))
            if not _holds_patch(lines, PATCH):
                height, width = lines.shape
                raise PictureError(
                    f"{drawing} is too small ({width} x {height} pixels): all its areas are narrower than "
                    f"{PATCH + 2 * BLUR} pixels.",
                    "Export the drawings and their colours larger.",
                )
            raise PictureError(
                f"{drawing} is no line art: it is painted where the {what} is.",
                f"Give the drawings as lines on paper, and coloured pictures as {what}.",
            )
    if not held:
        raise PictureError(
            f"The {what} {name} holds no colour, only lines on paper.",
            f"Give the coloured picture as {what}; a figure that shall be white needs a transparent background.",
        )


def require_line_art(picture: np.ndarray, name: str) -> None:
    """Raise ``PictureError`` where (H, W, 4) uint8 ``picture`` is painted, or light on dark, instead of dark lines on light."""
    lines = line_mask(ink_fraction(picture))
    if _dark(lines):
        raise PictureError(*_light_on_dark(f"The drawing {name}"))
    if _holds_patch(coloured(picture, lines), max(2 * PATCH, min(lines.shape) // PAINT_PART)):
        raise PictureError(
            f"The drawing {name} is no line art: it is painted.",
            "Give the drawing as dark lines on light paper, and its coloured version as colours.",
        )


def _light_on_dark(what: str) -> tuple[str, str]:
    return f"{what} is dark nearly all over: lines are expected dark on light.", "Invert the drawings."


def _dark(lines: np.ndarray) -> bool:
    return cv2.countNonZero(lines) > MOSTLY * lines.size


def _holds_colour(picture: np.ndarray) -> bool:
    """Whether there is paint in a picture, (H, W, 4) uint8, whose lines are not known."""
    paint = _not_paper(picture).astype(np.uint8)
    side = max(PATCH, min(paint.shape) // SHEET_PART)
    # Broad lines and filled blacks are drawn with the pen; a black that is paint covers more.
    if not _holds_patch(paint, SOLID * side):
        paint[_inked(picture)] = 0
    return _holds_patch(paint, side)


def _holds_patch(paint: np.ndarray, side: int) -> bool:
    box = np.ones((side, side), np.uint8)
    return bool(cv2.erode(paint, box, borderType=cv2.BORDER_CONSTANT, borderValue=0).any())


def _inked(picture: np.ndarray) -> np.ndarray:
    """(H, W) bool: black, or nearly."""
    high, low = picture[..., :3].max(2), picture[..., :3].min(2)
    return (high < DARK) & (high - low <= NEUTRAL)


def lines_of(drawing: Drawing, materials: Sequence[Material], height: int, width: int) -> np.ndarray | None:
    """(H, W) uint8, 1 where the drawing has lines; None where it holds nothing."""
    if drawing.strokes is not None:
        return read_strokes(drawing.strokes, materials, height, width)[0].boundary
    return read_sketch(drawing.line_art).boundary if drawing.line_art is not None else None


def _not_paper(picture: np.ndarray) -> np.ndarray:
    """(H, W) bool. With transparency the paper is what shows none of the picture; else it is the light neutral
    colour that most of the picture has (a scan's grey), or white."""
    alpha = picture[..., 3]
    if int(alpha.min()) < 128:
        return alpha >= 128
    middle = np.median(picture[::4, ::4, :3].reshape(-1, 3), axis=0)
    paper = middle if middle.min() >= LIGHT and np.ptp(middle) <= NEUTRAL else np.full(3, 255.0)
    away = cv2.absdiff(picture[..., :3], np.broadcast_to(paper.astype(np.uint8), picture.shape[:2] + (3,)).copy())
    return cv2.max(cv2.max(away[..., 0], away[..., 1]), away[..., 2]) > APART
