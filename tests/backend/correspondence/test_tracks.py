"""Trackers on clips whose true motion is known: strokes, regions and flow; and that nothing still is dropped."""

from functools import cache, partial

import cv2
import numpy as np
import pytest

from backend.contracts.correspondence import Matches
from backend.correspondence.shot import (
    best_reference,
    between,
    by_motion,
    correspond,
    correspond_key,
    correspond_strokes,
    followed_from,
)
from backend.correspondence.strokes import follow_lines, stroke_points
from backend.correspondence.trackers import FlowTracker, RegionTracker, _strangers
from tests.support.puppets import Clip, demo_clip, puppet, within


@pytest.fixture(scope="module")
def gentle():
    return clip_of("gentle")


@pytest.fixture(scope="module")
def walk():
    return clip_of("walk")


def on_strokes(clip: Clip):
    """Tracks by stroke ids, at the clip's true points that lie on known lines; and the clip of those points only."""
    points, ids, along = stroke_points(clip.strokes[0], 2)
    gap = np.linalg.norm(clip.points[0][:, None] - points[None], axis=2)
    near = gap.argmin(1)
    use = (gap.min(1) < 2) & clip.visible[0]
    tracks = follow_lines(clip.strokes, 0, points[near[use]], ids[near[use]], along[near[use]])
    return tracks, Clip(clip.strokes, clip.sketches, clip.points[:, use], clip.visible[:, use])


@pytest.mark.parametrize("name", ["swinging", "another", "walk", "another walk"])
def test_strokes_with_ids_are_followed_to_within_4_px(name):
    tracks, clip = on_strokes(demo_clip(seed=3) if name == "another walk" else clip_of(name))
    right, covered, _ = within(tracks, clip)
    assert clip.points.shape[1] > 80 and right >= 0.9 and covered >= 0.9


@cache
def clip_of(name: str) -> Clip:
    return CLIPS[name][0]()


TRACKERS = pytest.mark.parametrize("tracker", [RegionTracker(), FlowTracker()], ids=lambda t: t.name)
CLIPS = {
    "gentle": (partial(puppet, swing=0.12), 0.98, 0.98),
    "swinging": (puppet, 0.92, 0.88),
    "another": (partial(puppet, seed=6), 0.92, 0.88),
    "walk": (demo_clip, 0.93, 0.8),
    "large walk": (partial(demo_clip, width=1280, height=720), 0.92, 0.8),
}
"""A clip, the least part of its points that are within 4 px, and the least part of them that are tracked at all."""


@TRACKERS
@pytest.mark.parametrize("name", CLIPS)
def test_lines_alone_are_enough(name, tracker):
    _, least, tracked = CLIPS[name]
    clip = clip_of(name)
    right, covered, _ = within(tracker.track(clip.sketches, clip.points[0]), clip)
    assert right >= least and covered >= tracked


@TRACKERS
def test_a_still_shot_keeps_every_point(gentle, tracker):
    points = gentle.points[0][gentle.visible[0]]
    tracks = tracker.track([gentle.sketches[0]] * 5, points)
    assert tracks.visible.all() and np.array_equal(tracks.points, np.repeat(points[None], 5, 0))


@pytest.mark.parametrize(("leap", "believed"), [(0, True), (150, False)])
def test_a_point_that_was_lost_is_looked_for_but_does_not_leap(leap, believed):
    """As a leg does that looks like the other one half a step later: sure of itself, and at another place than it can be."""
    sketches = [np.full((320, 512), 255, np.uint8) for _ in range(4)]
    for n, sketch in enumerate(sketches):
        cv2.circle(sketch, (400 - 3 * n, 220), 60, 0, 2)
        cv2.line(sketch, (370 - 3 * n, 200), (420 - 3 * n, 250), 0, 2)
        if n != 2:  # hidden for one drawing
            left = 100 + 3 * n + leap * (n == 3)
            cv2.polylines(sketch, [np.array([(left, 100), (left + 50, 100), (left, 140)])], True, 0, 2)
    tracks = RegionTracker().track(sketches, np.array([[100, 100], [150, 100], [400, 160]], np.float32))
    assert tracks.visible[:, 2].all() and tracks.visible[1].all() and not tracks.visible[2, :2].any()
    assert tracks.visible[3, :2].tolist() == [believed] * 2
    if believed:
        assert np.abs(tracks.points[3, :2] - [(109, 100), (159, 100)]).max() <= 1


