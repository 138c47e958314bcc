"""Laying the surroundings of points on another sketch: each point's own small picture turns, grows and slides until it fits.

Lucas and Kanade's alignment (IJCAI 1981) on the distance to the nearest line instead of on grey levels. Along a line that
looks the same everywhere it finds nothing to hold on to, so points that are neighbours hold on to each other, as rigidly
as the lines allow (embedded deformation: Sumner, Schmid and Pauly, ACM TOG 26(3), 2007, section 3), and let go where they
are parts of different things.

A move is two complex numbers, x + iy: by how much (px of the working size) a point is shifted, and by what its
surroundings are turned and grown, less one. The place c + d of the point goes to c + shift + (1 + turn) d.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from ..cel.sample import look_up
from ..cel.view import FAR, NEAR, felt
from .seen import Page

ON_LINES, AROUND = 40, 24
"""Places compared in the surroundings of a point: on lines, and anywhere."""

NARROW, WIDE = 16.0, 0.055
"""How far surroundings reach: px of the working size at least, else this part of a square picture's side."""

NEIGHBOURS = 8
"""Points that each point holds on to."""

TIE = 2.0
"""How firmly, against all that it sees of lines."""

GIVES = 3.0
"""px. Lines, and neighbours, that are farther off than this pull less and less: they are something else's."""

COARSE, FINE = 4, 5
"""Gauss-Newton steps at each of the two reaches of ``cel.view``."""

HOLD = np.array([0.5, 0.5, 1.0, 0.5], np.float32)
"""What a step holds sliding, growing and turning back by."""

LONGEST = 8.0
"""px that one step may slide, or move the rim of the surroundings."""

BETTER = 0.005
"""Misfit by which a later start must be better than an earlier one."""

HALF, BLUR = 0.10, 0.025
"""Misfit at which a place is as likely wrong as right, and how fast that changes. Counted on generated walks and puppets,
drawing to drawing: below 0.05 99.8 % were within 4 px, from 0.05 to 0.10 80 %, from 0.10 to 0.15 30 %."""

GROWN = 4.0
"""Times larger or smaller than drawn, at most."""


@dataclass(frozen=True)
class Patches:
    """N points of a sketch and what is around them, in px of its working size.

    centre  (N,) complex64; reach (N,) float32, how far their surroundings go
    away    (N, M) complex64, from the centre to the places that are compared; own (N, M) float32 distance to a line there
    near    (N, K) neighbours; half (N, K) complex64, half the way to each
    """

    centre: np.ndarray
    reach: np.ndarray
    away: np.ndarray
    own: np.ndarray
    near: np.ndarray
    half: np.ndarray

    def misfit(self, moves: np.ndarray, there: Page) -> np.ndarray:
        """(N,) 0..1: how badly the lines of sketch ``there`` agree with moved (N, 2) surroundings."""
        seen = look_up(there.view.distance, _placed(self, moves))
        apart = np.minimum(seen, NEAR) - np.minimum(self.own, NEAR)
        return np.abs(apart).mean(1) / NEAR


