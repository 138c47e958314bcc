"""A sketch as the trackers see it: its regions at a working size, and points between the two sizes."""

from dataclasses import dataclass

import numpy as np

from ..cel.look import Look, look_at
from ..cel.view import View
from ..contracts.drawing import Drawing
from ..lineart.lines import read_lines


@dataclass(frozen=True)
class Page:
    """One sketch, ready to be compared.

    look, view  the Cel engine's regions and what registration looks at, at the working size
    scale       (2,) float32: working px a sketch px, along x and y
    size        (height, width) of the sketch
    """

    look: Look
    view: View
    scale: np.ndarray
    size: tuple[int, int]

    def to_working(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) px of the sketch -> px of the working size; whole numbers are middles of pixels in both."""
        return (points + 0.5) * self.scale - 0.5

    def from_working(self, points: np.ndarray) -> np.ndarray:
        """The way back."""
        return (points + 0.5) / self.scale - 0.5

    def inside(self, points: np.ndarray) -> np.ndarray:
        """(N,) bool: which sketch points lie in the picture."""
        height, width = self.size
        return np.all((points >= -0.5) & (points < (width - 0.5, height - 0.5)), axis=-1)


def page(sketch: np.ndarray, gap: float | None = None) -> Page:
    """A sketch (H, W) uint8, 0 line and 255 paper, as a :class:`Page`. ``gap`` px of openings closed, None: chosen."""
    height, width = sketch.shape
    art = np.dstack([sketch] * 3 + [np.full_like(sketch, 255)])
    look = look_at(read_lines(Drawing("", "sketch", line_art=art), (), height, width, gap))
    h, w = look.labels.shape
    return Page(look, look.view(), np.array([w / width, h / height], np.float32), (height, width))
