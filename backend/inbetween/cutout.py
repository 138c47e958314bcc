"""Cut-outs: every cell of a coloured drawing moves like paper to its place in the other one, cells that touch together.

Each cell weighs where its surroundings were found (``field.py``), where areas of its colour lie, and where its neighbours
went; what all of them together want is found by min-sum belief propagation over the cells that touch (Felzenszwalb and
Huttenlocher, IJCV 70(1), 2006). Inside an area tearing is dear, across a border of colours it is not.
"""

from dataclasses import dataclass

import numpy as np

from .areas import CELL, Cells, summed
from .field import Field, look
from .layers import levels, outlines_up
from .near import nearest, pixels

UNLIKE = 0.35
"""Most that one place of a cell may count: a cell that is half hidden is still found."""

EMPTY = 0.25
"""Price of figure on empty paper."""

TURN, GROW, FAR = 0.006, 0.02, 0.02
"""Small prices of turning (a radian), growing (a factor of e) and moving (a whole diagonal): of equals, the simplest."""

TEAR, TEAR_APART, TEAR_AT = 0.5, 0.12, 10.0
"""Price of two neighbouring cells, of one area and of two, that part by so many px or more at a picture of
``field.USUAL`` px diagonal; less for less."""

ASKED = (0, 1, 2, 4, 6, 9, 13, 18, 23)
"""Which of the nearest pieces of the field each cell asks."""

KIN = 4
"""Areas of the same colour that an area may be, the likeliest."""

OFFERS, LISTED = 14, 40
"""Motions that a cell decides among, and how many of the cheapest are looked through for them."""

SAME = 1.0
"""px: motions this near to each other are one; a radian counts 30."""

JOSTLED = (4.0, 2.0, 1.0)
"""px by which each cell looks around, round by round."""

JOSTLE_TURN, JOSTLE_GROW = 0.03, 0.01
"""Radians, and growth as a power of e, for each of these px."""

TRIES, KEPT = 12, 4
"""Looks around, and own second choices that are kept."""

ROUNDS = 25
"""Of passing on what is wanted."""

BLENDED, MEANT, MEANT_APART = 0.6, 8.0, 3.0
"""Width in cells over which motions are blended, and px by which they may differ for it: in an area, across two."""


MUTUAL = 0.1
"""Most that it costs to go where the other drawing says that it came from another area."""

BELIEVED = 0.1
"""Cost at which the other drawing is believed a third as much."""

ASKED_BACK = (0, 20, 60)
"""Which of the nearest pixels that came from around a cell are asked."""

EVERY = 6
"""px between the pieces of a cut-out that are put among a field's."""


@dataclass(frozen=True)
class Sent:
    """Motions of cells, number by number: the middle of ``cell`` goes ``to`` complex128 px, turned and grown by ``turn``."""

    cell: np.ndarray
    to: np.ndarray
    turn: np.ndarray

    def of(self, rows: np.ndarray) -> "Sent":
        """Those at ``rows``."""
        return Sent(self.cell[rows], self.to[rows], self.turn[rows])


@dataclass(frozen=True)
class Landing:
    """Where the pixels of a figure lie in the other drawing: at (P,) complex128 px their own places, to (P,), turn (P,);
    ``cost`` (P,) float32 how unlike the other drawing looks there; ``level`` (P,) how high they lie, 0 the lowest; ``area``
    (P,) which area they are of or the outline of."""

    at: np.ndarray
    to: np.ndarray
    turn: np.ndarray
    cost: np.ndarray
    level: np.ndarray
    area: np.ndarray


def land(cells: tuple[Cells, Cells], fields: tuple[Field, Field]) -> tuple[Landing, Landing]:
    """Where every pixel of either drawing lies in the other one; ``fields`` where their patches were found. Each decides for
    itself, and once more when it has heard the other."""
    first, last = cells
    sent = _decide(first, last, fields[0]), _decide(last, first, fields[1])
    there, back = _low(first, last, sent[0]), _low(last, first, sent[1])
    sent = _mutual(first, last, sent[0], back), _mutual(last, first, sent[1], there)
    there, back = _low(first, last, sent[0]), _low(last, first, sent[1])
    high = levels(first, last, there, back), levels(last, first, back, there)
    first, last = (outlines_up(c, level) for c, level in zip(cells, high, strict=True))
    return _blended(first, last, sent[0], high[0]), _blended(last, first, sent[1], high[1])


def _low(own: Cells, other: Cells, sent: Sent) -> Landing:
    return _blended(own, other, sent, np.zeros(len(own.colour), np.intp))


