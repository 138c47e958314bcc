"""A drawing's strokes as curves to be matched: joined where they touch, walked along in even steps."""

from dataclasses import dataclass

import numpy as np

from ..contracts.drawing import Strokes
from .near import pairs_within

TOUCHING = 0.75
"""px. Ends this close are one place."""

LEAP = 2.2
"""Ends lying on one line are joined over a gap of up to so many of their own last segments."""

STRAIGHT = 0.7
"""Cosine: how straight on a curve must go to be joined at a place where more than two ends meet, or over a gap."""


@dataclass(frozen=True)
class Curves:
    """The curves of one drawing; places are complex numbers, x + iy, in px.

    at       (M,) complex128 even samples of all curves; curve (M,) int32 whose; along (M,) float64 px from its start
    way      (M,) complex128 unit direction of the curve there
    first    (C + 1,) int32, samples of curve c are ``first[c]:first[c + 1]``
    length   (C,) float64 px; closed (C,) bool
    vertex   (N,) complex128 every point of the strokes; of (N,) int32 its curve; on (N,) float64 px along it
    """

    at: np.ndarray
    curve: np.ndarray
    along: np.ndarray
    way: np.ndarray
    first: np.ndarray
    length: np.ndarray
    closed: np.ndarray
    vertex: np.ndarray
    of: np.ndarray
    on: np.ndarray

    def __len__(self) -> int:
        return len(self.length)

    def place(self, curve: np.ndarray, along: np.ndarray) -> np.ndarray:
        """(K,) complex128: where ``along`` px lie on curves ``curve``; beyond the end of an open curve its end."""
        size = np.diff(self.first)[curve]
        total = self.length[curve]
        along = np.where(self.closed[curve], np.mod(along, np.maximum(total, 1e-9)), np.clip(along, 0, total))
        step = total / np.maximum(np.where(self.closed[curve], size, size - 1), 1)
        exact = along / np.maximum(step, 1e-9)
        low = np.clip(np.floor(exact).astype(np.int64), 0, size - 1)
        high = np.where(self.closed[curve], (low + 1) % np.maximum(size, 1), np.minimum(low + 1, size - 1))
        base = self.first[curve]
        return self.at[base + low] + (exact - low) * (self.at[base + high] - self.at[base + low])


def curves_of(strokes: Strokes, spacing: float) -> Curves:
    """Curves of a drawing, sampled about every ``spacing`` px (short curves more finely, at least five samples)."""
    points = strokes.points.astype(np.float64)
    vertex = points[:, 0] + 1j * points[:, 1]
    of = np.zeros(len(vertex), np.int32)
    on = np.zeros(len(vertex))
    samples, curve, along, sizes, lengths, closed = [], [], [], [0], [], []
    for number, (chain, loop) in enumerate(_chains(strokes, vertex)):
        order = np.concatenate([_points(strokes, stroke, back) for stroke, back in chain])
        line = vertex[order]
        if loop:
            line = np.append(line, line[0])
        walked = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(line)))])
        total = float(walked[-1])
        of[order], on[order] = number, walked[: len(order)]
        count = max(5, round(total / spacing) + 1)
        wanted = np.arange(count) * (total / count) if loop else np.linspace(0.0, total, count)
        samples.append(np.interp(wanted, walked, np.real(line)) + 1j * np.interp(wanted, walked, np.imag(line)))
        curve.append(np.full(count, number, np.int32))
        along.append(wanted)
        sizes.append(count)
        lengths.append(total)
        closed.append(loop)
    if not samples:
        none = np.zeros(0)
        empty = np.zeros(0, np.complex128)
        return Curves(
            empty, none.astype(np.int32), none, empty, np.zeros(1, np.int32), none, none.astype(bool), vertex, of, on
        )
    first = np.cumsum(sizes).astype(np.int32)
    at = np.concatenate(samples)
    ways = [_directions(at[a:b], c) for a, b, c in zip(first[:-1], first[1:], closed, strict=True)]
    return Curves(
        at, np.concatenate(curve), np.concatenate(along), np.concatenate(ways), first,
        np.array(lengths), np.array(closed, bool), vertex, of, on,
    )  # fmt: skip


