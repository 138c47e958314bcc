"""Grease Pencil strokes to line art at the render's size: what shows, where lines run, where they end."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np

from ..contracts.drawing import FILL, LINE, SEPARATION, Strokes
from ..contracts.shot import Material
from .sketch import Sketch
from .sweep import cones, sweep

_SHIFT = 4
"""OpenCV's fixed point: drawing coordinates count 1/16 px."""

THINNEST = 0.6
"""px. A boundary stroke's radius is never smaller, however faint it is drawn: from 0.5 on a line leaves no way between
its pixels that runs through their edges, so paint cannot pass."""


def _fixed(points: np.ndarray) -> np.ndarray:
    """Pixels as OpenCV's fixed point, which counts from the middle of the first pixel, not from its corner."""
    return np.round((np.clip(points, -30000, 60000) - 0.5) * (1 << _SHIFT)).astype(np.int32)


@dataclass(frozen=True)
class _Pencil:
    """A stroke as it is drawn: cones (M, 6), what colour shows, how strongly; None where it is a separation line."""

    cones: np.ndarray
    colour: tuple[int, int, int] | None
    strength: float


def read_strokes(
    strokes: Strokes, materials: Sequence[Material], height: int, width: int
) -> tuple[Sketch, np.ndarray, np.ndarray]:
    """Strokes to a :class:`Sketch`, and their loose ends: (N, 2) float32 px and (N, 2) float32 outward directions.

    Only strokes with LINE or SEPARATION bound regions; a stroke that is only a fill is not line art.
    """
    size = (height, width)
    chosen = [
        s
        for s in range(len(strokes))
        if int(strokes.role[s]) & (LINE | SEPARATION) and strokes.offsets[s] < strokes.offsets[s + 1]
    ]
    drawn = [_pencil(strokes, s, materials) for s in chosen]
    ink = np.zeros((height, width, 4), np.uint8)
    boundary = np.zeros(size, np.uint8)
    for colour, run in groupby((p for p in drawn if p.colour is not None), lambda p: p.colour):
        strong, faint = [], []
        for pencil in run:
            (strong if pencil.strength == 1 and pencil.cones[:, 2::3].min() >= THINNEST else faint).append(pencil)
        cover = _cover(size, strong)
        boundary |= cover >> 7
        if faint:
            boundary |= _bounds(size, faint)
            cover = np.maximum(cover, _cover(size, faint))
        assert colour is not None
        over(ink, cover, colour)
    apart = [p for p in drawn if p.colour is None]
    separation = _bounds(size, apart) if apart else None
    if separation is not None:
        boundary |= separation
    return Sketch(boundary, ink, separation), *_loose_ends(strokes, chosen, size)


def _pencil(strokes: Strokes, s: int, materials: Sequence[Material]) -> _Pencil:
    part = strokes.of(s)
    radius = strokes.radius[part].astype(np.float64)
    lines = cones(strokes.points[part].astype(np.float64), radius, bool(strokes.cyclic[s]))
    which = int(strokes.material[s])
    material = materials[which] if 0 <= which < len(materials) else Material("")
    if int(strokes.role[s]) & SEPARATION or material.separation:
        return _Pencil(lines, None, 1.0)
    # A line thinner than a pixel covers only part of it.
    thin = min(1.0, 2 * float(radius.mean()))
    opacity = float(np.clip(strokes.opacity[part].mean(), 0, 1))
    return _Pencil(lines, material.line[:3], material.line[3] / 255 * opacity * thin)


def _cover(size: tuple[int, int], drawn: list[_Pencil]) -> np.ndarray:
    """(H, W) uint8 what the strokes cover; where they cross, the stronger one shows."""
    if not drawn:
        return np.zeros(size, np.uint8)
    strength = np.concatenate([np.full(len(p.cones), p.strength, np.float32) for p in drawn])
    return sweep(size, np.concatenate([p.cones for p in drawn]), strength)


def _bounds(size: tuple[int, int], drawn: list[_Pencil]) -> np.ndarray:
    """(H, W) uint8, 1 where a stroke runs; even the faintest is thick enough to hold paint."""
    lines = np.concatenate([p.cones for p in drawn])
    lines[:, 2::3] = np.maximum(lines[:, 2::3], THINNEST)
    return sweep(size, lines) >> 7


def _loose_ends(strokes: Strokes, chosen: list[int], size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    ends, ways = [], []
    for s in chosen:
        points = strokes.points[strokes.of(s)].astype(np.float64)
        if strokes.cyclic[s] or len(points) < 2:
            continue
        for at, inner in ((points[0], points[1:6]), (points[-1], points[-6:-1][::-1])):
            way = at - inner[-1]
            norm = float(np.hypot(*way))
            if norm > 0 and 0 <= at[0] < size[1] and 0 <= at[1] < size[0]:
                ends.append(at)
                ways.append(way / norm)
    return np.array(ends, np.float32).reshape(-1, 2), np.array(ways, np.float32).reshape(-1, 2)


def over(picture: np.ndarray, cover: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Lay ``colour`` over ``picture`` (H, W, 4) uint8 straight alpha where ``cover`` (H, W) uint8 says, in place."""
    where = np.flatnonzero(cover)
    flat = picture.reshape(-1, 4)
    top = cover.reshape(-1)[where].astype(np.float32)[:, None] / 255
    under = flat[where].astype(np.float32)
    below = under[:, 3:] / 255 * (1 - top)
    alpha = top + below
    rgb = (np.array(colour, np.float32) * top + under[:, :3] * below) / np.maximum(alpha, 1e-6)
    flat[where] = np.concatenate([rgb, alpha * 255], 1).round().clip(0, 255).astype(np.uint8)


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
