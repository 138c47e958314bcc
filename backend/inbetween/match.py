"""Which place of the second drawing's curves each place of the first one's goes to, strokes split or joined as they are.

Every sample of a curve has a few candidates near where it is expected; a shortest path along the curve (Viterbi) picks
those that follow each other as the samples do, or none. What was matched then says better where to look, and the
reach shrinks from round to round: iterated closest points (Besl and McKay, PAMI 14(2), 1992) with order.
"""

from dataclasses import dataclass

import numpy as np

from .curves import Curves
from .near import flat, search

CANDIDATES = 8
"""Places of the other drawing that each sample may go to."""

REACHES = (14.0, 7.0, 3.5, 3.5, 3.5)
"""px at a picture of 1000 px diagonal: how far from where it was expected a sample is still thought to have gone."""

TURN = 0.6
"""What a line running square to the expected direction costs, in reaches."""

ASTRAY = 2.6
"""Squared reaches from which a sample rather has no counterpart."""

LEAVE = 1.2
"""Price of beginning or ending to have no counterpart, which keeps runs whole."""

SWITCH = 2.5
"""Price of going on in another curve."""

FEWEST = 0.05
"""Fraction of the samples that must find a counterpart at all."""

LEAP = 8.0
"""Most that a leap along one curve costs; more than going over to another, because a line does not tear."""

AROUND = 14
"""Matched samples that say together how the drawing moved near a place."""

EVERY = 3
"""Of the samples so many-th is asked: neighbours further apart keep a line from sliding along itself."""


@dataclass(frozen=True)
class Matches:
    """For each sample of the first drawing's curves: the curve (M,) int32 it goes to, -1 none, and where along it (M,) px."""

    curve: np.ndarray
    along: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """(M,) bool."""
        return self.curve >= 0


@dataclass(frozen=True)
class Motion:
    """Where places go: ``to`` (M,) complex128 px, and turn with growth there, (M,) complex128 (1: neither)."""

    to: np.ndarray
    turn: np.ndarray


def match(
    first: Curves,
    second: Curves,
    guess: Motion,
    scale: float = 1.0,
    rounds: int = len(REACHES),
) -> Matches:
    """Match the samples of ``first``, expected where ``guess`` says, to places on ``second``.

    ``scale`` is the picture's diagonal over 1000 px; ``rounds`` the last so many reaches.
    """
    nothing = Matches(np.full(len(first.at), -1, np.int32), np.zeros(len(first.at)))
    if len(first.at) == 0 or len(second.at) == 0:
        return nothing
    table = _Steps(first)
    found = nothing
    for reach in REACHES[-rounds:]:
        found = _round(first, second, guess, max(reach * scale, 1.5), table)
        if found.found.mean() < FEWEST:
            return nothing
        guess = smooth_motion(first, found, second, guess)
    return found


class _Steps:
    """The samples of all curves side by side, so that all curves are walked at once: (C, L) sample numbers, -1 none."""

    def __init__(self, curves: Curves) -> None:
        sizes = np.diff(curves.first)
        self.rows = np.full((len(sizes), int(sizes.max())), -1, np.int64)
        for c, (a, n) in enumerate(zip(curves.first[:-1], sizes, strict=True)):
            self.rows[c, :n] = np.arange(a, a + n)


def _round(first: Curves, second: Curves, guess: Motion, reach: float, table: _Steps) -> Matches:
    k = min(CANDIDATES, len(second.at))
    side = TURN * reach
    there = np.column_stack([np.real(second.at), np.imag(second.at), *axis(second.way, side)])
    turned = guess.turn / np.maximum(np.abs(guess.turn), 1e-9) * first.way
    here = np.column_stack([np.real(guess.to), np.imag(guess.to), *axis(turned, side)])
    apart, which = search(here, there, k)
    price = np.minimum((apart / reach) ** 2, 2 * ASTRAY).astype(np.float32)
    curve, along = second.curve[which], _nearest_along(second, which, guess.to)
    grown = np.abs(guess.turn)
    chosen = _walk(first, second, table, price, curve, along, grown)
    rows = np.flatnonzero((chosen >= 0) & (chosen < k))
    out = Matches(np.full(len(first.at), -1, np.int32), np.zeros(len(first.at)))
    out.curve[rows] = curve[rows, chosen[rows]]
    out.along[rows] = along[rows, chosen[rows]]
    return out


