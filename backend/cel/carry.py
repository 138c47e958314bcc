"""Carrying colours from one drawing to the next: where each pixel came from, then what each region makes of it."""

from dataclasses import dataclass

import cv2
import numpy as np

from .look import Look
from .palette import BACKGROUND, Palette
from .register import Fit, View, register

FLOW_REACH = 20.0
"""px. Dense flow sees the distance to the nearest line up to here; further inside a region there is nothing to follow."""

SHARE = 0.4
"""A source region counts for a region when it gives at least this fraction of what the strongest gives."""

COVERED = 0.5
"""... or when this much of it lies in the region: what was two regions and is one where a line was left open."""

FLAT = 0.9
"""A region of which one colour holds this fraction is flat: what is left is misplacement, not shading."""

SMOOTH = 5
"""px. Side of the window in which a carried tone edge takes the majority's side."""

HOLE_TRUST = 0.5
"""Confidence in an enclosed region being background, against one that bears a colour: most holes are misplacements."""

ALIKE = 3.0
"""CIE76. Colours this close support each other in a vote, so that the steps of a gradient count as one."""


@dataclass(frozen=True)
class Solved:
    """A drawing's colours at the working size.

    colour  (h, w) uint8 palette index of each pixel, lines included
    sure    (R,) float32 0..1 confidence of each region
    """

    colour: np.ndarray
    sure: np.ndarray


def support(palette: Palette) -> np.ndarray:
    """(P, P) float32: how much a vote for one colour counts for another. The background stands alone."""
    gap = np.linalg.norm(palette.lab[:, None] - palette.lab[None], axis=2)
    out = np.exp(-((gap / ALIKE) ** 2)).astype(np.float32)
    out[0] = out[:, 0] = 0
    out[0, 0] = 1
    return out


def dense_flow(target: View, source: View) -> np.ndarray:
    """(h, w, 2) float32 px: for each pixel of ``target`` how far away it lies in ``source``.

    Dense inverse search (Kroeger et al., ECCV 2016) on the distance to the nearest line.
    """
    a, b = ((np.minimum(v.distance, FLOW_REACH) * (255 / FLOW_REACH)).astype(np.uint8) for v in (target, source))
    if min(a.shape) < 32:
        return np.zeros((*a.shape, 2), np.float32)
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # pyright: ignore[reportAttributeAccessIssue]
    # Patches further apart and less polish cost half the time, and 0.3 of 100 regions matched pair by pair.
    search.setPatchStride(4)
    search.setGradientDescentIterations(16)
    search.setVariationalRefinementIterations(1)
    return search.calc(a, b, None)


@dataclass(frozen=True)
class Match:
    """Where a drawing's pixels lie in another: ``at`` (h, w) int32 flat pixel numbers there; cost (R,) per region."""

    at: np.ndarray
    cost: np.ndarray


def registration(target: View, source: View) -> tuple[np.ndarray, Fit]:
    """Dense flow, and how each region lies on ``source`` with its help."""
    flow = dense_flow(target, source)
    return flow, register(target, source, flow)


def match_from(target: View, source: View, fit: Fit, flow: np.ndarray | None = None) -> Match:
    """The place in ``source`` of every pixel of ``target``, region by region; both at one size."""
    if flow is None:
        flow = dense_flow(target, source)
    height, width = target.labels.shape
    labels = target.labels
    yy, xx = np.indices(labels.shape, np.float32)
    move = fit.transform.copy()
    bent = fit.bent | target.border
    table = np.concatenate([move, target.centre], 1)[labels]
    qx, qy = xx - table[..., 4], yy - table[..., 5]
    grow, turn = 1 + table[..., 2], table[..., 3]
    x = table[..., 4] + table[..., 0] + grow * qx - turn * qy
    y = table[..., 5] + table[..., 1] + turn * qx + grow * qy
    flowing = bent[labels]
    x = np.where(flowing, xx + flow[..., 0], x)
    y = np.where(flowing, yy + flow[..., 1], y)
    column = np.clip(np.rint(x), 0, width - 1).astype(np.int32)
    row = np.clip(np.rint(y), 0, height - 1).astype(np.int32)
    return Match(row * width + column, fit.cost)


