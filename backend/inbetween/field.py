"""Where each small piece of one drawing lies in another: shifted, turned and grown, found without any given order.

Patches of the drawing, large ones first, look for the place in the other drawing that looks like them: at random, where
their neighbours went, and close by (generalised PatchMatch: Barnes et al., ECCV 2010; coarse to fine as in Hu et al.,
CVPR 2016). What is compared is given as features: distance to the lines, and colours where there are any.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .near import nearest

AT_ONCE = 1500
"""Patches compared in one go, so that what is in work stays in the processor's cache."""

LEVELS = ((40.0, 16, 80), (20.0, 8, 56), (11.0, 5, 44))
"""Radius px, one patch every so many px, places compared in each: at a picture of ``USUAL`` px diagonal."""

USUAL = 650.0
"""px. Diagonal that radii and steps are meant for."""

REACH = 0.25
"""Fraction of the diagonal within which patches look at random."""

NO_MAP = np.empty(0)

FAR, TURN, GROW = 0.02, 0.006, 0.01
"""Small prices of moving (a whole diagonal), turning (a radian) and growing (a factor of e): of equals, the simplest."""


@dataclass(frozen=True)
class Features:
    """What patches are compared by: ``image`` (h, w, C) float32, C <= 4; ``most`` (C,) the greatest difference that
    counts; ``price`` (C,) what a difference of 1 costs."""

    image: np.ndarray
    most: np.ndarray
    price: np.ndarray


@dataclass(frozen=True)
class Field:
    """A piece at ``centre`` (P,) complex64 px goes to ``centre + shift``, turned and grown by ``turn``; ``cost`` (P,)."""

    centre: np.ndarray
    shift: np.ndarray
    turn: np.ndarray
    cost: np.ndarray

    def __len__(self) -> int:
        return len(self.centre)


def line_features(lines: np.ndarray) -> Features:
    """Features of line art alone, (h, w) uint8 1 on lines: nearness of lines at two scales, inside or outside, width."""
    away = cv2.distanceTransform(1 - lines, cv2.DIST_L2, 3)
    count, found = cv2.connectedComponents(1 - lines, connectivity=4)
    labels = found.astype(np.int32, copy=False)
    edge = np.zeros(count, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        edge[side] = True
    edge[0] = False
    thick = np.zeros(count, np.float32)
    np.maximum.at(thick, labels.ravel(), away.ravel())
    image = np.dstack(
        [np.minimum(away, 8), np.minimum(away, 24), edge[labels] * 1.0, np.log2(np.maximum(thick, 1))[labels]]
    ).astype(np.float32)
    image[..., 2:] = cv2.blur(image[..., 2:], (3, 3))
    return Features(image, np.array([8, 24, 1, 1.5], np.float32), np.array([0.5 / 8, 0.2 / 24, 0.15, 0.1], np.float32))


def colour_features(lines: np.ndarray, picture: np.ndarray) -> Features:
    """Features of a coloured drawing: (h, w) uint8 1 on lines, (h, w, 3) uint8 sRGB on paper."""
    away = cv2.distanceTransform(1 - lines, cv2.DIST_L2, 3)
    soft = cv2.GaussianBlur(picture, (0, 0), 1.0).astype(np.float32) / 255
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2Lab)
    image = np.dstack([lab, np.minimum(away, 8)]).astype(np.float32)
    third = 1 / 120
    return Features(image, np.array([40, 40, 40, 8], np.float32), np.array([third, third, third, 0.5 / 8], np.float32))


def disc(count: int, radius: float) -> np.ndarray:
    """(count,) complex64: places spread evenly over a disc (Vogel's sunflower)."""
    k = np.arange(count) + 0.5
    return (radius * np.sqrt(k / count) * np.exp(1j * np.pi * (1 + 5**0.5) * k)).astype(np.complex64)


