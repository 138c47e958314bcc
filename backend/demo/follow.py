"""Follow-through: how scarf, hair and coat lag behind the walk, as waves that repeat with the cycle."""

from __future__ import annotations

import numpy as np

from .geometry import Points


def swing(
    time: float, rest: Points, amount: Points, beats: float = 2.0, lag: float = 0.11, start: float = 0.0
) -> Points:
    """Angles of a chain's segments in degrees: each follows the one before ``lag`` cycles later.

    ``rest`` and ``amount`` are ``(N,)`` degrees; ``beats`` is how often a cycle it swings (a step is half a
    cycle, so what hangs on the head or chest swings twice). A slow second wave keeps two cycles from being equal.
    """
    places = np.arange(len(rest))
    wave = np.sin(2.0 * np.pi * (beats * (time - start) - beats * lag * places))
    slow = np.sin(2.0 * np.pi * (0.5 * time - 0.09 * places + start))
    return rest + amount * (0.86 * wave + 0.40 * slow)
