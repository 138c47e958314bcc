"""An engine's store in memory, with nobody beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


class Memory(dict[str, dict[str, np.ndarray]]):
    """Implements ``Store``: what was saved is there as long as the test looks."""

    def load(self, key: str) -> Mapping[str, np.ndarray] | None:
        return self.get(key)

    def save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        self[key] = dict(arrays)

    def ahead(self, orders: Sequence[Any], where: str = "only") -> bool:
        return False

    def leave(self, recipe: str, picture: np.ndarray, sketch: np.ndarray) -> None:
        raise AssertionError("nobody was asked to paint ahead")

    def is_left(self, recipe: str) -> bool:
        return False