def test_what_has_come_from_elsewhere_is_no_neighbour():
    firm = np.array([0, 4, 300, 304], complex)
    own = _strangers(np.array([2 + 3j]), np.array([12 + 3j]), firm, firm + 10)
    other = _strangers(np.array([2 + 3j]), np.array([312 + 3j]), firm, firm + 10)
    assert own[0] == 0 and other[0] > 200
    assert _strangers(firm, firm + 10, np.zeros(0, complex), np.zeros(0, complex)).tolist() == [0, 0, 0, 0]


def test_no_points_and_no_sketches_are_no_mistake(gentle):
    empty = np.zeros((0, 2), np.float32)
    assert len(RegionTracker().track(gentle.sketches[:2], empty)) == 0
    assert RegionTracker().track([], gentle.points[0]).frames == 0
    blank = np.full((320, 512), 255, np.uint8)
    assert RegionTracker().track([blank, blank, gentle.sketches[0]], np.array([[9, 9]], np.float32)).frames == 3


def test_a_key_in_the_middle_is_followed_both_ways(gentle):
    found = correspond_key(gentle.sketches, 3, RegionTracker(), points=gentle.points[3])
    assert found.tracks.frames == len(gentle.sketches)
    assert np.array_equal(found.tracks.points[3], found.reference)
    close = np.linalg.norm(found.tracks.points - gentle.points, axis=2) <= 4
    seen = found.tracks.visible & gentle.visible & gentle.visible[3]
    for n in (0, 2, 4, len(gentle.sketches) - 1):
        assert close[n][seen[n]].mean() >= 0.9


def test_stroke_correspondence_needs_no_picture(walk):
    found = correspond_strokes(walk.strokes, 2)
    assert len(found) > 50 and found.tracks.visible[2].all()
    assert found.tracks.points.shape == (len(walk.strokes), len(found), 2)


def test_the_reference_is_matched_and_its_points_followed(gentle):
    class Shifted:
        name = "shifted"

        def match(self, reference, sketch):
            at = gentle.points[0][gentle.visible[0]]
            return Matches(at + 7, at, np.full(len(at), 0.8, np.float32))

    found = correspond(np.zeros((320, 512, 3), np.uint8), gentle.sketches, Shifted(), RegionTracker(), which=2)
    assert found.which == 2 and np.allclose(found.reference - found.tracks.points[0], 7)


def test_the_best_of_several_references_is_the_one_that_says_most(gentle):
    few = Matches(gentle.points[0][:5], gentle.points[0][:5], np.full(5, 0.9, np.float32))
    many = Matches(gentle.points[0][:50], gentle.points[0][:50], np.full(50, 0.9, np.float32))
    found = [followed_from(m, [gentle.sketches[0]] * 2, FlowTracker(), 0) for m in (few, many)]
    assert best_reference(found, 1) == 1 and best_reference([], 0) == -1


def test_between_two_sketches_points_go_straight():
    first, last = np.array([[0, 0], [10, 4]], np.float32), np.array([[8, 4], [10, 4]], np.float32)
    tracks = between(first, last, 5)
    assert tracks.visible.all() and tracks.points[2].tolist() == [[4, 2], [10, 4]]
    assert between(first, last, 3, np.array([0, 0.25, 1])).points[1].tolist() == [[2, 1], [10, 4]]


def test_trajectories_are_drawn_by_motion_and_still_ones_are_not_lost():
    first = np.zeros((20, 2), np.float32)
    last = np.concatenate([np.full((3, 2), 40), np.zeros((17, 2))]).astype(np.float32)
    assert set(by_motion(between(first, last, 8), 3).tolist()) == {0, 1, 2}
    assert len(by_motion(between(first, first, 8), 5)) == 5
    assert by_motion(between(first, last, 8)).tolist() == by_motion(between(first, last, 8)).tolist()
