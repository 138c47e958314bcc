"""Curves, tubes and polygon tests for the demo characters: numpy only, y grows upwards, lengths in character units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]

#: Distance between two points of a finished curve, in character units (a character is about six units tall).
STEP = 0.03


def points_of(values: ArrayLike) -> Points:
    """Any sequence of pairs as an ``(N, 2) float64`` array."""
    return np.asarray(values, dtype=np.float64).reshape(-1, 2)


def rotation(degrees: float) -> Points:
    """The ``(2, 2)`` matrix that turns row vectors counter-clockwise: ``points @ rotation(a)``."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def placed(points: ArrayLike, origin: ArrayLike, degrees: float = 0.0, scale: ArrayLike = 1.0) -> Points:
    """Scale, turn and move points: local coordinates of a part into those of the figure."""
    return (points_of(points) * np.asarray(scale, dtype=np.float64)) @ rotation(degrees) + np.asarray(origin)


def resampled(points: Points, step: float = STEP) -> Points:
    """The same polyline with points at equal distances of about ``step``; both ends stay."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    total = float(along[-1])
    if total <= 0.0:
        return points[:1].copy()
    wanted = np.linspace(0.0, total, max(2, round(total / step) + 1))
    return np.stack([np.interp(wanted, along, points[:, axis]) for axis in (0, 1)], axis=1)


def _catmull(points: Points, closed: bool) -> Points:
    """Centripetal Catmull-Rom curve through the points, before resampling."""
    if len(points) < 3 and not closed:
        return points
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        first = 2 * points[0] - points[1]
        last = 2 * points[-1] - points[-2]
        padded = np.concatenate([[first], points, [last]])
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t1 = max(float(np.hypot(*(p1 - p0))) ** 0.5, 1e-6)
        t2 = t1 + max(float(np.hypot(*(p2 - p1))) ** 0.5, 1e-6)
        t3 = t2 + max(float(np.hypot(*(p3 - p2))) ** 0.5, 1e-6)
        t = np.linspace(t1, t2, 16, endpoint=False)[:, None]
        a1 = (t1 - t) / t1 * p0 + t / t1 * p1
        a2 = (t2 - t) / (t2 - t1) * p1 + (t - t1) / (t2 - t1) * p2
        a3 = (t3 - t) / (t3 - t2) * p2 + (t - t2) / (t3 - t2) * p3
        b1 = (t2 - t) / t2 * a1 + t / t2 * a2
        b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
        pieces.append((t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2)
    pieces.append(points[:1] if closed else points[-1:])
    return np.concatenate(pieces)


def curve(points: ArrayLike, step: float = STEP) -> Points:
    """A smooth open curve through the points."""
    return resampled(_catmull(points_of(points), closed=False), step)


def loop(points: ArrayLike, step: float = STEP) -> Points:
    """A smooth closed curve through the points; the first point stands again at the end."""
    return resampled(_catmull(points_of(points), closed=True), step)


def cornered(points: ArrayLike, corners: Sequence[int], step: float = STEP) -> list[Points]:
    """A closed outline that is smooth except at the points numbered in ``corners``.

    Gives one open piece from each corner to the next; together, in order, they are the outline.
    """
    values = points_of(points)
    order = sorted(corners)
    pieces = []
    for start, stop in zip(order, [*order[1:], order[0] + len(values)], strict=True):
        wanted = [index % len(values) for index in range(start, stop + 1)]
        pieces.append(curve(values[wanted], step))
    return pieces


def joined(*pieces: Points) -> Points:
    """Open pieces, end to end, as one polygon."""
    return np.concatenate(pieces)


def tube(path: ArrayLike, widths: ArrayLike, step: float = STEP) -> tuple[Points, Points]:
    """The two sides of a limb or ribbon along a path.

    ``widths`` are half widths at the path's own points. Gives (left, right), both from the path's
    start to its end; left is on the left hand when one walks along the path.
    """
    knots = points_of(path)
    smooth = _catmull(knots, closed=False)
    knot_place = np.linspace(0.0, 1.0, len(knots))
    half = np.interp(np.linspace(0.0, 1.0, len(smooth)), knot_place, np.asarray(widths, dtype=np.float64))
    kernel = np.ones(9) / 9.0
    half = np.convolve(np.pad(half, 4, mode="edge"), kernel, mode="valid")
    direction = np.gradient(smooth, axis=0)
    direction /= np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-9)[:, None]
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    left = resampled(smooth + normal * half[:, None], step)
    right = resampled(smooth - normal * half[:, None], step)
    return left, right


def inside(points: Points, polygon: Points) -> NDArray[np.bool_]:
    """Which points lie inside the polygon (even-odd rule): ``(N,) bool``."""
    found = np.zeros(len(points), dtype=bool)
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    if not len(near):
        return found
    x, y = points[near, 0][:, None], points[near, 1][:, None]
    x0, y0 = polygon[:, 0], polygon[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    crosses = (y0 > y) != (y1 > y)
    height = np.where(y1 == y0, 1.0, y1 - y0)
    hits = crosses & (x < (x1 - x0) * (y - y0) / height + x0)
    found[near] = hits.sum(axis=1) % 2 == 1
    return found


def ellipse(centre: ArrayLike, radii: ArrayLike, degrees: float = 0.0, step: float = STEP) -> Points:
    """A closed ellipse; the first point stands again at the end."""
    rx, ry = np.asarray(radii, dtype=np.float64)
    turn = np.linspace(0.0, 2.0 * np.pi, 49)
    ring = np.stack([rx * np.cos(turn), ry * np.sin(turn)], axis=1)
    return resampled(placed(ring, centre, degrees), step)


def smoothstep(value: float) -> float:
    """Slow in, slow out between 0 and 1."""
    held = min(1.0, max(0.0, value))
    return held * held * (3.0 - 2.0 * held)