def _points(strokes: Strokes, stroke: int, back: bool) -> np.ndarray:
    part = strokes.of(stroke)
    order = np.arange(part.start, part.stop)
    return order[::-1] if back else order


def _directions(line: np.ndarray, loop: bool) -> np.ndarray:
    step = (np.roll(line, -1) - np.roll(line, 1)) if loop else np.gradient(line) if len(line) > 1 else np.ones(1)
    size = np.abs(step)
    return np.where(size > 0, step / np.maximum(size, 1e-12), 1.0)


def _chains(strokes: Strokes, vertex: np.ndarray) -> list[tuple[list[tuple[int, bool]], bool]]:
    """Which strokes follow each other: list of ([(stroke, walked backwards), ...], closed)."""
    sizes = np.diff(strokes.offsets)
    alive = [int(s) for s in np.flatnonzero(sizes > 0)]
    open_ones = [s for s in alive if not strokes.cyclic[s] and sizes[s] > 1]
    joined = _joints(strokes, vertex, open_ones)
    done: set[int] = set()
    chains: list[tuple[list[tuple[int, bool]], bool]] = []
    for s in alive:
        if strokes.cyclic[s] or sizes[s] == 1:
            chains.append(([(s, False)], bool(strokes.cyclic[s]) and sizes[s] > 2))
            done.add(s)
    for start in open_ones:
        if start in done:
            continue
        # Walk back to where the chain begins, or once around.
        here, loop = (start, 0), False
        while here in joined:
            before = joined[here]
            here = (before[0], 1 - before[1])
            if here[0] == start:
                loop = True
                break
        chain: list[tuple[int, bool]] = []
        stroke, entered = (start, 0) if loop else here
        while stroke not in done:
            done.add(stroke)
            chain.append((stroke, entered == 1))
            following = joined.get((stroke, 1 - entered))
            if following is None:
                break
            stroke, entered = following
        chains.append((chain, loop))
    return chains


def _joints(strokes: Strokes, vertex: np.ndarray, chosen: list[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """Ends that are joined, (stroke, 0 start or 1 end) to (stroke, 0 or 1), both ways."""
    if not chosen:
        return {}
    names, place, outward, segment = [], [], [], []
    for s in chosen:
        part = vertex[strokes.of(s)]
        for end, line in ((0, part), (1, part[::-1])):
            inner = line[min(len(line) - 1, 3)]
            gap = line[0] - inner
            names.append((s, end))
            place.append(line[0])
            outward.append(gap / abs(gap) if abs(gap) > 0 else 1)
            segment.append(abs(line[1] - line[0]))
    at, out, seg = np.array(place), np.array(outward), np.array(segment)
    reach = np.maximum(LEAP * seg, TOUCHING)
    pairs = pairs_within(at, float(min(reach.max(), 40.0)))
    if len(pairs) == 0:
        return {}
    a, b = pairs[:, 0], pairs[:, 1]
    gap = np.abs(at[a] - at[b])
    straight = -np.real(out[a] * np.conj(out[b]))
    touching = gap <= TOUCHING
    meet = np.bincount(np.concatenate([a[touching], b[touching]]), minlength=len(at))
    alone = touching & (meet[a] == 1) & (meet[b] == 1)
    ahead = np.real((at[b] - at[a]) * np.conj(out[a])) >= 0.7 * gap
    ahead &= np.real((at[a] - at[b]) * np.conj(out[b])) >= 0.7 * gap
    leap = (gap <= np.minimum(reach[a], reach[b])) & (straight > STRAIGHT) & ahead & (meet[a] == 0) & (meet[b] == 0)
    good = alone | (touching & (straight > STRAIGHT)) | leap
    price = gap / np.maximum(np.minimum(reach[a], reach[b]), 1e-9) - straight
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for k in np.argsort(price, kind="stable"):
        one, other = names[a[k]], names[b[k]]
        if good[k] and one not in found and other not in found:
            found[one], found[other] = other, one
    return found
