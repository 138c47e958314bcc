"""A key or sheet that was scaled or saved as JPEG: the pale rim along its lines is paper, not paint."""

import cv2
import numpy as np
import pytest

from backend.cel.palette import background
from backend.cel.paper import without_halo

WHITE, PINK = (255, 255, 255, 255), (250, 238, 240, 255)


def figure() -> np.ndarray:
    """(1200, 1600, 4): a red coat and a pale pink ball with broad black lines, a white button on the coat."""
    picture = np.full((1200, 1600, 4), 255, np.uint8)
    cv2.rectangle(picture, (400, 300), (1000, 900), (200, 40, 60, 255), -1)
    cv2.rectangle(picture, (400, 300), (1000, 900), (0, 0, 0, 255), 14)
    for at, radius, colour in (((1200, 600), 150, PINK), ((700, 600), 100, WHITE)):
        cv2.circle(picture, at, radius, colour, -1)
        cv2.circle(picture, at, radius, (0, 0, 0, 255), 14)
    return picture


def scaled() -> np.ndarray:
    return cv2.resize(figure(), (400, 300), interpolation=cv2.INTER_LANCZOS4)


def from_jpeg() -> np.ndarray:
    rgb = cv2.resize(figure(), (400, 300), interpolation=cv2.INTER_AREA)[..., :3]
    data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.dstack([decoded, np.full(decoded.shape[:2], 255, np.uint8)])


def pale_outside(picture: np.ndarray) -> int:
    """Pale pixels, neither paper nor within the figure's own outlines."""
    pale = (picture[..., :3].min(2) >= 232) & ~background(picture)
    pale[80:220, 105:245] = False
    cv2.circle(shown := np.ones(pale.shape, np.uint8), (300, 150), 38, 0, -1)
    return int((pale & (shown > 0)).sum())


@pytest.mark.parametrize("make", [scaled, from_jpeg])
def test_the_rim_outside_the_lines_is_paper(make) -> None:
    picture = make()
    before, after = pale_outside(picture), pale_outside(without_halo(picture))
    assert before > 10 and after <= before // 10


@pytest.mark.parametrize("make", [scaled, from_jpeg])
def test_white_and_pale_paint_within_the_figure_stays(make) -> None:
    picture = make()
    out = without_halo(picture)
    for y, x in ((150, 175), (150, 300)):  # the button, the ball
        assert np.array_equal(out[y - 8 : y + 9, x - 8 : x + 9], picture[y - 8 : y + 9, x - 8 : x + 9])


def test_flat_pale_paint_that_touches_the_paper_stays() -> None:
    picture = np.full((60, 60, 4), 255, np.uint8)
    picture[20:40, 20:40] = PINK
    assert np.array_equal(without_halo(picture), picture)


def test_an_exact_picture_is_left_alone() -> None:
    assert np.array_equal(without_halo(figure()), figure())
