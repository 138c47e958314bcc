"""Which of its possible places each region takes, so that neighbouring regions move together.

A region alone is often ambiguous: spikes of hair, fingers and folds look alike. But parts of a figure move as pieces, so
the point where two regions touch should go to the same place whichever of them is asked. Costs are brought together by
min-sum belief propagation (Felzenszwalb and Huttenlocher, IJCV 70(1), 2006) on the graph of touching regions.
"""

from dataclasses import dataclass

import numpy as np

from ..lineart.lengths import places

TOGETHER = 0.12
"""What it costs that two touching regions go different ways; a match itself costs 0.05 when good and 0.25 when bad."""

APART = 30.0
"""px of the working size. Beyond this two ways differ for good: limbs turn at joints, and one thing passes another."""

TURNS = 4
"""Times that neighbours tell each other what they think."""

TABLE = 1 << 18
"""Pairs of regions up to which counting in a table of all of them is quickest."""


@dataclass(frozen=True)
class Contacts:
    """Where regions touch: pairs (E, 2) int32, each both ways and sorted; at (E,) complex64 px, the middle of the contact.

    length (E,) int32 px
    """

    pairs: np.ndarray
    at: np.ndarray
    length: np.ndarray


def meetings(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where regions meet, of (h, w) int32 labels: (N,) int64 flat pixels whose right neighbour is of another region, and
    (M,) those whose lower one is."""
    flat, width = labels.ravel(), labels.shape[1]
    right = places(flat[1:] != flat[:-1])
    return right[(right + 1) % width != 0], places(flat[width:] != flat[:-width])


def contacts(labels: np.ndarray, least: int = 3, met: tuple[np.ndarray, np.ndarray] | None = None) -> Contacts:
    """Of (h, w) int32 region labels without gaps, those that touch for at least ``least`` px, where they ``met``."""
    width = labels.shape[1]
    n = int(labels.max()) + 1
    flat = labels.ravel()
    right, below = met or meetings(labels)
    place = np.concatenate([right, below])
    beside = place + 1
    beside[len(right) :] += width - 1
    low, high = flat[place].astype(np.int64), flat[beside].astype(np.int64)
    code = np.minimum(low, high) * n + np.maximum(low, high)
    row = place // width
    x, y = (place - row * width).astype(np.float64), row.astype(np.float64)
    x[: len(right)] += 0.5
    y[len(right) :] += 0.5
    found, number = (None, code) if n * n <= TABLE else np.unique(code, return_inverse=True)
    count = np.bincount(number)
    enough = np.flatnonzero(count >= least)
    count = count[enough]
    x, y = (np.bincount(number, part)[enough] / count for part in (x, y))
    code = enough if found is None else found[enough]
    pairs = np.concatenate([np.stack([code // n, code % n], 1), np.stack([code % n, code // n], 1)])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    middle = np.tile(x + 1j * y, 2)[order].astype(np.complex64)
    return Contacts(pairs[order].astype(np.int32), middle, np.tile(count, 2)[order].astype(np.int32))


def choose(cost: np.ndarray, sent: np.ndarray, back: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(R,) which of K places each region takes. Deterministic.

    cost (R, K) float32, large where there is no such place; pairs (E, 2) of regions that hold together, both ways, sorted;
    sent (E, K) complex64 px: where the K places of a pair's first region send the point at which they touch;
    back (E,) the number of the same pair the other way round
    """
    if len(pairs) == 0:
        return cost.argmin(1)
    first = pairs[:, 0]
    begin = np.flatnonzero(np.diff(first, prepend=-1))
    # Pairs along the last axis: what is done eight times over is done to long rows.
    here, there = (np.ascontiguousarray(part.T) for part in (sent, sent[back]))
    apart = np.abs(here[:, None] - there)
    np.minimum(apart, APART, out=apart)
    apart *= TOGETHER / APART
    alone = np.ascontiguousarray(cost.T)
    told, belief = np.zeros((len(alone), len(pairs)), np.float32), alone
    for _ in range(TURNS):
        given = belief[:, first] - told[:, back]
        new = apart[0] + given[0]
        for k in range(1, len(alone)):
            np.minimum(new, apart[k] + given[k], out=new)
        new -= new.min(0)
        told = 0.5 * (told + new)
        belief = alone.copy()
        belief[:, first[begin]] += np.add.reduceat(told[:, back], begin, axis=1)
    return belief.argmin(0)
