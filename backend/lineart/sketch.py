"""Scanned line art: how much ink lies on each pixel, and which pixels are line."""

from dataclasses import dataclass

import cv2
import numpy as np

from .lengths import places
from .white import no_grey, on_white, paper_of

STRONG, WEAK = 0.5, 0.28
"""Ink fraction of a pixel that is line for certain, and of one that is line where it touches such a pixel.

Half ink is where the edge of an anti-aliased line runs; the weaker bound keeps thin faint strokes in one piece
(hysteresis as in Canny, IEEE PAMI 8(6), 1986).
"""

BLACK = np.zeros(3, np.uint8)

COLOURED = 48
"""8-bit levels between a line's strongest and weakest channel above which it is a coloured (separation) line."""

PLAIN = 24
"""8-bit levels between the channels of a coloured line on tinted paper that no grey lead explains, in its middle."""

OWN, FAINT = 7, 64
"""px around a pixel in which a separation line shows its own colour, and the least black, of 255, that lies where it meets a
black line: less is the noise of scans."""


@dataclass(frozen=True)
class Ink:
    """The lines alone as they will stand in the picture; of all its pixels those that have any, which are few.

    size    (height, width)
    where   (N,) int64 flat pixel numbers, rising
    pixels  (N,) uint32, sRGB straight alpha as little-endian numbers; alpha, their highest byte, is at least 1
    """

    size: tuple[int, int]
    where: np.ndarray
    pixels: np.ndarray

    def picture(self) -> np.ndarray:
        """(H, W, 4) uint8 sRGB straight alpha; what has no ink is 0."""
        out = np.zeros(self.size, "<u4")
        out.ravel()[self.where] = self.pixels
        return out.view(np.uint8).reshape(*self.size, 4)


def ink_of(picture: np.ndarray) -> Ink:
    """(H, W, 4) uint8 sRGB straight alpha as :class:`Ink`."""
    pixels = np.ascontiguousarray(picture).view("<u4")[..., 0]
    where = places(pixels >= 1 << 24)
    return Ink((picture.shape[0], picture.shape[1]), where, pixels.ravel().take(where))


def one_ink(cover: np.ndarray, colour: np.ndarray) -> Ink:
    """Ink of one ``colour`` (3,) uint8 sRGB that covers so much of each pixel, (H, W) uint8."""
    where = places(cover)
    pixels = cover.ravel().take(where).astype("<u4")
    pixels <<= 24
    pixels |= int.from_bytes(colour.tobytes(), "little")
    return Ink((cover.shape[0], cover.shape[1]), where, pixels)


@dataclass(frozen=True)
class Sketch:
    """One drawing's lines at full size.

    boundary    (H, W) uint8, 1 where a line runs (separation lines included)
    ink         the lines alone as they will stand in the picture
    separation  (H, W) uint8, 1 on lines that are painted over, or None where there are none
    """

    boundary: np.ndarray
    ink: Ink
    separation: np.ndarray | None = None


