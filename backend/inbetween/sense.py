"""Leaving out matches that make no sense: two lines that go to one place, and short pieces that go their own way."""

import numpy as np

from .curves import Curves
from .runs import Stretch

CLAIMED = 0.5
"""A stretch is left out when so much of where it goes belongs to a longer one already."""

SHORT = 60.0
"""px at a picture of 1000 px diagonal. Longer stretches are not doubted for going alone."""

COMPANY = 60.0
"""px around a short stretch in which others should go the same way."""

APART, SHARE = 12.0, 0.25
"""What "the same way" may differ by: px, and a fraction of the distance."""

ALONE = 0.12
"""Part of the lines around a short stretch that must go its way."""


def sensible(first: Curves, second: Curves, found: list[Stretch], scale: float) -> list[Stretch]:
    """The stretches that make sense; ``scale`` is the picture's diagonal over 1000 px."""
    return _in_company(first, second, _one_to_one(first, second, found), scale)


def _one_to_one(first: Curves, second: Curves, found: list[Stretch]) -> list[Stretch]:
    taken = np.zeros(len(second.at), bool)
    kept = []
    for n in sorted(range(len(found)), key=lambda n: -_length(found[n])):
        one = found[n]
        span = np.arange(second.first[one.other], second.first[one.other + 1])
        low, high = min(one.t[0], one.t[-1]), max(one.t[0], one.t[-1])
        along, whole = second.along[span], float(second.length[one.other])
        inside = (along >= low) & (along <= high)
        if second.closed[one.other]:
            for lap in (-whole, whole):
                inside |= (along + lap >= low) & (along + lap <= high)
        mine = span[inside]
        if len(mine) == 0 or taken[mine].mean() <= CLAIMED:
            kept.append(n)
            taken[mine] = True
    return [found[n] for n in sorted(kept)]


def _length(one: Stretch) -> float:
    return float(one.s[-1] - one.s[0])


def _in_company(first: Curves, second: Curves, found: list[Stretch], scale: float) -> list[Stretch]:
    if len(found) < 3:
        return found
    at, to, turn, whose = [], [], [], []
    for n, one in enumerate(found):
        start = first.place(np.full(len(one.s), one.curve), one.s)
        goal = second.place(np.full(len(one.t), one.other), one.t)
        a, b = start - start.mean(), goal - goal.mean()
        spin = (np.conj(a) * b).sum()
        at.append(start)
        to.append(goal)
        turn.append(np.full(len(start), spin / max(abs(spin), 1e-9)))
        whose.append(np.full(len(start), n))
    place, goal, spin, owner = (np.concatenate(x) for x in (at, to, turn, whose))
    out = []
    for n, one in enumerate(found):
        if _length(one) >= SHORT * scale:
            out.append(one)
            continue
        middle = at[n][len(at[n]) // 2]
        lands = to[n][len(to[n]) // 2]
        near = np.flatnonzero((np.abs(place - middle) <= COMPANY * scale) & (owner != n))
        if len(near) < 8:
            out.append(one)
            continue
        away = middle - place[near]
        # Another line says where this place goes: with it, turned as it turns or not.
        miss = np.minimum(np.abs(goal[near] + spin[near] * away - lands), np.abs(goal[near] + away - lands))
        if (miss <= APART * scale + SHARE * np.abs(away)).mean() >= ALONE:
            out.append(one)
    return out