def patches_at(page: Page, at: np.ndarray) -> Patches:
    """Surroundings of points ``at`` (N,) complex64, px of the working size; the same every time."""
    random = np.random.default_rng(5)
    distance = page.view.distance
    radius = max(NARROW, WIDE * float(np.sqrt(distance.size)))
    # Inside a wide region there is nothing to see unless one looks as far as its edge.
    reach = np.maximum(radius, look_up(distance, at[None])[0] + 0.7 * radius).astype(np.float32)
    circle = np.exp(2j * np.pi * random.random((len(at), AROUND)))
    away = [circle * np.sqrt(random.random((len(at), AROUND))) * reach[:, None]]
    ys, xs = np.nonzero(page.look.boundary)
    if len(xs):
        line = (xs + 1j * ys)[random.permutation(len(xs))[: (len(xs) + 1) // 2]]
        gap, number = nearest(line, at, 200)
        seen = np.maximum((gap <= reach[:, None]).sum(1), min(12, gap.shape[1]))
        drawn = (random.random((len(at), ON_LINES)) * seen[:, None]).astype(np.intp)
        away.append(line[np.take_along_axis(number, drawn, 1)] - at[:, None])
    places = np.concatenate(away, 1).astype(np.complex64)
    own = look_up(distance, at[:, None] + places)
    _, near = nearest(at, at, NEIGHBOURS + 1)
    near = near[:, 1:]
    return Patches(at, reach, places, own, near, (at[near] - at[:, None]) / 2)


def laid(
    patches: Patches, starts: Sequence[np.ndarray], there: Page, trust: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Moves (N, 2) of points onto sketch ``there``, the best from any of the ``starts``, and belief in each (N,) 0..1.

    ``trust`` (N,) 0..1: how far neighbours may rely on a point.
    """
    best = np.zeros((len(patches.centre), 2), np.complex64)
    least = np.full(len(patches.centre), np.inf, np.float32)
    for start in starts:
        moves = settled(patches, settled(patches, start, there, 0, COARSE, trust), there, 1, FINE, trust)
        misfit = patches.misfit(moves, there)
        better = misfit < least - BETTER
        best[better], least[better] = moves[better], misfit[better]
    if len(starts) > 1:
        best = settled(patches, best, there, 1, 3, trust)
    return best, belief(patches, best, there)


def belief(patches: Patches, moves: np.ndarray, there: Page) -> np.ndarray:
    """(N,) 0..1: how sure moves (N, 2) onto sketch ``there`` are."""
    sure = 1 / (1 + np.exp((patches.misfit(moves, there) - HALF) / BLUR))
    grown = np.abs(1 + moves[:, 1])
    return np.where((grown < GROWN) & (grown > 1 / GROWN), sure, 0).astype(np.float32)


def settled(
    patches: Patches, moves: np.ndarray, there: Page, level: int, steps: int, trust: np.ndarray | None = None
) -> np.ndarray:
    """Moves (N, 2) brought downhill together, at the far (0) or near (1) reach."""
    moves = moves.astype(np.complex64)
    slopes, reach = there.view.slopes[level], (FAR, NEAR)[level]
    own = np.minimum(patches.own, reach)
    for _ in range(steps):
        left, right = _from_lines(patches, moves, slopes, own, reach)
        _from_neighbours(patches, moves, trust, left, right)
        left[:, range(4), range(4)] += HOLD
        step = -np.clip(np.linalg.solve(left, right[..., None])[..., 0], -LONGEST, LONGEST)
        moves[:, 0] += step[:, 0] + 1j * step[:, 1]
        moves[:, 1] += (step[:, 2] + 1j * step[:, 3]) / patches.reach
    return moves


def _from_lines(
    patches: Patches, moves: np.ndarray, slopes: np.ndarray, own: np.ndarray, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """Normal equations (N, 4, 4) and (N, 4) of what the lines ask for; growing and turning are counted at the rim."""
    slope, distance = felt(look_up(slopes, _placed(patches, moves)), reach)
    rest = distance - own
    turned = slope * np.conj(patches.away) / patches.reach[:, None]
    jac = np.stack([slope.real, slope.imag, turned.real, turned.imag], 1)
    weighed = jac / (1 + (rest / GIVES) ** 2)[:, None]
    return weighed @ jac.transpose(0, 2, 1), np.einsum("nim,nm->ni", weighed, rest)


def _from_neighbours(
    patches: Patches, moves: np.ndarray, trust: np.ndarray | None, left: np.ndarray, right: np.ndarray
) -> None:
    """Adds that two neighbours should send the point between them to one place."""
    near, half = patches.near, patches.half
    turn = 1 + moves[:, 1]
    mine = (patches.centre + moves[:, 0])[:, None] + turn[:, None] * half
    apart = mine - (patches.centre + moves[:, 0])[near] + turn[near] * half
    weight = TIE * (patches.own.shape[1] / (ON_LINES + AROUND)) / (1 + np.abs(apart / GIVES) ** 2)
    if trust is not None:
        weight = weight * trust[near]
    lever = half / patches.reach[:, None]
    turned = np.conj(lever) * apart
    many, along, square = weight.sum(1), (weight * lever).sum(1), (weight * np.abs(lever) ** 2).sum(1)
    for k, value in enumerate((many, many, square, square)):
        left[:, k, k] += value
    for i, j, value in ((0, 2, along.real), (1, 3, along.real), (0, 3, -along.imag), (1, 2, along.imag)):
        left[:, i, j] += value
        left[:, j, i] += value
    for k, part in ((0, apart), (2, turned)):
        right[:, k] += (weight * part.real).sum(1)
        right[:, k + 1] += (weight * part.imag).sum(1)


def _placed(patches: Patches, moves: np.ndarray) -> np.ndarray:
    """(N, M) complex64 px: where moves (N, 2) put the surroundings."""
    shifted = (patches.centre + moves[:, 0])[:, None]
    return (shifted + (1 + moves[:, 1:]) * patches.away).astype(np.complex64)


def nearest(of: np.ndarray, to: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Of points (P,) complex the ``most`` (or all) nearest to each of (N,): px (N, K), and their numbers, nearest first."""
    of, to = (np.stack([at.real, at.imag], 1) for at in (of, to))
    gap, number = KDTree(of).query(to, k=min(most, len(of)))
    return np.reshape(gap, (len(to), -1)), np.reshape(number, (len(to), -1))
