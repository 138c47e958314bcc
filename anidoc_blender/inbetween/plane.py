"""The plane that keys lie in, in units that the backend takes for pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np

ACROSS = 1000.0
"""px from corner to corner of what the keys fill."""

MARGIN = 40.0
"""px around it."""


@dataclass(frozen=True)
class Plane:
    """A plane in the object's space: flat = (p - origin) @ axes * scale + shift; the third is the depth."""

    origin: np.ndarray
    axes: np.ndarray
    scale: float
    shift: np.ndarray
    height: int
    width: int

    def lay(self, points: np.ndarray) -> np.ndarray:
        """(N, 3) in the object's space -> (N, 3) px: x, y, depth."""
        return (points - self.origin) @ self.axes * self.scale + self.shift

    def raise_(self, flat: np.ndarray) -> np.ndarray:
        """The way back."""
        return (flat - self.shift) / self.scale @ self.axes.T + self.origin


def plane_of(points: np.ndarray) -> Plane:
    """The plane that (N, 3) points lie in best (principal axes)."""
    good = points[np.isfinite(points).all(1)]
    if len(good) == 0:
        good = np.zeros((1, 3))
    origin = good.mean(0)
    _, _, axes = np.linalg.svd((good - origin)[:: max(1, len(good) // 20000)], full_matrices=True)
    axes = axes.T
    flat = (good - origin) @ axes
    low, high = flat.min(0), flat.max(0)
    scale = ACROSS / max(float(np.hypot(*(high - low)[:2])), 1e-9)
    shift = np.array([MARGIN, MARGIN, 0.0]) - np.array([low[0], low[1], 0.0]) * scale
    width, height = ((high - low)[:2] * scale + 2 * MARGIN).astype(int) + 1
    return Plane(origin, axes, scale, shift, int(height), int(width))


def local_matrix(layer: Any) -> np.ndarray:
    """(4, 4) float64: from the layer's own space to the object's. What a layer is parented to moves both alike."""
    return np.array(layer.matrix_local, np.float64)
