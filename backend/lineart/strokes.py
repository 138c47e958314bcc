"""Grease Pencil strokes to line art at the render's size: what shows, where lines run, where they end."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..contracts.drawing import FILL, LINE, SEPARATION, Strokes
from ..contracts.shot import Colour, Material
from .sketch import Sketch

_SHIFT = 4
"""OpenCV's fixed point: drawing coordinates count 1/16 px."""

THINNEST = 0.35
"""px. A boundary stroke is never thinner, however faint it is drawn, so that paint cannot run through it."""


def _outline(points: np.ndarray, radius: np.ndarray, cyclic: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (N, 2) with neighbours closer than a quarter pixel left out, their radii, and the quads between them."""
    if len(points) > 1:
        travelled = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        keep = np.concatenate([[True], np.diff(np.floor(travelled / 0.75)) > 0])
        keep[-1] = True
        points, radius = points[keep], radius[keep]
    if cyclic and len(points) > 2:
        points, radius = np.concatenate([points, points[:1]]), np.concatenate([radius, radius[:1]])
    if len(points) < 2:
        return points, radius, np.zeros((0, 4, 2))
    along = np.diff(points, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    side = np.stack([-along[:, 1], along[:, 0]], 1) / length[:, None]
    r0, r1 = radius[:-1, None], radius[1:, None]
    quads = np.stack(
        [points[:-1] + side * r0, points[1:] + side * r1, points[1:] - side * r1, points[:-1] - side * r0], 1
    )
    return points, radius, quads


def _fixed(values: np.ndarray) -> np.ndarray:
    return np.round(np.clip(values, -30000, 60000) * (1 << _SHIFT)).astype(np.int32)


def _sweep(mask: np.ndarray, points: np.ndarray, radius: np.ndarray, cyclic: bool, smooth: bool) -> None:
    """Draw one stroke into ``mask`` (H, W) uint8 as 255: quads between points, discs on them."""
    kind = cv2.LINE_AA if smooth else cv2.LINE_8
    # OpenCV's anti-aliased fills reach half a pixel over the edge.
    radius = np.maximum(radius - (0.5 if smooth else 0.25), 0.0)
    points, radius, quads = _outline(points, radius, cyclic)
    for quad in _fixed(quads):
        cv2.fillConvexPoly(mask, quad, 255, kind, _SHIFT)
    size = _fixed(radius)
    for (x, y), r in zip(_fixed(points).tolist(), size.tolist(), strict=True):
        if r > 8:
            cv2.circle(mask, (x, y), r, 255, -1, kind, _SHIFT)
        else:
            cv2.line(mask, (x, y), (x, y), 255, 1, kind, _SHIFT)


def _box(points: np.ndarray, radius: np.ndarray, height: int, width: int) -> tuple[slice, slice] | None:
    reach = float(radius.max(initial=0)) + 2
    x0, y0 = np.floor(points.min(0) - reach).astype(int)
    x1, y1 = np.ceil(points.max(0) + reach).astype(int) + 1
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    return None if x0 >= x1 or y0 >= y1 else (slice(y0, y1), slice(x0, x1))


def read_strokes(
    strokes: Strokes, materials: Sequence[Material], height: int, width: int
) -> tuple[Sketch, np.ndarray, np.ndarray]:
    """Strokes to a :class:`Sketch`, and their loose ends: (N, 2) float32 px and (N, 2) float32 outward directions.

    Only strokes with LINE or SEPARATION bound regions; a stroke that is only a fill is not line art.
    """
    boundary = np.zeros((height, width), np.uint8)
    ink = np.zeros((height, width, 4), np.uint8)
    separation = np.zeros((height, width), np.uint8)
    ends, ways = [], []
    for s in range(len(strokes)):
        role = int(strokes.role[s])
        if not role & (LINE | SEPARATION):
            continue
        part = strokes.of(s)
        points, radius = strokes.points[part].astype(np.float64), strokes.radius[part].astype(np.float64)
        if len(points) == 0:
            continue
        box = _box(points, radius, height, width)
        if box is None:
            continue
        corner = np.array([box[1].start, box[0].start], float)
        cyclic = bool(strokes.cyclic[s])
        mask = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), np.uint8)
        _sweep(mask, points - corner, np.maximum(radius, THINNEST), cyclic, False)
        boundary[box] |= mask > 0
        which = int(strokes.material[s])
        material = materials[which] if 0 <= which < len(materials) else Material("")
        if role & SEPARATION or material.separation:
            separation[box] |= mask > 0
        else:
            mask[:] = 0
            _sweep(mask, points - corner, radius, cyclic, True)
            thin = min(1.0, 2 * float(radius.mean()))
            strength = material.line[3] / 255 * float(np.clip(strokes.opacity[part].mean(), 0, 1)) * thin
            over(ink[box], mask, material.line, strength)
        if not cyclic and len(points) > 1:
            for at, inner in ((points[0], points[1:6]), (points[-1], points[-6:-1][::-1])):
                way = at - inner[-1]
                norm = float(np.hypot(*way))
                if norm > 0 and 0 <= at[0] < width and 0 <= at[1] < height:
                    ends.append(at)
                    ways.append(way / norm)
    sketch = Sketch(boundary, ink, separation if separation.any() else None)
    return sketch, np.array(ends, np.float32).reshape(-1, 2), np.array(ways, np.float32).reshape(-1, 2)


def over(picture: np.ndarray, mask: np.ndarray, colour: Colour, strength: float) -> None:
    """Lay ``colour`` over ``picture`` (h, w, 4) uint8 straight alpha where ``mask`` (h, w) uint8 covers, in place."""
    where = mask > 0
    cover = mask[where].astype(np.float32)[:, None] / 255 * strength
    under = picture[where].astype(np.float32)
    below = under[:, 3:] / 255
    alpha = cover + below * (1 - cover)
    paint = np.array(colour[:3], np.float32)
    rgb = (paint * cover + under[:, :3] * below * (1 - cover)) / np.maximum(alpha, 1e-6)
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
