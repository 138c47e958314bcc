"""Paintings given in place of line art are told, in grey too; drawings with all that pencils and scanners do are not."""

from functools import cache

import cv2
import numpy as np
import pytest

from backend.demo.shot import demo_shot
from backend.evaluation.generated import coloured, line_art, true_flats
from backend.runner.bare import doubt, toned

SEEDS = (301, 302, 303)
GREY = np.array([0.299, 0.587, 0.114])


@cache
def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A character's lines (H, W) float, its key (H, W, 4) uint8 on white, and (H, W) bool its shadows."""
    shot = demo_shot(4, 640, 480, seed)
    drawing = shot.drawings[1]
    picture = coloured(shot, drawing).astype(np.float64)
    share = picture[..., 3:] / 255
    key = np.dstack([np.rint(picture[..., :3] * share + 255 * (1 - share)), np.full(share.shape, 255)]).astype(np.uint8)
    flats = true_flats(shot, drawing)[..., :3]
    dark = [colour for name, colour in shot.colours.items() if name.endswith("shadow")]
    return line_art(shot, drawing).astype(float), key, np.any([(flats == colour).all(2) for colour in dark], 0)


def scan(page: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 of levels (H, W) or (H, W, 3) float."""
    levels = page if page.ndim == 3 else np.repeat(page[..., None], 3, 2)
    return np.dstack([levels.clip(0, 255).round(), np.full(page.shape[:2], 255)]).astype(np.uint8)


def pencilled(lines: np.ndarray) -> np.ndarray:
    """Lines in the grain of grey lead."""
    grain = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, lines.shape), (0, 0), 0.9)
    return 255 - (255 - lines) * (0.76 + 0.5 * grain).clip(0, 1)


DRAWINGS = {
    "clean": lambda lines, shadow: lines,
    "pencil": lambda lines, shadow: pencilled(lines),
    "soft": lambda lines, shadow: cv2.GaussianBlur(lines, (0, 0), 1.5),
    "yellowed": lambda lines, shadow: pencilled(lines)[..., None] / 255 * (240, 225, 150),
    "dark at one side": lambda lines, shadow: pencilled(lines) * np.linspace(0.6, 1, lines.shape[1]),
    "shaded": lambda lines, shadow: np.where(shadow, np.minimum(lines, 180), lines),
}

PAINTINGS = {
    "colour": lambda key: key[..., :3].astype(float),
    "grey": lambda key: key[..., :3] @ GREY,
    "half the contrast": lambda key: 255 - (255 - key[..., :3] @ GREY) / 2,
    "soft": lambda key: cv2.GaussianBlur(key[..., :3] @ GREY, (0, 0), 3),
    "on yellow paper": lambda key: (key[..., :3] @ GREY)[..., None] / 255 * (240, 225, 150),
}


@pytest.mark.parametrize("kind", DRAWINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_line_art_is_not_doubted(seed: int, kind: str):
    lines, key, shadow = drawn(seed)
    assert doubt(scan(DRAWINGS[kind](lines, shadow)), "1.png", key) is None


@pytest.mark.parametrize("kind", PAINTINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_painting_is(seed: int, kind: str):
    _, key, _ = drawn(seed)
    said = doubt(scan(PAINTINGS[kind](key)), "1.png", key)
    assert said is not None and "1.png is painted" in said.sentence and said.key == ""


def test_blacks_that_the_key_paints_dark_are_line_art():
    lines, key, _ = drawn(301)
    spotted, night = lines.copy(), key.copy()
    figure = (key[..., :3] < 240).any(2)
    spotted[figure], night[figure, :3] = 0, (40, 30, 50)
    assert doubt(scan(spotted), "1.png", night) is None
    assert toned(scan(spotted), night) is None, "nothing is painted lighter"


def test_on_transparency_it_is_the_same():
    lines, key, _ = drawn(302)
    clear = np.zeros((*lines.shape, 4), np.uint8)
    clear[..., 3] = 255 - lines
    assert doubt(clear, "1.png", key) is None
    figure = key.copy()
    figure[..., 3] = np.where((key[..., :3] > 250).all(2), 0, 255)
    grey = figure.copy()
    grey[..., :3] = np.rint(key[..., :3] @ GREY)[..., None]
    assert doubt(grey, "1.png", figure) is not None
