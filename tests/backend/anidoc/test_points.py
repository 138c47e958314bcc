"""Points and their maps, as the control network was trained to read them."""

import numpy as np

from backend.anidoc.condition import binarized, control_condition
from backend.anidoc.points import choose_points, heat_map, landed, point_map
from backend.anidoc.release import choose_pairs, choose_tracks, track_maps
from backend.contracts.correspondence import Correspondence, Tracks


def still(points, frames=5) -> Correspondence:
    """Points that do not move, in reference and sketches alike."""
    at = np.array(points, np.float32)
    tracks = Tracks(np.repeat(at[None], frames, 0), np.ones((frames, len(at)), bool))
    return Correspondence(at, tracks, np.ones(len(at), np.float32))


def test_points_are_rounded_half_to_even_and_moved_to_the_border():
    points = np.array([[0.5, 1.5], [2.5, -3.0], [99.0, 7.4]])
    assert landed(points, 10, 8).tolist() == [[0, 2], [2, 0], [9, 7]]


def test_a_map_holds_each_points_number_and_the_later_wins_on_one_pixel():
    found = point_map(np.array([[1, 1], [3, 2], [1, 1]]), 5, 4)
    assert found[1, 1] == 3 and found[2, 3] == 2 and np.count_nonzero(found) == 2


def test_a_hidden_point_is_not_drawn_and_the_others_keep_their_numbers():
    found = point_map(np.array([[0, 0], [1, 0], [2, 0]]), 3, 1, np.array([True, False, True]))
    assert found.tolist() == [[1, 0, 3]]


def test_a_heat_map_has_the_number_at_the_point_and_falls_off_around_it():
    heat = heat_map(np.array([[20, 20], [40, 20]]), 64, 40, sigma=4)
    assert heat[20, 20] == 1 and heat[20, 40] == 2
    assert heat[20, 20] > heat[20, 23] > heat[20, 26] > 0 and heat[39, 0] == 0
    assert heat.max() == 2


def test_a_still_shot_keeps_its_points_and_the_release_drops_them():
    points = still([[10, 10], [40, 12], [25, 30]])
    assert len(choose_points(points, 64, 48)) == 3
    chosen = choose_tracks(
        points.reference.astype(int), points.tracks.points, points.tracks.visible, 64, 48, 10, seed=1
    )
    reference, frames = track_maps(chosen, 64, 48)
    assert not reference.any() and not frames.any()


def test_points_that_are_never_seen_or_outside_are_not_chosen():
    points = still([[10, 10], [400, 12], [25, 30]])
    points.tracks.visible[:, 2] = False
    assert choose_points(points, 64, 48).tolist() == [0]


def test_of_many_points_those_far_from_one_another_are_chosen():
    crowd = [[10 + i / 10, 10] for i in range(20)]
    chosen = choose_points(still([*crowd, [60, 40]]), 64, 48, most=2)
    assert 20 in chosen.tolist()


def test_moving_points_are_drawn_by_motion_and_the_same_seed_draws_the_same():
    frames = np.arange(8, dtype=np.float32)
    tracks = np.stack([np.stack([10 + speed * frames, np.full(8, 20)], 1) for speed in (0.5, 2, 3, 4)], 1)
    reference, seen = np.arange(8).reshape(4, 2), np.ones((8, 4), bool)
    first = choose_tracks(reference, tracks, seen, 64, 48, 2, seed=7)
    again = choose_tracks(reference, tracks, seen, 64, 48, 2, seed=7)
    assert first.frames.shape == (8, 2, 2) and np.array_equal(first.frames, again.frames)
    every = choose_tracks(reference, tracks, seen, 64, 48, 10, seed=7)
    assert sorted(every.reference[:, 0].tolist()) == [2, 4, 6]  # the slow one is out


def test_no_pairs_give_empty_maps():
    none = np.zeros((0, 2), np.float32)
    reference, sketch = choose_pairs(none, none, 16, 8, seed=1)
    chosen = choose_tracks(reference, np.zeros((5, 0, 2)), np.zeros((5, 0), bool), 16, 8, 10, seed=1)
    maps = track_maps(chosen, 16, 8)
    assert len(sketch) == 0 and not maps[0].any() and maps[1].shape == (5, 8, 16) and not maps[1].any()


def test_the_condition_has_its_channels_in_order():
    sketch = binarized(np.array([[[0, 200], [201, 255]]] * 3, np.uint8))
    reference = np.zeros((2, 2, 3), np.uint8)
    reference[..., 0] = 255
    condition = control_condition(
        sketch, reference, np.full((2, 2), 5), np.stack([np.full((2, 2), i) for i in range(3)])
    )
    assert condition.shape == (3, 8, 2, 2) and condition.dtype == np.float32
    assert condition[1, 0].tolist() == [[-1, -1], [1, 1]]
    assert (condition[:, 3] == 5).all() and (condition[2, 4] == 2).all()
    assert (condition[:, 5] == 1).all() and (condition[:, 6:] == -1).all()


def test_maps_in_the_first_frame_only_leave_the_others_grey():
    sketch = np.full((3, 2, 2), 255, np.uint8)
    reference, still_map = np.zeros((2, 2, 3), np.uint8), np.ones((2, 2), np.uint8)
    condition = control_condition(sketch, reference, still_map, still_map, "first")
    assert condition[0, 3:].any() and not condition[1:, 3:].any()


def test_frames_without_a_sketch_say_so_with_zeros():
    sketch = np.full((3, 2, 2), 255, np.uint8)
    ends = np.array([True, False, True])
    condition = control_condition(
        sketch, np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2)), np.zeros((3, 2, 2)), drawn=ends
    )
    assert (condition[[0, 2], :3] == 1).all() and not condition[1, :3].any()
