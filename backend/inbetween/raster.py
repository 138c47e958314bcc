"""In-betweens of scanned line art: every pixel looked up in a key along its motion; colours from the coloured ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..cel.palette import OPAQUE, Palette, background, indices, make_palette
from ..cel.posterize import as_cel
from ..contracts.errors import AniDocError
from ..lineart.sketch import ink_fraction, line_mask
from .areas import Cells, cells_of
from .blend import Places, as_chosen, looked_up, outlined, places_between, unlike, without_specks
from .cutout import Landing, among, land
from .field import Features, Field, colour_features, find_field, line_features
from .fit import edges, require_own
from .ink import coloured_lines, in_own_colours, lines_between
from .marks import small_size
from .middle import Side
from .painted import enlarged, paint, vanished

WORKING = 360_000
"""px. Motion is looked for at no more than this size."""

BESIDE = 6
"""px of the working size around the lines where motion is looked for, too."""

HALF = 0.5
"""When cut-outs and squares are compared, once for all drawings between two keys."""

WORSE, WORSE_SCENE = 1.8, 1.1
"""How many times as unlike cut-outs may leave the keys as squares do: they keep limbs whole, which is not counted there. A
scene that fills the picture has no paper that limbs are torn into, and repeats itself (a fence's posts, leaves)."""

VANISHED = 0.02
"""Fraction of the in-between that squares may leave out of what lies on top."""

Looked = tuple[Places, np.ndarray]
"""Where every pixel lies in either key, and (H, W) bool: whether the further key is looked up."""


@dataclass(frozen=True)
class Ends:
    """Two scanned key drawings, (H, W, 4) uint8 sRGB straight alpha, and their coloured versions of the same size if any."""

    first: np.ndarray
    last: np.ndarray
    first_colour: np.ndarray | None = None
    last_colour: np.ndarray | None = None


@dataclass(frozen=True)
class Drawn:
    """An in-between: lines (H, W) uint8, 0 on 255; colour (H, W, 4) uint8 sRGB straight alpha, None without colours.

    separated: the lines once more, (H, W, 4) uint8 on white, those that come from coloured (separation) lines in their
    colours; None where neither key has any.
    """

    lines: np.ndarray
    colour: np.ndarray | None
    separated: np.ndarray | None = None


def draw_between(ends: Ends, times: Sequence[float]) -> Iterator[Drawn]:
    """The drawings at ``times`` 0..1. Raises ``AniDocError`` for pictures that do not belong together, or are exchanged."""
    check(ends)
    lines = [line_mask(ink_fraction(p)) for p in (ends.first, ends.last)]
    for mask, name in zip(lines, ("first", "second"), strict=True):
        if not mask.any():
            raise AniDocError(
                f"There are no lines on the {name} drawing.", "Choose two drawings of dark lines on white."
            )
    moved = _motion(ends, lines)
    own = coloured_lines(ends.first, lines[0]), coloured_lines(ends.last, lines[1])
    for time in times:
        yield moved.at(time, (lines[0], lines[1]), own)


def check(ends: Ends) -> None:
    """Raises ``AniDocError`` where the pictures differ in size or a colour is missing."""
    height, width = ends.first.shape[:2]
    given = (
        ("the second drawing", ends.last),
        ("the first colour", ends.first_colour),
        ("the second colour", ends.last_colour),
    )
    for name, picture in given:
        if picture is not None and picture.shape[:2] != (height, width):
            h, w = picture.shape[:2]
            raise AniDocError(
                f"The pictures differ in size: the first drawing is {width} x {height} px, {name} is {w} x {h}.",
                "Export all of them at one size.",
            )
    if (ends.first_colour is None) != (ends.last_colour is None):
        raise AniDocError("Only one end is coloured.", "Give the coloured version of both drawings, or of neither.")


def check_order(ends: Ends) -> None:
    """Raises ``AniDocError`` where the coloured drawings are exchanged. ``draw_between`` asks by itself, but for the lines
    of an engine that paints from them without us."""
    if ends.first_colour is None or ends.last_colour is None:
        return
    size = _working(ends.first.shape)
    lines = [_shrunk_mask(line_mask(ink_fraction(p)), size) for p in (ends.first, ends.last)]
    require_own(lines, [edges(_shrunk_colour(_cel(p), size)) for p in (ends.first_colour, ends.last_colour)])


def _working(shape: tuple[int, ...]) -> tuple[int, int]:
    return small_size((shape[0], shape[1]), WORKING)


@dataclass(frozen=True)
class _Colours:
    palette: Palette
    index: tuple[np.ndarray, np.ndarray]
    """(H, W) uint8 each: the palette's number of every pixel of the coloured keys."""


@dataclass(frozen=True)
class _CutOuts:
    """Both keys cut into cells, and where their pixels lie in the other key."""

    cells: tuple[Cells, Cells]
    landed: tuple[Landing, Landing]


@dataclass(frozen=True)
class _Moved:
    """What was found: pieces of either key and where they lie in the other, and the keys as ``cuts`` where they move as
    cut-outs; and the means to colour. ``half``: what was looked up at ``HALF`` already."""

    sides: tuple[Side, Side]
    fields: tuple[Field, Field]
    colours: _Colours | None
    cuts: _CutOuts | None = None
    half: Looked | None = None

    def at(
        self,
        time: float,
        lines: tuple[np.ndarray, np.ndarray],
        own: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
    ) -> Drawn:
        """The in-between at ``time`` of keys with these ``lines``, (H, W) uint8 1 on lines, some with colours of their
        ``own``, see :func:`coloured_lines`."""
        size = (lines[0].shape[0], lines[0].shape[1])
        places, further = self.half if self.half is not None and time == HALF else self.looked(time, size)
        drawn = lines_between(lines, places, further, time)
        separated = None
        if own[0] is not None or own[1] is not None:
            separated = in_own_colours(drawn, lines, own, places, further, time)
        if self.colours is None:
            return Drawn(drawn, None, separated)
        further = outlined(further, (self.sides[0].empty, self.sides[1].empty), places, time)
        palette = self.colours.palette
        if self.cuts is None:
            index = looked_up(self.colours.index, palette, places, further, time)
        else:
            index = as_chosen(self.colours.index, places, further, time)
        return Drawn(drawn, palette.colours[without_specks(index, len(palette), places)], separated)

    def looked(self, time: float, size: tuple[int, int]) -> Looked:
        """Where every pixel of the in-between at ``time``, of ``size``, lies in the keys."""
        if self.cuts is None:
            return places_between(*self.sides, *self.fields, time, size)
        return enlarged(*paint(self.cuts.cells, self.cuts.landed, time), size)


def _motion(ends: Ends, lines: list[np.ndarray]) -> _Moved:
    height, width = lines[0].shape
    size = _working((height, width))
    small = [_shrunk_mask(mask, size) for mask in lines]
    near = [cv2.dilate(mask, np.ones((2 * BESIDE + 1,) * 2, np.uint8)) > 0 for mask in small]
    if ends.first_colour is None or ends.last_colour is None:
        features = [line_features(mask) for mask in small]
        empty = [(f.image[..., 2] >= 0.5) & ~n for f, n in zip(features, near, strict=True)]
        return _Moved(*_searched(features, empty, near), None)
    pictures = [_cel(picture) for picture in (ends.first_colour, ends.last_colour)]
    palette = make_palette(pictures)
    if len(palette) < 2:
        raise AniDocError(
            "No colour was found in the coloured drawings.",
            "A colour counts where it covers at least 25 connected pixels; flat fills without texture work best.",
        )
    reduced = [_shrunk_colour(p, size) for p in pictures]
    features = [colour_features(m, _on_paper(p)) for m, p in zip(small, reduced, strict=True)]
    empty = [background(p) for p in reduced]
    index = [indices(p, palette, np.inf).astype(np.uint8) for p in pictures]
    borne = [_shrunk_colour(i, size) for i in index]
    require_own(small, [edges(b) for b in borne])
    sides, fields = _searched(features, empty, near)
    colours = _Colours(palette, (index[0], index[1]))
    cells = [cells_of(f, b, e) for f, b, e in zip(features, borne, empty, strict=True)]
    if cells[0] is None or cells[1] is None:
        return _Moved(sides, fields, colours)
    landed = land((cells[0], cells[1]), fields)
    joined = among(fields[0], landed[0]), among(fields[1], landed[1])
    ways = _Moved(sides, joined, colours, _CutOuts((cells[0], cells[1]), landed)), _Moved(sides, joined, colours)
    looked = [way.looked(HALF, (height, width)) for way in ways]
    (cut, _), (squares, _) = looked
    most = WORSE if any(side.empty.any() for side in sides) else WORSE_SCENE
    worse = unlike(*sides, cut) > most * unlike(*sides, squares)
    best = 1 if worse and vanished(landed, (cells[0], cells[1]), cut, squares) < VANISHED else 0
    return replace(ways[best], half=looked[best])


def _cel(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 straight alpha, in flats and off its paper, every pixel there or not: soft edges are no colours."""
    out = as_cel(picture, figure_only=False).copy()
    out[..., 3] = np.where(out[..., 3] >= OPAQUE, 255, 0)
    return out


def _searched(
    features: list[Features], empty: list[np.ndarray], near: list[np.ndarray]
) -> tuple[tuple[Side, Side], tuple[Field, Field]]:
    """Both keys' pieces found in each other; ``near`` (h, w) bool each: beside lines, where it is looked, too."""
    forward = find_field(features[0], features[1], ~empty[0] | near[0])
    backward = find_field(features[1], features[0], ~empty[1] | near[1])
    return (Side(features[0], empty[0]), Side(features[1], empty[1])), (forward, backward)


def _shrunk_mask(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if mask.shape == size:
        return mask
    return (cv2.resize(mask * 255, size[::-1], interpolation=cv2.INTER_AREA) > 70).astype(np.uint8)


def _shrunk_colour(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if picture.shape[:2] == size:
        return picture
    return cv2.resize(picture, size[::-1], interpolation=cv2.INTER_NEAREST)


def _on_paper(picture: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8 -> (h, w, 3) uint8, on white."""
    alpha = picture[..., 3:].astype(np.float32) / 255
    return (picture[..., :3] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)


__all__ = ["Drawn", "Ends", "draw_between"]
