"""Where each place of an in-between lies in both keys: one motion for every small square, neighbours agreeing.

Each square of the in-between weighs the pieces that pass by it on their way, from either key: a good one makes both keys
look alike there. Neighbouring squares want to come from neighbouring places; what all of them together want is found by
min-sum belief propagation on the grid (Felzenszwalb and Huttenlocher, IJCV 70(1), 2006). Then each square is offered what
squares further off chose, so that a motion spreads over the whole part that it fits.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from .field import Features, Field, disc, look
from .move import arc
from .near import nearest

CELL = 4
"""px. Side of the squares, at a picture of ``field.USUAL`` px diagonal; so are all lengths here."""

ASKED, CLOSEST = 24, 4
"""Pieces around each square, and how many of the closest are weighed; of the others each ``EVERY``-th is."""

EVERY = 4

PASSES = 40.0
"""px. How near a piece must pass."""

AROUND, SPOTS = 7.0, 21
"""Radius px and number of the places at which both keys are compared."""

UNLIKE = 0.13
"""Most that two keys' looks may count against a motion: where one of them hides it, nothing is alike."""

DOUBT = 0.3
"""How much a piece's own cost counts, against the looks at this place."""

DISTANT = 0.0006
"""Price of each px that a piece is away."""

EMPTY = 0.06
"""Price of a place that would stay empty paper."""

ASTRAY = 0.15
"""Cost from which a piece is left out: it found no place in the other drawing."""

STILL = 0.01
"""What it costs that a place stands still, besides how unlike both keys look there: no piece bears it out."""

TORN, TORN_AT = 0.15, 12.0
"""Price of two neighbouring squares whose motions part by so many px (both keys together) or more; less for less."""

ROUNDS = 8
"""Of passing on what is wanted."""

SPREAD = (2, 5, 10)
"""Squares away from which choices are offered the second time."""

SAME = 0.7
"""px. Motions this near to each other are one."""

SMOOTH, MEANT = 2, 3.0
"""Squares around each whose motions are averaged, where they part by less than so many px."""

NOWHERE = 9.0


@dataclass(frozen=True)
class Side:
    """One key: features (h, w, 4), empty (h, w) bool where there is no figure."""

    features: Features
    empty: np.ndarray


@dataclass(frozen=True)
class Passing:
    """Pieces seen from the in-between: where each is, and how places around it are found in either key.

    here (P,) complex128 px; keys: for each side (place (P,), turn (P,)) so that z lies at place + turn (z - here);
    cost (P,).
    """

    here: np.ndarray
    keys: tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    cost: np.ndarray


@dataclass(frozen=True)
class Motions:
    """Motions of (...,) squares about their own middles: place in either key, turn with growth, cost of the choice."""

    first: np.ndarray
    first_turn: np.ndarray
    last: np.ndarray
    last_turn: np.ndarray
    cost: np.ndarray

    def seen_from(self, away: np.ndarray) -> "Motions":
        """The same motions about middles that lie ``away`` px from the own ones."""
        return Motions(
            self.first + self.first_turn * away, self.first_turn,
            self.last + self.last_turn * away, self.last_turn, self.cost,
        )  # fmt: skip

    def taken(self, rows: Any) -> "Motions":
        """Those at ``rows``, anything that indexes an array."""
        return Motions(*(v[rows] for v in vars(self).values()))

    def shaped(self, *shape: int) -> "Motions":
        """The same in another shape."""
        return Motions(*(v.reshape(*shape) for v in vars(self).values()))

    def apart(self, other: "Motions") -> np.ndarray:
        """px, both keys together, between the places that they name."""
        return np.abs(self.first - other.first) + np.abs(self.last - other.last)


@dataclass(frozen=True)
class Grid:
    """Squares of ``step`` px over a picture of ``size`` (h, w): ``rows`` x ``columns``, ``at`` (rows * columns,) their middles."""

    size: tuple[int, int]
    step: int
    rows: int
    columns: int
    at: np.ndarray


def passing(forward: Field, backward: Field, time: float, size: tuple[int, int]) -> Passing:
    """The pieces of both keys at ``time``."""
    start = np.concatenate([forward.centre, backward.centre + backward.shift]).astype(np.complex128)
    end = np.concatenate([forward.centre + forward.shift, backward.centre]).astype(np.complex128)
    turn = np.concatenate([forward.turn, 1 / backward.turn]).astype(np.complex128)
    cost = np.concatenate([forward.cost, backward.cost])
    good = cost < ASTRAY
    start, end, turn, cost = start[good], end[good], turn[good], cost[good]
    here = arc(start, end, turn, time, float(np.hypot(*size)))
    angle, grown = np.angle(turn), np.abs(turn)
    now = 1 + time * (grown - 1)
    to_first = np.exp(-1j * angle * time) / now
    to_last = np.exp(1j * angle * (1 - time)) * grown / now
    return Passing(here, ((start, to_first), (end, to_last)), cost)


