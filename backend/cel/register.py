"""Laying each region of one drawing, with the lines around it, onto another drawing.

Parts of a figure turn, slide and grow as pieces, and between two drawings of a run they move further than dense
optical flow can follow. So each region looks for its own similarity transform, from several starting guesses: where
dense flow sends it, where regions of like shape lie, and where its neighbours went. What counts is how well the
lines in and around the region fall onto the other drawing's lines.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from .agree import choose
from .flow import Flow
from .sample import look_up
from .view import FAR, LEVELS, NEAR, POINTS, View, felt
from .whole import STAY, Move

FLOW_BONUS = 0.03
"""Cost by which a transform must beat dense flow to be taken instead: what bends has no transform."""

STEPS = 1
"""Gauss-Newton steps at each of the two reaches, for every guess."""

SHAPE_GUESSES = 2
"""Regions of like shape that each region tries."""

SETTLED = 0.13
"""Cost below which a region lies so well that no other place is tried."""

WIDTH_COST, KIND_COST, WIDEST = 0.35, 0.25, 1.5
"""What a place costs that lies in a region of another thickness, or outside the figure instead of in it, against one
px too far from a line of ``NEAR``; another width than ``WIDEST`` (log2) costs no more."""

HOLD = np.diag(np.array([0.5, 0.5, 6.0, 3.0], np.float32))
"""What a Gauss-Newton step holds sliding, growing and turning back by."""

STILL = 0.05
"""px. A transform whose last step was smaller than this is not refined further."""

ALREADY = 1.0
"""px. A guess this near to where a region already lies would lead to the same place, and is not tried."""

REACHES = (FAR, NEAR)
"""px. How far from a line a search looks at first, and then."""

COARSE = (4, 2)
"""Every so many points are looked at on the way, at each of the two reaches; the cost asks them all."""

AT_ONCE = 2_000_000
"""Pairs of regions that are compared by shape in one go."""

LONG = 0.5
"""From this on (a side three quarters longer than the other) a region's own direction says how it is turned."""

PLACES = 8
"""Of the places offered to a region, so many of the best are weighed against its neighbours'."""


@dataclass(frozen=True)
class Fit:
    """How each region of a drawing lies on another: transform (R, 4) as in :func:`place`, cost (R,) 0 = perfect.

    bent (R,) bool: it follows dense flow instead.
    """

    transform: np.ndarray
    cost: np.ndarray
    bent: np.ndarray


