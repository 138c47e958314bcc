"""Gaps as they are in scans: the eraser is round, and leaves ends with two corners."""

import cv2
import numpy as np
import pytest

from backend.contracts.drawing import Drawing
from backend.lineart.lines import read_lines

SIDE = 300
MIDDLE, RADIUS = 150, 90


def outline(width: float, hole: float, degrees: float, along: float) -> np.ndarray:
    """(SIDE, SIDE, 4) uint8: a square turned by ``degrees`` in lines of ``width`` px; a disc ``hole`` px wider is rubbed out.

    ``along``: where on one of its sides, from 0 to 1.
    """
    fine = 4
    way = np.exp(1j * np.radians(degrees))
    corners = [MIDDLE * (1 + 1j) + RADIUS * way * 1j**n for n in range(4)]
    place = [(round(c.real * fine), round(c.imag * fine)) for c in corners]
    picture = np.full((SIDE * fine, SIDE * fine), 255, np.uint8)
    cv2.polylines(picture, [np.array(place, np.int32)], True, 0, round(width * fine))
    at = corners[0] + along * (corners[1] - corners[0])
    cv2.circle(picture, (round(at.real * fine), round(at.imag * fine)), round((width + hole) / 2 * fine), 255, -1)
    grey = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


@pytest.mark.parametrize("width", [1.5, 3, 4])
@pytest.mark.parametrize("hole", [1, 3, 6])
def test_a_round_hole_in_an_outline_is_closed(width: float, hole: float):
    left_open = []
    for degrees in range(0, 360, 11):
        for along in (0.4, 0.47, 0.6):
            drawing = Drawing("", "square", line_art=outline(width, hole, degrees, along))
            regions = read_lines(drawing, (), SIDE, SIDE, gap=hole + width + 5).regions
            if regions.labels[MIDDLE, MIDDLE] == regions.labels[2, 2]:
                left_open.append((degrees, along))
    assert left_open == []


def test_a_hole_wider_than_the_widest_gap_stays_open():
    drawing = Drawing("", "square", line_art=outline(3, 20, 40, 0.5))
    regions = read_lines(drawing, (), SIDE, SIDE, gap=12).regions
    assert regions.labels[MIDDLE, MIDDLE] == regions.labels[2, 2]


@pytest.mark.parametrize("gap", [0, 0.4])
def test_a_widest_gap_of_nothing_closes_nothing(gap: float):
    drawing = Drawing("", "square", line_art=outline(3, 3, 40, 0.5))
    regions = read_lines(drawing, (), SIDE, SIDE, gap=gap).regions
    assert regions.labels[MIDDLE, MIDDLE] == regions.labels[2, 2]


def test_a_mouth_of_two_lines_side_by_side_stays_open():
    """Rays sideways would shut a sleeve."""
    picture = np.full((SIDE, SIDE, 4), 255, np.uint8)
    for y in (100, 116):
        cv2.line(picture, (40, y), (200, y), (0, 0, 0, 255), 3)
    cv2.line(picture, (40, 100), (40, 116), (0, 0, 0, 255), 3)
    regions = read_lines(Drawing("", "sleeve", line_art=picture), (), SIDE, SIDE, gap=20).regions
    assert regions.labels[108, 100] == regions.labels[2, 2]
