"""Moving strokes from one key towards the other as rigidly as their parts allow, on arcs where they turn.

Each piece of line turns and grows at an even rate (intrinsic interpolation: Sederberg et al., SIGGRAPH 1993; as rigid as
possible: Alexa et al., SIGGRAPH 2000). The pieces of a part are held together by links to the lines beside them that
go the same way; where the whole is, is told by the points that move least, for they are known best.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from threading import Thread

import numpy as np

from .match import Motion
from .near import nearest

BESIDE = 6
"""Points that each point is tied to if they go the same way."""

LOOSE = 0.15
"""How stiff a link to another line is, against a piece of line."""

COHERENT = 0.25
"""How far, as a fraction of their distance, two places may have shifted against each other and still belong together."""

ANCHOR = 0.004
"""How strongly points are held on their own arcs; one that moves 10 px half as much."""

EVEN = 10.0
"""px."""

TOLD, UNTOLD = 0.3, 1e-3
"""How strongly points are held whose goal is not known, against those whose is: where their area told it, and else."""


@dataclass(frozen=True)
class Track:
    """Everything needed to ask where points are at a time 0..1: ``at`` calls it. See :func:`track`."""

    at: Callable[[float], np.ndarray]


def arc(start: np.ndarray, end: np.ndarray, turn: np.ndarray, time: float, size: float) -> np.ndarray:
    """(N,) complex128 px: ``start`` on its way to ``end`` around the point that a motion with ``turn`` leaves in place.

    Points whose centre of turning is further away than the drawing's ``size`` go straight.
    """
    way = end - start
    slip = 1 - turn
    sure = np.abs(slip) > 1e-6
    centre = start + way / np.where(sure, slip, 1.0)
    far = np.where(sure, np.abs(centre - start), np.inf)
    curved = np.clip(2 - far / max(size, 1e-9), 0, 1)
    grown = (1 + time * (np.abs(turn) - 1)) * np.exp(1j * time * np.angle(turn))
    round_ = np.where(sure, centre + grown * (start - centre), start)
    straight = start + time * way
    return straight + np.where(curved > 0, curved * (round_ - straight), 0)


def track(
    start: np.ndarray, goal: np.ndarray, known: np.ndarray, motion: Motion, chain: np.ndarray, led: bool = False
) -> Track:
    """How points move.

    start (N,) complex128 px; goal (N,) px where ``known`` (N,) bool; motion: of each point, from its surroundings;
    chain (E, 2) pairs of points that follow each other on a stroke; led: the motion of points that are not known was told
    by their area, and is more than a guess.
    """
    count = len(start)
    size = float(np.ptp(np.real(start)) + np.ptp(np.imag(start))) if count else 1.0
    goal = np.where(known, goal, motion.to)
    if count == 0 or (known.all() and np.abs(goal - start).max() < 1e-9):
        return Track(lambda time: start.copy())
    pairs, stiff = _links(start, goal, known, motion, chain)
    a, b = pairs[:, 0], pairs[:, 1]
    edge, later = start[b] - start[a], goal[b] - goal[a]
    if led:
        # Neighbours on a line may have been told unlike places: the line turns as both do, and keeps its shape.
        later = np.where(known[a] & known[b], later, edge * 0.5 * (motion.turn[a] + motion.turn[b]))
    turn, grow = _turning(edge, later, motion.turn[a] + motion.turn[b])
    hold = ANCHOR / (1 + (np.abs(goal - start) / EVEN) ** 2)
    hold = np.where(known, hold, hold * (TOLD if led else UNTOLD)) + 1e-9
    solve = _solver(count, a, b, stiff, hold)
    tiny = np.abs(edge) < 1e-6

    def at(time: float) -> np.ndarray:
        wanted = edge * (1 + time * (grow - 1)) * np.exp(1j * time * turn)
        wanted = stiff * np.where(tiny, edge + time * (later - edge), wanted)
        right = hold * arc(start, goal, motion.turn, time, size)
        right += np.bincount(b, np.real(wanted), count) - np.bincount(a, np.real(wanted), count)
        right += 1j * (np.bincount(b, np.imag(wanted), count) - np.bincount(a, np.imag(wanted), count))
        return solve(right)

    # What the links cannot hold at the ends is taken back evenly, so that the keys are met.
    miss_start, miss_end = start - at(0.0), np.where(known, goal - at(1.0), 0)
    return Track(lambda time: at(time) + (1 - time) * miss_start + time * miss_end)


def _turning(edge: np.ndarray, later: np.ndarray, around: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each piece turns (radians, near how its surroundings turn) and grows."""
    general = np.angle(around)
    length = np.abs(edge)
    own = np.angle(later * np.conj(edge) * np.exp(-1j * general))
    grow = np.where(length > 1e-6, np.abs(later) / np.maximum(length, 1e-6), 1.0)
    return general + own, grow


def _links(
    start: np.ndarray, goal: np.ndarray, known: np.ndarray, motion: Motion, chain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(E, 2) pairs of points and how stiff each is: along strokes, and across to what goes the same way."""
    near = nearest(start, start, BESIDE + 3)[:, 3:]
    a, b = np.repeat(np.arange(len(start)), near.shape[1]), near.reshape(-1)
    edge = start[b] - start[a]
    expected = 0.5 * (motion.turn[a] + motion.turn[b]) * edge
    slipped = np.abs(goal[b] - goal[a] - expected)
    same = (a != b) & (slipped <= COHERENT * np.abs(edge) + 0.5) & (np.abs(edge) > 1e-6)
    pairs = np.concatenate([chain, np.column_stack([a[same], b[same]])])
    length = np.abs(start[pairs[:, 1]] - start[pairs[:, 0]])
    stiff = 1 / np.maximum(length, 0.25)
    stiff[len(chain) :] *= LOOSE
    return pairs, stiff


def read_ahead() -> None:
    """Begin to read the solver's library, which takes as long as matching a drawing, beside other work."""
    Thread(target=import_module, args=("scipy.sparse.linalg",), daemon=True).start()


def _solver(count: int, a: np.ndarray, b: np.ndarray, stiff: np.ndarray, hold: np.ndarray) -> Callable:
    from scipy import sparse
    from scipy.sparse.linalg import splu

    rows, columns = np.concatenate([a, b, a, b, np.arange(count)]), np.concatenate([a, b, b, a, np.arange(count)])
    values = np.concatenate([stiff, stiff, -stiff, -stiff, hold])
    matrix = sparse.csc_matrix((values, (rows, columns)), (count, count))
    factors = splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})

    def solve(right: np.ndarray) -> np.ndarray:
        both = factors.solve(np.column_stack([np.real(right), np.imag(right)]))
        return both[:, 0] + 1j * both[:, 1]

    return solve
