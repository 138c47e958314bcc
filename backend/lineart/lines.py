"""One drawing, of whichever kind, to its lines, its closed gaps and its regions at full size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contracts.drawing import Drawing
from ..contracts.errors import DrawingError
from ..contracts.shot import Material
from .facing import facing
from .gaps import draw_links, links
from .regions import Regions, find_regions
from .sketch import Sketch, read_sketch
from .strokes import read_strokes
from .thin import line_ends, thin

GAP = 0.02
"""Widest opening closed by itself, as a fraction of the picture's shorter side: 20 px at 1080p."""

SPUR = 5
"""px. Skeleton branches shorter than this are the thinning's, not the artist's."""


@dataclass(frozen=True)
class Lines:
    """A drawing's lines and what they enclose, at full size."""

    sketch: Sketch
    regions: Regions


def read_lines(
    drawing: Drawing, materials: Sequence[Material], height: int, width: int, gap: float | None = None
) -> Lines:
    """Lines of a drawing. ``gap`` px, None: ``GAP``. Raises ``DrawingError`` where the drawing has the wrong size."""
    ends = ways = None
    if drawing.strokes is not None:
        sketch, ends, ways = read_strokes(drawing.strokes, materials, height, width)
    elif drawing.line_art is not None:
        if drawing.line_art.shape != (height, width, 4):
            h, w = drawing.line_art.shape[:2]
            raise DrawingError(
                f"The drawing {drawing.name} is {w} x {h} px; the shot is {width} x {height}.",
                "Export all drawings of a shot at one size.",
            )
        sketch = read_sketch(drawing.line_art)
    else:
        raise DrawingError(f"The drawing {drawing.name} holds neither strokes nor line art.")
    reach = GAP * min(height, width) if gap is None else gap
    more = ends is None or ways is None
    if ends is None or ways is None:
        ends, ways = line_ends(thin(sketch.boundary), SPUR)
    found = links(sketch.boundary, ends, ways, reach)
    if more:
        found = np.concatenate([found, facing(sketch.boundary, ends, ways, reach, found)])
    closed = draw_links(sketch.boundary, found)
    return Lines(sketch, find_regions(closed))
