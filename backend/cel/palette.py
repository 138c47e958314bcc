"""The palette: which colours an artist used, and a picture as indices into it."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from ..lineart.regions import at_the_edge
from ..lineart.runs import Runs, runs_of

CONNECTED = 25
"""px. A colour counts as used where it covers this many pixels in one piece; less is an edge's blend of two colours."""

MOST = 250
"""Colours in a palette at most, so that an index fits a byte; of a painted picture with more, the widest-spread stay."""

BACKGROUND = 0
"""Palette index of what is transparent: no colour at all."""

OPAQUE = 128
"""Alpha from which on a pixel of a coloured picture shows the character."""


@dataclass(frozen=True)
class Palette:
    """Colours by index; 0 is the background.

    colours  (P, 4) uint8 sRGB straight alpha; row 0 is transparent
    lab      (P, 3) float32 CIE L*a*b*; row 0 stands for white paper and is never compared
    """

    colours: np.ndarray
    lab: np.ndarray

    def __len__(self) -> int:
        return len(self.colours)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 sRGB -> same shape, float32 CIE L*a*b* (L 0..100)."""
    flat = np.ascontiguousarray(rgb, np.uint8).reshape(-1, 1, 3).astype(np.float32) / 255
    return cv2.cvtColor(flat, cv2.COLOR_RGB2LAB).reshape(rgb.shape)


def codes(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 -> (H, W) int32, the colour as 0xBBGGRR; -1 where it is not opaque."""
    whole = np.ascontiguousarray(picture).view("<u4")[..., 0]
    code = (whole & 0xFFFFFF).astype(np.int32)
    code[whole < 0xFF000000] = -1
    return code


def rgb_of(code: np.ndarray) -> np.ndarray:
    """(N,) colours as :func:`codes` numbers them -> (N, 3) uint8 sRGB."""
    return np.stack([code & 255, code >> 8 & 255, code >> 16 & 255], 1).astype(np.uint8)


def background(picture: np.ndarray) -> np.ndarray:
    """(H, W) bool: where a coloured picture shows no character.

    Transparent pixels, and opaque white that is connected to the border; white inside the figure is paint.
    """
    alpha = picture[..., 3]
    if int(alpha.min()) < OPAQUE:
        return alpha < OPAQUE
    white = (picture[..., :3] == 255).all(2)
    return at_the_edge(white)


