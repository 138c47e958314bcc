"""The shot's correspondences, from whatever knows most: strokes with ids, coloured drawings, regions.

Long shots are taken in stretches, so that no more than one stretch's regions are in memory.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..contracts.correspondence import Correspondence, Matcher, Matches, Tracks
from ..contracts.drawing import Strokes
from ..contracts.engine import Step
from ..contracts.errors import AniDocError
from ..contracts.shot import Shot
from ..correspondence.matchers import RegionMatcher
from ..correspondence.shot import correspond_key, correspond_strokes, followed_from
from ..correspondence.strokes import known_lines
from ..correspondence.trackers import RegionTracker
from .clip import ShotClip
from .fit import Fit

STRETCH = 28
"""Frames that points are followed through at once: two passes. Further on the reference is matched anew."""

Said = Step | Sequence[Correspondence]


def find_points(
    shot: Shot, clip: ShotClip, fitted: Fit, ids: Sequence[str], matcher: Callable[[], Matcher] = RegionMatcher
) -> Iterator[Said]:
    """One correspondence for each reference and key that has points, in px of the model's picture; yielded last.

    References are numbered as in ``pictures.reference_pictures``: the shot's references, then its keys.
    """
    found: list[Correspondence] = []
    references, keys = len(shot.references), [key.drawing for key in shot.keys]
    strokes = _strokes(shot, ids) if keys else None
    matching = matcher() if references else None
    for number, drawing in enumerate(keys, references):
        yield Step(0, 1, "following the coloured drawing")
        if drawing in ids:
            found.append(_from_key(clip, fitted, ids.index(drawing), number, strokes))
    for number in range(references if matching else 0):
        assert matching is not None
        parts = []
        for first in range(0, clip.frames, STRETCH):
            yield Step(0, 1, "finding the reference in the drawings")
            last = min(first + STRETCH, clip.frames)
            sketches = [clip.sketch(f) for f in range(first, last)]
            anchor, pairs = _best_anchor(clip.references[number], sketches, matching, references + len(keys))
            made = followed_from(pairs, sketches, RegionTracker(), anchor, number)
            parts.append(_placed(made, first, clip.frames))
        found.append(_together(parts))
    yield [points for points in found if len(points)]


def _best_anchor(
    reference: np.ndarray, sketches: Sequence[np.ndarray], matching: Matcher, given: int
) -> tuple[int, Matches]:
    """The sketch of a stretch in which a reference is looked for, and the pairs: the middle one, and where others are
    ``given`` beside it, whichever of a few it is surest in, for it may belong to a part of the stretch."""
    middle = len(sketches) // 2
    tried = [middle] if given == 1 else sorted({middle, *(len(sketches) * k // 6 for k in (1, 5))})
    found = [(anchor, matching.match(reference, sketches[anchor])) for anchor in tried]
    return max(found, key=lambda made: float(made[1].confidence.sum()))


def _strokes(shot: Shot, ids: Sequence[str]) -> list[Strokes] | None:
    """The strokes of all drawings, where every one has strokes whose ids are known."""
    drawings: list[Strokes] = []
    for drawing in ids:
        try:
            strokes = shot.drawings[shot.ids.index(drawing)].strokes
        except AniDocError:
            return None
        if strokes is None or not known_lines(strokes):
            return None
        drawings.append(strokes)
    return drawings


def _from_key(clip: ShotClip, fitted: Fit, at: int, number: int, strokes: list[Strokes] | None) -> Correspondence:
    if strokes is not None:
        made = correspond_strokes(strokes, at, number)
        tracks = Tracks(fitted.points(made.tracks.points), made.tracks.visible)
        return replace(made, reference=fitted.points(made.reference), tracks=tracks)
    first, last = max(0, at - STRETCH), min(clip.frames, at + STRETCH + 1)
    sketches = [clip.sketch(f) for f in range(first, last)]
    return _placed(correspond_key(sketches, at - first, RegionTracker(), number), first, clip.frames)


def _placed(points: Correspondence, first: int, frames: int) -> Correspondence:
    """Points of a stretch that begins at ``first``, in a clip of ``frames``; not seen elsewhere."""
    own = points.tracks
    tracks = Tracks(np.zeros((frames, len(points), 2), np.float32), np.zeros((frames, len(points)), bool))
    tracks.points[first : first + own.frames] = own.points
    tracks.visible[first : first + own.frames] = own.visible
    return replace(points, tracks=tracks)


def _together(parts: Sequence[Correspondence]) -> Correspondence:
    tracks = Tracks(
        np.concatenate([p.tracks.points for p in parts], axis=1),
        np.concatenate([p.tracks.visible for p in parts], axis=1),
    )
    reference, sure = (
        np.concatenate(values) for values in zip(*((p.reference, p.confidence) for p in parts), strict=True)
    )
    return Correspondence(reference, tracks, sure, parts[0].which)