def ink_fraction(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 straight alpha -> (H, W) uint8, 255 = full ink; any colour but the paper's counts as ink."""
    red, green, blue, alpha = cv2.split(on_white(picture))
    return _ink(cv2.min(cv2.min(red, green), blue), alpha)


def _ink(lowest: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The same of the weakest channel and alpha, both (H, W) uint8."""
    ink = np.bitwise_not(lowest)
    if int(alpha.min()) < 255:
        ink = cv2.multiply(ink, alpha, scale=1 / 255)
        if not (alpha > 0).any():
            return ink
    # Paper is uneven and pencils have grey lines: stretch from the paper's level to the darkest ink.
    counts = cv2.calcHist([ink], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    paper = int(counts[:128].argmax()) if counts[:128].any() else 0
    lines = np.cumsum(counts[paper + 24 :][::-1])
    if len(lines) == 0 or lines[-1] == 0:
        return np.zeros_like(ink)
    full = 255 - int(np.searchsorted(lines, max(1, 0.02 * lines[-1])))
    if paper == 0 and full == 255:
        return ink
    table = np.clip((np.arange(256) - paper) * 255.0 / max(full - paper, 24), 0, 255).round().astype(np.uint8)
    return cv2.LUT(ink, table)


def line_mask(ink: np.ndarray) -> np.ndarray:
    """(H, W) uint8 ink fraction -> (H, W) uint8, 1 on lines."""
    strong = ink >= round(255 * STRONG)
    weak = ink >= round(255 * WEAK)
    if np.array_equal(strong, weak):
        return strong.astype(np.uint8)
    count, found = cv2.connectedComponents(weak.astype(np.uint8), connectivity=8)
    labels = found.astype(np.int32, copy=False)
    keep = np.zeros(count, bool)
    keep[labels[strong]] = True
    keep[0] = False
    return keep[labels].astype(np.uint8)


def read_sketch(picture: np.ndarray) -> Sketch:
    """Dark lines on paper or on transparency, (H, W, 4) uint8, to a :class:`Sketch`."""
    paper = paper_of(picture)
    white = on_white(picture, paper)
    red, green, blue, alpha = cv2.split(white)
    lowest = cv2.min(cv2.min(red, green), blue)
    boundary = line_mask(_ink(lowest, alpha))
    # What shows of a line: its own darkness as black ink of that coverage (unmixed from white paper).
    cover = np.bitwise_not(cv2.cvtColor(white, cv2.COLOR_RGBA2GRAY))
    if int(alpha.min()) < 255:
        cover = cv2.multiply(cover, alpha, scale=1 / 255)
    near = cv2.dilate(boundary, np.ones((3, 3), np.uint8))
    cover = cv2.multiply(cover, near)
    chroma = cv2.subtract(cv2.max(cv2.max(red, green), blue), lowest)
    separation = _separation(chroma, boundary, picture, paper)
    if cv2.countNonZero(separation):
        beside = places(cv2.dilate(separation, np.ones((3, 3), np.uint8)).view(bool))
        cover.ravel()[beside] = np.minimum(cover.ravel()[beside], _black(chroma, lowest, separation, beside))
        return Sketch(boundary, one_ink(cover, BLACK), separation)
    return Sketch(boundary, one_ink(cover, BLACK))


def coloured(picture: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """(H, W) uint8: 1 where the ``lines`` (H, W) uint8 0/1 of a scan (H, W, 4) uint8 are coloured (separation) lines."""
    paper = paper_of(picture)
    red, green, blue, _ = cv2.split(on_white(picture, paper))
    chroma = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return _separation(chroma, lines, picture, paper)


def _separation(chroma: np.ndarray, lines: np.ndarray, picture: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """The same, where the ``chroma`` (H, W) uint8 of the picture on white is known."""
    found = cv2.multiply((chroma > COLOURED).astype(np.uint8), lines)
    if paper.min() < 255:
        # Grey lead on tinted paper seems to have the opposite colour. A coloured line has, in its middle, one of its own.
        where = places(found)
        own = np.zeros_like(found)
        own.ravel()[where] = no_grey(picture.reshape(-1, 4)[where, :3], paper) > PLAIN
        found = cv2.bitwise_and(found, cv2.dilate(own, np.ones((OWN, OWN), np.uint8)))
    return found


def _black(chroma: np.ndarray, lowest: np.ndarray, separation: np.ndarray, where: np.ndarray) -> np.ndarray:
    """(N,) uint8: how much black ink lies ``where`` (N,) pixels blend it with white paper and a separation line's colour.

    The line's own colour is the strongest near by; all (H, W) uint8, ``lowest`` the weakest channel.
    """
    own = (chroma.astype(np.uint16) << 8 | lowest) * separation
    own = np.asarray(cv2.dilate(own, np.ones((OWN, OWN), np.uint8)).ravel()[where], np.uint16)
    part = chroma.ravel()[where] / np.maximum(own >> 8, 1)
    white = lowest.ravel()[where] - part * (own & 255)
    black = 255 * (1 - part) - white
    return np.where(black < FAINT, 0, black.clip(0, 255).round()).astype(np.uint8)
