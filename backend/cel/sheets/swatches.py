"""Which pieces on a design sheet are swatches and no part of a figure."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from scipy import ndimage

SMALLEST_SIDE = 7
"""px. A swatch is at least this wide and high."""

LARGEST_PART = 0.06
"""Part of the sheet that a swatch covers at most."""

SQUARE, ROUND = 0.9, 0.70
"""Part of its box that a rectangle, or a disc (0.785 of its box), fills at least."""

RIM = 0.2
"""Part of a swatch that its ruled rim may take."""

TONES = 4
"""Colours that one swatch shows side by side at most: light, base, shadow, deep shadow."""

PEERS, ALIKE = 3, 0.3
"""Swatches come in sets: so many of one size, which may differ by this part."""

RUN = 3
"""px of one colour on either side of a contact: less is the blend of an edge, or a line."""

BESIDE, LEVEL = 0.5, 0.7
"""Two swatches in one row are a pair if their gap is less than this part of a side, and so much of them is level."""

DARKER, HUE, GREY = (4.0, 45.0), 0.5, 10.0
"""L* that a shadow is darker than its base; cosine of the angle between their hues, where both have more chroma than grey."""


@dataclass(frozen=True)
class Swatch:
    """A patch that shows colours, not a part of a figure. box (rows, columns); tones: palette indices left to right."""

    box: tuple[slice, slice]
    tones: tuple[int, ...]


def find_swatches(index: np.ndarray, outside: np.ndarray) -> tuple[list[Swatch], np.ndarray]:
    """The swatches of a sheet and (H, W) bool what they cover.

    index (H, W) palette index, -1 where there is none; outside (H, W) bool bare paper. Swatches are squares, bars or
    discs of one to ``TONES`` flat colours, or tables of such; at least ``PEERS`` of one size.
    """
    taken = np.zeros(outside.shape, bool)
    if not outside.any():
        return [], taken
    count, piece, stats, _ = cv2.connectedComponentsWithStats((~outside).astype(np.uint8), None, None, None, 8)
    found: list[tuple[Swatch, int, int]] = []
    for k, box in enumerate(ndimage.find_objects(piece.astype(np.int32, copy=False), count - 1), 1):
        height, width = (s.stop - s.start for s in box)
        if min(height, width) < SMALLEST_SIDE or stats[k, cv2.CC_STAT_AREA] < ROUND * height * width:
            continue
        mine = piece[box] == k
        cells = _cells(np.where(mine, index[box], -1))
        if cells and height * width <= LARGEST_PART * outside.size * max(1, len(cells) // TONES):
            rows, columns = box[0].start, box[1].start
            whole = tuple(cell.tones[0] for cell in cells)
            if len(cells) <= TONES:
                found.append((Swatch(box, whole), height, width))
            else:
                found += [
                    (_moved(c, rows, columns), c.box[0].stop - c.box[0].start, c.box[1].stop - c.box[1].start)
                    for c in cells
                ]
            taken[box] |= mine
    sizes = np.array([(h, w) for _, h, w in found], float).reshape(-1, 2)
    kept = []
    for swatch, height, width in found:
        # A pair is twice as wide as a single one beside it: heights tell a set, or widths where bars stand upright.
        like = np.abs(sizes / (height, width) - 1) <= ALIKE
        if max(like[:, 0].sum(), like[:, 1].sum()) >= PEERS:
            kept.append(swatch)
        else:
            taken[swatch.box] = False
    return kept, taken


def tone_pairs(swatches: list[Swatch], lab: np.ndarray) -> list[tuple[int, int]]:
    """(base, shadow) palette indices of the swatches that show two tones of one colour, touching or beside each other.

    lab (P, 3) float32 of the palette.
    """
    together = [s.tones for s in swatches if len(s.tones) > 1]
    for one in swatches:
        for other in swatches:
            (down, along), (rows, columns) = one.box, other.box
            side = min(along.stop - along.start, columns.stop - columns.start)
            level = min(down.stop, rows.stop) - max(down.start, rows.start)
            if 0 <= columns.start - along.stop <= BESIDE * side and level >= LEVEL * (down.stop - down.start):
                together.append((one.tones[-1], other.tones[0]))
    found = {_toned(a, b, lab) for tones in together for a, b in pairwise(tones)}
    return sorted(pair for pair in found if pair is not None)


def _toned(one: int, other: int, lab: np.ndarray) -> tuple[int, int] | None:
    """(base, shadow), or None where the two are colours of their own: a shadow is darker and of like hue."""
    base, shadow = (one, other) if lab[one, 0] >= lab[other, 0] else (other, one)
    deep = float(lab[base, 0] - lab[shadow, 0])
    a, b = lab[base, 1:].astype(float), lab[shadow, 1:].astype(float)
    grey = min(np.hypot(*a), np.hypot(*b)) < GREY
    cosine = float(a @ b) / max(float(np.hypot(*a) * np.hypot(*b)), 1e-6)
    return (base, shadow) if DARKER[0] <= deep <= DARKER[1] and (grey or cosine > HUE) else None


def _moved(swatch: Swatch, rows: int, columns: int) -> Swatch:
    down, along = swatch.box
    return Swatch(
        (slice(down.start + rows, down.stop + rows), slice(along.start + columns, along.stop + columns)), swatch.tones
    )


def _cells(index: np.ndarray) -> list[Swatch]:
    """The flat cells a piece is made of, (h, w) palette index, -1 outside of it; empty where it is no swatch."""
    height, width = index.shape
    cells, covered = [], 0
    values, counts = np.unique(index[index > 0], return_counts=True)
    for value, pixels in zip(values.tolist(), counts.tolist(), strict=True):
        if pixels < 16:
            continue
        number, pieces, stats, _ = cv2.connectedComponentsWithStats(
            (index == value).astype(np.uint8), None, None, None, 4
        )
        for k in range(1, number):
            x, y, w, h, area = (int(v) for v in stats[k])
            if area < 16 or min(w, h) < 3:
                continue
            solid = area >= SQUARE * w * h
            disc = area >= ROUND * w * h and 0.6 <= w / h <= 1.6 and not _notched(pieces[y : y + h, x : x + w] == k)
            rim = w >= 0.9 * width and h >= 0.9 * height and area < RIM * 2 * w * h
            if rim and not solid:
                continue
            if not (solid or disc):
                return []
            covered += area
            cells.append(Swatch((slice(y, y + h), slice(x, x + w)), (value,)))
    # The rest is rims and blends.
    enough = covered >= (1 - RIM) * (index >= 0).sum() * (0.8 if height < 24 else 1.0)
    return sorted(cells, key=lambda c: (c.box[0].start // 4, c.box[1].start)) if enough else []


def _notched(mask: np.ndarray) -> bool:
    """Whether a shape has dents that a disc has not: its hull is clearly larger."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outer = max(contours, key=len)
    hull = cv2.contourArea(cv2.convexHull(outer))
    return hull > 0 and mask.sum() < 0.9 * hull


def contacts(index: np.ndarray, colours: int) -> np.ndarray:
    """(P, P) float32 px along which two colours meet without a line between them; index (H, W) int, 0 and less is none."""
    out = np.zeros((colours, colours), np.float32)
    for way in (index, index.T):
        steps = [way[k : way.shape[0] - 2 * RUN + 1 + k] for k in range(2 * RUN)]
        at = (steps[RUN - 1] != steps[RUN]) & (steps[0] > 0) & (steps[-1] > 0)
        for k in range(RUN - 1):
            at &= (steps[k] == steps[RUN - 1]) & (steps[-1 - k] == steps[RUN])
        a, b = steps[0][at], steps[-1][at]
        np.add.at(out, (a, b), 1)
        np.add.at(out, (b, a), 1)
    return out
