"""Painting a drawing at full size: palette colours in the regions and under the lines, then the lines."""

import cv2
import numpy as np

from ..contracts.options import Lines as LineOption
from ..lineart.lines import Lines
from ..lineart.regions import spots
from ..lineart.runs import runs_of
from .look import shrink
from .palette import BACKGROUND, Palette

SPECK = 0.03
"""A colour that covers less than this fraction of a region at the working size is misplacement, not a tone."""

OPENED = 0.0005
"""... and less than this of the picture: where a gap stays open to the paper, the figure is a small part of the region."""

SOLID = 0xFF << 24
"""The least that an opaque pixel of RGBA is as one little-endian number."""

LANES, HALVES = 0x00FF00FF, 0x00800080
"""Two 8-bit channels with eight bits of room each, and a half for each to be rounded by."""

EDGE = 5
"""px of the working size around a region that its tone edges are smoothed from."""


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
    votes = np.bincount((small * colours + colour)[open_paper], minlength=count * colours)
    votes = votes.reshape(count, colours)
    best = votes.argmax(1).astype(np.uint8)
    # A region too small for the working grid takes the colour that the grid has most of about its middle.
    unseen = np.flatnonzero(votes.sum(1) == 0)
    if len(unseen):
        middle = spots(labels)[unseen] * colour.shape[::-1] // (width, height)
        around = np.pad(colour, 1, mode="edge")
        near = np.stack([around[middle[:, 1] + dy, middle[:, 0] + dx] for dy in range(3) for dx in range(3)], 1)
        best[unseen] = (near[:, :, None] == np.arange(colours)).sum(1).argmax(1)
    # At its edge a region catches its neighbour's colour by half a working pixel: that is no second tone.
    least = SPECK * votes.sum(1)
    least[best == BACKGROUND] = np.minimum(least[best == BACKGROUND], OPENED * colour.size)
    allowed = votes >= np.maximum(least, 1)[:, None]
    out = np.take(best, labels)
    several = np.flatnonzero(allowed.sum(1) > 1)
    for region, box in zip(several, _boxes(labels, several), strict=True):
        _draw_tones(out, labels, int(region), box, colour, np.flatnonzero(allowed[region]))
    return out