def _numbered(code: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The values (V,) that occur in (H, W), the number 0..V-1 of each pixel's (H, W) int32, and how often each occurs."""
    runs = runs_of(code)
    # Flat colours come in runs, and sorting is what takes long.
    values, number = np.unique(runs.value, return_inverse=True)
    counts = np.bincount(number, runs.length).astype(np.int64)
    return values, Runs(runs.size, runs.start, number.astype(np.int32)).picture(), counts


def used_colours(code: np.ndarray) -> dict[int, int]:
    """Colours that cover at least ``CONNECTED`` pixels in one piece: code -> pixels in all. (H, W) int32, -1 is none."""
    values, inverse, counts = _numbered(code)
    often = np.flatnonzero((counts >= CONNECTED) & (values >= 0))
    if len(often) == 0:
        return {}
    # A solid 5 x 5 block is 25 connected pixels: this settles nearly all colours at once.
    same = np.zeros(code.shape, np.uint8)
    same[:-1, :-1] = (
        (code[:-1, :-1] == code[1:, :-1]) & (code[:-1, :-1] == code[:-1, 1:]) & (code[:-1, :-1] == code[1:, 1:])
    )
    block = cv2.erode(same, np.ones((4, 4), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    solid = np.zeros(len(values), bool)
    solid[inverse[block > 0]] = True
    rest = np.zeros(len(values), bool)
    rest[often] = True
    rest &= ~solid
    solid |= _in_one_piece(inverse, rest)
    order = often[np.argsort(-counts[often], kind="stable")]
    return {int(values[k]): int(counts[k]) for k in order if solid[k]}


def _in_one_piece(number: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Which of the ``asked`` (V,) bool values cover ``CONNECTED`` pixels in one piece of ``number`` (H, W) int32 0..V-1."""
    out = np.zeros(len(asked), bool)
    out[number.ravel()[in_pieces(number, asked[number])]] = True
    return out


def in_pieces(number: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """(N,) numbers of the pixels ``inside`` (H, W) bool that lie in a piece of ``CONNECTED`` of one ``number`` (H, W)."""
    width = number.shape[1]
    right = np.flatnonzero((inside[:, :-1] & inside[:, 1:] & (number[:, :-1] == number[:, 1:])).ravel())
    right += right // (width - 1) if width > 1 else 0
    below = np.flatnonzero((inside[:-1] & inside[1:] & (number[:-1] == number[1:])).ravel())
    first = np.concatenate([right, below])
    second = np.concatenate([right + 1, below + width])
    nodes, ends = np.unique(np.concatenate([first, second]), return_inverse=True)
    piece = _joined(len(nodes), ends[: len(first)], ends[len(first) :])
    large = np.bincount(piece, minlength=len(nodes)) >= CONNECTED
    return nodes[large[piece]]


def _joined(count: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(count,) the same number for all that pairs (a, b) of nodes join.

    The work of SciPy's connected_components, which takes a second to load: more than all else that a key needs.
    """
    root = np.arange(count)
    while True:
        one, other = root[a], root[b]
        apart = one != other
        if not apart.any():
            return root
        a, b = a[apart], b[apart]
        np.minimum.at(root, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
        while not np.array_equal(root, root[root]):
            root = root[root]


def flats_of(picture: np.ndarray, outside: np.ndarray) -> dict[int, int]:
    """:func:`used_colours` of a picture (H, W, 4) uint8 but for what lies ``outside`` (H, W) bool."""
    code = codes(picture)
    code[outside] = -1
    return used_colours(code)


def make_palette(pictures: list[np.ndarray], named: Iterable[tuple[int, int, int]] = ()) -> Palette:
    """The palette of coloured pictures, each (H, W, 4) uint8 sRGB; widest-spread colour first.

    ``named`` colours, those of a Grease Pencil key's materials, belong to it however little they cover.
    """
    total: dict[int, int] = {}
    for picture in pictures:
        for value, count in flats_of(picture, background(picture)).items():
            total[value] = total.get(value, 0) + count
    first = {red | green << 8 | blue << 16 for red, green, blue in named}
    order = sorted(first | set(total), key=lambda v: (v not in first, -total.get(v, 0), v))[:MOST]
    return palette_of([(v & 255, v >> 8 & 255, v >> 16 & 255, 255) for v in order])


def palette_of(colours: list[tuple[int, int, int, int]]) -> Palette:
    """A palette of given colours, in their order, behind the transparent background."""
    table = np.array([(0, 0, 0, 0), *colours], np.uint8).reshape(-1, 4)
    lab = to_lab(table[:, :3])
    lab[0] = (100, 0, 0)
    return Palette(table, lab)


def indices(picture: np.ndarray, palette: Palette, near: float = 4.0) -> np.ndarray:
    """(H, W) int16: palette index of each pixel, -1 where it bears no colour of the palette.

    A pixel within ``near`` (CIE76) of a palette colour counts as that colour: gradients, and the noise of scans.
    """
    code = codes(picture)
    outside = background(picture)
    values, inverse, _ = _numbered(code)
    table = np.full(len(values), -1, np.int16)
    if len(palette) > 1:
        own = palette.colours[1:].astype(np.int32)
        own = own[:, 0] | own[:, 1] << 8 | own[:, 2] << 16
        lab = to_lab(rgb_of(values))
        for start in range(0, len(values), 4096):
            part = slice(start, start + 4096)
            gap = np.linalg.norm(lab[part, None] - palette.lab[None, 1:], axis=2)
            best = gap.argmin(1)
            table[part] = np.where(gap[np.arange(len(best)), best] <= near, best + 1, -1)
        where = {int(v): i for i, v in enumerate(own)}
        for k, v in enumerate(values.tolist()):
            if v in where:
                table[k] = where[v] + 1
    table[values < 0] = -1
    out = np.take(table, inverse)
    out[outside] = BACKGROUND
    return out
