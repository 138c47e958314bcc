"""In-betweens of two drawings made of strokes: matched strokes move, the others are drawn on or off.

Where both keys are filled their areas lead (``lead.py``): strokes are looked for where their area went, and what finds no
partner moves with its area and is hidden by what lies over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contracts.drawing import Strokes
from ..contracts.errors import AniDocError
from .assemble import Piece, assemble, pieces
from .curves import Curves, curves_of
from .field import find_field, line_features
from .fills import Flats, follow
from .lead import Lead, find_lead
from .marks import lines_picture, shrink_of
from .match import Matches, Motion, axis, match, similarity_at, smooth_motion
from .move import Track, track
from .near import flat, nearest, pixels, search
from .runs import Goals, Stretch, as_matches, goals, stretches, torn, turned_round
from .sense import sensible
from .votes import motion_at

SAMPLES = 4500
"""Samples of a drawing's curves at most; long drawings are sampled more coarsely."""

FINEST = 3.0
"""px between samples, at a picture of 1000 px diagonal."""

ENOUGH = 0.96
"""Fraction of both drawings' lines that a simple guess must bring together to be taken without a closer search."""

HOPELESS = 0.5
"""Fraction of the lines that must lie on the other drawing's for a guess to be followed up."""

LOOKS, ON_LINE = (30.0, 15.0, 8.0, 4.0), 3.0
"""px at a picture of 1000 px diagonal: reaches in which a guess is fitted, and how near a line must come to lie on one."""

GROWN = 0.7, 1.43
"""How much smaller or larger than guessed it may become."""

FEW = 500
"""Samples that a guess is fitted with."""

SIMPLER = 0.02
"""By which fraction of the lines a guess must be better than a simpler one."""

ROUNDS = 4
"""Of looking at random; whole motions have been tried before."""

COMMON, COMMON_REST = 0.7, 3.0
"""Fraction of the matched lines that must lie within so many px of one motion for it to be the whole drawing's."""

LONGEST = 400_000
"""Points of a drawing."""

PIN_REACH = 0.08
"""Fraction of the picture's diagonal that a pin pulls along with it."""

Pin = tuple[tuple[float, float], tuple[float, float]]
"""This point of the first drawing is that point of the second; x, y in px."""


@dataclass(frozen=True)
class Pair:
    """Two drawings matched, ready to be asked for any time between them."""

    first: Strokes
    last: Strokes
    curves: tuple[Curves, Curves]
    goals: tuple[Goals, Goals]
    tracks: tuple[Track, Track | None]
    alone: tuple[list[Piece], list[Piece]]
    cuts: tuple[np.ndarray, np.ndarray]
    """Points of each drawing's strokes after which the stroke is cut, because the rest went another way."""
    lead: Lead | None = None
    """Where both keys are filled: what their areas say."""
    scale: float = 1.0
    """The picture's diagonal over 1000 px."""

    def at(self, time: float) -> Strokes:
        """The drawing at ``time``, 0 the first key, 1 the second."""
        if time <= 0:
            return self.first
        if time >= 1:
            return self.last
        return assemble(self, time)


def in_betweens(
    first: Strokes, last: Strokes, times: Sequence[float], size: tuple[int, int], pins: Sequence[Pin] = ()
) -> list[Strokes]:
    """The drawings at ``times`` (fractions between the keys). size (height, width) px. Raises ``AniDocError``."""
    pair = match_pair(first, last, size, pins)
    return [pair.at(time) for time in times]


def match_pair(
    first: Strokes, last: Strokes, size: tuple[int, int], pins: Sequence[Pin] = (),
    flats: tuple[Flats, Flats] | None = None,
) -> Pair:  # fmt: skip
    """Match two drawings, led by their ``flats`` if both have some. Raises ``AniDocError`` where one is empty or broken."""
    check(first, "first")
    check(last, "second")
    scale = float(np.hypot(*size)) / 1000
    one, other = (curves_of(s, _spacing(s, scale)) for s in (first, last))
    found, lead = _best(one, other, (first, last), size, scale, pins, flats)
    runs = sensible(one, other, stretches(one, other, found), scale)
    slack = 2.0 * _spacing(first, scale)
    there = goals(one, other, runs, slack)
    back_runs = turned_round(runs)
    back = goals(other, one, back_runs, slack)
    forward, cut = _track((one, other), first, there, runs, scale, lead, 0)
    alone = pieces(first, there.found), pieces(last, back.found)
    backward, back_cut = None, np.zeros(0, np.int64)
    if alone[1] or lead is not None:
        backward, back_cut = _track((other, one), last, back, back_runs, scale, lead, 1)
    return Pair(first, last, (one, other), (there, back), (forward, backward), alone, (cut, back_cut), lead, scale)


