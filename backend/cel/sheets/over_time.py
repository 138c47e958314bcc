"""Evidence from sheets over a shot: what is unsure in one drawing is told by the drawings beside it.

Belief is passed along the drawings and back again (the forward-backward rule of hidden Markov chains, Rabiner, Proc.
IEEE 77(2), 1989), with the share that regions have in each other instead of transition chances.
"""

from dataclasses import dataclass

import numpy as np

from ..palette import BACKGROUND, Palette

HEED = 0.9
"""How much the drawing beside counts where it matches perfectly; 1 would count a mistake once for every drawing."""

COST_HEED = 3.0
"""It counts exp(-COST_HEED x cost of the match) less."""

SLACK = 0.1
"""Chance that a region's colour has nothing to do with where it came from."""

ALIKE = 5.0
"""CIE76. Colours this close support each other, so that the steps of a gradient count as one."""

CALM = 0.6
"""What belief is raised to where it is reported: drawings beside each other make the same mistakes, so what they tell adds
up to too much. Counted on generated shots: docs/cel-sheets.md."""


@dataclass(frozen=True)
class Shares:
    """What the R regions of a drawing and the S of the one before have in common.

    pixels (R, S) float32 px; area (R,), area_before (S,) px of paper; cost (R,) float32 of the match
    """

    pixels: np.ndarray
    area: np.ndarray
    area_before: np.ndarray
    cost: np.ndarray

    def forward(self) -> tuple[np.ndarray, np.ndarray]:
        """(R, S) share of each region that comes from each region before, rows to 1; (R,) cost."""
        return self.pixels / np.maximum(self.area[:, None], 1), self.cost

    def back(self) -> tuple[np.ndarray, np.ndarray]:
        """(S, R) share of each region before that went to each region, less where little of it is found; (S,) cost."""
        found = self.pixels.sum(0)
        share = self.pixels.T / np.maximum(found, 1e-6)[:, None]
        kept = np.clip(found / np.maximum(self.area_before, 1), 0, 1)
        return share * kept[:, None], share @ self.cost


def told(log: np.ndarray, share: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """(R, P) float32 to add to a drawing's log-likelihoods, from the (S, P) of the drawing beside it."""
    colours = log.shape[1]
    unknown = np.clip(1 - share.sum(1, keepdims=True), 0, 1) / colours
    meant = share @ belief(log) + unknown
    heed = HEED * np.exp(-COST_HEED * cost) * share.max(1)
    return (heed[:, None] * np.log(meant * (1 - SLACK) + SLACK / colours)).astype(np.float32)


def belief(log: np.ndarray) -> np.ndarray:
    """(R, P) log-likelihoods -> chances, rows to 1."""
    chance = np.exp(log - log.max(1, keepdims=True))
    return chance / chance.sum(1, keepdims=True)


def settled(log: np.ndarray, palette: Palette) -> tuple[np.ndarray, np.ndarray]:
    """(R,) int64 palette index of each region and (R,) float32 its chance, colours alike counted together."""
    chance = belief(log)
    gap = np.linalg.norm(palette.lab[:, None] - palette.lab[None], axis=2)
    alike = np.exp(-((gap / ALIKE) ** 2))
    alike[BACKGROUND] = alike[:, BACKGROUND] = 0
    alike[BACKGROUND, BACKGROUND] = 1
    together = chance @ alike
    # Only a colour with some chance of its own may win by the support of its like.
    best = np.where(chance > 3e-4, together, 0).argmax(1)
    calm = (belief(CALM * log) * alike[best]).sum(1)
    return best, np.minimum(calm, 1).astype(np.float32)
