"""Keys and sheets weighed together: where colours carried from drawing to drawing are in doubt, sheets are heard.

    chance = belief(sheet_evidence(sheet, look.labels, look.paper, look.count))          # (R, P)
    solved = weighed(carried, look.labels, look.paper, chance, palette)

:meth:`backend.cel.sheets.shot.ShotSheets.weigh` does both. A key's own picture serves as a sheet, too.
"""

import numpy as np

from ..carry import Solved, support
from ..palette import Palette

ALIKE = 5.0
"""CIE76. Colours this close support each other, so that the steps of a gradient count as one."""

COLOURS_AT_ODDS = 30.0
"""Among so many colours a guess is made: what the carried colour's agreement with the sheet is worth."""

HEARD = 0.5
"""Confidence from which carried colours are left alone."""


def weighed(carried: Solved, labels: np.ndarray, paper: np.ndarray, chance: np.ndarray, palette: Palette) -> Solved:
    """``carried`` with the colours of doubtful regions decided by both sources; shading stays where it holds.

    labels (h, w) int32, paper (h, w) bool, chance (R, P) float32 rows to 1: what the sheets say of each region.

    The carried colour is right with its own confidence s, else it says nothing: by Bayes' rule colour k gets
    (1 - s) q(k), and the carried one s q(c) / prior more.
    """
    count, colours = chance.shape
    votes = np.bincount(labels[paper] * colours + carried.colour[paper], minlength=count * colours)
    votes = votes.reshape(count, colours)
    like = support(palette, ALIKE)
    own = (votes @ like).argmax(1)
    sure = carried.sure
    rows = np.arange(count)
    belief = chance @ like
    posterior = (1 - sure)[:, None] * belief
    posterior[rows, own] += sure * belief[rows, own] * COLOURS_AT_ODDS
    posterior /= posterior.sum(1, keepdims=True) + 1e-12
    best = np.where(chance > 3e-4, posterior, 0).argmax(1)
    heard = (sure < HEARD) & (votes.sum(1) > 0)
    agrees = like[own, best] > 0.5
    other = heard & ~agrees
    out = np.where(other[labels], best[labels].astype(carried.colour.dtype), carried.colour)
    share = np.minimum((posterior * like[own]).sum(1), 1)
    now = np.where(other, posterior[rows, best], np.where(heard, share, sure))
    return Solved(out, now.astype(np.float32))
