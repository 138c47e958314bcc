"""Painting a drawing at full size: palette colours in the regions and under the lines, then the lines."""

import cv2
import numpy as np

from ..contracts.options import Lines as LineOption
from ..lineart.lines import Lines
from .look import shrink
from .palette import Palette

SPECK = 0.03
"""A colour that covers less than this fraction of a region at the working size is misplacement, not a tone."""


def enlarge(colour: np.ndarray, lines: Lines, colours: int) -> np.ndarray:
    """(h, w) uint8 palette indices at the working size -> (H, W) uint8 at full size, region by region.

    A region of one colour is filled to its lines; a tone edge within a region is drawn smoothly.
    """
    labels = lines.regions.labels
    if labels.shape == colour.shape:
        return colour
    height, width = labels.shape
    count = len(lines.regions)
    small = shrink(labels, colour.shape)
    open_paper = shrink(lines.regions.paper, colour.shape)
    votes = np.bincount(small[open_paper].astype(np.int64) * colours + colour[open_paper], minlength=count * colours)
    votes = votes.reshape(count, colours)
    best = votes.argmax(1).astype(np.uint8)
    # A region too small for the working grid takes the colour that the grid has at its middle.
    unseen = np.flatnonzero(votes.sum(1) == 0)
    middle = (lines.regions.centre[unseen] * (colour.shape[1] / width, colour.shape[0] / height)).astype(np.intp)
    best[unseen] = colour[middle[:, 1].clip(0, colour.shape[0] - 1), middle[:, 0].clip(0, colour.shape[1] - 1)]
    # At its edge a region catches its neighbour's colour by half a working pixel: that is no second tone.
    allowed = votes >= np.maximum(SPECK * votes.sum(1, keepdims=True), 1)
    several = allowed.sum(1) > 1
    out = best[labels]
    if several.any():
        mixed = several[labels]
        ys, xs = np.nonzero(mixed)
        box = (slice(int(ys.min()), int(ys.max()) + 1), slice(int(xs.min()), int(xs.max()) + 1))
        size = (width, height)
        top = np.full((box[0].stop - box[0].start, box[1].stop - box[1].start), -1, np.int16)
        for k in np.flatnonzero(allowed[several].any(0)):
            soft = cv2.GaussianBlur((colour == k).astype(np.uint8) * 250, (0, 0), 1.0)
            soft = cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR)[box].astype(np.int16)
            soft[~allowed[labels[box], k]] = -1
            more = (soft > top) & mixed[box]
            top[more] = soft[more]
            out[box][more] = k
    return out


def paint(index: np.ndarray, lines: Lines, palette: Palette, option: LineOption) -> np.ndarray:
    """(H, W) uint8 palette indices -> (H, W, 4) uint8 sRGB straight alpha, exact colours, lines on top if kept."""
    picture = palette.colours[index]
    if option == "keep":
        lay_over(picture, lines.sketch.ink)
    return picture


def lay_over(picture: np.ndarray, ink: np.ndarray) -> None:
    """Put straight-alpha ``ink`` over straight-alpha ``picture`` in place, both (H, W, 4) uint8."""
    where = np.flatnonzero(ink[..., 3])
    if len(where) == 0:
        return
    flat = picture.reshape(-1, 4)
    top = ink.reshape(-1, 4)[where].astype(np.float32)
    below = flat[where].astype(np.float32)
    cover = top[:, 3:] / 255
    rest = below[:, 3:] / 255 * (1 - cover)
    alpha = cover + rest
    rgb = (top[:, :3] * cover + below[:, :3] * rest) / np.maximum(alpha, 1e-6)
    flat[where] = np.concatenate([rgb, alpha * 255], 1).round().clip(0, 255).astype(np.uint8)
