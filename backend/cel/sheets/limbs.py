"""Far limbs in their shadow tone: where a sheet has whole parts in both tones of a pair, which of two parts is the far one.

Surroundings tell a boot from a sleeve, not the near boot from the far one. What tells them: the far one is covered, so
less of it is seen; it lies on the side of the near one that the sheet shows; boot and trousers are of one leg.
"""

from dataclasses import dataclass

import numpy as np

from .align import Fit
from .covering import covering, depths
from .layout import UNIT, Layout
from .scorer import Judge, tone_judges

LOCAL, TOLD = 26, 12
"""Numbers about a region itself, and about what its neighbours were told."""

ROUNDS = 4
"""Times that neighbours are heard."""

TAKES_PART = 0.3
"""Belief in either tone from which a region is asked."""

CONTACT = 3.0
"""px of a layout that a part touches what it comes out of, at least."""

SEEN = 0.12
"""Part of the larger tone's area that the smaller one's has at least."""

KEPT = 0.02
"""Chance that either tone keeps, of both."""


@dataclass(frozen=True)
class WholePair:
    """A part and its shadow tone as whole areas of one figure: palette indices base and shadow.

    area (2,) float32 px of the largest area of either; place (2, 2) float32 their centres in the figure, units of it;
    under (2,) float32 depth in the figure's layout; root (2, 2) float32 where they come out of the rest of the figure
    """

    base: int
    shadow: int
    area: np.ndarray
    place: np.ndarray
    under: np.ndarray
    root: np.ndarray


def whole_pairs(layout: Layout, colour: np.ndarray, pairs: list[tuple[int, int]]) -> tuple[WholePair, ...]:
    """Those of ``pairs`` (base, shadow) that a figure shows; colour (S,) int palette index of the layout's rows."""
    deep = depths(covering(layout.map, len(layout)))
    others = ~np.isin(colour, [k for pair in pairs for k in pair])
    root, reach = roots(layout, others)
    out = []
    for base, shadow in pairs:
        rows = [np.flatnonzero(colour == k) for k in (base, shadow)]
        if any(len(r) == 0 for r in rows):
            continue
        area = np.array([layout.area[r].max() for r in rows], np.float32)
        if area.min() < SEEN * area.max():
            continue
        place = np.stack([layout.place[np.isin(layout.owner, r)].mean(0) for r in rows])
        under = np.array([np.average(deep[r], weights=layout.area[r]) for r in rows], np.float32)
        from_ = np.stack([np.average(root[r], axis=0, weights=reach[r] + 1e-3) for r in rows])
        out.append(WholePair(base, shadow, area, place.astype(np.float32), under, from_.astype(np.float32)))
    return tuple(out)


