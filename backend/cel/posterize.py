"""Keys and references whose colours are noisy (scans, JPEG, paint with a texture), brought to their flats."""

import cv2
import numpy as np

from .flats import EVEN, Noisy, find_flats, noisy_part, noisy_whole, widest, widest_range
from .palette import OPAQUE, background, flats_of, rgb_of, to_lab
from .paper import lifted
from .snap import snapped

NOISE, NOISY = 2, 0.07
"""8-bit levels from the middle of its neighbours from which a pixel off the edges is noise, and the part of the figure that is
noise where it is to be brought to its flats: cel pictures, softly shaded ones too, have at most 0.02, JPEG mostly 0.10 and more."""

BESIDE, NOISY_BESIDE = (3, 7), 0.015
"""px from an edge, and the part of what lies there that may be noise. The blocks of JPEG and WebP reach there and leave nothing
inside large flats: JPEG of quality 95 has 0.07 and more there, WebP of quality 80 0.02, other pictures at most 0.01
(docs/cel-sheets.md)."""

GRAIN = 0.05
"""Part of the figure that flat colours cover at most where the noise is everywhere: a scan's grain, not JPEG."""

AT_ONCE, OVERLAP = 1_000_000, 24
"""Pixels of a large picture that are brought to their flats in one go, and px that such a band looks beyond its rows."""

NEAR = 4.0
"""CIE76. A flat is painted with a colour of the picture's own that lies so near to its mean."""

WHITE = 1.5
"""CIE76. What is so near to white is white: JPEG's noise on bare paper."""

SHEET = 3_000_000
"""px. Noisy design sheets are shrunk to this: none of their figures is looked at any larger."""

FEW = 12
"""px. From so many even pixels on they say a flat's colour; lines have fewer."""


def as_cel(picture: np.ndarray, figure_only: bool = True) -> np.ndarray:
    """A coloured picture as the cel it stands for: (H, W, 4) uint8 sRGB off its paper (:func:`.paper.lifted`), in flats.

    ``figure_only``: a design sheet, which comes back smaller where it is noisy and very large.
    """
    cut = lifted(picture, figure_only)
    if not is_noisy(cut):
        return cut
    scale = (SHEET / cut[..., 0].size) ** 0.5
    if figure_only and scale < 1:
        height, width = (round(side * scale) for side in cut.shape[:2])
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        cut = lifted(picture, figure_only)
    out = lifted(posterized(picture), figure_only)
    out[(cut[..., 3] == 0) & (picture[..., 3] > 0)] = 0
    return out


def is_noisy(picture: np.ndarray) -> bool:
    """Whether the colours of a figure, (H, W, 4) uint8, differ from pixel to pixel where no edge is."""
    figure = _figure(picture)
    rgb = np.ascontiguousarray(picture[..., :3])
    edge = widest_range(rgb, 3) >= EVEN
    even = figure & ~edge
    noise = even & (widest(cv2.absdiff(rgb, cv2.medianBlur(rgb, 3))) >= NOISE)
    if np.count_nonzero(noise) > NOISY * np.count_nonzero(even):
        return True
    away = cv2.distanceTransform((~edge).view(np.uint8), cv2.DIST_L2, 3)
    beside = even & (away >= BESIDE[0]) & (away <= BESIDE[1])
    return bool(np.count_nonzero(noise & beside) > max(NOISY_BESIDE * np.count_nonzero(beside), FEW))


def posterized(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 sRGB straight alpha, noisy, the same in its flats.

    A flat that the picture holds as a colour of its own keeps that; others are the mean of what bears them.
    """
    figure = _figure(picture)
    rgb = np.ascontiguousarray(picture[..., :3])
    own = flats_of(picture, ~figure)
    # White and black are cut off at the end of the scale, with whatever noise they have.
    even = sum(many for colour, many in own.items() if colour not in (0, 0xFFFFFF))
    jpeg = even > GRAIN * int(np.count_nonzero(figure))
    whole = noisy_whole(rgb, figure, jpeg)
    flats = find_flats(whole)
    if len(flats) == 0:
        return picture
    height, width = figure.shape
    which = np.full(figure.shape, -1, np.int16)
    means = _Means(len(flats))
    rows = max(1, AT_ONCE // width)
    for top in range(0, height, rows):
        low, high = max(top - OVERLAP, 0), min(top + rows + OVERLAP, height)
        part = whole if rows >= height else noisy_part(rgb[low:high], figure[low:high], jpeg)
        inner = slice(top - low, min(top + rows, height) - low)
        which[top : top + rows] = snapped(part, flats)[inner]
        means.add(part, which[top : top + rows], inner)
    out = picture.copy()
    borne = which >= 0
    out[borne, :3] = means.colours(own)[which[borne]]
    return out


def _figure(picture: np.ndarray) -> np.ndarray:
    return ~background(picture) & (picture[..., 3] >= OPAQUE)


class _Means:
    """What the pixels of each flat look like on the mean: the even ones if there are some, for edges are blends."""

    def __init__(self, flats: int) -> None:
        self._even, self._all = np.zeros((2, flats, 4))

    def add(self, part: Noisy, which: np.ndarray, rows: slice) -> None:
        """Count the ``rows`` of a part in, which bear the flats ``which`` (h, W), -1 for none."""
        rgb, even = part.calm[rows], part.even[rows]
        for table, mask in ((self._even, even & (which >= 0)), (self._all, which >= 0)):
            own, count = which[mask], len(table)
            table[:, 3] += np.bincount(own, minlength=count)
            for k in range(3):
                table[:, k] += np.bincount(own, rgb[..., k][mask], count)

    def colours(self, own: dict[int, int]) -> np.ndarray:
        """(K, 3) uint8 sRGB: what each flat is painted with; ``own`` colours of the picture, commonest first."""
        table = np.where(self._even[:, 3:] >= FEW, self._even, self._all)
        out = (table[:, :3] / np.maximum(table[:, 3:], 1)).round().astype(np.uint8)
        if own:
            colour = rgb_of(np.array(list(own)))
            near = np.linalg.norm(to_lab(out[None])[0][:, None] - to_lab(colour[None])[0][None], axis=2) <= NEAR
            has = near.any(1)
            out[has] = colour[near.argmax(1)[has]]
        out[np.linalg.norm(to_lab(out[None])[0] - (100, 0, 0), axis=1) < WHITE] = 255
        return out
