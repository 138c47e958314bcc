"""A coloured picture cut into its flat areas: what stands on a design sheet, figure by figure."""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ..palette import BACKGROUND, Palette, indices, to_lab
from ..paper import bare_paper, without_halo
from .layout import nearest
from .swatches import contacts, find_swatches, tone_pairs

LARGEST = 600_000
"""px. Sheets, and then each figure by itself, are looked at no larger than this; nothing is mixed when they are shrunk."""

SAME = 3.0
"""CIE76 within which two colours of a sheet are one that a file format or resampling has split."""

LOSSY, PALE, BLOCK = 6.0, 5, 16.0
"""A sheet with ``PALE`` colours so near to white (CIE76) is a JPEG; what its noise splits is that much alike, and its noise
on the paper reaches one block of halved colour (px) from the figure."""

SPECK = 12
"""px. Smaller flat areas are the blends of an edge."""

STEP = 3.0
"""CIE76 across three pixels: below it two areas are steps of one gradient, above it there is an edge."""

GRADIENT = 9.0
"""CIE76 that the ends of one gradient may lie apart and still be one area."""

DARK = 32.0
"""L*. Outlines are darker than this."""

OUTLINED = 0.35
"""Part of the silhouette that must bear one dark colour before that colour is taken for the ink of outlines."""

LIKE_INK = 8.0
"""CIE76 to the ink within which thin areas are outline."""

BAND = 14.0
"""Area over squared half width from which an area is a band and not a spot: a disc has 3.1, a 4 x 1 bar 16."""

DASH = 2.0
"""px of a layout: half width below which even a short piece of the ink's colour is line, as where lines fray or end."""

HAIR = 1.2
"""The same for colours that only come near to the ink's."""

FIGURE = 0.15
"""A piece of the sheet is a figure if it covers at least this part of what the largest piece covers ..."""

FIGURE_COLOURS = 5
"""... and bears at least this many colours; fewer are a swatch, lettering or a prop."""

FLAT = 0.85
"""Part of a piece that one colour covers in swatches and lettering."""

BESIDE = 0.15
"""Of a figure's longer side: how far from it a piece may lie and still be a part of it, on a sheet with swatches."""

LETTER = 3.5
"""px. Pieces outside of a figure that are nowhere deeper than this are lettering and arrows."""

NEXT_TO = 0.004
"""Of the sheet's longer side: pieces whose gap is up to twice this are one, as a head above a collar."""

PEN, LOOSE = 9, 0.4
"""px that lines of notes on a sheet are wide at most, and the part of a note's colour that is nothing but such lines."""

PALEST = 75.0
"""L* of the palest ink of notes: what is paler is the blend of their edges, or white between letters and in eyes."""

SEAM = 0.5
"""Of the side of a square of the smaller tone: px of contact without ink from which two tones are light and shade of a part."""


@dataclass(frozen=True)
class Segments:
    """Flat areas of one figure of a sheet.

    labels   (h, w) int32, area of each pixel; the last number is the background
    shares   (S, P) float32, which palette colours an area bears; S counts the areas without the background
    lab      (S, 3) float32 CIE L*a*b* of its commonest colour
    clear    bool, False where the picture has no background at all
    """

    labels: np.ndarray
    shares: np.ndarray
    lab: np.ndarray
    clear: bool

    def __len__(self) -> int:
        return len(self.shares)


def cut(picture: np.ndarray, palette: Palette) -> list[Segments]:
    """The figures of a sheet, (H, W, 4) uint8 sRGB, largest first. Swatches and lettering are left out."""
    return cut_and_pairs(picture, palette)[0]


