"""How a drawing lies on a figure of the sheet: turned, mirrored, scaled as a whole, then bent limb by limb."""

from dataclasses import dataclass

import cv2
import numpy as np

from .layout import Layout
from .surroundings import ANGLES, turned

SCALES = (0.8, 1.0, 1.25)
"""Sizes of the sheet's figure tried against the drawing's: a cape or a cropped leg changes the area they share."""

TURNS = (-3, -2, -1, 0, 1, 2, 3)
"""Steps of 22.5 degrees tried."""

MIRROR_TRUST, SCALE_TRUST = 0.85, 0.85
"""Votes for a mirrored or scaled figure count this much, for one turned by k steps 1 - TURN_DOUBT k k."""

TURN_DOUBT = 0.01

VOTERS = 90
"""Points of the drawing that vote, at least; more change nothing."""

SIMILAR = 0.5
"""A vote weighs exp(-difference / (SIMILAR x the median difference)): good matches count, whatever the style."""

DIRECTIONS = 24
"""Principal directions in which surroundings are compared while voting, of 160 numbers."""

REACH, BINS = 1.5, 30
"""Shifts counted, in figure units to either side, and the bins they are counted in."""

SURENESS = 0.03
"""Mean squared difference of surroundings (two ranges added) at which a match is e times less likely."""

BENDS = ((0.6, 0.6), (0.35, 0.3), (0.22, 0.2), (0.15, 0.15))
"""Rounds of bending, in figure units: over how far neighbours move together, and how far matches may lie away."""


@dataclass(frozen=True)
class Pose:
    """A way to lay the sheet's figure: around (M, rings, ANGLES, 2) its surroundings, place (M, 2) its points.

    all_turns (TURNS, M, DIRECTIONS) float32 are its surroundings in every turn as seen along ``Figure.basis``, length
    (TURNS, M) their squared lengths.
    """

    mirror: bool
    scale: float
    around: np.ndarray
    place: np.ndarray
    all_turns: np.ndarray
    length: np.ndarray


def poses_of(laid: list[tuple[bool, float, np.ndarray, np.ndarray]]) -> tuple[list[Pose], np.ndarray]:
    """Poses from (mirror, scale, around, place), their turns made ready, and the (D, DIRECTIONS) basis these are seen in.

    Neighbouring places of a ring say nearly the same: the first principal directions hold what tells places apart.
    """
    every = [np.stack([turned(around, step) for step in TURNS]) for _, _, around, _ in laid]
    rows = np.concatenate([e.reshape(-1, e.shape[2]) for e in every])
    _, directions = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    basis = np.ascontiguousarray(directions[:, -DIRECTIONS:], np.float32)
    seen = [e @ basis for e in every]
    return [Pose(*lay, e, (e * e).sum(2)) for lay, e in zip(laid, seen, strict=True)], basis


@dataclass(frozen=True)
class Fit:
    """The pose that fits, the steps its surroundings are turned by, and (N, 2) points of the drawing laid on it."""

    pose: Pose
    steps: int
    place: np.ndarray
    votes: float

    @property
    def angle(self) -> float:
        """Radians by which the drawing was turned to lie on the sheet."""
        return -self.steps * 2 * np.pi / ANGLES


def fit(drawing: Layout, around: np.ndarray, poses: list[Pose], basis: np.ndarray) -> Fit:
    """The pose, turn and shift on which most points of the drawing agree: a Hough vote of each point's best match."""
    some = np.arange(0, len(drawing.points), max(1, len(drawing.points) // VOTERS))
    whole = around[some].reshape(len(some), -1)
    a = whole @ basis
    square = (a * a).sum(1)[:, None]
    laid = [_turn(drawing.place, step) for step in TURNS]
    best: tuple[float, Pose, int, np.ndarray] | None = None
    for pose in poses:
        turns, count, size = pose.all_turns.shape
        product = (a @ pose.all_turns.reshape(-1, size).T).reshape(len(some), turns, count)
        gap = pose.length[None] - 2 * product
        at = gap.argmin(2)
        least = np.maximum(np.take_along_axis(gap, at[..., None], 2)[..., 0] + square, 0) / whole.shape[1]
        weight = np.exp(least * (-1 / (SIMILAR * max(float(np.median(least.min(1))), 1e-9))))
        trust = (MIRROR_TRUST if pose.mirror else 1.0) * (SCALE_TRUST if pose.scale != 1 else 1.0)
        for k, step in enumerate(TURNS):
            shift = pose.place[at[:, k]] - laid[k][some]
            bin_ = np.floor((shift + REACH) * (BINS / (2 * REACH))).astype(np.int64)
            good = ((bin_ >= 0) & (bin_ < BINS)).all(1)
            votes = np.bincount(bin_[good] @ (1, BINS), weight[good, k], BINS * BINS).reshape(BINS, BINS).astype(float)
            votes = cv2.GaussianBlur(votes, (0, 0), 1.0)
            peak = float(votes.max()) * trust * (1 - TURN_DOUBT * step * step)
            if best is None or peak > best[0]:
                best = peak, pose, k, votes
    assert best is not None
    peak, pose, k, votes = best
    row, column = np.unravel_index(int(votes.argmax()), votes.shape)
    move = (np.array([column, row]) + 0.5) * (2 * REACH / BINS) - REACH
    return Fit(pose, TURNS[k], (laid[k] + move).astype(np.float32), peak)


def _turn(place: np.ndarray, step: int) -> np.ndarray:
    angle = -step * 2 * np.pi / ANGLES
    c, s = np.cos(angle), np.sin(angle)
    return place @ np.array([[c, s], [-s, c]])


def bend(place: np.ndarray, target: np.ndarray, difference: np.ndarray) -> list[np.ndarray]:
    """The points ``place`` (N, 2) bent onto ``target`` (M, 2), after each round of ``BENDS``; units of the figure.

    Every point moves by an affine map fitted to the soft matches of the points around it, the surer ones counting
    more (moving least squares, Schaefer et al., SIGGRAPH 2006). ``difference`` (N, M) of surroundings.
    """
    p, q = place.astype(np.float32), target.astype(np.float32)
    like = np.exp(-(difference - difference.min(1, keepdims=True)) / SURENESS)
    apart = squared(p, p)
    now, rounds = p, []
    identity = np.eye(2, dtype=np.float32)[None]
    for wide, far in BENDS:
        weight = like * np.exp(squared(now, q) / (-2 * far * far))
        weight /= weight.sum(1, keepdims=True) + 1e-12
        meant = weight @ q
        doubt = weight @ (q * q).sum(1) - (meant * meant).sum(1)
        heed = np.exp(apart / (-2 * wide * wide)) / (np.maximum(doubt, 0) + 0.003)[None]
        pp = (p[:, :, None] * p[:, None]).reshape(-1, 4)
        pm = (p[:, :, None] * meant[:, None]).reshape(-1, 4)
        moments = (heed @ np.concatenate([p, meant, pp, pm], 1)) / heed.sum(1, keepdims=True)
        from_, to = moments[:, :2], moments[:, 2:4]
        spread = moments[:, 4:8].reshape(-1, 2, 2) - from_[:, :, None] * from_[:, None]
        cross = moments[:, 8:].reshape(-1, 2, 2) - from_[:, :, None] * to[:, None]
        stiff = 0.09 * wide * wide * identity
        map_ = np.linalg.solve(spread + stiff, cross + stiff)
        now = (to + ((p - from_)[:, None] @ map_)[:, 0]).astype(np.float32)
        rounds.append(now)
    return rounds


def squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N, M) squared distances of (N, k) and (M, k)."""
    return np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * (a @ b.T), 0)
