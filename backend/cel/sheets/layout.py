"""A figure cut into regions, brought to one size: the same numbers for a design sheet and for a drawing."""

from dataclasses import dataclass

import cv2
import numpy as np

UNIT = 160.0
"""px. Figures are compared at the size at which the square root of the area they cover is this long."""

STEP = 15
"""px. Spacing of the grid on which the surroundings of a region are looked at."""

MARGIN = 24
"""px of empty paper kept around the figure."""

MOST = 600
"""Regions compared at most, the largest ones; of textured scans with thousands the rest stay without evidence."""


@dataclass(frozen=True)
class Layout:
    """Regions of one figure at ``UNIT`` size; n rows, lengths in px of that size.

    ids      (n,) int64 number of each row's region in the picture it came from
    map      (h, w) int32 row under each pixel, n where there is no figure; slivers are given to their neighbours
    figure   (h, w) bool
    line     (h, w) float32, 1 where two rows meet
    area, thick, long, angle, compact  (n,) float32: px, px, log of length over width, radians, log fill of the ellipse
    shared   (n, n + 1) float32 px of border with each other row; the last column is the background
    points   (N, 2) int32 x, y; places at which surroundings are looked at, sorted by row
    owner    (N,) int64 row of each point; ``first`` (n,) is where each row's points begin
    place    (N, 2) float32 points from the centre of the figure in units of ``UNIT``
    boxed    (N, 2) float32 points as fractions of the figure's bounding box
    """

    ids: np.ndarray
    map: np.ndarray
    figure: np.ndarray
    line: np.ndarray
    area: np.ndarray
    thick: np.ndarray
    long: np.ndarray
    angle: np.ndarray
    compact: np.ndarray
    shared: np.ndarray
    points: np.ndarray
    owner: np.ndarray
    first: np.ndarray
    place: np.ndarray
    boxed: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