def roots(layout: Layout, body: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each row comes out of the largest part of the ``body`` (n,) bool it touches: (n, 2) float32, units of the figure
    from its centre (its own middle where it touches none), and (n,) float32 px of that border."""
    n = len(layout)
    touch = np.where(body[None], layout.shared[:, :n], 0)
    largest = np.where(touch >= CONTACT, layout.area[None], 0).argmax(1)
    reach = touch[np.arange(n), largest]
    reach = np.where(reach >= CONTACT, reach, 0).astype(np.float32)
    sums = np.zeros((n, 3))
    for a, b, dy, dx in (
        (layout.map[:, :-1], layout.map[:, 1:], 0.0, 0.5),
        (layout.map[:-1], layout.map[1:], 0.5, 0.0),
    ):
        y, x = np.nonzero(a != b)
        for one, other in ((a[y, x], b[y, x]), (b[y, x], a[y, x])):
            good = one < n
            good[good] = largest[one[good]] == other[good]
            at = one[good]
            sums += np.stack([np.bincount(at, w, n) for w in (x[good] + dx, y[good] + dy, np.ones(len(at)))], 1)
    middle = _means(layout, layout.place)
    # Points of a layout and their places differ by one shift.
    centre = layout.points[0] - layout.place[0] * UNIT
    at = (sums[:, :2] / np.maximum(sums[:, 2:], 1) - centre) / UNIT
    return np.where(reach[:, None] > 0, at, middle).astype(np.float32), reach


def _means(layout: Layout, values: np.ndarray) -> np.ndarray:
    """(n, 2): the mean of each row's points, of ``values`` (N, 2) of all points."""
    return np.add.reduceat(values, layout.first, axis=0) / np.diff(np.append(layout.first, len(values)))[:, None]


@dataclass(frozen=True)
class Asked:
    """The regions of a drawing that may be one of a pair. row, pair (n,) int64; local (n, LOCAL) float32 and who hears whom.

    same, other, over, over_same (n, n) float32: border shared with regions of the same pair and of others, and through one
    region between them
    """

    row: np.ndarray
    pair: np.ndarray
    local: np.ndarray
    same: np.ndarray
    other: np.ndarray
    over: np.ndarray
    over_same: np.ndarray
    peers: np.ndarray
    largest: np.ndarray


def asked(drawing: Layout, chance: np.ndarray, pairs: tuple[WholePair, ...], laid: Fit) -> Asked | None:
    """Who is asked, and what is seen of them; None where nobody is. chance (R, P) of each row's colours."""
    mass = np.stack([chance[:, p.base] + chance[:, p.shadow] for p in pairs], 1)
    kind = mass.argmax(1)
    row = np.flatnonzero(mass.max(1) >= TAKES_PART)
    if len(row) == 0:
        return None
    kind = kind[row]
    n = len(drawing)
    cover = covering(drawing.map, n)
    deep = depths(cover)
    place = _means(drawing, laid.place)[row]
    area = drawing.area[row].astype(np.float64) + 1
    alike = kind[:, None] == kind[None]
    apart = alike & ~np.eye(len(row), dtype=bool)
    weight = apart * area[None]
    lone = ~apart.any(1)
    rest = (weight @ place) / np.maximum(weight.sum(1, keepdims=True), 1e-9)
    larger = np.where(apart, area[None], 1e-9).max(1)
    base = np.array([p.base for p in pairs])[kind]
    shadow = np.array([p.shadow for p in pairs])[kind]
    mirror = np.array([-1, 1]) if laid.pose.mirror else np.array([1, 1])
    shown = np.stack([p.place * mirror / laid.pose.scale for p in pairs])[kind]
    size = np.stack([p.area for p in pairs])[kind]
    under = np.stack([p.under for p in pairs])[kind]
    way = shown[:, 1] - shown[:, 0]
    long = np.linalg.norm(way, axis=1)
    side = np.where(lone[:, None], 0, place - rest)
    mine = np.zeros(n, bool)
    mine[row] = True
    root, reach = roots(drawing, ~mine)
    root, reach = root[row], reach[row].astype(np.float64) + 1
    rooted = apart * reach[None]
    rest_root = (rooted @ root) / np.maximum(rooted.sum(1, keepdims=True), 1e-9)
    longest = np.where(apart, reach[None], 1e-9).max(1)
    # The figure may be turned a little; mirrored is what matters here.
    roots_way = (np.stack([p.root[1] - p.root[0] for p in pairs]) * mirror)[kind]
    root_side = np.where(lone[:, None], 0, root - rest_root)
    among = cover[np.ix_(row, row)]
    border = drawing.shared / (drawing.shared.sum(1, keepdims=True) + 1e-6)
    rest_deep = (weight @ deep[row]) / np.maximum(weight.sum(1), 1e-9)
    local = np.stack(
        [
            np.clip(np.log((chance[row, shadow] + 1e-3) / (chance[row, base] + 1e-3)), -5, 5) / 2,
            mass[row, kind],
            np.where(lone, 0, np.clip(np.log(area / larger), -3, 3)),
            lone,
            0.5 * np.log(area / size[:, 0]),
            0.5 * np.log(area / size[:, 1]),
            4 * (side * way).sum(1) / np.maximum(long, 1e-6),
            4 * (np.linalg.norm(place - shown[:, 0], axis=1) - np.linalg.norm(place - shown[:, 1], axis=1)),
            4 * side[:, 1],
            4 * way[:, 1],
            16 * side[:, 1] * way[:, 1],
            4 * side[:, 0],
            4 * way[:, 0],
            16 * side[:, 0] * way[:, 0],
            (among * apart).sum(1),
            np.where(lone, 0, deep[row] - rest_deep),
            cover[row].sum(1) - among.sum(1),
            deep[row] - under[:, 0],
            deep[row] - under[:, 1],
            border[row, n],
            0.3 * apart.sum(1),
            np.where(lone, 0, np.clip(np.log(reach / longest), -3, 3)),
            0.3 * np.log(reach),
            4 * root_side[:, 0],
            4 * root_side[:, 0] * np.sign(roots_way[:, 0]),
            4 * root_side[:, 1],
        ],
        1,
    ).astype(np.float32)
    direct = border[:, :n]
    between = np.ones(n, bool)
    between[row] = False
    two = (direct * between[None]) @ direct
    largest = np.where(lone, 0, np.where(apart, area[None], -1).argmax(1))
    near, over = direct[np.ix_(row, row)], two[np.ix_(row, row)]
    peers = weight / np.maximum(weight.sum(1, keepdims=True), 1e-9)
    hot = np.zeros((len(row), len(row)))
    hot[np.arange(len(row)), largest] = ~lone
    return Asked(row, kind, local, near * apart, near * ~alike, over * ~alike, over * apart, peers, hot)


def told(who: Asked, log: np.ndarray) -> np.ndarray:
    """(n, TOLD) float32: what the neighbours were told, log (n,) of shadow against base."""
    now = np.tanh(log / 2)
    return np.stack(
        [
            now,
            3 * who.same @ now,
            3 * who.other @ now,
            6 * who.over @ now,
            6 * who.over_same @ now,
            who.peers @ now,
            who.largest @ now,
            3 * who.same.sum(1),
            3 * who.other.sum(1),
            6 * who.over.sum(1),
            6 * who.over_same.sum(1),
            (who.over @ now) / (who.over.sum(1) + 0.02),
        ],
        1,
    ).astype(np.float32)


def leaning(who: Asked, alone: Judge, hearing: Judge) -> np.ndarray:
    """(n,) float32 log of the chance of the shadow tone against the base."""
    log = alone.scores(who.local.T)
    for _ in range(ROUNDS):
        log = hearing.scores(np.concatenate([who.local, told(who, log)], 1).T)
    return log


def with_far_tones(drawing: Layout, chance: np.ndarray, pairs: tuple[WholePair, ...], laid: Fit) -> np.ndarray:
    """The (R, P) chances of a drawing's rows, what each pair has together shared out anew between its tones."""
    who = asked(drawing, chance, pairs, laid) if pairs else None
    if who is None:
        return chance
    out = chance.copy()
    part = 1 / (1 + np.exp(-leaning(who, *tone_judges())))
    base = np.array([p.base for p in pairs])[who.pair]
    shadow = np.array([p.shadow for p in pairs])[who.pair]
    both = chance[who.row, base] + chance[who.row, shadow]
    part = KEPT + (1 - 2 * KEPT) * part
    out[who.row, base], out[who.row, shadow] = both * (1 - part), both * part
    return out
