"""A whole shot of keys: lines pass through each key without a jerk, as fast after it as before."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from .move import Track
from .near import nearest
from .tween import Pair

STEP = 1e-3
"""Fraction of a pair's time over which a speed at its ends is taken."""

STAYS = 0.5
"""Shares of the two speeds that meet at a key: their mean, each in px a frame (Catmull and Rom, 1974)."""


def joined_pairs(pairs: Sequence[Pair], frames: Sequence[int]) -> list[Pair]:
    """The pairs of a shot with their motions bent so that each line's speed is the same before and after a key."""
    out = list(pairs)
    spans = [float(b - a) for a, b in pairwise(frames)]
    for n in range(len(out) - 1):
        before, after = pairs[n], pairs[n + 1]
        start = _speeds(after.tracks[0], 0.0) / spans[n + 1]
        meets = before.goals[0].found
        if not meets.any() or len(start) == 0:
            continue
        # The point of the key that a point of the pair before arrives at, and the other way round.
        arrives = nearest(before.goals[0].to[meets], after.curves[0].vertex, 1)[:, 0]
        own = _speeds(before.tracks[0], 1.0) / spans[n]
        wanted = np.zeros(len(own), np.complex128)
        wanted[meets] = STAYS * (start[arrives] - own[meets])
        comes = nearest(after.curves[0].vertex, before.goals[0].to[meets], 1)[:, 0]
        near = np.abs(after.curves[0].vertex - before.goals[0].to[meets][comes]) < 4.0
        change = np.where(near, STAYS * (own[meets][comes] - start), 0)
        out[n] = _bent(out[n], ending=wanted * spans[n])
        out[n + 1] = _bent(out[n + 1], beginning=change * spans[n + 1])
    return out


def _speeds(track: Track, time: float) -> np.ndarray:
    """(N,) complex128 px a pair's time: how fast points move at its beginning (0) or end (1)."""
    if time < 0.5:
        return (track.at(STEP) - track.at(0.0)) / STEP
    return (track.at(1.0) - track.at(1.0 - STEP)) / STEP


def _bent(pair: Pair, beginning: np.ndarray | None = None, ending: np.ndarray | None = None) -> Pair:
    """The pair with speeds changed at its ends; where its points are at the keys stays (cubic Hermite polynomials)."""
    forward = pair.tracks[0]

    def at(time: float) -> np.ndarray:
        place = forward.at(time)
        if beginning is not None:
            place = place + time * (1 - time) ** 2 * beginning
        if ending is not None:
            place = place - time * time * (1 - time) * ending
        return place

    return replace(pair, tracks=(Track(at), pair.tracks[1]))
