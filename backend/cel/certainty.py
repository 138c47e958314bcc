"""How sure the engine says it is: confidence as the chance that a region got its colour."""

import numpy as np

CARRIED = 0.3
"""What confidence carried from keys is raised to. While solving it errs on the low side (:func:`.carry.chance`): doubt that
sends a region to ask elsewhere costs little. Counted on generated shots, docs/cel-engine.md."""


def as_chance(sure: np.ndarray, carried: bool) -> np.ndarray:
    """(R,) float32 confidence of a solution, 0..1, as chances. ``carried``: from keys; what sheets say is a chance already."""
    return sure**CARRIED if carried else sure


def as_confidence(chance: np.ndarray) -> np.ndarray:
    """(R,) chances of colours carried from keys, as the confidence that :func:`as_chance` makes them of again."""
    return chance ** (1 / CARRIED)
