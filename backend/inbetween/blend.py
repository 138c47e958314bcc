"""The coloured drawing between two coloured drawings: every pixel one of the artist's colours, none mixed.

Each small square of the in-between asks the pieces that pass by it on their way, from either side, which of them
makes both keys look alike there; pieces that bring a part of the figure go before empty paper.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .field import Features, Field, disc, look, nearest
from .move import arc

CELL = 4
"""px. Side of the squares that choose a piece together, at a picture of ``field.USUAL`` px diagonal."""

ASKED = 12
"""Pieces that each square asks."""

PASSES = 14.0
"""px. How near a piece must pass, at the usual size."""

AROUND, SPOTS = 7.0, 29
"""Radius px and number of the places at which both keys are compared."""

UNLIKE = 0.13
"""Most that two keys' looks may count against a piece: where one of them hides it, nothing is alike."""

DOUBT = 0.3
"""How much a piece's own cost counts, against the looks at this place."""

EMPTY = 0.06
"""Price of a place that would stay empty paper."""

ASTRAY = 0.15
"""Cost from which a piece is left out: it found no place in the other drawing."""


@dataclass(frozen=True)
class Side:
    """One key: features (h, w, 4), empty (h, w) bool where there is no figure, index (h, w) uint8 palette."""

    features: Features
    empty: np.ndarray
    index: np.ndarray


@dataclass(frozen=True)
class Passing:
    """Pieces seen from the in-between: where each is, and how places around it are found in either key.

    here (P,) complex128 px; keys: for each side (place (P,), turn (P,)) so that z lies at place + turn (z - here);
    cost (P,); side (P,) 0 or 1: whose piece it is.
    """

    here: np.ndarray
    keys: tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    cost: np.ndarray
    side: np.ndarray


def passing(forward: Field, backward: Field, time: float, size: tuple[int, int]) -> Passing:
    """The pieces of both keys at ``time``."""
    start = np.concatenate([forward.centre, backward.centre + backward.shift]).astype(np.complex128)
    end = np.concatenate([forward.centre + forward.shift, backward.centre]).astype(np.complex128)
    turn = np.concatenate([forward.turn, 1 / backward.turn]).astype(np.complex128)
    cost = np.concatenate([forward.cost, backward.cost])
    side = np.repeat([0, 1], [len(forward), len(backward)])
    good = cost < ASTRAY
    start, end, turn, cost, side = start[good], end[good], turn[good], cost[good], side[good]
    here = arc(start, end, turn, time, float(np.hypot(*size)))
    angle, grown = np.angle(turn), np.abs(turn)
    now = 1 + time * (grown - 1)
    to_first = np.exp(-1j * angle * time) / now
    to_last = np.exp(1j * angle * (1 - time)) * grown / now
    return Passing(here, ((start, to_first), (end, to_last)), cost, side)


def blend(first: Side, last: Side, forward: Field, backward: Field, time: float) -> np.ndarray:
    """(h, w) uint8: the palette index of every pixel at ``time``."""
    size = first.index.shape
    pieces = passing(forward, backward, time, size)
    if len(pieces.here) == 0:
        return first.index if time < 0.5 else last.index
    scale = max(float(np.hypot(*size)) / 650.0, 0.2)
    chosen, score, grid = _choose(first, last, pieces, scale)
    return _paint(first, last, pieces, chosen, score, grid, time)


