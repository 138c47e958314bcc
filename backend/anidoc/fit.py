"""How a shot's picture lies in the model's: whole, with its own aspect, at a size the model can work at."""

from dataclasses import dataclass

import cv2
import numpy as np

STEP = 64
"""px. Latents are an eighth of the picture, and the UNet halves them three times."""


@dataclass(frozen=True)
class Fit:
    """Where a shot of ``shot`` px (width, height) lies in a picture of ``model`` px: scaled, its corner at ``corner``."""

    shot: tuple[int, int]
    model: tuple[int, int]
    scale: tuple[float, float]
    corner: tuple[int, int]

    @property
    def inside(self) -> tuple[int, int]:
        """Width and height of the shot's picture in the model's, px."""
        w, h = (max(1, round(s * k)) for s, k in zip(self.shot, self.scale, strict=True))
        return min(w, self.model[0]), min(h, self.model[1])

    def to_model(self, picture: np.ndarray, paper: int | tuple[int, ...] = 255) -> np.ndarray:
        """A picture of the shot (H, W[, C]) uint8 in the model's frame, what lies beside it filled with ``paper``."""
        (w, h), (x, y) = self.inside, self.corner
        small = resized(picture, w, h)
        out = np.empty((self.model[1], self.model[0], *picture.shape[2:]), np.uint8)
        out[:] = paper
        out[y : y + h, x : x + w] = small
        return out

    def to_shot(self, picture: np.ndarray) -> np.ndarray:
        """The shot's part of a model's picture (h, w[, C]), at the shot's size."""
        (w, h), (x, y) = self.inside, self.corner
        return resized(picture[y : y + h, x : x + w], *self.shot)

    def points(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) px of the shot, whole numbers at the middle of a pixel, in the model's picture."""
        scale, corner = np.asarray(self.scale), np.asarray(self.corner)
        return ((np.asarray(points) + 0.5) * scale - 0.5 + corner).astype(np.float32)


def fit(width: int, height: int, box: tuple[int, int] = (512, 320), squash: bool = False) -> Fit:
    """A fit of a shot into a picture of about the box's area.

    The model's picture takes the shot's aspect as nearly as steps of 64 px allow, and is no larger than the box in area;
    what is left beside the shot is paper. With ``squash`` the shot is stretched to the whole box, as released.
    """
    if squash:
        model = (max(STEP, box[0] // STEP * STEP), max(STEP, box[1] // STEP * STEP))
        return Fit((width, height), model, (model[0] / width, model[1] / height), (0, 0))
    budget = max(box[0] * box[1], STEP * STEP)
    best: tuple[float, Fit] | None = None
    for columns in range(1, budget // (STEP * STEP) + 1):
        rows = max(1, budget // (STEP * STEP) // columns)
        # Of all shapes of that many squares the one in which the shot's picture comes out largest.
        scale = min(columns * STEP / width, rows * STEP / height)
        w, h = min(columns * STEP, max(1, round(width * scale))), min(rows * STEP, max(1, round(height * scale)))
        needed = (-(-w // STEP) * STEP, -(-h // STEP) * STEP)
        corner = ((needed[0] - w) // 2, (needed[1] - h) // 2)
        made = Fit((width, height), needed, (w / width, h / height), corner)
        # Equal pictures: the one with less paper about it.
        worth = w * h - 1e-3 * needed[0] * needed[1]
        if best is None or worth > best[0]:
            best = (worth, made)
    assert best is not None
    return best[1]


def resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """A picture (H, W[, C]) uint8 or float32 at another size: averaged when smaller, smooth when larger."""
    if picture.shape[:2] == (height, width):
        return picture
    smaller = width * height < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    out = cv2.resize(picture, (width, height), interpolation=way)
    return out.reshape(height, width, *picture.shape[2:])


def on_paper(picture: np.ndarray, paper: int = 255) -> np.ndarray:
    """(H, W, 4) uint8 straight alpha on plain paper: (H, W, 3) uint8."""
    if picture.shape[2] == 3:
        return picture
    alpha = picture[..., 3:].astype(np.float32) / 255
    return (picture[..., :3] * alpha + paper * (1 - alpha)).round().astype(np.uint8)
