"""From matched samples to matched stretches: where on the other drawing every point of a stroke goes, ends on ends."""

from dataclasses import dataclass

import numpy as np

from .curves import Curves
from .match import Matches

SNAP = 0.06
"""Fraction of a curve, at most ``SNAP_MOST`` px, within which a stretch that nearly reaches an end reaches it."""

SNAP_MOST = 8.0

STEADY = 1.5
"""px. A stretch whose places lie this near to even stretching is stretched evenly."""

TORN = 8.0
"""px at a picture of 1000 px diagonal: a stroke whose next point lands further off than twice as far and this is cut there."""

SHORTEST = 3
"""Samples of a stretch; shorter ones are chance."""


@dataclass(frozen=True)
class Stretch:
    """Samples ``a`` to ``b`` (included) of a curve go to curve ``other``, evenly or by ``table``.

    s (K,) px along the own curve, rising; t (K,) px along the other one, rising or falling; past a closed curve's
    length it goes round.
    """

    curve: int
    other: int
    s: np.ndarray
    t: np.ndarray


def stretches(first: Curves, second: Curves, found: Matches) -> list[Stretch]:
    """The runs of samples that follow each other on one curve of the second drawing, smoothed, ends on ends."""
    out: list[Stretch] = []
    for curve in range(len(first)):
        span = np.arange(first.first[curve], first.first[curve + 1])
        other = found.curve[span]
        if first.closed[curve] and (other == other[0]).all() and other[0] >= 0 and second.closed[other[0]]:
            out.append(_around(first, second, curve, int(other[0]), found.along[span]))
            continue
        for run in _runs(other, found.along[span], second):
            out.append(_stretch(first, second, curve, span[run], found))
    return out


def _runs(other: np.ndarray, along: np.ndarray, second: Curves) -> list[np.ndarray]:
    """Sample numbers within the curve of each run on one other curve, walked one way."""
    runs, start = [], 0
    for i in range(1, len(other) + 1):
        if i < len(other) and other[i] == other[start] and _follows(other[i], along[i - 1], along[i], second):
            continue
        if other[start] >= 0 and i - start >= min(SHORTEST, len(other)):
            runs.append(np.arange(start, i))
        start = i
    return runs


def _follows(curve: int, a: float, b: float, second: Curves) -> bool:
    gap = abs(b - a)
    whole = second.length[curve]
    if second.closed[curve]:
        gap = min(gap, abs(whole - gap))
    size = second.first[curve + 1] - second.first[curve]
    return gap <= max(6 * whole / max(size - 1, 1), 0.2 * whole)


def _unrolled(along: np.ndarray, whole: float, loop: bool) -> np.ndarray:
    if not loop:
        return along
    return np.unwrap(along, period=whole)


def _around(first: Curves, second: Curves, curve: int, other: int, along: np.ndarray) -> Stretch:
    """A closed curve onto a closed curve, once around whichever way it runs."""
    whole, own = float(second.length[other]), float(first.length[curve])
    step = own / len(along)
    s = np.arange(len(along)) * step
    t = np.unwrap(along, period=whole)
    sense = 1.0 if t[-1] >= t[0] else -1.0
    rest = t - sense * s * whole / own
    even = np.median(rest)
    smooth = _smoothed_loop(rest - even) if np.abs(rest - even).max() > STEADY else np.zeros(len(s))
    t = sense * s * whole / own + even + smooth
    return Stretch(curve, other, np.append(s, own), np.append(t, t[0] + sense * whole))


def _smoothed_loop(values: np.ndarray) -> np.ndarray:
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    padded = np.concatenate([values[-2:], values, values[:2]])
    return np.convolve(padded, kernel, "valid")