def _choose(first: Side, last: Side, pieces: Passing, scale: float) -> tuple[np.ndarray, np.ndarray, int]:
    """For each square the best piece, (H, W) int, -1 none, and its score; and the squares' side, px."""
    height, width = first.index.shape
    step = max(2, round(CELL * scale))
    ys, xs = np.mgrid[step // 2 : height + step // 2 : step, step // 2 : width + step // 2 : step]
    at = (xs + 1j * ys).ravel()
    near = nearest(at, pieces.here, ASKED)
    close = np.abs(pieces.here[near] - at[:, None]) <= PASSES * scale
    spots = disc(SPOTS, AROUND * scale)
    chosen, best = np.full(len(at), -1), np.full(len(at), np.inf, np.float32)
    images = [np.dstack([s.features.image, s.empty.astype(np.float32)]) for s in (first, last)]
    most, price = first.features.most, np.tile(first.features.price, SPOTS) / SPOTS
    for k in range(near.shape[1]):
        rows = np.flatnonzero(close[:, k])
        for part in (rows[i : i + 1500] for i in range(0, len(rows), 1500)):
            who = near[part, k]
            away = (at[part] - pieces.here[who])[:, None] + spots
            seen = [
                _see(image, place[who], turn[who], away)
                for image, (place, turn) in zip(images, pieces.keys, strict=True)
            ]
            apart = np.minimum(np.abs(seen[0][..., :4] - seen[1][..., :4]), most).reshape(len(part), -1) @ price
            empty = np.minimum(seen[0][..., 4], seen[1][..., 4]).mean(1)
            score = np.minimum(apart, UNLIKE) + DOUBT * pieces.cost[who] + EMPTY * empty
            better = score < best[part]
            best[part[better]], chosen[part[better]] = score[better], who[better]
    return chosen.reshape(xs.shape), best.reshape(xs.shape), step


def _see(image: np.ndarray, place: np.ndarray, turn: np.ndarray, away: np.ndarray) -> np.ndarray:
    at = (place[:, None] + turn[:, None] * away).astype(np.complex64)
    return np.concatenate([look(np.ascontiguousarray(image[..., :4]), at), look(image[..., 4:], at)], 2)


def _paint(
    first: Side, last: Side, pieces: Passing, chosen: np.ndarray, score: np.ndarray, step: int, time: float
) -> np.ndarray:
    """Each pixel takes, of the squares around it, the piece that makes the keys look most alike at just this pixel."""
    height, width = first.index.shape
    ys, xs = np.mgrid[:height, :width]
    here = (xs + 1j * ys).astype(np.complex64)
    rows, columns = (
        np.clip((v - step // 2) // step, 0, n - 1) for v, n in ((ys, chosen.shape[0]), (xs, chosen.shape[1]))
    )
    best = np.full((height, width), np.inf, np.float32)
    out = np.where(first.empty | last.empty, 0, first.index if time < 0.5 else last.index).astype(np.uint8)
    for down in (0, 1):
        for right in (0, 1):
            cell = np.minimum(rows + down, chosen.shape[0] - 1), np.minimum(columns + right, chosen.shape[1] - 1)
            who = chosen[cell]
            known = who >= 0
            who = np.maximum(who, 0)
            away = here - pieces.here[who]
            at = [(place[who] + turn[who] * away).astype(np.complex64) for place, turn in pieces.keys]
            looks = [look(side.features.image, z) for side, z in zip((first, last), at, strict=True)]
            apart = np.minimum(np.abs(looks[0] - looks[1]), first.features.most) @ first.features.price
            total = np.where(known, score[cell] + 0.5 * apart, np.inf)
            better = total < best
            colours = [_pick(side.index, z) for side, z in zip((first, last), at, strict=True)]
            colour = np.where(pieces.side[who] == 0, colours[0], colours[1])
            best[better], out[better] = total[better], colour[better]
    return out


def _pick(index: np.ndarray, at: np.ndarray) -> np.ndarray:
    x = np.clip(np.rint(np.real(at)), 0, index.shape[1] - 1).astype(np.intp)
    y = np.clip(np.rint(np.imag(at)), 0, index.shape[0] - 1).astype(np.intp)
    return index[y, x]


def majority(index: np.ndarray, colours: int, reach: int = 1) -> np.ndarray:
    """(h, w) uint8: each pixel takes what most of the square around it bear, if it stands alone; specks go."""
    best = np.zeros(index.shape, np.float32)
    out = index.copy()
    side = 2 * reach + 1
    for k in range(colours):
        mine = index == k
        if not mine.any():
            continue
        around = cv2.boxFilter(mine.astype(np.float32), -1, (side, side), normalize=False) + 0.5 * mine
        more = around > best
        best[more], out[more] = around[more], k
    return out
