"""Painting a drawing at full size: palette colours in the regions and under the lines, then the lines."""

import cv2
import numpy as np

from ..contracts.options import Lines as LineOption
from ..lineart.lines import Lines
from ..lineart.regions import spots
from ..lineart.runs import boxes
from ..lineart.sketch import Ink
from .look import Look
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


def enlarge(colour: np.ndarray, look: Look, lines: Lines, colours: int) -> np.ndarray:
    """(h, w) uint8 palette indices at the working size -> (H, W) uint8 at full size, region by region.

    A region of one colour is filled to its lines; a tone edge within a region is drawn smoothly.
    """
    return _filled(colour, look, lines, np.arange(colours, dtype=np.uint8))


def _filled(colour: np.ndarray, look: Look, lines: Lines, values: np.ndarray) -> np.ndarray:
    """What :func:`enlarge` makes, with the ``values`` (P,) of any plain type in place of palette indices."""
    runs = lines.regions.runs
    if runs.size == colour.shape:
        return values.take(colour)
    height, width = runs.size
    count, votes = look.count, look.tally(colour, len(values))
    best = votes.argmax(1).astype(np.uint8)
    # A region too small for the working grid takes the colour that the grid has most of about its middle.
    unseen = votes.sum(1) == 0
    if unseen.any():
        middle = spots(runs, unseen) * colour.shape[::-1] // np.array([width, height])
        around = np.pad(colour, 1, mode="edge")
        near = np.stack([around[middle[:, 1] + dy, middle[:, 0] + dx] for dy in range(3) for dx in range(3)], 1)
        best[unseen] = (near[:, :, None] == np.arange(len(values))).sum(1).argmax(1)
    # At its edge a region catches its neighbour's colour by half a working pixel: that is no second tone.
    least = SPECK * votes.sum(1)
    least[best == BACKGROUND] = np.minimum(least[best == BACKGROUND], OPENED * colour.size)
    allowed = votes >= np.maximum(least, 1)[:, None]
    out = np.repeat(values[best[runs.value]], runs.length).reshape(height, width)
    several = np.flatnonzero(allowed.sum(1) > 1)
    if len(several):
        # Of all labels only these regions' own, in the fewest bytes.
        number = np.zeros(count, np.uint8 if len(several) < 256 else np.int32)
        number[several] = np.arange(1, len(several) + 1)
        labels = np.repeat(number.take(runs.value), runs.length).reshape(height, width)
        for n, (region, box) in enumerate(zip(several.tolist(), boxes(runs, several), strict=True), 1):
            _draw_tones(out, labels[box] == n, box, colour, values, np.flatnonzero(allowed[region]))
    return out


def _draw_tones(
    out: np.ndarray,
    mine: np.ndarray,
    box: tuple[slice, slice],
    colour: np.ndarray,
    values: np.ndarray,
    tones: np.ndarray,
) -> None:
    """Draw a region's tones into ``out`` (H, W) in place, with a smooth edge between them; ``mine`` is it in its ``box``."""
    height, width = out.shape
    fx, fy = colour.shape[1] / width, colour.shape[0] / height
    x0, y0 = max(int(box[1].start * fx) - EDGE, 0), max(int(box[0].start * fy) - EDGE, 0)
    small = colour[y0 : int(box[0].stop * fy) + EDGE + 1, x0 : int(box[1].stop * fx) + EDGE + 1]
    # The middle of full-size pixel x lies at (x + 1/2) fx - 1/2 of the working grid.
    to_small = np.array(
        [[fx, 0, (box[1].start + 0.5) * fx - 0.5 - x0], [0, fy, (box[0].start + 0.5) * fy - 0.5 - y0]], np.float64
    )
    chosen, most = out[box], None
    for k in tones:
        soft = cv2.GaussianBlur((small == k).astype(np.uint8) * 250, (0, 0), 1.0)
        soft = cv2.warpAffine(
            soft,
            to_small,
            mine.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        if most is None:
            most, more = soft, mine
        else:
            more = np.greater(soft, most)
            more &= mine
            most = cv2.max(most, soft)
        np.copyto(chosen, values[k], where=more)


def paint(index: np.ndarray, lines: Lines, palette: Palette, option: LineOption) -> np.ndarray:
    """(H, W) uint8 palette indices -> (H, W, 4) uint8 sRGB straight alpha, exact colours, lines on top if kept."""
    picture = np.take(palette.colours.view(np.uint32)[:, 0], index).view(np.uint8).reshape(*index.shape, 4)
    if option == "keep":
        lay_over(picture, lines.sketch.ink)
    return picture


def painted(colour: np.ndarray, look: Look, lines: Lines, palette: Palette, option: LineOption) -> np.ndarray:
    """(H, W, 4) uint8 frame from the (h, w) uint8 palette indices that were solved at the working size."""
    pixels = _filled(colour, look, lines, palette.colours.view(np.uint32)[:, 0])
    picture = pixels.view(np.uint8).reshape(*pixels.shape, 4)
    if option == "keep":
        lay_over(picture, lines.sketch.ink)
    return picture


def sketched(lines: Lines) -> np.ndarray:
    """(H, W) uint8: the line art as the engine saw it, 0 line, 255 paper."""
    return lines.sketch.boundary - np.uint8(1)  # 1 becomes 0, and 0 the largest number of eight bits


def lay_over(picture: np.ndarray, ink: Ink) -> None:
    """Put ``ink`` over contiguous straight-alpha ``picture`` (H, W, 4) uint8 in place."""
    under = picture.reshape(-1, 4).view("<u4")[:, 0]
    where, top = ink.where, ink.pixels.copy()
    soft = np.flatnonzero(top < SOLID)
    below = under.take(where.take(soft))
    solid = below >= SOLID
    for some, lay in ((solid, _mixed), ((below >= 1 << 24) & ~solid, _composed)):
        kept = np.flatnonzero(some)
        if len(kept):
            at = soft.take(kept)
            top[at] = lay(top.take(at), below.take(kept))
    under[where] = top


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


def _composed(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """(N,) uint32 little-endian RGBA of one straight-alpha colour over another, whatever their alphas."""
    top, below = (pixels.view(np.uint8).reshape(-1, 4).astype(np.float32) for pixels in (over, under))
    share = top[:, 3:] / 255
    rest = below[:, 3:] / 255 * (1 - share)
    alpha = share + rest
    rgb = (top[:, :3] * share + below[:, :3] * rest) / np.maximum(alpha, 1e-6)
    return np.concatenate([rgb, alpha * 255], 1).round().clip(0, 255).astype(np.uint8).view("<u4")[:, 0]