def check(strokes: Strokes, name: str) -> None:
    """Raises ``AniDocError`` for a drawing that in-betweens cannot be made of."""
    if len(strokes) == 0 or len(strokes.points) == 0:
        raise AniDocError(f"There is nothing on the {name} key drawing.", "Choose two keys that both have strokes.")
    if not np.isfinite(strokes.points).all():
        raise AniDocError(
            f"The {name} key drawing has points that are not numbers.",
            "Delete the broken stroke in Blender (Edit Mode, Clean Up) and try again.",
        )
    if len(strokes.points) > LONGEST:
        raise AniDocError(
            f"The {name} key drawing has {len(strokes.points)} points, too many to match.",
            f"Simplify its strokes: at most {LONGEST} points.",
        )


def _spacing(strokes: Strokes, scale: float) -> float:
    points = strokes.points.astype(np.float64)
    step = np.hypot(*np.diff(points, axis=0).T)
    step[strokes.offsets[1:-1] - 1] = 0
    return max(FINEST * scale, float(step.sum()) / SAMPLES, 1.0)


def _best(
    one: Curves, other: Curves, strokes: tuple[Strokes, Strokes], size: tuple[int, int], scale: float,
    pins: Sequence[Pin], flats: tuple[Flats, Flats] | None,
) -> tuple[Matches, Lead | None]:  # fmt: skip
    """The matches from the simplest guess that brings the drawings together, else from where the areas of both went if both
    are filled, else from a search piece by piece; and what the areas say if they were asked."""
    best, most = None, -1.0
    guesses = _whole_motions(one, other)
    turn, shift, fits = _fitted(one, other, guesses, scale)
    if fits >= HOPELESS:
        motion = Motion(turn * one.at + shift, np.full(len(one.at), turn))
        best = match(one, other, _pinned(one, motion, pins, size), scale)
        most = _agreement(one, other, best)
        if most >= ENOUGH and (flats is None or follow(flats, turn, shift, size)):
            return best, None
    lead = None if flats is None else find_lead(strokes, flats, (one, other), size)
    if lead is not None:
        return match(one, other, _pinned(one, lead.motion(0, one.at), pins, size), scale), lead
    found = match(one, other, _pinned(one, _field_motion(one, other, strokes, size, guesses), pins, size), scale)
    if best is None or _agreement(one, other, found) > most:
        best = found
    whole = _common_motion(one, other, best)
    if whole is not None:
        # What moved in one piece is laid on exactly, however the lines around it were joined.
        best = match(one, other, _pinned(one, whole, pins, size), scale, rounds=3)
    return best, None


def _common_motion(one: Curves, other: Curves, found: Matches) -> Motion | None:
    """The one similarity that most of the drawing followed, if it was most; reweighted least squares."""
    rows = np.flatnonzero(found.found)
    if len(rows) < 8:
        return None
    at, to = one.at[rows][None], other.place(found.curve[rows], found.along[rows])[None]
    weight = np.ones(at.shape)
    for reach in (30.0, 10.0, 5.0, 2.0, 1.0, 1.0):
        motion = similarity_at(np.zeros(1, np.complex128), at, to, weight)
        rest = np.abs(motion.to[0] + motion.turn[0] * at - to)
        weight = 1 / (1 + (rest / reach) ** 2) ** 2
    if (rest < COMMON_REST).mean() < COMMON:
        return None
    return Motion(motion.to[0] + motion.turn[0] * one.at, np.full(len(one.at), motion.turn[0]))