def nearest(labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(h, w) int32 labels, replaced by the nearest known one where ``known`` (h, w) bool is False."""
    if known.all() or not known.any():
        return labels
    _, closest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    near = closest.astype(np.int32, copy=False)
    owner = np.zeros(int(near.max()) + 1, np.int32)
    owner[near[known]] = labels[known]
    return owner[near]


def lay_out(
    labels: np.ndarray, count: int, outside: np.ndarray, sliver: np.ndarray, keep_slivers: bool
) -> Layout | None:
    """Make a :class:`Layout`; None where there is no figure.

    labels (h, w) int32 of ``count`` regions; outside (count,) bool, background; sliver (count,) bool, bands between
    two lines: they are no part of the map, and rows of their own only with ``keep_slivers``. Where nothing is
    outside, the whole picture is the figure.
    """
    figure = ~outside[labels]
    rows, columns = np.flatnonzero(figure.any(1)), np.flatnonzero(figure.any(0))
    if len(rows) == 0:
        return None
    area = int(figure.sum())
    scale = UNIT / area**0.5
    x0, y0 = int(columns[0]), int(rows[0])
    centre = np.array([figure.sum(0) @ np.arange(figure.shape[1]), figure.sum(1) @ np.arange(figure.shape[0])]) / area
    width = int(np.ceil((columns[-1] + 1 - x0) * scale))
    height = int(np.ceil((rows[-1] + 1 - y0) * scale))
    x = np.round((np.arange(width) + 0.5) / scale + x0 - 0.5).astype(np.intp)
    y = np.round((np.arange(height) + 0.5) / scale + y0 - 0.5).astype(np.intp)
    x, y = np.minimum(x, labels.shape[1] - 1), np.minimum(y, labels.shape[0] - 1)
    fine = np.full((height + 2 * MARGIN, width + 2 * MARGIN), -1, np.int32)
    inner = labels[y[:, None], x[None]]
    fine[MARGIN:-MARGIN, MARGIN:-MARGIN] = np.where(outside[inner], -1, inner)
    size = np.bincount(fine[fine >= 0], minlength=count)
    body = np.flatnonzero((size > 0) & ~sliver)
    body = np.sort(body[np.argsort(-size[body], kind="stable")[:MOST]])
    thin = np.flatnonzero((size > 0) & sliver) if keep_slivers else body[:0]
    thin = np.sort(thin[np.argsort(-size[thin], kind="stable")[: MOST - len(body)]])
    if len(body) == 0:
        return None
    ids = np.concatenate([body, thin]).astype(np.int64)
    n = len(ids)
    number = np.full(count + 1, -2, np.int32)
    number[body] = np.arange(len(body))
    number[-1] = n
    full = number[fine]
    rows_of = nearest(full, full > -2)
    out = _measure(rows_of, n)
    poles, deepest = _grid_and_poles(rows_of, n, out["depth"])
    out["thick"][deepest[:, 0].astype(np.int64)] = deepest[:, 1]
    if len(thin):
        number[:] = n
        number[thin] = np.arange(len(body), n)
        spots = number[fine]
        moments = _moments(spots, n)
        for name in ("area", "long", "angle", "compact"):
            out[name][len(body) :] = moments[name][len(body) :]
        at = np.round(moments["centre"][len(body) :]).astype(np.int32)
        poles = np.concatenate([poles, np.concatenate([at, np.arange(len(body), n)[:, None]], 1)])
    poles = poles[np.argsort(poles[:, 2], kind="stable")]
    points, owner = poles[:, :2].astype(np.int32), poles[:, 2].astype(np.int64)
    middle = (centre - (x0, y0)) * scale + MARGIN
    area_, thick, long, angle, compact, shared = (
        out[k].astype(np.float32) for k in ("area", "thick", "long", "angle", "compact", "shared")
    )
    return Layout(
        ids=ids,
        map=rows_of,
        figure=rows_of < n,
        line=out["line"],
        area=area_,
        thick=thick,
        long=long,
        angle=angle,
        compact=compact,
        shared=shared,
        points=points,
        owner=owner,
        first=np.searchsorted(owner, np.arange(n)),
        place=((points - middle) / UNIT).astype(np.float32),
        boxed=((points - MARGIN) / np.array([width, height])).astype(np.float32),
    )


def _moments(rows_of: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Area, centre, and the ellipse of like moments of rows 0..n-1."""
    flat = rows_of.ravel()
    yy, xx = np.divmod(np.arange(flat.size), rows_of.shape[1])
    take = lambda v: np.bincount(flat, v, n + 1)[:n]  # noqa: E731
    area = np.bincount(flat, minlength=n + 1)[:n].astype(np.float64)
    safe = np.maximum(area, 1)
    mx, my = take(xx) / safe, take(yy) / safe
    vx = take(xx * xx) / safe - mx**2 + 1 / 12
    vy = take(yy * yy) / safe - my**2 + 1 / 12
    vxy = take(xx * yy) / safe - mx * my
    spread = np.hypot((vx - vy) / 2, vxy)
    major, minor = (vx + vy) / 2 + spread, np.maximum((vx + vy) / 2 - spread, 0.05)
    return {
        "area": area,
        "centre": np.stack([mx, my], 1),
        "long": 0.5 * np.log(major / minor),
        "angle": 0.5 * np.arctan2(2 * vxy, vx - vy),
        "compact": np.log(safe / (4 * np.pi * np.sqrt(major * minor))),
    }


def _measure(rows_of: np.ndarray, n: int) -> dict[str, np.ndarray]:
    out = _moments(rows_of, n)
    line = np.zeros(rows_of.shape, np.uint8)
    shared = np.zeros((n + 1) ** 2)
    for a, b, at in (
        (rows_of[:, :-1], rows_of[:, 1:], np.s_[:, :-1]),
        (rows_of[:-1], rows_of[1:], np.s_[:-1]),
    ):
        apart = a != b
        line[at] |= apart
        shared += np.bincount(a[apart].astype(np.int64) * (n + 1) + b[apart], minlength=(n + 1) ** 2)
    shared = shared.reshape(n + 1, n + 1)
    shared += shared.T.copy()
    both = line.copy()
    both[:, 1:] |= rows_of[:, 1:] != rows_of[:, :-1]
    both[1:] |= rows_of[1:] != rows_of[:-1]
    depth = cv2.distanceTransform(1 - both, cv2.DIST_L2, 3) + 0.5
    return {**out, "line": line.astype(np.float32), "shared": shared[:n], "depth": depth, "thick": np.zeros(n)}


def _grid_and_poles(rows_of: np.ndarray, n: int, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, 3) int64 x, y, row: a grid over the figure and the innermost pixel of each row; (n, 2) row and its depth."""
    height, width = rows_of.shape
    gy, gx = np.mgrid[STEP // 2 : height : STEP, STEP // 2 : width : STEP].reshape(2, -1)
    row = rows_of[gy, gx]
    keep = (row < n) & (depth[gy, gx] > 1.5)
    grid = np.stack([gx, gy, row], 1)[keep]
    at = np.flatnonzero(rows_of.ravel() < n)
    key = rows_of.ravel()[at].astype(np.float64) * 1024 - depth.ravel()[at]
    order = np.argsort(key, kind="stable")
    row = rows_of.ravel()[at[order]]
    pole = at[order][np.concatenate([[True], row[1:] != row[:-1]])]
    row = rows_of.ravel()[pole]
    points = np.concatenate([grid, np.stack([pole % width, pole // width, row], 1)]).astype(np.int64)
    return points, np.stack([row, depth.ravel()[pole]], 1)
