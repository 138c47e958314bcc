"""What the palette's colours look like in this video: its background, its drift of colour, its lines, its noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..cel.palette import Palette, background, make_palette, palette_of, to_lab
from .bleed import softness
from .seen import Seen, ink_profile, noise_of, region_colours, with_ink

ROUNDS = 4
"""Times that regions are given colours and the drift is fitted to them."""

STIFF = 0.15
"""How strongly the drift is held at none, as a fraction of the evidence: of few colours little can be learned."""

OUTLIER = 18.0
"""8-bit levels. A region that far from every colour says nothing about the drift."""

ALIKE = 14.0
"""8-bit levels. A colour of the palette this near to the background's cannot be told from it by colour."""

WHITE = (255, 255, 255)

WHITE_PIECE = 6
"""px. Enclosed pure white of this size is paint, a light in an eye, even where too small to count as a colour."""

CLUSTER = 7.0
"""CIE76. Colours of a video without reference that are nearer to each other are one colour."""


@dataclass(frozen=True)
class Expected:
    """What to expect of a pixel of the video.

    colours  (P, 3) float64 sRGB: how each palette colour appears; row 0 is the background's
    ink      (3,) float64: how lines appear
    inked    (STEPS + 1,) float64 0..1, rising: the part of ink in a pixel with so much line around it
    noise    8-bit levels; grain: pixels that share one grain of it
    soft     px of the working size: the width (sigma) of the video's blur
    clear    whether the figure stands before a background that is to be transparent
    alike    (P,) bool: colours that cannot be told from the background by colour
    """

    colours: np.ndarray
    ink: np.ndarray
    inked: np.ndarray
    noise: float
    grain: float
    soft: float
    clear: bool
    alike: np.ndarray


def reference_palette(references: Sequence[np.ndarray]) -> Palette:
    """The palette of coloured pictures, each (H, W, 4) uint8 sRGB; small enclosed white belongs to it."""
    named = [WHITE] if any(_small_whites(p) for p in references) else []
    return make_palette(list(references), named)


def _small_whites(picture: np.ndarray) -> bool:
    import cv2

    white = (picture[..., :3] == 255).all(2) & (picture[..., 3] == 255) & ~background(picture)
    if not white.any():
        return False
    stats = cv2.connectedComponentsWithStats(white.astype(np.uint8), connectivity=4)[2]
    return bool((stats[1:, cv2.CC_STAT_AREA] >= WHITE_PIECE).any())


def own_palette(sample: Sequence[Seen]) -> Palette:
    """A palette from the video itself, where there is no reference: its regions' colours, like ones as one."""
    found = np.concatenate([region_colours(s) for s in sample])
    size = np.concatenate([s.look.area for s in sample]).astype(np.float64)
    outside = np.concatenate([border_regions(s) for s in sample])
    shown = ~outside & (size >= 30)
    if not shown.any():
        return palette_of([])
    found, size = found[shown], size[shown]
    lab = to_lab(np.clip(np.rint(found), 0, 255).astype(np.uint8))
    colours: list[tuple[int, int, int, int]] = []
    left = np.ones(len(found), bool)
    while left.any() and len(colours) < 64:
        first = int(np.flatnonzero(left)[size[left].argmax()])
        near = left & (np.linalg.norm(lab - lab[first], axis=1) < CLUSTER)
        red, green, blue = np.rint(np.average(found[near], axis=0, weights=size[near])).astype(int).tolist()
        colours.append((red, green, blue, 255))
        left &= ~near
    return palette_of(list(dict.fromkeys(colours)))


