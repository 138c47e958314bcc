"""The sparse mode's points: known in the first and the last sketch, moved between them (paper, section 3.4).

Where the drawings have strokes, points go the ways that the in-betweens of those strokes go; else straight, as in the paper.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..contracts.correspondence import Correspondence, Matcher, Tracks
from ..contracts.drawing import LINE, SEPARATION, Strokes
from ..contracts.engine import Step
from ..contracts.errors import AniDocError
from ..contracts.shot import Shot
from ..correspondence.matchers import RegionMatcher, points_of
from ..correspondence.seen import page
from ..correspondence.shot import between, by_motion
from ..correspondence.trackers import RegionTracker
from .clip import ShotClip
from .fit import Fit

MOST = 5
"""Trajectories that the model is shown (paper, section 3.4)."""

NEAR = 12.0
"""px of the model's picture. A point this near to a stroke goes with it."""

Ways = Callable[[np.ndarray, np.ndarray], Tracks]
"""From points (N, 2) px of one end and times (F,) 0 there, 1 at the other end, to where they are at each."""


def find_sparse(
    shot: Shot,
    clip: ShotClip,
    fitted: Fit,
    ids: Sequence[str],
    matcher: Callable[[], Matcher] = RegionMatcher,
    seed: int = 0,
    spacing: Sequence[tuple[int, float]] = (),
) -> Iterator[Step | Sequence[Correspondence]]:
    """As ``correspond.find_points``, but looks at no drawing between the first and the last one.

    Points come from references, and from keys: one that is neither of the two ends is taken as a reference. Up to five
    are kept, drawn by their motion. ``spacing``: see ``Diffusion``.
    """
    found: list[Correspondence] = []
    times = times_of(shot, ids, spacing)
    references = len(shot.references)
    yield Step(0, 1, "following points from the first to the last drawing")
    forward, backward = (_ways(shot, clip, fitted, ids, back) for back in (False, True))
    matching: Matcher | None = None
    first = clip.sketch(0)
    for number, drawing in enumerate([*[""] * references, *(key.drawing for key in shot.keys)]):
        if drawing == ids[0]:
            points = points_of(page(first))
            found.append(Correspondence(points, forward(points, times), np.ones(len(points), np.float32), number))
        elif drawing == ids[-1]:
            points = points_of(page(clip.sketch(clip.frames - 1)))
            tracks = backward(points, 1 - times)
            found.append(Correspondence(points, tracks, np.ones(len(points), np.float32), number))
        else:
            yield Step(0, 1, "finding the reference in the first drawing")
            matching = matching or matcher()
            pairs = matching.match(clip.references[number], first)
            found.append(Correspondence(pairs.reference, forward(pairs.sketch, times), pairs.confidence, number))
    yield [few for few in (_few(points, seed) for points in found) if len(few)]


def times_of(shot: Shot, ids: Sequence[str], spacing: Sequence[tuple[int, float]] = ()) -> np.ndarray:
    """(F,) how far on the way each drawing stands, 0 the first, 1 the last: as ``spacing`` says, else as it is first seen;
    evenly where the shot does not say."""
    frames: dict[str, int] = {}
    for exposure in shot.exposures:
        frames[exposure.drawing] = min(exposure.frame, frames.get(exposure.drawing, exposure.frame))
    when = np.array([frames.get(drawing, -1) for drawing in ids], float)
    if not all(drawing in frames for drawing in ids) or not (np.diff(when) > 0).all() or len(when) < 2:
        return np.linspace(0.0, 1.0, len(ids))
    marks = [(f, t) for f, t in spacing if when[0] < f < when[-1]]
    frames_at, done = zip((when[0], 0.0), *marks, (when[-1], 1.0), strict=True)
    return np.interp(when, frames_at, done)


def _few(points: Correspondence, seed: int) -> Correspondence:
    """Up to five of those that are known in both ends."""
    known = np.flatnonzero(points.tracks.visible.all(axis=0))
    points = points.chosen(known)
    return points.chosen(by_motion(points.tracks, MOST, seed))


def _ways(shot: Shot, clip: ShotClip, fitted: Fit, ids: Sequence[str], back: bool) -> Ways:
    """How points move from the first end to the last, or ``back``."""
    ends = (ids[-1], ids[0]) if back else (ids[0], ids[-1])
    drawn = [_strokes(shot, drawing) for drawing in ends]
    pages = [clip.sketch(clip.frames - 1 if back != bool(n) else 0) for n in (0, 1)]

    def straight(points: np.ndarray, times: np.ndarray) -> Tracks:
        met = RegionTracker().track(pages, points)
        tracks = between(met.points[0], met.points[1], len(times), times)
        return replace(tracks, visible=np.repeat(met.visible[1:], len(times), 0))

    if drawn[0] is None or drawn[1] is None:
        return straight
    return _along_strokes(drawn[0], drawn[1], (shot.height, shot.width), fitted, straight)


def _along_strokes(first: Strokes, last: Strokes, size: tuple[int, int], fitted: Fit, otherwise: Ways) -> Ways:
    """Points near a stroke go with it; the others ``otherwise``."""
    from ..inbetween.tween import match_pair

    try:
        pair = match_pair(first, last, size)
    except AniDocError:  # drawings that in-betweens cannot be made of
        return otherwise
    known = np.flatnonzero(pair.goals[0].found)

    def where(time: float) -> np.ndarray:
        """(K, 2) px of the model's picture."""
        at = pair.tracks[0].at(float(time))[known]
        return fitted.points(np.stack([at.real, at.imag], 1) - 0.5)  # strokes count from the picture's corner

    def go(points: np.ndarray, times: np.ndarray) -> Tracks:
        straight = otherwise(points, times)
        if not len(known) or not len(points):
            return straight
        apart = np.linalg.norm(points[:, None] - where(0.0)[None], axis=2)
        nearest = apart.argmin(axis=1)
        near = apart[np.arange(len(points)), nearest] <= NEAR
        begun = where(0.0)[nearest]
        moved = np.stack([points + where(t)[nearest] - begun for t in times])
        places = np.where(near[None, :, None], moved, straight.points).astype(np.float32)
        return Tracks(places, np.where(near[None], True, straight.visible))

    return go


def _strokes(shot: Shot, drawing: str) -> Strokes | None:
    try:
        strokes = shot.drawings[shot.ids.index(drawing)].strokes
    except AniDocError:
        return None
    if strokes is None or not (strokes.role & (LINE | SEPARATION)).any():
        return None
    return strokes