def find_middle(first: Side, last: Side, forward: Field, backward: Field, time: float) -> tuple[Grid, Motions]:
    """The motions of the in-between's squares, (rows, columns) each."""
    size = first.empty.shape
    scale = max(float(np.hypot(*size)) / 650.0, 0.2)
    grid = _grid((size[0], size[1]), max(2, round(CELL * scale)))
    looks = [np.dstack([s.features.image, s.empty.astype(np.float32)]) for s in (first, last)]
    stay = _still(grid, first.features, last.features, scale)
    offered, good = _pieces(grid, passing(forward, backward, time, grid.size), stay, scale)
    chosen = _choose(grid, offered, good, first.features, looks, scale)
    offered, good = _spread(grid, chosen)
    chosen = _choose(grid, offered, good, first.features, looks, scale)
    return grid, _smooth(grid, chosen.shaped(grid.rows, grid.columns))


def _grid(size: tuple[int, int], step: int) -> Grid:
    ys, xs = np.mgrid[step // 2 : size[0] + step // 2 : step, step // 2 : size[1] + step // 2 : step]
    return Grid(size, step, *ys.shape, at=(xs + 1j * ys).ravel().astype(np.complex128))


def _still(grid: Grid, first: Features, last: Features, scale: float) -> np.ndarray:
    """(N,) price of standing still, by how unlike the keys look around each square."""
    apart = np.minimum(np.abs(first.image - last.image), first.most) @ first.price
    side = 2 * round(AROUND * scale) + 1
    around = cv2.blur(apart.astype(np.float32), (side, side))
    row, column = np.imag(grid.at).astype(np.intp), np.real(grid.at).astype(np.intp)
    return STILL + DOUBT * around[_inside(row, grid.size[0]), _inside(column, grid.size[1])]


def _pieces(grid: Grid, pieces: Passing, stay: np.ndarray, scale: float) -> tuple[Motions, np.ndarray]:
    """Motions (N, K) offered to each square by the pieces around it, the last one to stand still at the price ``stay`` (N,);
    (N, K) bool which count."""
    count = len(grid.at)
    still = Motions(grid.at, np.ones(count), grid.at, np.ones(count), stay)
    if len(pieces.here) == 0:
        return still.shaped(count, 1), np.ones((count, 1), bool)
    near = nearest(grid.at, pieces.here, ASKED)
    near = np.concatenate([near[:, :CLOSEST], near[:, CLOSEST::EVERY]], 1)
    away = grid.at[:, None] - pieces.here[near]
    (start, start_turn), (end, end_turn) = pieces.keys
    cost = DOUBT * pieces.cost[near] + DISTANT / scale * np.abs(away)
    there = Motions(start[near], start_turn[near], end[near], end_turn[near], cost).seen_from(away)
    both = zip(vars(there).values(), vars(still).values(), strict=True)
    good = np.column_stack([np.abs(away) <= PASSES * scale, np.ones(count, bool)])
    return Motions(*(np.concatenate([v, s[:, None]], 1) for v, s in both)), good


def _spread(grid: Grid, chosen: Motions) -> tuple[Motions, np.ndarray]:
    """What each square and those further off chose, offered to each; (N, K) bool which are new."""
    number = np.arange(len(grid.at)).reshape(grid.rows, grid.columns)
    who = [number]
    for far in SPREAD:
        for down, right in ((0, far), (0, -far), (far, 0), (-far, 0)):
            rows = np.clip(np.arange(grid.rows) + down, 0, grid.rows - 1)
            columns = np.clip(np.arange(grid.columns) + right, 0, grid.columns - 1)
            who.append(number[rows][:, columns])
    who = np.stack([w.ravel() for w in who], 1)
    offered = chosen.taken(who).seen_from(grid.at[:, None] - grid.at[who])
    good = np.ones(who.shape, bool)
    for k in range(1, who.shape[1]):
        before, this = offered.taken(np.s_[:, :k]), offered.taken(np.s_[:, k : k + 1])
        alike = before.apart(this) + 50 * np.abs(before.first_turn - this.first_turn) < SAME
        good[:, k] = ~(alike & good[:, :k]).any(1)
    return offered, good


def _choose(
    grid: Grid, offered: Motions, good: np.ndarray, features: Features, looks: list[np.ndarray], scale: float
) -> Motions:
    price = np.full(good.shape, NOWHERE, np.float32)
    price[good] = _unlike(offered.taken(np.nonzero(good)), features, looks, scale) + offered.cost[good]
    pick = _agreed(grid, price, offered)
    return offered.taken((np.arange(len(pick)), pick))


def _unlike(motions: Motions, features: Features, looks: list[np.ndarray], scale: float) -> np.ndarray:
    """(N,) float32: how unlike both keys look there, and what stays empty."""
    spots = disc(SPOTS, AROUND * scale)
    price = np.tile(features.price, SPOTS) / SPOTS
    out = np.empty(len(motions.first), np.float32)
    for a in range(0, len(out), 1500):
        part = motions.taken(np.s_[a : a + 1500])
        one = _see(looks[0], part.first[:, None] + part.first_turn[:, None] * spots)
        other = _see(looks[1], part.last[:, None] + part.last_turn[:, None] * spots)
        apart = np.minimum(np.abs(one[..., :4] - other[..., :4]), features.most).reshape(len(one), -1) @ price
        empty = np.minimum(one[..., 4], other[..., 4]).mean(1)
        out[a : a + 1500] = np.minimum(apart, UNLIKE) + EMPTY * empty
    return out


def _see(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    at = at.astype(np.complex64)
    return np.concatenate([look(np.ascontiguousarray(image[..., :4]), at), look(image[..., 4:], at)], 2)


def _agreed(grid: Grid, price: np.ndarray, offered: Motions) -> np.ndarray:
    """(N,) which of the offered motions each square takes, so that neighbours tear apart as little as they may."""
    rows, columns, count = grid.rows, grid.columns, price.shape[1]
    own = price.reshape(rows, columns, count)
    there = offered.shaped(rows, columns, count)
    down = _torn(there.taken(np.s_[:-1]), there.taken(np.s_[1:]), 1j * grid.step / 2)
    right = _torn(there.taken(np.s_[:, :-1]), there.taken(np.s_[:, 1:]), grid.step / 2)
    above, below, left, after = (np.zeros_like(own) for _ in range(4))
    for _ in range(ROUNDS):
        total = own + above + below + left + after
        news = (
            (above[1:], _told((total - below)[:-1][..., :, None] + down, -2)),
            (below[:-1], _told((total - above)[1:][..., None, :] + down, -1)),
            (left[:, 1:], _told((total - after)[:, :-1][..., :, None] + right, -2)),
            (after[:, :-1], _told((total - left)[:, 1:][..., None, :] + right, -1)),
        )
        for old, new in news:
            old += 0.5 * (new - old)
    return (own + above + below + left + after).reshape(-1, count).argmin(1)


def _torn(one: Motions, other: Motions, half: complex) -> np.ndarray:
    """(..., K, K) float32: what each motion of a square and each of its neighbour's cost, by where they part on the border."""
    a, b = one.seen_from(np.asarray(half)), other.seen_from(np.asarray(-half))
    apart = np.abs(a.first[..., :, None] - b.first[..., None, :]) + np.abs(a.last[..., :, None] - b.last[..., None, :])
    return (TORN * np.minimum(apart / TORN_AT, 1)).astype(np.float32)


def _told(ways: np.ndarray, axis: int) -> np.ndarray:
    best = ways.min(axis)
    return best - best.min(-1, keepdims=True)


def _smooth(grid: Grid, chosen: Motions) -> Motions:
    """Each square's motion averaged with those around it that mean the same."""
    total = Motions(*(np.zeros(v.shape, v.dtype) for v in vars(chosen).values()))
    weight = np.zeros((grid.rows, grid.columns))
    row, column = np.mgrid[: grid.rows, : grid.columns]
    for down in range(-SMOOTH, SMOOTH + 1):
        for right in range(-SMOOTH, SMOOTH + 1):
            r, c = row + down, column + right
            inside = (r >= 0) & (r < grid.rows) & (c >= 0) & (c < grid.columns)
            r, c = np.clip(r, 0, grid.rows - 1), np.clip(c, 0, grid.columns - 1)
            said = chosen.taken((r, c)).seen_from(np.asarray(-(right + 1j * down) * grid.step))
            share = inside * np.exp(-(down * down + right * right) / 4.5)
            share = share * np.clip(1 - said.apart(chosen) / MEANT, 0, 1)
            for old, new in zip(vars(total).values(), vars(said).values(), strict=True):
                old += share * new
            weight += share
    return Motions(*(v / weight for v in vars(total).values()))


def each_pixel(grid: Grid, motions: Motions) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) complex64 px each: where every pixel of the in-between lies in the first and in the last key."""
    height, width = grid.size
    ys, xs = np.mgrid[:height, :width]
    here, row, column = xs + 1j * ys, (ys - grid.step // 2) / grid.step, (xs - grid.step // 2) / grid.step

    def ask(r: np.ndarray, c: np.ndarray) -> Motions:
        middle = c * grid.step + grid.step // 2 + 1j * (r * grid.step + grid.step // 2)
        return motions.taken((r, c)).seen_from(here - middle)

    own = ask(_inside(np.rint(row), grid.rows), _inside(np.rint(column), grid.columns))
    first, last, weight = np.zeros_like(own.first), np.zeros_like(own.last), np.zeros(grid.size)
    low_row, low_column = _inside(np.floor(row), grid.rows), _inside(np.floor(column), grid.columns)
    for down in (0, 1):
        for right in (0, 1):
            r, c = np.minimum(low_row + down, grid.rows - 1), np.minimum(low_column + right, grid.columns - 1)
            said = ask(r, c)
            share = np.maximum(1 - np.abs(row - r), 0) * np.maximum(1 - np.abs(column - c), 0) + 1e-6
            share = share * (said.apart(own) < MEANT)
            first += share * said.first
            last += share * said.last
            weight += share
    return (first / weight).astype(np.complex64), (last / weight).astype(np.complex64)


def _inside(index: np.ndarray, count: int) -> np.ndarray:
    return np.clip(index, 0, count - 1).astype(np.intp)