def _boxes(labels: np.ndarray, regions: np.ndarray) -> list[tuple[slice, slice]]:
    """The smallest rectangles of (H, W) int32 labels, without gaps, that hold each of ``regions``."""
    if len(regions) == 0:
        return []
    height, width = labels.shape
    count = int(labels.max()) + 1
    runs = runs_of(labels)
    # A run that goes on into the next row reaches both sides of the picture.
    first, last = runs.start, runs.start + runs.length - 1
    whole = first // width != last // width
    left, right = np.where(whole, 0, first % width), np.where(whole, width - 1, last % width)
    low, high = np.full((2, count), max(height, width), np.intp), np.zeros((2, count), np.intp)
    for axis, (least, most) in enumerate(((first // width, last // width), (left, right))):
        np.minimum.at(low[axis], runs.value, least)
        np.maximum.at(high[axis], runs.value, most)
    return [(slice(low[0, r], high[0, r] + 1), slice(low[1, r], high[1, r] + 1)) for r in regions.tolist()]


def _draw_tones(
    out: np.ndarray,
    labels: np.ndarray,
    region: int,
    box: tuple[slice, slice],
    colour: np.ndarray,
    tones: np.ndarray,
) -> None:
    """Draw a region's tones into ``out`` (H, W) uint8 in place, with a smooth edge between them."""
    height, width = labels.shape
    mine = labels[box] == region
    fx, fy = colour.shape[1] / width, colour.shape[0] / height
    x0, y0 = max(int(box[1].start * fx) - EDGE, 0), max(int(box[0].start * fy) - EDGE, 0)
    small = colour[y0 : int(box[0].stop * fy) + EDGE + 1, x0 : int(box[1].stop * fx) + EDGE + 1]
    # The middle of full-size pixel x lies at (x + 1/2) fx - 1/2 of the working grid.
    to_small = np.array(
        [[fx, 0, (box[1].start + 0.5) * fx - 0.5 - x0], [0, fy, (box[0].start + 0.5) * fy - 0.5 - y0]], np.float64
    )
    top = np.full(mine.shape, -1, np.int16)
    chosen = out[box]
    for k in tones:
        soft = cv2.GaussianBlur((small == k).astype(np.uint8) * 250, (0, 0), 1.0)
        soft = cv2.warpAffine(
            soft,
            to_small,
            mine.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        more = mine & (soft > top)
        top[more] = soft[more]
        chosen[more] = k


def paint(index: np.ndarray, lines: Lines, palette: Palette, option: LineOption) -> np.ndarray:
    """(H, W) uint8 palette indices -> (H, W, 4) uint8 sRGB straight alpha, exact colours, lines on top if kept."""
    picture = np.take(palette.colours.view(np.uint32)[:, 0], index).view(np.uint8).reshape(*index.shape, 4)
    if option == "keep":
        lay_over(picture, lines.sketch.ink)
    return picture


def painted(colour: np.ndarray, lines: Lines, palette: Palette, option: LineOption) -> np.ndarray:
    """(H, W, 4) uint8 frame from the (h, w) uint8 palette indices that were solved at the working size."""
    return paint(enlarge(colour, lines, len(palette)), lines, palette, option)


def sketched(lines: Lines) -> np.ndarray:
    """(H, W) uint8: the line art as the engine saw it, 0 line, 255 paper."""
    return lines.sketch.boundary - np.uint8(1)  # 1 becomes 0, and 0 the largest number of eight bits


def lay_over(picture: np.ndarray, ink: np.ndarray) -> None:
    """Put straight-alpha ``ink`` over straight-alpha ``picture`` in place, both (H, W, 4) uint8."""
    pixels, under = ink.view("<u4").ravel(), picture.reshape(-1, 4).view("<u4")[:, 0]
    where = np.flatnonzero(pixels >= 1 << 24)
    top, below = pixels[where], under[where]
    alone = (top >= SOLID) | (below < 1 << 24)
    under[where[alone]] = top[alone]
    solid = ~alone & (below >= SOLID)
    under[where[solid]] = _mixed(top[solid], below[solid])
    rest = where[~alone & ~solid]
    if len(rest):
        _compose(picture.reshape(-1, 4), ink.reshape(-1, 4), rest)


def _mixed(top: np.ndarray, below: np.ndarray) -> np.ndarray:
    """(N,) uint32 little-endian RGBA of ``top`` over what is solid ``below``, two channels at a time."""
    share = top >> 24
    out = np.full(len(top), SOLID, np.uint32)
    for shift in (0, 8):
        lanes = (top >> shift & LANES) * share + (below >> shift & LANES) * (255 - share) + HALVES
        if shift:
            lanes &= 0xFFFF  # the other lane would be alpha
        # A lane n / 255, rounded, is (n + n / 256) / 256 for the n that can occur here.
        out |= (lanes + (lanes >> 8 & LANES) >> 8 & LANES) << shift
    return out


def _compose(picture: np.ndarray, ink: np.ndarray, where: np.ndarray) -> None:
    """Put ``ink`` (N, 4) over ``picture`` (N, 4) uint8, in place, at the pixels ``where``, whatever their alphas."""
    top, below = ink[where].astype(np.float32), picture[where].astype(np.float32)
    share = top[:, 3:] / 255
    rest = below[:, 3:] / 255 * (1 - share)
    alpha = share + rest
    rgb = (top[:, :3] * share + below[:, :3] * rest) / np.maximum(alpha, 1e-6)
    picture[where] = np.concatenate([rgb, alpha * 255], 1).round().clip(0, 255).astype(np.uint8)
