"""Cut-outs: a limb that swings stays whole, keeps its length and passes over what lies behind it."""

import cv2
import numpy as np
import pytest

from backend.inbetween.areas import MOST, cells_of
from backend.inbetween.blend import Places
from backend.inbetween.field import colour_features
from backend.inbetween.painted import enlarged
from backend.inbetween.raster import Ends, draw_between
from tests.support.spoiled import saved_as_jpeg

SIZE = (240, 300)
BODY, ARM, HAND, INK = (220, 90, 60), (70, 110, 200), (240, 200, 150), (20, 20, 20)
SHOULDER, LENGTH, WIDTH = np.array([150.0, 90.0]), 90.0, 13.0


def figure(degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Lines and colours, (H, W, 4) uint8 each: a body, and in front of it an arm that hangs turned by ``degrees``."""
    lines, colour = np.full((*SIZE, 3), 255, np.uint8), np.full((*SIZE, 3), 255, np.uint8)
    angle = np.radians(90 + degrees)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]]) * WIDTH

    def shape(corners: list, fill: tuple) -> None:
        points = [np.round(np.array(corners)).astype(np.int32)]
        cv2.fillPoly(colour, points, fill)
        cv2.fillPoly(lines, points, (255, 255, 255))
        for picture in (lines, colour):
            cv2.polylines(picture, points, True, INK, 2)

    shape([(110, 50), (190, 50), (200, 210), (100, 210)], BODY)
    wrist, tip = SHOULDER + LENGTH * along, SHOULDER + (LENGTH + 26) * along
    shape([SHOULDER - across, SHOULDER + across, wrist + across, wrist - across], ARM)
    shape([wrist - across, wrist + across, tip + across, tip - across], HAND)
    opaque = np.full(SIZE, 255, np.uint8)
    return np.dstack([lines, opaque]), np.dstack([colour, opaque])


def between(start: float, end: float, times: list[float]) -> list[np.ndarray]:
    """The coloured drawings at ``times`` between two positions of the arm."""
    (one, one_colour), (other, other_colour) = figure(start), figure(end)
    drawn = draw_between(Ends(one, other, one_colour, other_colour), times)
    return [d.colour for d in drawn if d.colour is not None]


def where(picture: np.ndarray, colour: tuple) -> np.ndarray:
    """(H, W) bool: pixels of this colour."""
    return (picture[..., :3] == colour).all(2)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Common pixels as a fraction of all, 0..1."""
    return float((one & other).sum() / (one | other).sum())


@pytest.fixture(scope="module")
def swing() -> dict[float, np.ndarray]:
    """An arm that swings by 80 degrees from outside the body to before it, at a quarter, a half and three quarters."""
    times = [0.25, 0.5, 0.75]
    return dict(zip(times, between(-75, 5, times), strict=True))


@pytest.mark.parametrize("time", [0.25, 0.5, 0.75])
@pytest.mark.parametrize(("colour", "least"), [(ARM, 0.7), (HAND, 0.55)])
def test_a_limb_swings_about_its_joint(swing, time, colour, least):
    true = where(figure(-75 + 80 * time)[1], colour)
    assert overlap(where(swing[time], colour), true) > least


def test_a_limb_stays_in_one_piece(swing):
    for picture in swing.values():
        count, _, stats, _ = cv2.connectedComponentsWithStats(where(picture, ARM).astype(np.uint8), connectivity=8)
        sizes = np.sort(stats[1:, cv2.CC_STAT_AREA])
        assert sizes[-1] > 0.9 * sizes.sum(), f"{count - 1} pieces: {sizes}"


def test_what_the_limb_uncovers_is_the_body(swing):
    true = where(figure(-35)[1], BODY)
    assert overlap(where(swing[0.5], BODY), true) > 0.93


def test_every_pixel_of_a_figure_is_in_one_cell():
    picture = figure(-30)[1]
    empty = where(picture, (255, 255, 255))
    index = np.select([where(picture, c) for c in (BODY, ARM, HAND)], [1, 2, 3], 0).astype(np.uint8)
    lines = where(picture, INK).astype(np.uint8)
    cells = cells_of(colour_features(lines, picture[..., :3]), index, empty)
    assert cells is not None
    assert ((cells.cell > 0) == ~empty).all()
    assert cells.size[1:].sum() == (~empty).sum()
    assert set(cells.colour[1:]) == {1, 2, 3}  # the ink goes with what it surrounds
    assert (cells.borders.one < cells.borders.other).all()


def test_hatching_is_no_cut_out():
    index = np.kron(np.indices((70, 70)).sum(0) % 2, np.ones((8, 8))).astype(np.uint8)
    assert index.size / 64 > MOST
    features = colour_features(np.zeros_like(index), np.dstack([index * 255] * 3))
    assert cells_of(features, index, np.zeros(index.shape, bool)) is None


def test_torn_places_stay_torn_in_a_larger_picture():
    place = (np.indices((4, 6))[1] + 1j * np.indices((4, 6))[0]).astype(np.complex64)
    place[:, 3:] += 50
    further = np.zeros((4, 6), bool)
    further[:, 3:] = True
    large, far = enlarged(Places(place, place), further, (8, 12))
    assert far[:, 6:].all() and not far[:, :6].any()
    # The middle of a pixel at half the size lies between two pixels of twice the size.
    assert np.allclose(np.real(large.first[0, :6]), np.arange(6))
    assert np.allclose(np.real(large.first[0, 6:]), 100 + np.arange(6, 12))


def test_squares_that_lose_a_limb_are_not_taken():
    """The arm lies on top in both keys, so it cannot vanish between them, however alike the keys look without it."""
    drawn = between(-40, 5, [0.5])[0]
    true = where(figure(-17.5)[1], ARM)
    assert where(drawn, ARM).sum() > 0.75 * true.sum()


def test_the_ink_of_a_limb_goes_with_the_limb():
    """What lies under the arm keeps no outline of it where the arm has been."""
    drawn = between(-40, 5, [0.5])[0]
    (one, _), (other, _), (true, _) = figure(-40), figure(5), figure(-17.5)
    ink = {name: picture[..., 0] < 128 for name, picture in (("one", one), ("other", other), ("true", true))}
    near = cv2.dilate(ink["true"].astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    left = (ink["one"] | ink["other"]) & ~near
    assert where(drawn, INK)[left].mean() < 0.2


def soft(picture: np.ndarray) -> np.ndarray:
    """Cut off its paper with half-transparent edges, as a coloured frame with smooth lines is."""
    clear = (picture[..., :3] == 255).all(2)
    out = picture.copy()
    out[..., 3] = cv2.GaussianBlur(np.where(clear, 0, 255).astype(np.uint8), (5, 5), 0)
    return out


def on_tinted_paper(picture: np.ndarray) -> np.ndarray:
    out = picture.copy()
    out[(picture[..., :3] == 255).all(2)] = (242, 236, 222, 255)
    return out


def from_jpeg(picture: np.ndarray) -> np.ndarray:
    return saved_as_jpeg(picture, 75)


@pytest.mark.parametrize("as_given", [soft, on_tinted_paper, from_jpeg])
def test_ends_with_soft_edges_on_tinted_paper_or_from_a_jpeg_give_flats(as_given) -> None:
    (one, one_colour), (other, other_colour) = figure(-30), figure(-60)
    drawn = draw_between(Ends(one, other, as_given(one_colour), as_given(other_colour)), [0.5])
    (colour,) = [d.colour for d in drawn if d.colour is not None]
    assert set(np.unique(colour[..., 3]).tolist()) <= {0, 255}
    assert len(np.unique(colour[colour[..., 3] > 0], axis=0)) <= 7
    body = np.abs(colour[100:180, 120:135, :3].astype(int) - BODY).max(2) <= 8
    assert body.mean() > 0.95
    assert not colour[:40, :, 3].any() and not colour[220:, :, 3].any()
