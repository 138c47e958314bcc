"""One frame of a coloured video beside its drawing: what was seen of each region, and how far from the lines."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..cel.look import Look

LINE_BLUR = 2.0
"""px of the working size. A pixel is suspected of ink by how much line there is around it, in a Gaussian this wide.

In narrow shapes there is line on both sides: the distance to the nearest one would not tell.
"""

STEPS = 20
"""How finely that amount of line, 0..1, is told apart."""

DEEP = 6.0
"""px. From this far from any line on, one pixel of a region is as good as another."""

AGAINST = 4
"""px. The noise is measured at least this far from lines, where a colour can be told from its surroundings."""

LEAST_NOISE = 2.0
"""8-bit levels. No video is trusted further: compression and rounding alone move colours by as much."""


@dataclass(frozen=True)
class Seen:
    """A frame at the working size of its drawing.

    picture  (h, w, 3) float32 sRGB 0..255, over white
    cover    (h, w) float32 0..1 alpha of the frame, or None where it is opaque
    look     the drawing's regions
    depth    (h, w) float32 px to the nearest line
    lined    (h, w) float32 0..1, how much line there is around each pixel
    part     (h, w) float32 0..1, how much of each pixel is its own region's; None: taken for all
    """

    picture: np.ndarray
    cover: np.ndarray | None
    look: Look
    depth: np.ndarray
    lined: np.ndarray
    part: np.ndarray | None = None


def see(frame: np.ndarray, look: Look) -> Seen:
    """A frame (H, W, 4) uint8 sRGB straight alpha of any size, stretched over the drawing it belongs to."""
    height, width = look.labels.shape
    alpha = frame[..., 3:].astype(np.float32) / 255
    picture = frame[..., :3].astype(np.float32) * alpha + 255 * (1 - alpha)
    cover = alpha[..., 0] if int(frame[..., 3].min()) < 255 else None
    if frame.shape[:2] != (height, width):
        smaller = frame.shape[0] > height and frame.shape[1] > width
        way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        picture = cv2.resize(picture, (width, height), interpolation=way)
        cover = None if cover is None else cv2.resize(cover, (width, height), interpolation=way)
    depth = cv2.distanceTransform(1 - look.boundary, cv2.DIST_L2, 5)
    lined = cv2.GaussianBlur(look.boundary.astype(np.float32), (0, 0), LINE_BLUR)
    return Seen(picture, cover, look, depth, lined)


def region_colours(seen: Seen) -> np.ndarray:
    """(R, 3) float64 sRGB: the mean colour of each region, its middle counting most, because lines blur into its rim."""
    labels, count = seen.look.labels.ravel(), seen.look.count
    depth = np.minimum(seen.depth, DEEP).ravel()
    deepest = np.ones(count, np.float32)
    np.maximum.at(deepest, labels, depth)
    weight = (depth / deepest[labels]) ** 2 * seen.look.paper.ravel() + 1e-6
    total = np.bincount(labels, weight, count)
    sums = [np.bincount(labels, weight * seen.picture[..., c].ravel(), count) for c in range(3)]
    return np.stack(sums, 1) / np.maximum(total, 1e-12)[:, None]


def with_ink(seen: Seen, flats: np.ndarray) -> Seen:
    """The frame with only those lines counted that the video inks: tone edges are drawn as lines, but nobody inks them.

    flats (R, 3) what each region is taken to be. A line is inked as far as it is darker than the paint on both sides.
    """
    weights = np.array([0.299, 0.587, 0.114], np.float32)  # luma, Rec. 601
    paint = (flats @ weights).astype(np.float32)[seen.look.labels]
    darker = cv2.erode(paint, np.ones((5, 5), np.uint8))
    line = seen.look.boundary.astype(np.float32)
    dark = line * np.clip(1 - (seen.picture @ weights) / np.maximum(darker, 1), 0, 1)
    along = cv2.GaussianBlur(line, (0, 0), LINE_BLUR)
    inked = line * cv2.GaussianBlur(dark, (0, 0), LINE_BLUR) / np.maximum(along, 1e-3)
    return replace(seen, lined=cv2.GaussianBlur(inked, (0, 0), LINE_BLUR))


def ink_profile(seen: Seen, flats: np.ndarray, ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of the ink's colour is mixed into paper, by the amount of line around: sums and counts, (STEPS + 1,) each.

    flats (R, 3) what each region is taken to be. Videos draw lines broader or softer than the drawing, or not at all.
    """
    flat = flats[seen.look.labels]
    way = ink - flat
    length = (way**2).sum(2)
    mixed = ((seen.picture - flat) * way).sum(2) / np.maximum(length, 1)
    use = (length > 60.0**2) & seen.look.paper
    at = np.minimum(np.rint(seen.lined[use] * STEPS), STEPS).astype(np.intp)
    return (
        np.bincount(at, np.clip(mixed[use], -1, 1.5), STEPS + 1),
        np.bincount(at, minlength=STEPS + 1).astype(np.float64),
    )


def noise_of(seen: Seen, flats: np.ndarray) -> tuple[float, float]:
    """The video's noise: its size in 8-bit levels, and how many pixels share one grain (1..25)."""
    rest = seen.picture - flats[seen.look.labels]
    away = seen.depth >= AGAINST
    if away.sum() < 500:
        away = seen.depth >= 2
    if away.sum() < 50:
        return LEAST_NOISE, 4.0
    # Blown-out paper hides noise: what shows only in the colours must still be found.
    dull = away & (seen.picture.max(2) < 245)
    sample = rest[dull if dull.sum() >= 500 else away]
    size = max(1.4826 * float(np.median(np.abs(sample - np.median(sample, 0)))), LEAST_NOISE)
    rest = np.where(away[..., None], np.clip(rest, -4 * size, 4 * size), 0)
    whole = cv2.blur(away.astype(np.float32), (5, 5)) > 0.999
    if whole.sum() < 200:
        return size, 4.0
    grain = 25 * float((cv2.blur(rest, (5, 5))[whole] ** 2).mean()) / max(float((rest[whole] ** 2).mean()), 1e-3)
    return size, float(np.clip(grain, 1, 25))