def look(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Bilinear values of (h, w, C) float32 at (P, K) complex64 px, the edge repeated outside: (P, K, C)."""
    where = np.ascontiguousarray(at).view(np.float32).reshape(*at.shape, 2)
    out = np.empty((*at.shape, image.shape[2]), np.float32)
    for a in range(0, len(at), 30000):
        part = cv2.remap(image, where[a : a + 30000], NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        out[a : a + 30000] = part.reshape(*at[a : a + 30000].shape, -1)
    return out


class _Patches:
    """Patches of one size, and the best place each has found so far."""

    def __init__(
        self, own: Features, other: Features, centre: np.ndarray, radius: float, count: int, seed: int
    ) -> None:
        self.centre = centre.astype(np.complex64)
        self.spots = disc(count, radius)
        self.other = other
        self.diagonal = float(np.hypot(*own.image.shape[:2]))
        self.own = look(own.image, self.centre[:, None] + self.spots)
        self.price = np.tile(own.price, count) / count
        self.shift = np.zeros(len(centre), np.complex64)
        self.turn = np.ones(len(centre), np.complex64)
        self.cost = np.full(len(centre), np.inf, np.float32)
        self.random = np.random.default_rng(seed)
        self.every = np.arange(len(centre))

    def ask(self, rows: np.ndarray, shift: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """(K,) what patches ``rows`` pay for these places."""
        out = np.empty(len(rows), np.float32)
        for a in range(0, len(rows), AT_ONCE):
            part = slice(a, a + AT_ONCE)
            place = (self.centre[rows[part]] + shift[part])[:, None] + turn[part][:, None] * self.spots
            apart = np.abs(look(self.other.image, place) - self.own[rows[part]])
            np.minimum(apart, self.other.most, out=apart)
            out[part] = apart.reshape(len(apart), -1) @ self.price
        out += FAR / self.diagonal * np.abs(shift) + TURN * np.abs(np.angle(turn))
        return out + GROW * np.abs(np.log(np.abs(turn)))

    def offer(self, rows: np.ndarray, shift: np.ndarray, turn: np.ndarray) -> None:
        """Take these places where they are better."""
        if len(rows) == 0:
            return
        size = np.abs(turn)
        turn = (turn / np.maximum(size, 1e-6) * np.clip(size, 0.7, 1.43)).astype(np.complex64)
        shift = shift.astype(np.complex64)
        cost = self.ask(rows, shift, turn)
        better = cost < self.cost[rows]
        rows = rows[better]
        self.shift[rows], self.turn[rows], self.cost[rows] = shift[better], turn[better], cost[better]

    def from_neighbours(self, given: "Field", near: np.ndarray) -> None:
        """Offer each patch where its neighbours' motions (``near`` (P, K) numbers in ``given``) would send it."""
        for giver in near.T:
            turn = given.turn[giver]
            place = given.centre[giver] + given.shift[giver] + turn * (self.centre - given.centre[giver])
            self.offer(self.every, place - self.centre, turn)

    def jostle(self, by: float, turn: float, tries: int) -> None:
        """Look close by: ``by`` px, ``turn`` radians."""
        n = len(self.every)
        for _ in range(tries):
            normal = self.random.normal
            shift = self.shift + by * (normal(size=n) + 1j * normal(size=n))
            turned = self.turn * np.exp(1j * normal(0, turn, n) + normal(0, turn / 3, n))
            self.offer(self.every, shift, turned)

    def wander(self, reach: float, tries: int) -> None:
        """Look anywhere within ``reach`` px."""
        n = len(self.every)
        for _ in range(tries):
            uniform = self.random.uniform
            shift = reach * (uniform(-1, 1, n) + 1j * uniform(-1, 1, n))
            self.offer(self.every, shift, np.exp(1j * self.random.normal(0, 0.6, n)))

    def field(self) -> Field:
        """What was found."""
        return Field(self.centre, self.shift, self.turn, self.cost)


def find_field(
    own: Features,
    other: Features,
    wanted: np.ndarray,
    guesses: tuple[tuple[complex, complex], ...] = (),
    seed: int = 0,
    rounds: int = 6,
) -> Field:
    """Where the pieces of a drawing lie in another.

    wanted (h, w) bool: where patches are set; guesses: whole motions (turn, shift: z goes to turn z + shift) to try;
    rounds of looking at random.
    """
    scale = max(float(np.hypot(*wanted.shape)) / USUAL, 0.2)
    found: Field | None = None
    for level, (radius, step, count) in enumerate(LEVELS):
        centre = _grid(wanted, max(2, round(step * scale)))
        if len(centre) == 0:
            none = np.zeros(0, np.complex64)
            return Field(none, none, none, np.zeros(0, np.float32))
        patches = _Patches(own, other, centre, radius * scale, count, seed + level)
        near = nearest(patches.centre, patches.centre, 9)[:, 1:]
        patches.offer(patches.every, np.zeros(len(centre)), np.ones(len(centre)))
        if found is None:
            for turn, shift in guesses:
                goal = turn * patches.centre + shift
                patches.offer(patches.every, goal - patches.centre, np.full(len(centre), turn))
            for _ in range(rounds):
                patches.wander(REACH * patches.diagonal, 10)
                patches.from_neighbours(patches.field(), near)
                patches.jostle(12 * scale, 0.2, 4)
                patches.jostle(4 * scale, 0.08, 4)
        else:
            patches.from_neighbours(found, nearest(patches.centre, found.centre, 8))
            for _ in range(2):
                patches.from_neighbours(patches.field(), near)
                patches.jostle(6 * scale / (1 + level), 0.12, 3)
                patches.jostle(1.5 * scale, 0.05, 3)
        patches.from_neighbours(patches.field(), near)
        patches.jostle(0.6 * scale, 0.02, 4)
        found = patches.field()
    assert found is not None
    return found


def _grid(wanted: np.ndarray, step: int) -> np.ndarray:
    """(P,) complex64: one place in each square of ``step`` px that holds something wanted, there where it is."""
    ys, xs = np.nonzero(wanted)
    square = (ys // step) * (wanted.shape[1] // step + 1) + xs // step
    _, inverse = np.unique(square, return_inverse=True)
    number = np.bincount(inverse)
    x = np.bincount(inverse, xs) / number
    y = np.bincount(inverse, ys) / number
    return (x + 1j * y).astype(np.complex64)