def cut_and_pairs(picture: np.ndarray, palette: Palette) -> tuple[list[Segments], list[tuple[int, int]]]:
    """The figures of a sheet as in :func:`cut`, and (base, shadow) of the tones whose edges are lines on all of them.

    Such a pair is told by swatches. Where its tones meet without ink, they are light and shade of one part.
    """
    pale = np.linalg.norm(palette.lab - to_lab(np.full((1, 3), 255, np.uint8)), axis=1) < LOSSY
    pale[BACKGROUND] = False
    lossy = int(pale.sum()) >= PALE
    if lossy:
        picture = without_halo(picture)
    outside, blank = bare_paper(picture)
    if lossy:
        outside = _with_noise(outside, indices(picture, palette), pale)
    rows, columns = _grid(*outside.shape)
    bare = outside[rows, columns]
    index = indices(np.ascontiguousarray(picture[rows, columns]), palette).astype(np.int32)
    index[bare] = 0
    stands = _merged(index, palette, LOSSY if lossy else SAME)
    index = stands[index]
    swatches, taken = find_swatches(index, bare)
    if swatches and not taken.all():
        index[taken] = 0
    else:
        taken = np.zeros_like(bare)
    notes = np.zeros(0, np.intp)
    if swatches:
        notes, drawn = _notes(index, bare | taken, palette.lab[:, 0])
        bare = bare | drawn
    found = []
    for piece, box in _figures(index, bare | taken, blank[rows, columns], bool(swatches)):
        # A figure among others is cut out of the full picture, or its eyes would be lost.
        top, bottom = _span(rows.ravel(), box[0], outside.shape[0])
        left, right = _span(columns.ravel(), box[1], outside.shape[1])
        y, x = _grid(bottom - top, right - left)
        y, x = y + top, x + left
        down = np.searchsorted(rows.ravel(), y.ravel()).clip(max=len(rows) - 1)[:, None]
        along = np.searchsorted(columns.ravel(), x.ravel()).clip(max=columns.size - 1)[None]
        if rows.size == outside.shape[0] and columns.size == outside.shape[1]:
            inside = piece[y, x]
        else:
            others = ~piece & ~bare
            near = cv2.dilate(piece.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            inside = (near & ~others)[down, along] & ~outside[y, x]
        part = np.ascontiguousarray(picture[y, x])
        colour = stands[indices(part, palette)]
        colour[np.isin(colour, notes)] = 0
        found.append(_areas(part, np.where(inside, colour, 0), ~inside, palette))
    index[taken] = 0
    meet = contacts(index, len(palette))
    size = np.bincount(index[index > 0], minlength=len(palette))
    pairs = [(a, b) for a, b in tone_pairs(swatches, palette.lab) if meet[a, b] <= SEAM * min(size[a], size[b]) ** 0.5]
    return [f for f in found if len(f)], pairs


def _notes(index: np.ndarray, outside: np.ndarray, light: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Palette indices that only arrows and lettering bear, and (h, w) bool their pixels beside the figures.

    An arrow may touch a figure, or join two. Ink is as thin, but nearly all of it has paint beside it.
    """
    solid = (~outside).astype(np.uint8)
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (PEN, PEN))
    thin = (solid > 0) & (cv2.morphologyEx(solid, cv2.MORPH_OPEN, round_) == 0)
    bears = np.maximum(index, 0)
    size = np.bincount(bears.ravel(), minlength=1)
    loose = np.bincount(bears[thin], minlength=len(size))
    notes = np.flatnonzero(loose > LOOSE * np.maximum(size, SPECK))
    notes = notes[(notes > 0) & (light[notes] < PALEST)]
    lines = cv2.dilate(np.isin(index, notes).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return notes, lines & thin


def _with_noise(outside: np.ndarray, index: np.ndarray, pale: np.ndarray) -> np.ndarray:
    """(H, W) bool: paper, with the pale noise of a JPEG that hangs together with it or is as small as a block's."""
    near = outside | (pale[index] & (index >= 0))
    _, found, stats, _ = cv2.connectedComponentsWithStats(near.astype(np.uint8), None, None, None, 8)
    pieces = found.astype(np.int32, copy=False)
    paper = stats[:, cv2.CC_STAT_AREA] < 2 * SPECK
    paper[np.unique(pieces[outside])] = True
    # In the figure small pale pieces are eyes and glints: only what touches no paint but paper's rim goes.
    paper[0] = False
    far = cv2.distanceTransform((~outside).astype(np.uint8), cv2.DIST_L2, 3) > BLOCK
    return outside | (paper[pieces] & near & ~far)


def _merged(index: np.ndarray, palette: Palette, same: float) -> np.ndarray:
    """(P + 1,) int32: for each palette index, and at last for -1, the one that stands for it: the commonest alike.

    JPEG and resampling leave many steps of each flat colour, which cut one area into many.
    """
    size = np.bincount(index[index > 0], minlength=len(palette))
    stands = np.append(np.arange(len(palette)), -1).astype(np.int32)
    order = np.argsort(-size, kind="stable")
    order = order[size[order] > 0]
    kept: list[int] = []
    for k in order.tolist():
        gap = np.linalg.norm(palette.lab[kept] - palette.lab[k], axis=1)
        if len(kept) and gap.min() < same:
            stands[k] = kept[int(gap.argmin())]
        else:
            kept.append(k)
    return stands


def _grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows (h, 1) and columns (1, w) of a picture at which it is looked at, ``LARGEST`` px at most."""
    step = max(1.0, (height * width / LARGEST) ** 0.5)
    rows, columns = (np.arange(int(side / step)) * step + (step / 2 if step > 1 else 0) for side in (height, width))
    return rows.astype(np.intp)[:, None], columns.astype(np.intp)[None]


def _span(at: np.ndarray, part: slice, end: int) -> tuple[int, int]:
    """From where to where the samples ``part`` of those taken ``at`` reach in the full picture."""
    return (0 if part.start == 0 else int(at[part.start - 1]) + 1, end if part.stop == len(at) else int(at[part.stop]))


def _figures(
    index: np.ndarray, outside: np.ndarray, blank: np.ndarray, labelled: bool
) -> list[tuple[np.ndarray, tuple[slice, slice]]]:
    """Pieces that belong together: (h, w) bool and its box, largest first; small coloured pieces join the nearest.

    ``labelled``: the sheet has swatches, so what lies far from the figures is a note and no part of them.
    """
    height, width = outside.shape
    if not outside.any():
        return [(np.ones(outside.shape, bool), np.s_[0:height, 0:width])]
    reach = 2 * round(NEXT_TO * max(height, width)) + 1
    solid = (~outside).astype(np.uint8)
    count, piece = cv2.connectedComponents(cv2.dilate(solid, np.ones((reach, reach), np.uint8)), connectivity=8)
    if count == 1:
        return []
    piece = np.where(outside, 0, piece)
    colours = int(index.max()) + 1
    # Inside an o and a d there is paper.
    code = piece.astype(np.int64) * colours + np.where(blank, 0, np.maximum(index, 0))
    bears = np.bincount(code.ravel(), minlength=count * colours).reshape(count, colours)[:, 1:]
    area = np.bincount(piece.ravel(), minlength=count).astype(np.float64)
    area[0] = 0
    several = (bears >= SPECK).sum(1) >= FIGURE_COLOURS
    label = bears.max(1, initial=0) >= FLAT * np.maximum(bears.sum(1), 1)
    inked = (solid & ~blank).astype(np.uint8)
    at = np.flatnonzero(inked)
    depth = np.zeros(count)
    np.maximum.at(depth, piece.ravel()[at], cv2.distanceTransform(inked, cv2.DIST_L2, 3).ravel()[at])
    boxes = [np.s_[0:0, 0:0], *ndimage.find_objects(piece, count - 1)]
    order = np.argsort(-area, kind="stable")
    large = area >= FIGURE * np.where(several, area, 0).max()
    figure = large & several
    if not figure.any():
        figure[order[0]] = True
    main = np.flatnonzero(figure)
    joins = np.where(figure, np.arange(count), 0)
    # Berries above a girl are part of the drawing; a swatch, a word or a frame around her is not.
    for k in range(1, count):
        if figure[k] or area[k] < SPECK:
            continue
        gaps = [_gap(boxes[k], boxes[m]) for m in main]
        nearest_ = int(np.argmin(gaps))
        near = not labelled or min(gaps) <= BESIDE * max(s.stop - s.start for s in boxes[main[nearest_]])
        if _within(boxes[k], boxes[main[nearest_]]) or (near and not label[k] and depth[k] > LETTER):
            joins[k] = main[nearest_]
    out = []
    for k in order[figure[order]]:
        mask = ((joins == k) & (joins > 0))[piece]
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        out.append((mask, np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]))
    return out


def _within(one: tuple[slice, slice], other: tuple[slice, slice]) -> bool:
    """Whether at least half of a box lies in the other."""
    shared = [max(min(a.stop, b.stop) - max(a.start, b.start), 0) for a, b in zip(one, other, strict=True)]
    return 2 * shared[0] * shared[1] >= (one[0].stop - one[0].start) * (one[1].stop - one[1].start)


def _gap(one: tuple[slice, slice], other: tuple[slice, slice]) -> float:
    """px between two boxes, 0 where they overlap."""
    apart = [max(a.start - b.stop, b.start - a.stop, 0) for a, b in zip(one, other, strict=True)]
    return float(np.hypot(*apart))


def _areas(picture: np.ndarray, index: np.ndarray, outside: np.ndarray, palette: Palette) -> Segments:
    """Connected areas of one colour, steps of a gradient joined."""
    labels = np.full(index.shape, -1, np.int32)
    colour: list[int] = []
    boxes = ndimage.find_objects(np.maximum(index, 0))
    for value, box in enumerate(boxes, 1):
        if box is None:
            continue
        number, pieces, stats, _ = cv2.connectedComponentsWithStats(
            (index[box] == value).astype(np.uint8), None, None, None, 4
        )
        good = np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= SPECK) + 1
        name = np.full(number, -1, np.int32)
        name[good] = np.arange(len(colour), len(colour) + len(good))
        new = name[pieces]
        labels[box] = np.where(new >= 0, new, labels[box])
        colour += [value] * len(good)
    count = len(colour)
    labels[outside] = count
    if count == 0:
        return Segments(labels, np.zeros((0, len(palette)), np.float32), np.zeros((0, 3), np.float32), True)
    labels = nearest(labels, labels >= 0)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    joined = _join_gradients(to_lab(picture[..., :3]), labels, palette.lab[colour], area)
    order = np.argsort(-area[:count], kind="stable")
    roots, first = np.unique(joined[order], return_index=True)
    number = np.zeros(count + 1, np.int32)
    number[roots] = np.arange(len(roots))
    number = np.concatenate([number[joined[:count]], [len(roots)]]).astype(np.int32)
    shares = np.zeros((len(roots), len(palette)), np.float32)
    np.add.at(shares, (number[:count], np.array(colour)), area[:count])
    shares /= np.maximum(shares.sum(1, keepdims=True), 1)
    lab = palette.lab[np.array(colour)[order[first]]]
    return Segments(number[labels], shares, lab, bool(outside.any()))


def _join_gradients(lab: np.ndarray, labels: np.ndarray, colour: np.ndarray, area: np.ndarray) -> np.ndarray:
    """(count,) int: for each area the one that stands for all it is joined with."""
    count = len(colour)
    code, steps = [], []
    for axis in (0, 1):
        view = labels if axis == 0 else labels.T
        tone = lab if axis == 0 else lab.transpose(1, 0, 2)
        a, b = view[1:-2], view[2:-1]
        y, x = np.nonzero((a != b) & (a < count) & (b < count))
        p, q = a[y, x].astype(np.int64), b[y, x].astype(np.int64)
        code.append(np.minimum(p, q) * count + np.maximum(p, q))
        steps.append(np.linalg.norm(tone[y, x] - tone[y + 3, x], axis=1))
    pair, which = np.unique(np.concatenate(code), return_inverse=True)
    height = np.bincount(which, np.concatenate(steps)) / np.maximum(np.bincount(which), 1)
    parent = list(range(count))

    def root(k: int) -> int:
        while parent[k] != k:
            k = parent[k]
        return k

    tone, weight = colour.astype(np.float64).copy(), area[:count].astype(np.float64).copy()
    soft = np.flatnonzero(height < STEP)
    for k in soft[np.argsort(height[soft], kind="stable")]:
        a, b = root(int(pair[k] // count)), root(int(pair[k] % count))
        if a != b and np.linalg.norm(tone[a] - tone[b]) < GRADIENT:
            tone[a] = (tone[a] * weight[a] + tone[b] * weight[b]) / (weight[a] + weight[b])
            weight[a] += weight[b]
            parent[b] = a
    return np.array([root(k) for k in range(count)])


def outlines(lab: np.ndarray, area: np.ndarray, thick: np.ndarray, edge: np.ndarray, border: np.ndarray) -> np.ndarray:
    """(S,) bool: areas that are the ink of outlines. All arguments by area, at the size of a layout.

    lab (S, 3); area px; thick px, half width; edge (S,) px of border in all; border (S,) px of it with the background.
    The ink is the dark colour that most of the silhouette bears; it is dropped where it is thin and long.
    """
    dark = lab[:, 0] < DARK
    best, ink, same = OUTLINED, np.zeros(len(lab), bool), np.zeros(len(lab), bool)
    for k in np.flatnonzero(dark & (border > 0)):
        gap = np.linalg.norm(lab - lab[k], axis=1)
        like = dark & (gap < LIKE_INK) & (area < 6 * edge)
        part = border[like].sum() / max(float(border.sum()), 1.0)
        if part > best:
            best, ink, same = part, like, gap < SAME
    half = np.maximum(thick, 0.5)
    # A pupil is short and thin, too, but of a colour of its own.
    return ink & (thick < 7) & ((area / half**2 > BAND) | (thick < np.where(same, DASH, HAIR)))