def axis(way: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """A direction without its sign, as two numbers that lie close where directions do."""
    double = way * way
    return scale * np.real(double), scale * np.imag(double)


def _nearest_along(second: Curves, which: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(M, K) px: from the samples ``which`` slide along the curve to where it is nearest to ``wanted``."""
    lead = np.real((wanted[:, None] - second.at[which]) * np.conj(second.way[which]))
    size = np.maximum(np.diff(second.first), 2)[second.curve[which]]
    half = 0.5 * second.length[second.curve[which]] / (size - 1)
    return second.along[which] + np.clip(lead, -half, half)


def _walk(
    first: Curves, second: Curves, table: _Steps, price: np.ndarray, curve: np.ndarray, along: np.ndarray,
    grown: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """(M,) the candidate of each sample on the cheapest way along its curve; K where it has none. All curves at once."""
    rows, k = table.rows, price.shape[1]
    none = np.full((len(price), 1), ASTRAY, np.float32)
    own = np.concatenate([price, none], 1)
    total = own[np.maximum(rows[:, 0], 0)]
    back = np.zeros((*rows.shape, k + 1), np.int8)
    for step in range(1, rows.shape[1]):
        live = np.flatnonzero(rows[:, step] >= 0)
        a, b = rows[live, step - 1], rows[live, step]
        move = np.abs(along[b][:, None, :] - along[a][:, :, None])
        loop = second.closed[curve[b]][:, None, :]
        whole = second.length[curve[b]][:, None, :]
        move = np.where(loop, np.minimum(move, np.abs(whole - move)), move)
        wanted = (np.abs(first.at[b] - first.at[a]) * grown[b])[:, None, None]
        off = np.abs(move - wanted) / np.maximum(0.6 * wanted, 0.5)
        same = curve[a][:, :, None] == curve[b][:, None, :]
        change = np.full((len(live), k + 1, k + 1), LEAVE, np.float32)
        change[:, :k, :k] = np.where(same, np.minimum(off * off, LEAP), SWITCH)
        change[:, k, k] = 0
        way = total[live][:, :, None] + change
        best = way.argmin(1)
        back[live, step] = best
        total[live] = np.take_along_axis(way, best[:, None], 1)[:, 0] + own[b]
    chosen = np.full(len(price), k, np.int64)
    here = total.argmin(1)
    for step in range(rows.shape[1] - 1, -1, -1):
        live = rows[:, step] >= 0
        chosen[rows[live, step]] = here[live]
        here = np.where(live, back[np.arange(len(rows)), step, here], here)
    return chosen


def smooth_motion(first: Curves, found: Matches, second: Curves, before: Motion | None = None) -> Motion:
    """The motion of all samples from those matched: near each place the similarity that fits its matched neighbours best.

    Neighbours that went elsewhere than expected (another part in front or behind) count for little.
    """
    rows = np.flatnonzero(found.found)
    rows = rows[::EVERY] if len(rows) > EVERY * AROUND else rows
    at, to = first.at[rows], second.place(found.curve[rows], found.along[rows])
    apart, near = search(flat(first.at), flat(at), AROUND)
    own = first.curve[rows][near] == first.curve[:, None]
    weight = np.exp(-((apart / np.maximum(apart[:, -1:], 1.0)) ** 2)) * np.where(own, 1.0, 0.5)
    if before is not None:
        expected = before.to[:, None] + before.turn[:, None] * (at[near] - first.at[:, None])
        weight *= 1 / (1 + (np.abs(to[near] - expected) / 6.0) ** 2)
    motion = similarity_at(first.at, at[near], to[near], weight)
    for _ in range(2):
        rest = np.abs(motion.to[:, None] + motion.turn[:, None] * (at[near] - first.at[:, None]) - to[near])
        weight = weight / (1 + (rest / 2.0) ** 2)
        motion = similarity_at(first.at, at[near], to[near], weight)
    return motion


def similarity_at(place: np.ndarray, at: np.ndarray, to: np.ndarray, weight: np.ndarray) -> Motion:
    """For each of (M,) places the similarity that takes its own (M, K) ``at`` to ``to`` best, weighted least squares.

    Closed form in complex numbers (Umeyama, PAMI 13(4), 1991); turning is held back where the neighbours lie on a spot.
    """
    whole = np.maximum(weight.sum(1), 1e-12)
    middle = (weight * at).sum(1) / whole
    goal = (weight * to).sum(1) / whole
    x, y = at - middle[:, None], to - goal[:, None]
    spread = (weight * np.abs(x) ** 2).sum(1)
    hold = 1e-3 * whole
    turn = ((weight * np.conj(x) * y).sum(1) + hold) / (spread + hold)
    return Motion(goal + turn * (place - middle), turn)
