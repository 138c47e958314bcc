"""Grease Pencil strokes to line art at the render's size: what shows, where lines run, where they end."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..contracts.drawing import FILL, LINE, SEPARATION, Strokes
from ..contracts.shot import Material
from .sketch import Sketch, ink_of, one_ink
from .sweep import bound, cones, sweep

_SHIFT = 4
"""OpenCV's fixed point: drawing coordinates count 1/16 px."""

THINNEST = 0.6
"""px. A boundary stroke's radius is never smaller, however faint it is drawn: from 0.5 on a line leaves no way between
its pixels that runs through their edges, so paint cannot pass."""

WAY = 5
"""Points back from a stroke's end, from where its direction is taken."""

SURE = 0.999
"""Strength from which a line hides all that lies under it."""


def _fixed(points: np.ndarray) -> np.ndarray:
    """Pixels as OpenCV's fixed point, which counts from the middle of the first pixel, not from its corner."""
    return np.round((np.clip(points, -30000, 60000) - 0.5) * (1 << _SHIFT)).astype(np.int32)


def read_strokes(
    strokes: Strokes, materials: Sequence[Material], height: int, width: int
) -> tuple[Sketch, np.ndarray, np.ndarray]:
    """Strokes to a :class:`Sketch`, and their loose ends: (N, 2) float32 px and (N, 2) float32 outward directions.

    Only strokes with LINE or SEPARATION bound regions; a stroke that is only a fill is not line art.
    """
    size = (height, width)
    sizes = np.diff(strokes.offsets)
    drawn = (strokes.role & (LINE | SEPARATION) > 0) & (sizes > 0)
    colour, solid, painted_over = _pencils(strokes.material, materials)
    painted_over |= strokes.role & SEPARATION > 0
    segments, stroke = cones(strokes.points, strokes.radius, strokes.offsets, strokes.cyclic, size)
    # A line thinner than a pixel covers only part of it.
    strength = (
        solid * np.clip(_means(strokes.opacity, strokes.offsets), 0, 1)
        * np.minimum(1, 2 * _means(strokes.radius, strokes.offsets))
    )  # fmt: skip
    # What covers half a pixel bounds, unless it is so faint or thin that paint would run through it.
    thick = (strength[stroke] > SURE) & (np.minimum(segments[:, 2], segments[:, 5]) >= THINNEST)
    inked = np.flatnonzero(drawn & ~painted_over)
    runs = []
    for run in np.split(inked, np.flatnonzero((np.diff(colour[inked], axis=0) != 0).any(1)) + 1):
        chosen = np.zeros(len(drawn), bool)
        chosen[run] = True
        mine = chosen[stroke]
        if mine.any():
            runs.append((colour[run[0]], mine))
    if len(runs) == 1:
        cover = sweep(size, segments[runs[0][1]], strength[stroke[runs[0][1]]])
        boundary, ink = cover >> 7, one_ink(cover, runs[0][0])
    else:
        boundary, picture = np.zeros(size, np.uint8), np.zeros((height, width, 4), np.uint8)
        for n, (shade, mine) in enumerate(runs):
            box = _box(segments[mine], size)
            if 0 in _size(box):
                continue  # all of it lies beside the picture
            cover = sweep(_size(box), _moved(segments[mine], box), strength[stroke[mine]])
            over(picture[box], cover, shade, clear=n == 0)
            boundary[box] |= cover >> 7
        ink = ink_of(picture)
    thin = (drawn & ~painted_over)[stroke] & ~thick
    if thin.any():
        bound(boundary, _held(segments[thin]))
    separation = None
    if (drawn & painted_over)[stroke].any():
        separation = np.zeros(size, np.uint8)
        bound(separation, _held(segments[(drawn & painted_over)[stroke]]))
        boundary |= separation
    return Sketch(boundary, ink, separation), *_loose_ends(strokes, np.flatnonzero(drawn), size)


