"""Gaps of scans, where an eraser or a lifted pen has left ends with corners.

A ray that looks for a line from such an end (:mod:`.gaps`) meets the end's own corner first. Two such ends that face each other
are joined; others are joined to what lies straight ahead of them.
"""

import cv2
import numpy as np

from .gaps import Page, fan

NOTCH, REACH = 1.5, 10
"""How many times its width a line's end reaches beyond the end of its middle, and how many px at most."""

FACING = np.cos(np.deg2rad(60))
"""Cosine of the angle that the way to another end has to either's direction, at most: what lies side by side stays open."""

TURN_COST = 1.0
"""How much longer a join may be for lying straight on at both ends rather than aside."""

AHEAD = np.deg2rad(np.array([0, 12, -12, 25, -25], np.float32))
"""Directions about a line's own in which it is looked ahead, in radians, the one tried first before the next."""

STRAIGHT = 0.5
"""Part of the widest gap that is closed to what lies straight ahead: lines that end before another, as folds do, stay open."""

AT_ONCE = 1_000_000
"""Pairs of ends that are looked at in one go."""

_AWAY = np.hypot(*np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1])


def facing(boundary: np.ndarray, ends: np.ndarray, directions: np.ndarray, gap: float, links: np.ndarray) -> np.ndarray:
    """What to close besides: (M, 4) int32 segments x0, y0, x1, y1 from ends that found no link, or one to their own line.

    boundary (H, W) uint8 0/1; ends (N, 2) px; directions (N, 2) unit, outward; gap in px; ``links`` (K, 4) as
    :func:`.gaps.links` found them.
    """
    if len(ends) == 0 or gap < 1:
        return np.zeros((0, 4), np.int32)
    own, open_still = _open_still(boundary, ends, links)
    step = max(1, AT_ONCE // max(len(ends), 1))
    joins, page = [np.zeros((0, 4), np.int32)], Page(boundary, gap * STRAIGHT)
    for part in (slice(n, n + step) for n in range(0, len(open_still), step)):
        these = open_still[part]
        other = _facing(ends, directions, gap, these)
        ahead, met = _ahead(page, ends[these], directions[these], gap * STRAIGHT, own[part])
        there = np.where((other >= 0)[:, None], ends[other], ahead)
        found = (other >= 0) | met
        joins.append(np.concatenate([ends[these], there], 1)[found].astype(np.int32))
    return np.concatenate(joins)


def _open_still(boundary: np.ndarray, ends: np.ndarray, links: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K, S, S) bool what is each end's own line about it, and (K,) numbers: of ends from which no link leads to another."""
    target = {(x, y): (to_x, to_y) for x, y, to_x, to_y in links.tolist()}
    there = np.array([target.get((x, y), (x, y)) for x, y in ends.tolist()], np.intp).reshape(-1, 2) - ends
    near = np.flatnonzero(np.abs(there).max(1, initial=0) <= REACH)
    own = _own(boundary, ends[near])
    row, column = there[near, 1] + REACH, there[near, 0] + REACH
    to_itself = own[np.arange(len(near)), row, column]
    return own[to_itself], near[to_itself]


def _own(boundary: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(N, S, S) bool, S = 2 ``REACH`` + 1: what around each end hangs together with it, as far as its line's width reaches."""
    side = 2 * REACH + 1
    if len(ends) == 0:
        return np.zeros((0, side, side), bool)
    wide = cv2.copyMakeBorder(boundary, REACH, REACH, REACH, REACH, cv2.BORDER_CONSTANT, value=0)
    # Above each other, with an empty row between them, the surroundings of all ends make one picture.
    tiles = np.zeros((len(ends), side + 1, side), np.uint8)
    tiles[:, :side] = np.lib.stride_tricks.sliding_window_view(wide, (side, side))[ends[:, 1], ends[:, 0]]
    depth = cv2.distanceTransform(tiles.reshape(-1, side), cv2.DIST_L2, 3).reshape(tiles.shape)
    width = 2 * depth[:, REACH - 2 : REACH + 3, REACH - 2 : REACH + 3].max((1, 2))
    tiles[:, :side] *= NOTCH * width[:, None, None] + 1 >= _AWAY
    piece = cv2.connectedComponents(tiles.reshape(-1, side), connectivity=8)[1].reshape(tiles.shape)[:, :side]
    return (piece == piece[:, REACH, REACH, None, None]) & (piece > 0)


def _facing(ends: np.ndarray, directions: np.ndarray, gap: float, these: np.ndarray) -> np.ndarray:
    """(K,) which of the ends faces each of ``these`` (K,) within ``gap`` px, -1 for none."""
    way = (ends[None] - ends[these, None]).astype(np.float32)
    length = np.hypot(way[..., 0], way[..., 1])
    scale = np.maximum(length, 1e-6)
    here = (way * directions[these, None]).sum(2) / scale
    there = -(way * directions[None]).sum(2) / scale
    price = length * (1 + TURN_COST * (2 - here - there))
    price[(length < 1) | (length > gap) | (here < FACING) | (there < FACING)] = np.inf
    best = price.argmin(1)
    return np.where(np.isfinite(price[np.arange(len(these)), best]), best, -1)


def _ahead(
    page: Page, ends: np.ndarray, directions: np.ndarray, gap: float, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(K, 2) int px: the first line ahead of each end that is not its ``own`` (K, S, S) bool, and (K,) whether there is one."""
    start, way = fan(ends, directions, AHEAD)
    steps, each = np.arange(0.5, gap + 0.5, 0.5, dtype=np.float32), np.arange(len(ends))
    x, y = page.along(start, way, steps)
    on = page.lines(x, y)
    column, row = (
        (place - first + (REACH - page.margin)).astype(np.intp) for place, first in zip((x, y), start, strict=True)
    )
    about = (np.abs(row - REACH) <= REACH) & (np.abs(column - REACH) <= REACH)
    mine = np.repeat(each, len(AHEAD))
    on &= ~(about & own[mine, row.clip(0, 2 * REACH), column.clip(0, 2 * REACH)])
    met = on.any(0)
    first = np.where(met, on.argmax(0), len(steps)).reshape(-1, len(AHEAD))
    ray = each * len(AHEAD) + first.argmin(1)
    k = np.minimum(first.min(1), len(steps) - 1)
    there = np.stack([x[k, ray], y[k, ray]], 1) - page.margin
    return there.astype(np.intp), first.min(1) < len(steps)
