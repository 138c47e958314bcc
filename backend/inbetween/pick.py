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
    of = key.strokes
    rows = np.flatnonzero(np.repeat(keep, np.diff(of.offsets)))
    offsets = np.concatenate([[0], np.cumsum(np.diff(of.offsets)[keep])]).astype(np.int32)
    strokes = Strokes(
        **{name: getattr(of, name)[rows] for name in POINT_ARRAYS},
        **{name: getattr(of, name)[keep] for name in STROKE_ARRAYS},
        offsets=offsets,
    )
    return Picked(replace(key, strokes=strokes, depth=key.depth[rows]), np.flatnonzero(keep), rows)
