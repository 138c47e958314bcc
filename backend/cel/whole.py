"""How a figure moved as a whole between two drawings: where dense flow and regions begin to look.

A figure that crosses the picture, falls or turns over leaves the reach of dense flow. Regions of like shape say where it
went: two of them and two that they resemble fix a similarity. Of those that most regions follow the one is taken whose
lines lie nearest (random sample consensus, Fischler and Bolles, CACM 24(6), 1981).
"""

from dataclasses import dataclass

import numpy as np

from .sample import look_up
from .view import View

LEAST_AREA = 30.0
"""px of the working size. Smaller regions look all alike."""

LIKE, UNLIKE = 4, 0.9
"""So many regions of like shape are tried for each, up to this difference of shape (sum of three logarithms)."""

FEWEST, MOST = 4, 128
"""Regions from which on a figure can be told by its regions, and how many, the largest, are enough to tell."""

SAMPLES, SEED = 600, 11
"""Pairs of regions that are tried."""

APART, GROWN = 20.0, 0.25
"""px between the two regions of a pair, at least; how much (log) the figure may have grown."""

CLOSE = 12.0
"""px. A region follows where its centre lands nearer than this to the centre of one of its like."""

BEST = 6
"""Of all samples, so many are asked for their lines."""

BETTER = 0.85
"""The figure moved if its lines lie so much nearer than they do in place."""


@dataclass(frozen=True)
class Move:
    """A similarity: the place z (x + iy, px) goes to turn z + shift."""

    turn: complex
    shift: complex


STAY = Move(1, 0)
"""Nothing moves."""


def whole_move(target: View, source: View) -> Move:
    """How ``target`` lies on ``source`` as a whole; ``STAY`` where nothing says that it moved. Deterministic."""
    ours, theirs = (np.flatnonzero(~view.border & (view.shape[:, 0] > np.log(LEAST_AREA))) for view in (target, source))
    if min(len(ours), len(theirs)) < FEWEST:
        return STAY
    ours = np.sort(ours[np.argsort(-target.shape[ours, 0], kind="stable")[:MOST]])
    unlike = np.zeros((len(ours), len(theirs)), np.float32)
    for a, b in zip(target.shape[ours].T, source.shape[theirs].T, strict=True):
        unlike += np.abs(a[:, None] - b)
    like, good = _likest(unlike)
    here = target.centre[ours].view(np.complex64)[:, 0]
    there = source.centre[theirs].view(np.complex64)[:, 0][like]
    turn, shift = _sampled(here, there, good)
    gone = turn[:, None] * here + shift[:, None]
    away = np.full(gone.shape, np.inf, np.float32)
    for k in range(there.shape[1]):
        apart = gone - np.where(good[:, k], there[:, k], np.complex64(1e6))
        np.minimum(away, apart.real**2 + apart.imag**2, out=away)
    follow = np.maximum(1 - np.sqrt(away) / CLOSE, 0) @ np.sqrt(np.exp(target.shape[ours, 0]))
    best = np.argsort(-follow, kind="stable")[:BEST]
    moves = [STAY, *(Move(complex(turn[n]), complex(shift[n])) for n in best)]
    apart = [_apart(target.on_lines, source, move) for move in moves]
    chosen = int(np.argmin(apart))
    return moves[chosen] if apart[chosen] < BETTER * apart[0] else STAY


def _likest(unlike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R, K) the columns of the K least of each row of (R, N), ``LIKE`` at most, and (R, K) bool: which are less than
    ``UNLIKE``. Changes what it is given."""
    rows, out, good = np.arange(len(unlike)), [], []
    for _ in range(min(LIKE, unlike.shape[1])):
        out.append(unlike.argmin(1))
        good.append(unlike[rows, out[-1]] < UNLIKE)
        unlike[rows, out[-1]] = np.inf
    return np.stack(out, 1), np.stack(good, 1)


def _sampled(here: np.ndarray, there: np.ndarray, good: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turns and shifts (N,) complex64 of pairs of regions at ``here`` (R,) that may have gone ``there`` (R, LIKE)."""
    row, column = np.nonzero(good)
    if len(row) == 0:
        return np.zeros(0, np.complex64), np.zeros(0, np.complex64)
    first, second = np.random.default_rng(SEED).integers(0, len(row), (2, SAMPLES))
    before = here[row[first]] - here[row[second]]
    after = there[row[first], column[first]] - there[row[second], column[second]]
    far = (np.abs(before) > APART) & (np.abs(after) > APART)
    first, turn = first[far], after[far] / before[far]
    kept = np.abs(np.log(np.abs(turn))) < GROWN
    first, turn = first[kept], turn[kept]
    return turn, there[row[first], column[first]] - turn * here[row[first]]


def _apart(line: np.ndarray, source: View, move: Move) -> float:
    """px: how far places (N,) complex64 lie from the lines of ``source`` once moved."""
    place = (move.turn * line + move.shift).astype(np.complex64)
    return float(look_up(source.distance, place[None]).mean()) if len(line) else 0.0
