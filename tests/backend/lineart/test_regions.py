"""Regions and gaps on drawings small enough to read."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.contracts.drawing import LINE, Strokes
from backend.contracts.shot import Material
from backend.lineart.gaps import draw_links, links
from backend.lineart.regions import find_regions, spots
from backend.lineart.sketch import read_sketch
from backend.lineart.strokes import read_strokes
from backend.lineart.thin import line_ends, thin


def paper(*rows: str) -> np.ndarray:
    """A boundary from text: # is line."""
    return np.array([[c == "#" for c in row] for row in rows], np.uint8)


def closed(boundary: np.ndarray, gap: float) -> int:
    """How many regions there are once gaps of this many px are closed."""
    ends, ways = line_ends(thin(boundary), 5)
    return len(find_regions(draw_links(boundary, links(boundary, ends, ways, gap))))


def test_a_diagonal_line_one_pixel_wide_does_not_leak():
    boundary = np.zeros((40, 40), np.uint8)
    cv2.line(boundary, (0, 39), (39, 0), 1, 1, cv2.LINE_8)
    assert len(find_regions(boundary)) == 2


def test_line_pixels_belong_to_the_nearest_region():
    boundary = np.zeros((20, 30), np.uint8)
    boundary[:, 13:17] = 1
    labels = find_regions(boundary).labels
    assert (labels[:, 14] == labels[0, 0]).all()
    assert (labels[:, 15] == labels[0, -1]).all()


def test_specks_of_paper_inside_a_line_are_no_regions():
    boundary = paper("......", ".####.", ".#..#.", ".####.", "......")
    assert len(find_regions(boundary, smallest=5)) == 1
    assert len(find_regions(boundary, smallest=2)) == 2


@given(st.integers(1, 30), st.integers(1, 30), st.floats(0, 1), st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_regions_are_the_pieces_that_opencv_finds_in_reading_order(height, width, lines, smallest, seed):
    boundary = (np.random.default_rng(seed).random((height, width)) < lines).astype(np.uint8)
    found = find_regions(boundary, smallest)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(1 - boundary, connectivity=4)
    area = stats[1:, cv2.CC_STAT_AREA]
    kept = np.flatnonzero((area >= smallest) | (area.max(initial=0) < smallest))
    assert found.area.tolist() == (area[kept].tolist() if count > 1 else [0])
    assert np.array_equal(found.paper, np.isin(pieces, kept + 1) if count > 1 else boundary == 0)
    if count > 1:
        assert np.array_equal(kept[found.labels[found.paper]] + 1, pieces[found.paper])
    assert found.labels.dtype == np.int32 and found.labels.min() >= 0 and found.labels.max() < len(found)


def ring(opening: float) -> np.ndarray:
    boundary = np.zeros((120, 120), np.uint8)
    turn = np.rad2deg(opening / 40)
    cv2.ellipse(boundary, (60, 60), (40, 40), 0, turn / 2, 360 - turn / 2, 1, 2)
    return boundary


def test_a_circle_that_was_not_quite_closed_holds_its_paint():
    assert len(find_regions(ring(8))) == 1
    assert closed(ring(8), 12) == 2


def test_a_wide_opening_stays_open():
    assert closed(ring(40), 12) == 1


def test_a_line_that_stops_short_of_another_is_carried_on_to_it():
    boundary = np.zeros((100, 100), np.uint8)
    cv2.rectangle(boundary, (10, 10), (90, 90), 1, 2)
    cv2.line(boundary, (50, 10), (50, 84), 1, 2)
    assert len(find_regions(boundary)) == 2
    assert closed(boundary, 10) == 3


def test_an_empty_drawing_is_one_region():
    regions = find_regions(np.zeros((30, 50), np.uint8))
    assert len(regions) == 1
    assert regions.area[0] == 30 * 50


def test_a_region_is_found_again_at_a_spot_inside_it():
    boundary = np.zeros((60, 80), np.uint8)
    cv2.circle(boundary, (40, 30), 20, 1, 2)
    cv2.circle(boundary, (40, 30), 10, 1, 2)
    regions = find_regions(boundary)
    assert [int(regions.labels[y, x]) for x, y in spots(regions.runs, np.ones(3, bool))] == [0, 1, 2]
    assert spots(regions.runs, np.array([False, True, False])).shape == (1, 2)


def test_a_drawing_that_is_all_ink_does_not_break():
    assert len(find_regions(np.ones((30, 50), np.uint8))) == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.7))
def test_every_pixel_gets_a_region_and_areas_add_up(seed, share):
    boundary = (np.random.default_rng(seed).random((23, 37)) < share).astype(np.uint8)
    regions = find_regions(boundary)
    assert regions.labels.min() >= 0
    assert regions.labels.max() < len(regions)
    if (boundary == 0).sum() > 0:
        assert (np.bincount(regions.labels[regions.paper], minlength=len(regions)) == regions.area).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