def _mutual(own: Cells, other: Cells, chosen: Sent, back: Landing) -> Sent:
    """The motions once more, where what the other drawing says of its own counts: two limbs cannot lie in one place."""
    random = np.random.default_rng(2)
    returned = _Returned(own, other, back)
    for by in JOSTLED[1:]:
        many = [chosen, _as_returned(own, back), _as_neighbours(own, chosen, 1), _jostled(own, chosen, by, random)]
        chosen = _agreed(own, *_offers(own, other, _joined(many), returned))
    return chosen


class _Returned:
    """Where the other drawing says that its places came from."""

    def __init__(self, own: Cells, other: Cells, back: Landing) -> None:
        size = other.empty.shape
        self._area = np.zeros(size, np.intp)
        self._known = np.zeros(size, np.float32)  # 0..1: how much that is believed
        here = pixels(back.at, size)
        self._area[here] = own.area[own.cell[pixels(back.to, size)]]
        self._known[here] = np.exp(-back.cost / BELIEVED)

    def price(self, own: Cells, sent: Sent) -> np.ndarray:
        """(P,) float32: how much of each motion's place is said to have come from another area."""
        away = own.spots[sent.cell] - own.at[sent.cell][:, None]
        to = sent.to[:, None] + sent.turn[:, None] * away
        there = pixels(to, self._known.shape)
        area = self._area[there]
        elsewhere = (area > 0) & (area != own.area[sent.cell][:, None])
        return MUTUAL * (elsewhere * self._known[there] @ own.weight).astype(np.float32)


def _as_returned(own: Cells, back: Landing) -> Sent:
    """As the other drawing says that its places came from here, the other way round."""
    near = nearest(own.at[1:], back.to, max(ASKED_BACK) + 1)
    every, many = np.arange(1, len(own)), []
    for k in ASKED_BACK:
        if k < near.shape[1]:
            f = near[:, k]
            turn = 1 / np.where(np.abs(back.turn[f]) > 0.2, back.turn[f], 1)
            many.append(Sent(every, back.at[f] + turn * (own.at[1:] - back.to[f]), turn))
    return _joined(many)