def tally(labels: np.ndarray, values: np.ndarray, weight: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """(rows, columns) float64: weights of each (label, value) pair added up; all inputs of one shape."""
    code = labels.astype(np.int64) * columns + values
    return np.bincount(code.ravel(), weight.ravel(), rows * columns).reshape(rows, columns)


def fill_in(colour: np.ndarray, trusted: np.ndarray, labels: np.ndarray, count: int, colours: int) -> np.ndarray:
    """Replace what is not trusted by the nearest trusted colour of the same region, else the region's commonest.

    colour (h, w) integers, trusted (h, w) bool, labels (h, w) int32 of ``count`` regions -> (h, w) int64
    """
    if not trusted.any():
        return np.zeros(colour.shape, np.int64)
    common = tally(labels, np.where(trusted, colour, 0), trusted.astype(np.float64), count, colours).argmax(1)
    _, closest = cv2.distanceTransformWithLabels(
        (~trusted).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    near = closest.astype(np.int32, copy=False)
    where = np.zeros(int(near.max()) + 1, np.int64)
    where[near[trusted]] = np.flatnonzero(trusted)
    giver = where[near]
    same = labels.ravel()[giver] == labels
    return np.where(trusted, colour, np.where(same, colour.ravel()[giver], common[labels])).astype(np.int64)


def carry(target: Look, source: Look, found: Match, solved: Solved, palette: Palette, shading: bool = True) -> Solved:
    """The colours of ``target`` from those of ``source``."""
    labels, count, colours = target.labels, target.count, len(palette)
    colour = solved.colour.ravel()[found.at]
    origin = source.labels.ravel()[found.at]
    number = labels.astype(np.int64) * source.count + origin
    pixels = np.bincount(number[target.paper], minlength=count * source.count).reshape(count, source.count)
    share = pixels / np.maximum(pixels.sum(1, keepdims=True), 1)
    covered = pixels / np.maximum(source.area[None], 1)
    accepted = (share >= SHARE * share.max(1, keepdims=True)) | ((covered >= COVERED) & (share > 0.02))
    trusted = accepted.ravel()[number] & target.paper
    votes = tally(labels, colour, trusted.astype(np.float64), count, colours)
    strength = votes @ support(palette)
    best = strength.argmax(1)
    part = strength.max(1) / np.maximum(votes.sum(1), 1)
    out = fill_in(colour, trusted, labels, count, colours)
    flat = part >= FLAT if shading else np.ones(count, bool)
    if not flat.all():
        out = steady(out, labels, ~flat, target.paper, colours)
    out = np.where(flat[labels], best[labels], out)
    rim = np.zeros(target.count, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        rim[side] = True
    outside = np.where((best == BACKGROUND) & ~rim, HOLE_TRUST, 1.0)
    sure = (outside * solved_trust(pixels, solved.sure) * chance(found.cost) * np.clip(part, 0.5, 1)).astype(np.float32)
    return Solved(out.astype(np.uint8), sure)


def chance(cost: np.ndarray) -> np.ndarray:
    """(R,) how likely a match of this cost gives a region its right colour.

    A logistic through what was counted on pairs of drawings whose colours are known, one to seven drawings apart:
    98 % right below a cost of 0.06, 75 % at 0.18, 45 % at 0.25, whatever the distance in time.
    """
    return 1 / (1 + np.exp((cost - 0.23) / 0.045))


def solved_trust(pixels: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """(R,) confidence of the source regions, weighed by the (R, S) pixels each gives."""
    return (pixels @ sure) / np.maximum(pixels.sum(1), 1)


def steady(colour: np.ndarray, labels: np.ndarray, shaded: np.ndarray, paper: np.ndarray, colours: int) -> np.ndarray:
    """Take specks and steps out of tone edges: each pixel takes the colour most of its surroundings bear.

    colour (h, w) integers, labels (h, w) int32; only regions that are ``shaded`` (R,) bool change.
    """
    inside = shaded[labels]
    ys, xs = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if len(ys) == 0:
        return colour
    margin = SMOOTH // 2
    y0, x0 = max(int(ys[0]) - margin, 0), max(int(xs[0]) - margin, 0)
    box = (slice(y0, int(ys[-1]) + 1 + margin), slice(x0, int(xs[-1]) + 1 + margin))
    here, where = colour[box], inside[box]
    has = np.zeros((len(shaded), colours), bool)
    has[labels[box][where], here[where]] = True
    best = np.zeros(here.shape, np.uint8)
    out = here.copy()
    ground = paper[box].astype(np.uint8)
    for k in np.flatnonzero(has.any(0)):
        mine = (here == k).astype(np.uint8)
        around = cv2.boxFilter(mine & ground, cv2.CV_8U, (SMOOTH, SMOOTH), None, (-1, -1), False, cv2.BORDER_REPLICATE)
        # Quarters, so that where two colours are even a pixel stays what it was.
        around = around * 4 + mine
        more = where & (around > best)
        more[more] = has[labels[box][more], k]
        best[more] = around[more]
        out[more] = k
    result = colour.copy()
    result[box] = np.where(where, out, here)
    return result


def stronger(a: Solved, b: Solved, labels: np.ndarray) -> Solved:
    """Of two solutions of one drawing, region by region the one that is surer."""
    take = b.sure > a.sure
    return Solved(np.where(take[labels], b.colour, a.colour), np.maximum(a.sure, b.sure))