def _fitted(
    one: Curves, other: Curves, guesses: list[tuple[complex, complex]], scale: float
) -> tuple[complex, complex, float]:
    """The guess that, laid on the other drawing's lines as well as it goes, brings most lines together: turn, shift, and
    how much of the lines, 0..1. Iterated closest points (Besl and McKay, PAMI 14(2), 1992) with few samples."""
    some = slice(None, None, max(1, len(one.at) // FEW))
    at, way = one.at[some], one.way[some]

    def lying(turn: complex, shift: complex, reach: float) -> tuple[np.ndarray, np.ndarray]:
        there = np.column_stack([flat(other.at), *axis(other.way, 2 * reach)])
        here = np.column_stack([flat(turn * at + shift), *axis(turn / max(abs(turn), 1e-9) * way, 2 * reach)])
        away, near = search(here, there, 1)
        return away[:, 0] <= reach, near[:, 0]

    best = 1 + 0j, 0j, -1.0
    for turn, shift in guesses:
        size = abs(turn)
        for reach in LOOKS:
            good, near = lying(turn, shift, max(reach * scale, 1.0))
            if good.sum() < 3:
                break
            even = np.ones((1, int(good.sum())))
            fit = similarity_at(np.zeros(1, complex), at[good][None], other.at[near[good]][None], even)
            if not GROWN[0] < abs(fit.turn[0]) / max(size, 1e-9) < GROWN[1]:
                break  # everything on one spot lies on a line, too
            turn, shift = complex(fit.turn[0]), complex(fit.to[0])
        fits = float(lying(turn, shift, max(ON_LINE * scale, 1.0))[0].mean())
        if fits > best[2] + SIMPLER:
            best = turn, shift, fits
    return best


def _whole_motions(one: Curves, other: Curves) -> list[tuple[complex, complex]]:
    """Ways in which the whole drawing may have moved, (turn, shift): not at all; slid; turned and grown about its middle."""
    middle, goal = one.at.mean(), other.at.mean()
    out: list[tuple[complex, complex]] = [(1 + 0j, 0j), (1 + 0j, goal - middle)]
    x, y = one.at - middle, other.at - goal
    grown = float(np.sqrt((np.abs(y) ** 2).mean() / max((np.abs(x) ** 2).mean(), 1e-9)))
    axis = np.angle((y**2).mean() * np.conj((x**2).mean())) / 2
    for angle in (axis, axis + np.pi):
        turn = complex(np.clip(grown, 0.2, 5) * np.exp(1j * angle))
        out.append((turn, complex(goal - turn * middle)))
    turn = complex(np.clip(grown, 0.2, 5))
    out.insert(2, (turn, complex(goal - turn * middle)))
    return out


def _agreement(one: Curves, other: Curves, found: Matches) -> float:
    """Fraction of both drawings' lines that are matched and lie together, 0..1."""
    rows = np.flatnonzero(found.found)
    if len(rows) < 3:
        return 0.0
    motion = smooth_motion(one, found, other)
    apart = np.abs(motion.to[rows] - other.place(found.curve[rows], found.along[rows]))
    good = rows[apart < 2.0]
    hit = np.zeros(len(other.at), bool)
    at = other.place(found.curve[good], found.along[good])
    if len(at):
        hit[nearest(at, other.at, 3)] = True
    return min(len(good) / len(one.at), float(hit.mean()))


def _field_motion(
    one: Curves, other: Curves, strokes: tuple[Strokes, Strokes], size: tuple[int, int],
    guesses: list[tuple[complex, complex]],
) -> Motion:  # fmt: skip
    first, last = (lines_picture(s, size) for s in strokes)
    shrink, wanted = shrink_of(size), np.zeros(first.shape, bool)
    wanted[pixels(one.at[:: max(1, len(one.at) // 1500)] * shrink, first.shape)] = True
    scaled = tuple((turn, shift * shrink) for turn, shift in guesses)
    field = find_field(line_features(first), line_features(last), wanted, scaled, rounds=ROUNDS)
    return motion_at(field, one.at * shrink, shrink)


def _pinned(one: Curves, motion: Motion, pins: Sequence[Pin], size: tuple[int, int]) -> Motion:
    to = motion.to.copy()
    reach = PIN_REACH * float(np.hypot(*size))
    for (ax, ay), (bx, by) in pins:
        here, there = complex(ax, ay), complex(bx, by)
        nearby = int(np.abs(one.at - here).argmin())
        pull = there - (to[nearby] + motion.turn[nearby] * (here - one.at[nearby]))
        to += pull * np.exp(-((np.abs(one.at - here) / reach) ** 2))
    return Motion(to, motion.turn)


def _track(
    curves: tuple[Curves, Curves], strokes: Strokes, there: Goals, runs: list[Stretch], scale: float,
    lead: Lead | None, side: int,
) -> tuple[Track, np.ndarray]:  # fmt: skip
    one, other = curves
    samples = as_matches(one, runs)
    if lead is not None:
        motion = lead.motion(side, one.vertex)
    elif samples.found.any():
        motion = smooth_motion(one, samples, other)
        pick = nearest(one.vertex, one.at, 1)[:, 0]
        turn = motion.turn[pick]
        motion = Motion(motion.to[pick] + turn * (one.vertex - one.at[pick]), turn)
    else:
        motion = Motion(one.vertex.copy(), np.ones(len(one.vertex), np.complex128))
    chain = chain_pairs(strokes)
    apart = torn(there, one.vertex, chain, scale)
    return track(one.vertex, there.to, there.found, motion, chain[~apart], led=lead is not None), chain[apart, 0]


def chain_pairs(strokes: Strokes) -> np.ndarray:
    """(E, 2) pairs of points that follow each other on a stroke."""
    a = np.arange(max(len(strokes.points) - 1, 0))
    last = np.zeros(len(a) + 1, bool)
    sizes = np.diff(strokes.offsets)
    last[strokes.offsets[1:][sizes > 0] - 1] = True
    a = a[~last[:-1]]
    pairs = [np.column_stack([a, a + 1])]
    loops = np.flatnonzero(strokes.cyclic & (sizes > 2))
    if len(loops):
        pairs.append(np.column_stack([strokes.offsets[loops + 1] - 1, strokes.offsets[loops]]))
    return np.concatenate(pairs)