def _box(segments: np.ndarray, size: tuple[int, int]) -> tuple[slice, slice]:
    """The part of the picture that segments can touch."""
    reach = np.maximum(segments[:, 2], segments[:, 5]) + 2
    spans = []
    for axis, most in ((1, size[0]), (0, size[1])):
        start, end = segments[:, axis], segments[:, axis + 3]
        low, high = (np.minimum(start, end) - reach).min(), (np.maximum(start, end) + reach).max()
        spans.append(slice(*(int(np.clip(edge, 0, most)) for edge in (np.floor(low), np.ceil(high)))))
    return spans[0], spans[1]


def _size(box: tuple[slice, slice]) -> tuple[int, int]:
    return box[0].stop - box[0].start, box[1].stop - box[1].start


def _moved(segments: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    corner = (box[1].start, box[0].start, 0)
    return segments - (*corner, *corner)


def _pencils(material: np.ndarray, materials: Sequence[Material]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each stroke, (S,) material numbers: line colour (S, 3) uint8, its alpha (S,) 0..1, whether it is painted over."""
    known = [*materials, Material("")]
    number = np.where((material >= 0) & (material < len(materials)), material, len(materials))
    line = np.array([m.line for m in known], np.uint8)[number]
    return line[:, :3], line[:, 3] / 255, np.array([m.separation for m in known], bool)[number]


def _means(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(N,) values of points -> (S,) mean of each stroke, 0 where it has no points."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return (sums[offsets[1:]] - sums[offsets[:-1]]) / np.maximum(np.diff(offsets), 1)


def _held(segments: np.ndarray) -> np.ndarray:
    """Segments (M, 6) of a stroke that bounds: even the faintest is thick enough to hold paint."""
    held = segments.copy()
    held[:, 2::3] = np.maximum(held[:, 2::3], THINNEST)
    return held


def _loose_ends(strokes: Strokes, chosen: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    first, last = strokes.offsets[chosen], strokes.offsets[chosen + 1] - 1
    has_ends = (last > first) & ~strokes.cyclic[chosen]
    first, last = first[has_ends], last[has_ends]
    back = np.minimum(last - first, WAY)
    at = strokes.points[np.stack([first, last], 1)].astype(np.float64)
    way = at - strokes.points[np.stack([first + back, last - back], 1)]
    norm = np.hypot(way[..., 0], way[..., 1])
    good = (norm > 0) & (at >= 0).all(2) & (at < size[::-1]).all(2)
    return at[good].astype(np.float32), (way[good] / norm[good][:, None]).astype(np.float32)


def over(picture: np.ndarray, cover: np.ndarray, colour: np.ndarray, clear: bool = False) -> None:
    """Lay ``colour`` over ``picture`` (H, W, 4) uint8 straight alpha where ``cover`` (H, W) uint8 says, in place.

    ``clear``: nothing is in the picture yet, for certain.
    """
    if clear or not picture[..., 3].any():
        channels = [np.full(cover.shape, level, np.uint8) for level in colour[:3]]
        cv2.merge([*channels, cover], picture)
        return
    where = np.nonzero(cover)
    top = cover[where].astype(np.float32)[:, None] / 255
    under = picture[where].astype(np.float32)
    below = under[:, 3:] / 255 * (1 - top)
    alpha = top + below
    rgb = (colour.astype(np.float32) * top + under[:, :3] * below) / np.maximum(alpha, 1e-6)
    picture[where] = np.concatenate([rgb, alpha * 255], 1).round().clip(0, 255).astype(np.uint8)


def paint_fills(fills: Strokes, materials: Sequence[Material], height: int, width: int) -> np.ndarray:
    """The artist's own fills as a picture, (H, W, 4) uint8: closed shapes bottom to top, hard edges, exact colours."""
    picture = np.zeros((height, width, 4), np.uint8)
    for s in range(len(fills)):
        which = int(fills.material[s])
        points = fills.points[fills.of(s)]
        if not int(fills.role[s]) & FILL or not 0 <= which < len(materials) or len(points) < 3:
            continue
        red, green, blue, alpha = materials[which].fill
        if alpha > 0:
            cv2.fillPoly(picture, [_fixed(points)], (red, green, blue, 255), cv2.LINE_8, _SHIFT)
    return picture