@example(431)  # a lone square of 2 x 2
def test_thinning_keeps_what_hangs_together_together(seed):
    random = np.random.default_rng(seed)
    mask = np.zeros((60, 60), np.uint8)
    for x0, y0, x1, y1 in random.integers(5, 55, (4, 4)).tolist():
        cv2.line(mask, (x0, y0), (x1, y1), 1, int(random.integers(1, 5)))
    thinned = thin(mask)
    assert not (thinned & ~mask & 1).any()
    assert cv2.connectedComponents(thinned, connectivity=8)[0] == cv2.connectedComponents(mask, connectivity=8)[0]


def test_ends_of_a_line_point_outwards():
    mask = np.zeros((40, 60), np.uint8)
    cv2.line(mask, (10, 20), (50, 20), 1, 3)
    ends, ways = line_ends(thin(mask), 5)
    order = ends[:, 0].argsort()
    assert len(ends) == 2
    assert ways[order[0], 0] < -0.9 and ways[order[1], 0] > 0.9


@pytest.mark.parametrize("degrees", range(0, 180, 7))
@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_line_at_any_slant_has_two_ends(degrees: int, width: int):
    mask = np.zeros((120, 120), np.uint8)
    way = 45 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    start, end = np.round(60 + np.stack([way, -way])).astype(int).tolist()
    cv2.line(mask, start, end, 1, width)
    ends, _ = line_ends(thin(mask), 5)
    assert len(ends) == 2


def test_a_line_that_thins_to_stairs_has_its_end():
    stairs = paper("#...", "#...", "##..", ".##.", "..#.", "...#", "...#")
    skeleton = np.pad(stairs, 6)
    skeleton[13:19, 10] = 1
    ends, _ = line_ends(skeleton, 6)
    assert (6, 6) in [tuple(end) for end in ends.tolist()]


def test_a_short_branch_is_no_end():
    skeleton = np.zeros((30, 40), np.uint8)
    skeleton[15, 3:37] = 1
    skeleton[12:15, 20] = 1
    ends, _ = line_ends(skeleton, 6)
    assert sorted(ends[:, 0].tolist()) == [3, 36]


def test_anti_aliased_grey_lines_are_read_whole():
    picture = np.full((80, 80, 4), 255, np.uint8)
    cv2.circle(picture, (40, 40), 30, (90, 90, 90, 255), 1, cv2.LINE_AA)
    assert len(find_regions(read_sketch(picture).boundary)) == 2


def test_lines_on_transparency_are_read_like_lines_on_white():
    white = np.full((80, 80, 4), 255, np.uint8)
    cv2.circle(white, (40, 40), 30, (0, 0, 0, 255), 2)
    clear = np.zeros((80, 80, 4), np.uint8)
    clear[..., 3] = 255 - white[..., 0]
    assert np.array_equal(read_sketch(white).boundary, read_sketch(clear).boundary)


def test_a_coloured_line_bounds_a_region_and_leaves_no_ink():
    picture = np.full((80, 80, 4), 255, np.uint8)
    cv2.line(picture, (40, 0), (40, 79), (255, 0, 0, 255), 2)
    sketch = read_sketch(picture)
    assert len(find_regions(sketch.boundary)) == 2
    assert sketch.separation is not None
    assert len(sketch.ink.where) == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-400, 400), st.floats(-400, 400)), min_size=1, max_size=12),
    st.floats(0.01, 30),
    st.booleans(),
)
def test_any_stroke_can_be_drawn(points, radius, cyclic):
    n = len(points)
    strokes = Strokes(
        np.array(points, np.float32),
        np.full(n, radius, np.float32),
        np.ones(n, np.float32),
        np.array([0, n], np.int32),
        np.zeros(1, np.int32),
        np.zeros(1, np.int32),
        np.array([cyclic]),
        np.array([LINE], np.uint8),
        np.array([-1]),
    )
    sketch, ends, ways = read_strokes(strokes, [Material("ink")], 90, 120)
    assert sketch.boundary.shape == (90, 120)
    assert len(ends) == len(ways) <= 2


def test_a_closed_stroke_encloses_a_region_and_its_line_is_as_wide_as_drawn():
    box = np.array([(20, 20), (100, 20), (100, 70), (20, 70)], np.float32)
    strokes = Strokes(
        box,
        np.full(4, 3.0, np.float32),
        np.ones(4, np.float32),
        np.array([0, 4], np.int32),
        np.zeros(1, np.int32),
        np.zeros(1, np.int32),
        np.array([True]),
        np.array([LINE], np.uint8),
        np.array([-1]),
    )
    sketch, ends, _ = read_strokes(strokes, [Material("ink", (10, 20, 30, 255))], 90, 120)
    assert len(find_regions(sketch.boundary)) == 2
    assert len(ends) == 0
    ink = sketch.ink.picture()
    assert 5 <= (ink[:45, 60, 3] / 255).sum() <= 7.2
    assert tuple(ink[20, 60]) == (10, 20, 30, 255)
