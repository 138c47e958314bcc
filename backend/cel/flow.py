"""Dense flow between two drawings: where a pixel of one lies in the other, as far as it lies nearby."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..lineart.lengths import borders, inside, places
from .sample import look_up, look_up_list
from .whole import STAY, Move

LEAST, LONGEST = 8, 12
"""Steps. Pictures with a shorter side below the one, or a longer side below the other, have no flow."""


FINE = 4
"""Of a px: what flow is told to, so that it says the same before and after it was kept."""


@dataclass(frozen=True)
class Flow:
    """How far away each pixel lies in the other drawing: ``steps`` (h', w', 2) float32 px of a picture of ``size`` (h, w)."""

    steps: np.ndarray
    size: tuple[int, int]

    def at(self, places: NDArray[np.complex64]) -> NDArray[np.complex64]:
        """(N,) or (R, M) complex64 px, x + iy: how far places of that shape have moved."""
        (height, width), (h, w) = self.size, self.steps.shape[:2]
        near = ((places.real + 0.5) * (w / width) - 0.5) + 1j * ((places.imag + 0.5) * (h / height) - 0.5)
        found = (look_up if places.ndim > 1 else look_up_list)(self.steps, near.astype(np.complex64))
        return found.view(np.complex64)[..., 0]

    def only(self, where: np.ndarray) -> "Flow":
        """The same where it is needed, at (h', w') bool steps and around them; nothing moves elsewhere."""
        needed = cv2.dilate(where.view(np.uint8), np.ones((5, 5), np.uint8))
        return Flow(self.steps * needed[..., None], self.size)

    def packed(self) -> dict[str, np.ndarray]:
        """As plain arrays for a store: what moves, and where it is."""
        moves = self.steps.view(np.complex64)[..., 0] != 0
        moved = (self.steps.reshape(-1, 2)[places(moves)] * FINE).astype(np.int16)
        return {"flow size": np.array(moves.shape, np.int32), "flow where": borders(moves), "flow": moved}

    @staticmethod
    def unpacked(kept: Mapping[str, np.ndarray], size: tuple[int, int]) -> "Flow":
        """The flow that was :meth:`packed`, of pictures of ``size`` (h, w)."""
        height, width = (int(v) for v in kept["flow size"])
        steps = np.zeros((height, width, 2), np.float32)
        steps.reshape(-1, 2)[inside(kept["flow where"], height * width)] = kept["flow"] * np.float32(1 / FINE)
        return Flow(steps, size)

    def everywhere(self) -> np.ndarray:
        """(h, w, 2) float32 px."""
        return cv2.resize(self.steps, self.size[::-1])


def dense_flow(target: np.ndarray, source: np.ndarray, size: tuple[int, int], move: Move = STAY) -> Flow:
    """How far each pixel of ``target`` lies away in ``source``, from where ``move`` takes the whole picture.

    Both (h', w') uint8 as :func:`.view.depth_of` makes them of pictures of ``size`` (h, w). Dense inverse search (Kroeger et
    al., ECCV 2016) on the distance to the nearest line.
    """
    if min(target.shape) < LEAST or max(target.shape) < LONGEST:
        return Flow(np.zeros((*target.shape, 2), np.float32), size)
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # pyright: ignore[reportAttributeAccessIssue]
    # Patches further apart and less polish cost half the time, and 0.3 of 100 regions matched pair by pair. None at all, or
    # patches still further apart, cost a point of what keys colour right.
    search.setPatchStride(4)
    search.setGradientDescentIterations(16)
    search.setVariationalRefinementIterations(1)
    search.setFinestScale(0)
    scale = np.array([size[1] / target.shape[1], size[0] / target.shape[0]], np.float32)
    first = None
    if move != STAY:
        gone = ((move.turn - 1) * _places(target.shape, size) + move.shift).astype(np.complex64)
        first = gone.view(np.float32).reshape(*target.shape, 2) / scale
    return Flow(np.rint(search.calc(target, source, first) * (scale * FINE)) * np.float32(1 / FINE), size)


@lru_cache(maxsize=1)
def _places(steps: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """(h', w') complex64: the place x + iy, in px, of the middle of each step."""
    row, column = ((np.arange(n, dtype=np.float32) + 0.5) * (px / n) - 0.5 for n, px in zip(steps, size, strict=True))
    return (column + 1j * row[:, None]).astype(np.complex64)
