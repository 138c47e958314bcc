"""Swatches on flat sheets that were saved as JPEG or WebP. ``python -m tests.backend.cel.test_lossy_swatches`` prints how many
are found at which size."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from backend.cel.palette import make_palette, to_lab
from backend.cel.posterize import as_cel, is_noisy
from tests.support.spoiled import saved_as_jpeg

COLOURS = np.array(
    [
        (150, 34, 60),
        (40, 120, 70),
        (230, 180, 60),
        (70, 60, 140),
        (120, 190, 210),
        (200, 120, 170),
        (96, 76, 50),
        (60, 150, 160),
    ],
    np.uint8,
)


def sheet(side: int) -> np.ndarray:
    """(900, 1200, 4) uint8: eight swatches, ``side`` px wide, above a figure of two large flats."""
    picture = np.full((900, 1200, 4), 255, np.uint8)
    for k, colour in enumerate(COLOURS.tolist()):
        cv2.rectangle(picture, (43 + 70 * k, 31), (42 + 70 * k + side, 30 + side), (*colour, 255), -1)
    cv2.circle(picture, (600, 520), 320, (200, 80, 60, 255), -1)
    cv2.circle(picture, (600, 520), 320, (0, 0, 0, 255), 4)
    cv2.rectangle(picture, (520, 430), (720, 660), (60, 90, 200, 255), -1)
    return picture


def saved_as_webp(picture: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGR), [cv2.IMWRITE_WEBP_QUALITY, quality])
    back = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert back is not None
    return cv2.cvtColor(back, cv2.COLOR_BGR2RGBA)


SAVED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "JPEG 90": lambda picture: saved_as_jpeg(picture, 90),
    "JPEG 75": lambda picture: saved_as_jpeg(picture, 75),
    "WebP 80": lambda picture: saved_as_webp(picture, 80),
}


def found(picture: np.ndarray) -> tuple[int, int]:
    """How many of the swatches the palette has within 6 CIE76, and how many colours it has."""
    palette = make_palette([as_cel(picture)])
    away = np.linalg.norm(to_lab(COLOURS[None])[0][:, None] - palette.lab[None, 1:], axis=2).min(1)
    return int((away <= 6).sum()), len(palette)


@pytest.mark.parametrize("how", SAVED)
def test_swatches_of_a_flat_sheet_are_found_and_nothing_else(how: str):
    many, colours = found(SAVED[how](sheet(20)))
    assert many == 8
    assert colours <= 14  # with paper, ink and the figure's two; before, noise at every edge was colours, too


def test_a_sheet_that_was_only_resampled_is_not_noisy():
    smaller = cv2.resize(sheet(20), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_CUBIC)
    assert not is_noisy(sheet(20)) and not is_noisy(smaller)


def _row(spoil: Callable[[np.ndarray], np.ndarray]) -> str:
    numbers = {side: found(spoil(sheet(side))) for side in (8, 10, 12, 14, 16, 20, 24, 32)}
    return ", ".join(f"{side} px: {many} of 8, palette {colours}" for side, (many, colours) in numbers.items())


if __name__ == "__main__":
    for name, spoil in {"PNG": lambda picture: picture, **SAVED}.items():
        print(name, _row(spoil))
