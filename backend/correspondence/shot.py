"""A shot's correspondence: the reference matched to one sketch, the points followed through the others, both ways."""

from collections.abc import Sequence

import numpy as np

from ..contracts.correspondence import Correspondence, Matcher, Matches, Tracker, Tracks, no_correspondence
from ..contracts.drawing import Strokes
from .matchers import points_of
from .seen import page
from .strokes import follow_lines, stroke_points


def correspond(
    reference: np.ndarray,
    sketches: Sequence[np.ndarray],
    matcher: Matcher,
    tracker: Tracker,
    anchor: int = 0,
    which: int = 0,
) -> Correspondence:
    """Points of ``reference`` (H, W, 3) uint8 in all F ``sketches`` (H, W) uint8; matched in sketch ``anchor``."""
    if not sketches:
        return no_correspondence(0, which)
    return followed_from(matcher.match(reference, sketches[anchor]), sketches, tracker, anchor, which)


def correspond_key(
    sketches: Sequence[np.ndarray], key: int, tracker: Tracker, which: int = 0, points: np.ndarray | None = None
) -> Correspondence:
    """The reference is sketch ``key`` coloured: every point of it is where it is, and is followed from there."""
    if not sketches:
        return no_correspondence(0, which)
    found = points_of(page(sketches[key])) if points is None else points
    same = Matches(found, found, np.ones(len(found), np.float32))
    return followed_from(same, sketches, tracker, key, which)


def correspond_strokes(drawings: Sequence[Strokes], key: int, which: int = 0) -> Correspondence:
    """The same from Grease Pencil strokes with stable ids: no picture is looked at."""
    points, ids, along = stroke_points(drawings[key])
    tracks = follow_lines(drawings, key, points, ids, along)
    return Correspondence(points, tracks, np.ones(len(points), np.float32), which)


def followed_from(
    matches: Matches, sketches: Sequence[np.ndarray], tracker: Tracker, anchor: int, which: int = 0
) -> Correspondence:
    """Matches in sketch ``anchor`` followed onwards and back to all sketches."""
    onwards = tracker.track(sketches[anchor:], matches.sketch)
    back = tracker.track(sketches[anchor::-1], matches.sketch)
    places = np.concatenate([back.points[:0:-1], onwards.points])
    visible = np.concatenate([back.visible[:0:-1], onwards.visible])
    return Correspondence(matches.reference, Tracks(places, visible), matches.confidence, which)


def best_reference(found: Sequence[Correspondence], frame: int) -> int:
    """Which of several references says most about a sketch: the sum of what it is sure of there. -1: none says anything."""
    worth = [float((c.confidence * c.tracks.visible[frame]).sum()) if len(c) else 0.0 for c in found]
    return int(np.argmax(worth)) if worth and max(worth) > 0 else -1


def between(first: np.ndarray, last: np.ndarray, frames: int, ease: np.ndarray | None = None) -> Tracks:
    """Sparse mode: points (N, 2) of the first and the last sketch joined by straight lines over ``frames`` (paper, 3.4).

    ``ease`` (F,) 0..1 is the spacing; None: even.
    """
    part = np.linspace(0, 1, frames) if ease is None else np.asarray(ease, float)
    places = first[None] + part[:, None, None] * (last - first)[None]
    return Tracks(places.astype(np.float32), np.ones((frames, len(first)), bool))


def by_motion(tracks: Tracks, most: int = 5, seed: int = 0) -> np.ndarray:
    """Indices of up to ``most`` tracks drawn with probability by how far they move (paper: up to 5 trajectories).

    Still points may be drawn too, so that a still shot keeps some: each moves at least a hundredth of a pixel.
    """
    if not len(tracks):
        return np.zeros(0, np.int64)
    steps = (
        np.linalg.norm(np.diff(tracks.points, axis=0), axis=2).mean(0) if tracks.frames > 1 else np.zeros(len(tracks))
    )
    chance = np.maximum(steps, 0.01)
    random = np.random.default_rng(seed)
    return random.choice(len(tracks), min(most, len(tracks)), replace=False, p=chance / chance.sum())