def _stretch(first: Curves, second: Curves, curve: int, span: np.ndarray, found: Matches) -> Stretch:
    other = int(found.curve[span[0]])
    loop, whole = bool(second.closed[other]), float(second.length[other])
    s, t = first.along[span].copy(), _unrolled(found.along[span], whole, loop)
    rising = t[-1] >= t[0]
    t = np.maximum.accumulate(t) if rising else np.minimum.accumulate(t)
    own = float(first.length[curve])
    step = own / max(first.first[curve + 1] - first.first[curve] - 1, 1)
    if not loop:
        near = min(max(SNAP * whole, 2.5 * step), SNAP_MOST + 2.5 * step)
        for k, at_end in ((0, span[0] == first.first[curve]), (1, span[-1] == first.first[curve + 1] - 1)):
            low = rising == (k == 0)
            goal = 0.0 if low else whole
            if (at_end or first.closed[curve]) and abs(t[-k] - goal) <= near:
                t[-k] = goal
        t = np.clip(t, 0, whole)
    even = np.interp(s, [s[0], s[-1]], [t[0], t[-1]]) if len(s) > 1 else t
    if len(s) > 4 and np.abs(t - even).max() > STEADY:
        t = even + _smoothed(t - even)
        t = np.maximum.accumulate(t) if rising else np.minimum.accumulate(t)
    else:
        t = even
    return Stretch(curve, other, s, t)


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Smoothed over five samples; the first and last stay."""
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    padded = np.concatenate([2 * values[0] - values[2:0:-1], values, 2 * values[-1] - values[-2:-4:-1]])
    out = np.convolve(padded, kernel, "valid")
    out[0], out[-1] = values[0], values[-1]
    return out


def turned_round(found: list[Stretch]) -> list[Stretch]:
    """The same stretches, from the second drawing to the first."""
    out = []
    for one in found:
        order = slice(None) if one.t[-1] >= one.t[0] else slice(None, None, -1)
        out.append(Stretch(one.other, one.curve, one.t[order], one.s[order]))
    return out


def as_matches(curves: Curves, found: list[Stretch]) -> Matches:
    """The samples of ``curves`` that lie on these stretches, and where they go."""
    out = Matches(np.full(len(curves.at), -1, np.int32), np.zeros(len(curves.at)))
    for one in found:
        span = np.arange(curves.first[one.curve], curves.first[one.curve + 1])
        whole = float(curves.length[one.curve])
        for lap in (-whole, 0.0, whole) if curves.closed[one.curve] else (0.0,):
            on = curves.along[span] + lap
            inside = (on >= one.s[0]) & (on <= one.s[-1])
            out.curve[span[inside]] = one.other
            out.along[span[inside]] = np.interp(on[inside], one.s, one.t)
    return out


@dataclass(frozen=True)
class Goals:
    """Where each point of the strokes goes: ``curve`` (N,) int32 of the other drawing, -1 none; ``along`` (N,) px; ``to``
    (N,) complex128 px, own place where there is none; ``run`` (N,) int32 number of the stretch, -1 none."""

    curve: np.ndarray
    along: np.ndarray
    to: np.ndarray
    run: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """(N,) bool."""
        return self.curve >= 0


def goals(first: Curves, second: Curves, found: list[Stretch], slack: float) -> Goals:
    """The goal of every point of the first drawing's strokes that lies on a matched stretch, or within ``slack`` px of one."""
    curve, run = (np.full(len(first.vertex), -1, np.int32) for _ in range(2))
    along = np.zeros(len(first.vertex))
    order = np.argsort(first.of, kind="stable")
    bounds = np.searchsorted(first.of[order], np.arange(len(first) + 1))
    for number, stretch in enumerate(found):
        mine = order[bounds[stretch.curve] : bounds[stretch.curve + 1]]
        whole = float(first.length[stretch.curve])
        # Past the start of a closed curve a stretch goes on at its end.
        for lap in (-whole, 0.0, whole) if first.closed[stretch.curve] else (0.0,):
            on = first.on[mine] + lap
            inside = (on >= stretch.s[0] - slack) & (on <= stretch.s[-1] + slack)
            curve[mine[inside]], run[mine[inside]] = stretch.other, number
            along[mine[inside]] = np.interp(on[inside], stretch.s, stretch.t)
    to = first.vertex.astype(np.complex128).copy()
    rows = curve >= 0
    to[rows] = second.place(curve[rows], along[rows])
    return Goals(curve, along, to, run)


def torn(goals: Goals, start: np.ndarray, pairs: np.ndarray, scale: float) -> np.ndarray:
    """(E,) bool: which pairs of points that follow each other on a stroke have gone different ways.

    start (N,) complex128 px; ``scale`` the picture's diagonal over 1000 px.
    """
    a, b = pairs[:, 0], pairs[:, 1]
    apart = goals.found[a] & goals.found[b] & (goals.run[a] != goals.run[b])
    edge, later = np.abs(start[b] - start[a]), np.abs(goals.to[b] - goals.to[a])
    return apart & (later > 2 * edge + TORN * scale)