def among(field: Field, landed: Landing) -> Field:
    """The field with pieces of cut-outs among its own, one in each square of ``EVERY`` px."""
    x, y = np.real(landed.at).astype(np.intp), np.imag(landed.at).astype(np.intp)
    some = (x % EVERY == EVERY // 2) & (y % EVERY == EVERY // 2)
    at, turn = landed.at[some].astype(np.complex64), landed.turn[some].astype(np.complex64)
    more = at, (landed.to[some] - landed.at[some]).astype(np.complex64), turn, landed.cost[some]
    mine = field.centre, field.shift, field.turn, field.cost
    return Field(*(np.concatenate(both) for both in zip(mine, more, strict=True)))


def _decide(own: Cells, other: Cells, field: Field) -> Sent:
    """The motion of every cell, numbers 0 (none) to n - 1."""
    random = np.random.default_rng(1)
    offers = _offers(own, other, _joined([_as_found(own, field), _as_kin(own, other)]))
    chosen = _agreed(own, *offers)
    for turn, by in enumerate(JOSTLED):
        more = [chosen, *(Sent(chosen.cell, offers[0][1:, k], offers[1][1:, k]) for k in range(KEPT))]
        more += [_as_neighbours(own, chosen, 2 if turn < 2 else 1), _jostled(own, chosen, by, random)]
        offers = _offers(own, other, _joined(more))
        chosen = _agreed(own, *offers)
    return chosen


def _joined(many: list[Sent]) -> Sent:
    return Sent(*(np.concatenate([getattr(s, name) for s in many]) for name in ("cell", "to", "turn")))


def _as_found(own: Cells, field: Field) -> Sent:
    """Standing still, and as the pieces of the field around each cell went."""
    every = np.arange(1, len(own))
    many = [Sent(every, own.at[1:], np.ones(len(every), complex))]
    if len(field):
        near = nearest(own.at[1:], field.centre, max(ASKED) + 1)
        for k in ASKED:
            if k < near.shape[1]:
                f = near[:, k]
                to = field.centre[f] + field.shift[f] + field.turn[f] * (own.at[1:] - field.centre[f])
                many.append(Sent(every, to.astype(complex), field.turn[f].astype(complex)))
    return _joined(many)


def _as_kin(own: Cells, other: Cells) -> Sent:
    """As an area would go that is one of the other drawing's areas of its colour: as it stands, and turned to lie as that does."""
    middle, axis, size = _shapes(own)
    goal, lies, large = _shapes(other)
    far = 0.3 * float(np.hypot(*own.empty.shape))
    none = np.zeros(0, np.intp)
    many = [Sent(none, np.zeros(0, complex), np.zeros(0, complex))]
    for area in range(1, len(own.colour)):
        kin = np.flatnonzero(other.colour == own.colour[area])
        unlike = np.abs(goal[kin] - middle[area]) / far + np.abs(np.log(large[kin] / size[area]))
        mine = np.flatnonzero(own.area == area)
        for k in kin[np.argsort(unlike, kind="stable")[:KIN]]:
            turned = np.exp(0.5j * (np.angle(lies[k]) - np.angle(axis[area])))
            for turn in (1 + 0j, turned, -turned):
                to = goal[k] + turn * (own.at[mine] - middle[area])
                many.append(Sent(mine, to, np.full(len(mine), turn)))
    return _joined(many)


def _shapes(cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each area: middle complex128 px, its second moment (its angle is twice the long axis's), size px."""
    ys, xs = np.nonzero(cells.cell)
    of, place, count = cells.area[cells.cell[ys, xs]], xs + 1j * ys, len(cells.colour)
    size = np.maximum(np.bincount(of, minlength=count), 1)
    middle = summed(of, place, count) / size
    return middle, summed(of, (place - middle[of]) ** 2, count) / size, size


def _as_neighbours(own: Cells, chosen: Sent, steps: int) -> Sent:
    """As the cells go that touch each cell, with two ``steps`` those with one between them, too."""
    touch = np.zeros((len(own), len(own)), np.float32)
    touch[own.borders.one, own.borders.other] = touch[own.borders.other, own.borders.one] = 1
    if steps == 2:
        touch += touch @ touch
    np.fill_diagonal(touch, 0)
    cell, near = np.argwhere(touch).T
    by = chosen.of(near - 1)
    return Sent(cell, by.to + by.turn * (own.at[cell] - own.at[near]), by.turn)


def _jostled(own: Cells, chosen: Sent, by: float, random: np.random.Generator) -> Sent:
    """A little off in many ways: ``by`` px at a picture of ``field.USUAL`` px diagonal."""
    cell = np.tile(chosen.cell, TRIES)
    normal = random.normal(size=(4, len(cell)))
    shift = by * own.scale * (normal[0] + 1j * normal[1])
    spun = np.exp(by * (JOSTLE_TURN * 1j * normal[2] + JOSTLE_GROW * normal[3]))
    return Sent(cell, np.tile(chosen.to, TRIES) + shift, np.tile(chosen.turn, TRIES) * spun)


def seen(cells: Cells, at: np.ndarray) -> np.ndarray:
    """(P, K, 5) float32: features and emptiness at (P, K) px."""
    at = at.astype(np.complex64)
    empty = np.ascontiguousarray(cells.empty, np.float32)[..., None]
    return np.concatenate([look(cells.features.image, at), look(empty, at)], 2)


def _apart(own: Cells, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(P, K) float32: how unlike what is seen is."""
    most, price = np.r_[own.features.most, 1], np.r_[own.features.price, EMPTY].astype(np.float32)
    return np.minimum(np.minimum(np.abs(one - other), most).astype(np.float32) @ price, UNLIKE)


def _price(own: Cells, other: Cells, sent: Sent) -> np.ndarray:
    """(P,) float32: what each motion costs its cell by itself."""
    mine = seen(own, own.spots)
    out = np.empty(len(sent.cell), np.float32)
    for a in range(0, len(out), 2000):
        part = sent.of(np.arange(a, min(a + 2000, len(out))))
        away = own.spots[part.cell] - own.at[part.cell][:, None]
        there = seen(other, part.to[:, None] + part.turn[:, None] * away)
        out[a : a + 2000] = _apart(own, there, mine[part.cell]) @ own.weight
    out += TURN * np.abs(np.angle(sent.turn)) + GROW * np.abs(np.log(np.abs(sent.turn)))
    return out + FAR * np.abs(sent.to - own.at[sent.cell]) / float(np.hypot(*own.empty.shape))


def _offers(
    own: Cells, other: Cells, sent: Sent, returned: _Returned | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, OFFERS) places, turns and prices: each cell's cheapest motions, alike ones once."""
    price = _price(own, other, sent)
    if returned is not None:
        price = price + returned.price(own, sent)
    order = np.lexsort((price, sent.cell))
    cell = sent.cell[order]
    rank = np.arange(len(cell)) - np.searchsorted(cell, cell)
    order, cell, rank = (v[rank < LISTED] for v in (order, cell, rank))
    shape = len(own), LISTED
    to, turn, cost = np.zeros(shape, complex), np.ones(shape, complex), np.full(shape, 9.0, np.float32)
    to[cell, rank], turn[cell, rank], cost[cell, rank] = sent.to[order], sent.turn[order], price[order]
    keep = cost < 9
    for k in range(1, LISTED):
        alike = np.abs(to[:, :k] - to[:, k : k + 1]) + 30 * np.abs(turn[:, :k] - turn[:, k : k + 1]) < SAME
        keep[:, k] &= ~(alike & keep[:, :k]).any(1)
    first = np.argsort(~keep, 1, kind="stable")[:, :OFFERS]
    rows = np.arange(len(own))[:, None]
    return to[rows, first], turn[rows, first], np.where(keep, cost, 9.0)[rows, first].astype(np.float32)


def _agreed(own: Cells, to: np.ndarray, turn: np.ndarray, price: np.ndarray) -> Sent:
    """The motion that each cell takes of its own, so that cells that touch tear apart as little as they may."""
    edge = own.borders
    one, other, side = edge.one, edge.other, CELL * own.scale
    tear = np.zeros((len(one), OFFERS, OFFERS), np.float32)
    for along in (-edge.reach, edge.reach, 1j * edge.reach):
        place = edge.middle + along
        a = to[one] + turn[one] * (place - own.at[one])[:, None]
        b = to[other] + turn[other] * (place - own.at[other])[:, None]
        tear += np.abs(a[:, :, None] - b[:, None, :]) / 3
    dear = np.where(own.area[one] == own.area[other], TEAR, TEAR_APART) * np.clip(edge.length / side, 0.15, 1.2)
    tear = (dear[:, None, None] * np.minimum(tear / (TEAR_AT * own.scale), 1)).astype(np.float32)
    lone = price * np.clip(own.size / side**2, 0.25, 1.2).astype(np.float32)[:, None]
    there, back = np.zeros((2, len(one), OFFERS), np.float32)
    for _ in range(ROUNDS):
        total = _heard(lone, one, other, there, back)
        to_other = ((total[one] - back)[:, :, None] + tear).min(1)
        to_one = ((total[other] - there)[:, None, :] + tear).min(2)
        there += 0.5 * (to_other - to_other.min(1, keepdims=True) - there)
        back += 0.5 * (to_one - to_one.min(1, keepdims=True) - back)
    pick = _heard(lone, one, other, there, back).argmin(1)[1:]
    every = np.arange(1, len(own))
    return Sent(every, to[every, pick], turn[every, pick])


def _heard(lone: np.ndarray, one: np.ndarray, other: np.ndarray, there: np.ndarray, back: np.ndarray) -> np.ndarray:
    total = lone.copy()
    np.add.at(total, other, there)
    np.add.at(total, one, back)
    return total


def _blended(own: Cells, other: Cells, chosen: Sent, level: np.ndarray) -> Landing:
    """Every pixel's landing by its cell's motion and those of the cells that touch it and mean the same."""
    ys, xs = np.nonzero(own.cell)
    cell, at = own.cell[ys, xs], xs + 1j * ys
    width = BLENDED * CELL * own.scale
    goal, spin = np.append(0, chosen.to), np.append(1, chosen.turn)
    mine = goal[cell] + spin[cell] * (at - own.at[cell])
    weight = np.exp(-((np.abs(at - own.at[cell]) / width) ** 2) / 2) + 1e-3
    to, turn = weight * mine, weight * spin[cell]
    near, far = np.concatenate([[own.borders.one, own.borders.other], [own.borders.other, own.borders.one]], 1)
    order = np.argsort(near, kind="stable")
    near, far = near[order], far[order]
    start = np.searchsorted(near, np.arange(len(own) + 1))
    count = np.diff(start)
    for k in range(int(count.max(initial=0))):
        rows = np.flatnonzero(count[cell] > k)
        by = far[start[cell[rows]] + k]
        said = goal[by] + spin[by] * (at[rows] - own.at[by])
        reach = np.where(own.area[by] == own.area[cell[rows]], MEANT, MEANT_APART) * own.scale
        share = np.exp(-((np.abs(at[rows] - own.at[by]) / width) ** 2) / 2)
        share = share * np.clip(2 - 2 * np.abs(said - mine[rows]) / reach, 0, 1)
        to[rows] += share * said
        turn[rows] += share * spin[by]
        weight[rows] += share
    to, turn = to / weight, turn / weight
    apart = _apart(own, seen(own, at[:, None]), seen(other, to[:, None]))[:, 0]
    return Landing(at, to, turn, apart, level[own.area[cell]], own.area[cell])