def border_regions(seen: Seen) -> np.ndarray:
    """(R,) bool: regions that touch the edge of the picture, or the frame that a scan's line draws around it."""
    out = np.zeros(seen.look.count, bool)
    labels = seen.look.labels
    rim = min(3, *(n // 4 for n in labels.shape))
    for side in (labels[: rim + 1], labels[-rim - 1 :], labels[:, : rim + 1], labels[:, -rim - 1 :]):
        out[side] = True
    return out


def expect(sample: Sequence[Seen], palette: Palette, references: Sequence[np.ndarray]) -> Expected:
    """Learn from some frames of the video. ``references`` tell whether the figure stands free of a background."""
    clear = not references or any(background(p).any() for p in references) or any(s.cover is not None for s in sample)
    colours = palette.colours[:, :3].astype(np.float64)
    outside = _outside_colour(sample)
    colours[0] = outside
    means = [region_colours(s) for s in sample]
    seen_colours = np.concatenate(means)
    # A region counts for the drift by the pixels that lines do not reach.
    weight = np.concatenate([_open_paper(s) for s in sample])
    weight[np.concatenate([border_regions(s) for s in sample])] = 0
    drifted = _drift(seen_colours, weight, colours)
    if clear:
        drifted[0] = outside
    flats = [drifted[_nearest(m, drifted)] for m in means]
    sample = [with_ink(s, f) for s, f in zip(sample, flats, strict=True)]
    ink = np.zeros(3)
    profile = [ink_profile(s, f, ink) for s, f in zip(sample, flats, strict=True)]
    total, count = (sum(part) for part in zip(*profile, strict=True))
    inked = _rising(np.asarray(total), np.asarray(count))
    noise = [noise_of(s, f) for s, f in zip(sample, flats, strict=True)]
    alike = np.linalg.norm(drifted - drifted[0], axis=1) < ALIKE
    alike[0] = False
    size, grain = (float(np.median(v)) for v in zip(*noise, strict=True))
    return Expected(drifted, ink, inked, size, grain, softness(sample, flats), clear, alike)


def _rising(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """(STEPS + 1,) 0..1: means that never fall, for more line is never less ink; rare amounts lean on the others."""
    out = np.zeros(len(total))
    weight, value = count + 1e-3, total / np.maximum(count, 1e-3)
    blocks: list[list[float]] = []
    for n in range(len(total)):
        # Pool adjacent violators (Ayer et al., Ann. Math. Stat. 26(4), 1955).
        blocks.append([weight[n], value[n], 1])
        while len(blocks) > 1 and blocks[-2][1] > blocks[-1][1]:
            w, v, k = blocks.pop()
            blocks[-1] = [
                blocks[-1][0] + w,
                (blocks[-1][0] * blocks[-1][1] + w * v) / (blocks[-1][0] + w),
                blocks[-1][2] + k,
            ]
    at = 0
    for _, v, k in blocks:
        out[at : at + int(k)] = v
        at += int(k)
    return np.clip(out, 0, 0.95)


def _outside_colour(sample: Sequence[Seen]) -> np.ndarray:
    """(3,) float64: the colour of what touches the edge of the picture, by the pixel, over some frames."""
    found = []
    for seen in sample:
        labels = seen.look.labels
        outside = border_regions(seen)
        largest = np.where(outside, np.bincount(labels.ravel(), minlength=len(outside)), 0).argmax()
        where = (labels == largest) & (seen.depth >= min(3.0, float(seen.depth.max())))
        if where.any():
            found.append(np.median(seen.picture[where], axis=0))
    return np.median(found, axis=0).astype(np.float64) if found else np.full(3, 255.0)


def _open_paper(seen: Seen) -> np.ndarray:
    labels, count = seen.look.labels.ravel(), seen.look.count
    return np.sqrt(np.bincount(labels, (seen.depth >= 3).ravel().astype(np.float64), count))


def first_flats(colours: np.ndarray, expected: Expected) -> np.ndarray:
    """(R, 3): what regions of these mean colours (R, 3) are at first taken to be."""
    return expected.colours[_nearest(colours, expected.colours)]


def _nearest(found: np.ndarray, colours: np.ndarray) -> np.ndarray:
    return ((found[:, None] - colours[None]) ** 2).sum(2).argmin(1)


def _drift(found: np.ndarray, weight: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """The palette (P, 3) as the video shows it: a gain and an offset for each channel, fitted to regions (R, 3)."""
    out = colours.copy()
    if weight.sum() <= 0:
        return out
    for _ in range(ROUNDS):
        chosen = _nearest(found, out)
        gap = np.linalg.norm(found - out[chosen], axis=1)
        trust = weight / (1 + (gap / OUTLIER) ** 2) ** 2
        trust[chosen == 0] = 0
        if trust.sum() <= 0:
            return out
        stiff = STIFF * trust.sum()
        for c in range(3):
            x, y = colours[chosen, c] / 255, found[:, c] / 255
            # Least squares for y = (1 + a) x + b with a and b held at nought.
            rows = np.array(
                [
                    [(trust * x * x).sum() + stiff * 0.1, (trust * x).sum()],
                    [(trust * x).sum(), trust.sum() + stiff * 0.1],
                ]
            )
            gain, offset = np.linalg.solve(rows, [(trust * x * (y - x)).sum(), (trust * (y - x)).sum()])
            out[1:, c] = ((1 + gain) * colours[1:, c] / 255 + offset) * 255
    return out
