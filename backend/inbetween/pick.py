"""Some of a key's strokes."""

from dataclasses import dataclass, replace

import numpy as np

from ..contracts.drawing import POINT_ARRAYS, STROKE_ARRAYS, Strokes
from ..contracts.tween import FlatKey


@dataclass(frozen=True)
class Picked:
    """Some of a key's strokes: ``key``; which of the whole key's strokes (S,) and points (N,) they are."""

    key: FlatKey
    strokes: np.ndarray
    points: np.ndarray


def pick(key: FlatKey, keep: np.ndarray) -> Picked:
    """The strokes for which ``keep`` (S,) bool holds."""
    sizes = np.diff(key.strokes.offsets)
    return cut(key, np.flatnonzero(keep), np.flatnonzero(np.repeat(keep, sizes)), sizes[keep])


def cut(key: FlatKey, strokes: np.ndarray, points: np.ndarray, sizes: np.ndarray) -> Picked:
    """Pieces of strokes: which stroke each is of (P,), the points of all of them (N,), and how many each has (P,)."""
    of = key.strokes
    pieces = Strokes(
        **{name: getattr(of, name)[points] for name in POINT_ARRAYS},
        **{name: getattr(of, name)[strokes] for name in STROKE_ARRAYS},
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
    )
    return Picked(replace(key, strokes=pieces, depth=key.depth[points]), strokes, points)