class _Matcher:
    """Everything that stays the same while guesses are tried. Places are complex, x + iy: turning is then one product."""

    def __init__(self, target: View, source: View, turn: complex) -> None:
        # Turning and growing are counted from the figure's own.
        self.turn = np.array([turn.real - 1, turn.imag], np.float32)
        self.points = target.points
        self.centre, self.spread = target.centre.view(np.complex64)[:, 0], target.spread
        self.from_centre = self.points - self.centre[:, None]
        *self.own, self.own_ground = target.own
        self.slopes, self.ground = source.slopes, source.ground
        # In levels: how far apart at most, and what each level costs.
        levels, most = np.array(LEVELS), np.array([NEAR, WIDEST, 1.0])
        cost = np.array([1.0, WIDTH_COST, KIND_COST]) / most / levels / POINTS
        self.most, self.weights = (
            np.tile((most * levels).astype(np.uint8), POINTS),
            np.tile(cost.astype(np.float32), POINTS),
        )

    def place(self, transform: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(K, POINTS) complex64 px: where (K, 4) transforms put the points of the regions ``rows``."""
        return _moved(transform, self.centre[rows], self.from_centre[rows])

    def refine(self, transform: np.ndarray, rows: np.ndarray, level: int, steps: int) -> np.ndarray:
        """Move transforms (K, 4) of the regions ``rows`` downhill, each until it stands still."""
        out = transform.astype(np.float32)
        moving = np.arange(len(rows))
        stride = COARSE[level]
        away, own = self.from_centre[rows, ::stride], self.own[level][rows, ::stride]
        centre, scale = self.centre[rows], self.spread[rows]
        for _ in range(steps):
            if len(moving) == 0:
                break
            change = self._step(out[moving], away, own, centre, scale, level)
            out[moving] += change
            out[moving, 2:] = np.clip(out[moving, 2:], self.turn - (0.35, 1.2), self.turn + (0.5, 1.2))
            go = _moves(change, scale)
            if not go.all():
                moving, away, own, centre, scale = moving[go], away[go], own[go], centre[go], scale[go]
        return out

    def _step(
        self, t: np.ndarray, away: np.ndarray, own: np.ndarray, centre: np.ndarray, scale: np.ndarray, level: int
    ) -> np.ndarray:
        """(K, 4): one Gauss-Newton step of transforms (K, 4)."""
        slope, rest = felt(look_up(self.slopes[level], _moved(t, centre, away)), REACHES[level])
        rest -= own
        # The root of a Cauchy weight: it is squared with what it weighs.
        weight = 1 / np.sqrt(1 + (rest * rest) * (1 / 9))
        slope *= weight
        turned = slope * np.conj(away)
        turned /= scale[:, None]
        jac = np.empty((len(t), 5, rest.shape[1]), np.float32)
        jac[:, 0], jac[:, 1], jac[:, 2], jac[:, 3] = slope.real, slope.imag, turned.real, turned.imag
        np.multiply(rest, weight, out=jac[:, 4])
        both = np.matmul(jac, jac.transpose(0, 2, 1))
        # Few points stand for all.
        both *= POINTS / rest.shape[1]
        # Turning and growing are held back a little, so that a region with few lines just slides.
        left = both[:, :4, :4] + HOLD
        right = both[:, :4, 4]
        right[:, 2:] += np.diag(HOLD)[2:] * (t[:, 2:] - self.turn) * scale[:, None]
        step = -_solve(left, right)
        step[:, 2:] /= scale[:, None]
        step[:, :2] = np.clip(step[:, :2], -8, 8)
        return step

    def cost(self, at: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(K,) how badly the lines agree when the points of ``rows`` are put at (K, M) complex64 px."""
        seen, own = look_up(self.ground, at), np.take(self.own_ground, rows, 0)
        apart = cv2.absdiff(seen.reshape(len(at), -1), own.reshape(len(at), -1))
        np.minimum(apart, self.most, out=apart)
        return apart.astype(np.float32) @ self.weights


def _solve(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(K, 4) x of left x = right, left (K, 4, 4) symmetric and positive: Gauss's elimination on all at once."""
    rows = np.ascontiguousarray(np.concatenate([left, right[..., None]], 2).transpose(1, 2, 0))
    for i in range(4):
        rows[i, i + 1 :] /= rows[i, i]
        for j in range(i + 1, 4):
            rows[j, i + 1 :] -= rows[j, i] * rows[i, i + 1 :]
    for i in range(2, -1, -1):
        for j in range(i + 1, 4):
            rows[i, 4] -= rows[i, j] * rows[j, 4]
    return np.ascontiguousarray(rows[:, 4].T)


def _moved(transform: np.ndarray, centre: np.ndarray, away: np.ndarray) -> np.ndarray:
    """(K, M) complex64 px: transforms (K, 4) dx, dy, a, b about (K,) centres put what lies ``away`` (K, M) from the
    centre c at c + d + (1 + a + ib) away."""
    pairs = np.ascontiguousarray(transform, np.float32).view(np.complex64)
    out = away * (1 + pairs[:, 1:])
    out += (centre + pairs[:, 0])[:, None]
    return out


def _middle(sent: np.ndarray) -> np.ndarray:
    """(K, 2) medians of (K, M, 2), M even; short rows are sorted faster than NumPy's median divides them."""
    half = sent.shape[1] // 2
    ordered = np.sort(np.ascontiguousarray(sent.transpose(0, 2, 1)))
    return (ordered[..., half - 1] + ordered[..., half]) / 2


def _moves(change: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """(K,) bool: whether changes (K, 4) of transforms are worth another step."""
    turn = np.abs(change[:, 2:]).max(1) * spread
    return (np.abs(change[:, :2]).max(1) > STILL) | (turn > STILL)


def register(target: View, source: View, flow: Flow, asked: np.ndarray | None = None, move: Move = STAY) -> Fit:
    """Where each region of ``target`` lies in ``source``, with the help of dense ``flow`` from target to source.

    ``move`` is how the figure moved as a whole. Where only some regions are ``asked`` (R,) bool, the others follow the
    flow at a cost without end.
    """
    matcher = _Matcher(target, source, move.turn)
    count = len(target)
    # What is a pixel at most at the working size follows the flow, and is believed in no case.
    seen = target.shape[:, 0] > 0
    every = np.flatnonzero(seen if asked is None else seen & asked)
    best = np.zeros((count, 4), np.float32)
    cost = np.full(count, np.inf, np.float32)
    offers: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def offer(guess: np.ndarray, rows: np.ndarray) -> None:
        if len(rows) == 0:
            return
        guess = matcher.refine(guess, rows, 1, STEPS)
        price = matcher.cost(matcher.place(guess, rows), rows)
        price = price + _stretch(guess, matcher.turn)
        offers.append((rows, guess, price))
        better = price < cost[rows] - 1e-4
        best[rows[better]] = guess[better]
        cost[rows[better]] = price[better]

    # Dense flow as it is: bends with the region, so it needs no similarity.
    points = matcher.points[every]
    sent = flow.at(points)
    cost_flow = np.full(count, np.inf, np.float32)
    cost_flow[every] = matcher.cost(points + sent, every) - FLOW_BONUS
    start = np.zeros((len(every), 4), np.float32)
    start[:, :2] = _middle(sent[:, : POINTS // 2].view(np.float32).reshape(len(every), -1, 2))
    start[:, 2:] = matcher.turn
    offer(start, every)
    along = _as_a_whole(target, every, move)
    loose = (np.minimum(cost, cost_flow)[every] > SETTLED) & (np.abs(start - along)[:, :2].max(1) > ALREADY)
    offer(along[loose], every[loose])
    inner = every[~target.border[every] & (np.minimum(cost, cost_flow)[every] > SETTLED)]
    for guess in _alike(target, source, inner, move):
        offer(matcher.refine(guess, inner, 0, STEPS), inner)
    asked_for = np.isfinite(cost)
    for rows, giver in _givers(target, cost):
        open_still = asked_for[rows] & asked_for[giver] & (np.minimum(cost, cost_flow)[rows] > SETTLED)
        rows, giver = rows[open_still], giver[open_still]
        moved = best[giver].copy()
        centre = matcher.centre[rows]
        there = _moved(best[giver], matcher.centre[giver], (centre - matcher.centre[giver])[:, None])
        moved[:, :2] = (there[:, 0] - centre).view(np.float32).reshape(-1, 2)
        apart = np.abs(moved - best[rows])
        new = np.maximum(apart[:, :2].max(1), apart[:, 2:].max(1) * target.spread[rows]) > ALREADY
        offer(moved[new], rows[new])
    flowing = np.zeros((len(every), 4), np.float32)
    flowing[:, :2] = start[:, :2]
    fit = _settle(target, offers, (every, flowing, cost_flow[every]))
    return fit if asked is None else replace(fit, cost=np.where(asked, fit.cost, np.float32(np.inf)))


def _settle(target: View, offers: list[tuple[np.ndarray, np.ndarray, np.ndarray]], flow) -> Fit:
    """Of all places that were offered, those that neighbours agree on. ``flow`` is an offer, too."""
    count = len(target)
    rows, places, prices = (np.concatenate(parts) for parts in zip(*offers, flow, strict=True))
    by_flow = np.arange(len(rows)) >= len(rows) - len(flow[0])
    order = np.lexsort((prices, rows))
    rows, places, prices, by_flow = rows[order], places[order], prices[order], by_flow[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = rank < PLACES
    rows, places, prices, by_flow, rank = (part[kept] for part in (rows, places, prices, by_flow, rank))
    transform = np.zeros((count, PLACES, 4), np.float32)
    cost = np.full((count, PLACES), 1e3, np.float32)
    bent = np.zeros((count, PLACES), bool)
    transform[rows, rank], cost[rows, rank], bent[rows, rank] = places, prices, by_flow
    asked = np.zeros(count, bool)
    asked[flow[0]] = True
    pairs, at = target.contacts.pairs, target.contacts.at
    hold = ~target.border[pairs].any(1) & asked[pairs].all(1)
    pairs, at = pairs[hold], at[hold]
    centre = target.centre.view(np.complex64)[:, 0][pairs[:, 0]]
    steps = transform[pairs[:, 0]].view(np.complex64)
    sent = centre[:, None] + steps[..., 0] + (1 + steps[..., 1]) * (at - centre)[:, None]
    back = np.lexsort((pairs[:, 0], pairs[:, 1]))
    chosen = choose(cost, sent, back, pairs)
    each = np.arange(count)
    return Fit(transform[each, chosen], cost[each, chosen], bent[each, chosen] | ~asked)


def _stretch(transform: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """A small price for moving far, and for turning and growing unlike the figure: of two equally good places the
    simpler one holds."""
    far = np.hypot(transform[:, 0], transform[:, 1])
    return (
        0.03 * np.minimum(far / 100, 2)
        + 0.05 * np.abs(transform[:, 2] - turn[0])
        + 0.03 * np.abs(transform[:, 3] - turn[1])
    )


def _alike(target: View, source: View, rows: np.ndarray, move: Move) -> list[np.ndarray]:
    """Guesses from regions of like shape: list of (K, 4) transforms for ``rows``."""
    inside = np.flatnonzero(~source.border)
    if len(rows) == 0 or len(inside) == 0:
        return []
    step = max(1, AT_ONCE // len(inside))
    parts = [_likest(target, source, rows[n : n + step], inside, move) for n in range(0, len(rows), step)]
    here, bare = target.centre[rows], move.turn / abs(move.turn)
    out = []
    for like in np.concatenate(parts, 1):
        guess = np.zeros((len(rows), 4), np.float32)
        guess[:, :2] = source.centre[like] - here
        # What is long in both drawings is laid along; turned by more than a quarter from the figure's own turn it
        # would look the same.
        ours, theirs = target.axis[rows], source.axis[like]
        turn = np.angle(theirs * np.conj(ours) / bare**2) / 2
        turn = np.where(np.minimum(np.abs(ours), np.abs(theirs)) > LONG, turn, 0)
        turned = np.exp(1j * turn) * move.turn
        guess[:, 2], guess[:, 3] = turned.real - 1, turned.imag
        out.append(guess)
    return out


def _likest(target: View, source: View, rows: np.ndarray, inside: np.ndarray, move: Move) -> np.ndarray:
    """(N, K) regions of ``source``, of those ``inside``, that are most like each of the regions ``rows``, N at most
    ``SHAPE_GUESSES``."""
    unlike = np.zeros((len(rows), len(inside)), np.float32)
    for a, b in zip(target.shape[rows].T, source.shape[inside].T, strict=True):
        apart = a[:, None] - b
        unlike += np.abs(apart, out=apart)
    there = source.centre[inside]
    expected = target.centre[rows] + _as_a_whole(target, rows, move)[:, :2]
    size = float(np.hypot(*target.labels.shape))
    away = np.square(expected[:, :1] - there[:, 0])
    away += np.square(expected[:, 1:] - there[:, 1])
    unlike += np.sqrt(away, out=away) * (6.0 / size)
    out = []
    for _ in range(min(SHAPE_GUESSES, len(inside))):
        out.append(unlike.argmin(1))
        unlike[np.arange(len(rows)), out[-1]] = np.inf
    return inside[np.stack(out)]


def _as_a_whole(target: View, rows: np.ndarray, move: Move) -> np.ndarray:
    """(K, 4) float32: the transforms of the regions ``rows`` if each moves as the figure does."""
    centre = target.centre.view(np.complex64)[rows, 0]
    gone = (move.turn - 1) * centre + move.shift
    out = np.empty((len(rows), 2), np.complex64)
    out[:, 0], out[:, 1] = gone, move.turn - 1
    return out.view(np.float32)


def _givers(view: View, cost: np.ndarray, most: int = 3) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each region its best-placed neighbours: ``most`` pairs of (regions, neighbour of each)."""
    a, b = view.contacts.pairs.T
    ok = ~view.border[b] | view.border[a]
    a, b = a[ok], b[ok]
    order = np.lexsort((b, cost[b], a))
    a, b = a[order], b[order]
    rank = np.arange(len(a)) - np.searchsorted(a, a)
    return [(a[rank == k], b[rank == k]) for k in range(most) if (rank == k).any()]
