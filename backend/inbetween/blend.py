"""The coloured drawing between two coloured drawings: every pixel one of the artist's colours, none mixed.

Where both keys look alike along the way (``middle.py``), the nearer key is looked up; where they do not, one of them hides
what the other shows, and the key is asked whose own pieces really go that way.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..cel.palette import Palette
from .field import Field, look
from .middle import Grid, Motions, Side, each_pixel, find_middle
from .near import nearest

UNSURE = 30.0
"""px, at a picture of ``field.USUAL`` px diagonal. Most that a piece going another way speaks against its key."""

COVERED = 8.0
"""px. A place has pieces of its own key as near as this, else it is told by others."""

COST = 20.0
"""px that a piece's cost of 1 counts as much as."""

UNLIKE = 0.1
"""How unlike both keys must look for their pieces to be asked at all; less in proportion."""

AGREED = 3.0
"""px around a pixel that say together whether there is figure or empty paper, at a picture of ``field.USUAL`` px diagonal."""

AROUND, TOGETHER = 6.0, 3.0
"""px, standard deviations at a picture of ``field.USUAL`` px diagonal: what both keys show around a pixel, and how far
pixels decide together which key is looked up."""

PLAIN = 0.5
"""By which part of what both together miss one key must miss less to be looked up for certain. With less, lines that the
keys have apart would vanish: lines of both would lose against what is around them."""

PARTED = 1.5
"""px by which neighbouring pixels come from places that are no neighbours."""

ALONE = 3
"""Pixels of one colour, the middle one among them: a line of one pixel has three."""

CLEARLY = 2.0
"""px by which the other key's pieces must fit better."""


@dataclass(frozen=True)
class Places:
    """Where every pixel of the in-between lies in either key: (H, W) complex64 px each."""

    first: np.ndarray
    last: np.ndarray


def places_between(
    first: Side, last: Side, forward: Field, backward: Field, time: float, size: tuple[int, int]
) -> tuple[Places, np.ndarray]:
    """Where every pixel of the in-between lies in either key, px of a picture of ``size``, and (h, w) bool: whether the
    further key is to be looked up there instead of the nearer one."""
    grid, motions = find_middle(first, last, forward, backward, time)
    one, other = each_pixel(grid, motions)
    apart = np.minimum(np.abs(_at(first.features.image, one) - _at(last.features.image, other)), first.features.most)
    doubt = _doubt(grid, motions, (forward, backward)) * (1 if time <= 0.5 else -1)
    unlike = np.einsum("hwc,c->hw", apart, first.features.price).astype(np.float32)
    unlike = cv2.resize(unlike, (grid.columns, grid.rows), interpolation=cv2.INTER_AREA)
    unlike = cv2.GaussianBlur(unlike, (0, 0), 1.0)
    doubt = cv2.GaussianBlur(doubt.astype(np.float32), (0, 0), 1.2) * np.clip(unlike / UNLIKE, 0, 1)
    further = cv2.resize(doubt, size[::-1], interpolation=cv2.INTER_LINEAR) > CLEARLY
    return Places(_enlarged(one, size), _enlarged(other, size)), further


def unlike(first: Side, last: Side, places: Places) -> float:
    """How unlike the keys look along the way, mean of all pixels where one of them shows figure; 0 without any.

    ``places`` may be of a larger picture than the sides."""
    size = (first.empty.shape[0], first.empty.shape[1])
    (one, here), (other, there) = (
        (_at(side.features.image, at), _at(side.empty, at))
        for side, at in zip((first, last), shrunk(places, size), strict=True)
    )
    figure = ~(here & there)
    if not figure.any():
        return 0.0
    return float((np.minimum(np.abs(one[figure] - other[figure]), first.features.most) @ first.features.price).mean())


def shrunk(places: Places, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The places (H, W) in either key as px of pictures of ``size``."""
    height, width = places.first.shape
    x, y = size[1] / width, size[0] / height
    one, other = (
        (np.real(place) + 0.5) * x - 0.5 + 1j * ((np.imag(place) + 0.5) * y - 0.5)
        for place in (places.first, places.last)
    )
    return one, other


def outlined(further: np.ndarray, empty: tuple[np.ndarray, np.ndarray], places: Places, time: float) -> np.ndarray:
    """``further`` (H, W) bool put right where one key shows figure and the other empty paper, ``empty`` (h, w) bool each:
    there it is what both together show most of around."""
    size = further.shape
    grown = (cv2.resize(e.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR) for e in empty)
    one, other = (
        look(np.ascontiguousarray(e)[..., None], at)[..., 0]
        for e, at in zip(grown, (places.first, places.last), strict=True)
    )
    scale = max(float(np.hypot(*size)) / 650.0, 0.2)
    share = cv2.GaussianBlur((1 - time) * one + time * other, (0, 0), AGREED * scale) > 0.5
    far = (other if time <= 0.5 else one) > 0.5
    return np.where((one > 0.5) != (other > 0.5), far == share, further)


def looked_up(
    index: tuple[np.ndarray, np.ndarray], palette: Palette, places: Places, further: np.ndarray, time: float
) -> np.ndarray:
    """(H, W) uint8: the palette index of every pixel at ``time``, from both keys' ``index``.

    Where one key is clearly more like what both show around there, mixed and blurred, that one is looked up, whatever
    ``further`` (H, W) bool says: so a rag that one key alone shows goes. A line that they have a little apart is as like in
    either, and stays whole.
    """
    one, other = _at(index[0], places.first), _at(index[1], places.last)
    cover = palette.colours[:, 3:].astype(np.float32) / 255
    paint = palette.colours[:, :3] * cover + 255 * (1 - cover)
    scale = max(float(np.hypot(*one.shape)) / 650.0, 0.2)
    mixed = cv2.GaussianBlur((1 - time) * paint[one] + time * paint[other], (0, 0), AROUND * scale)
    misses = (((paint[i] - mixed) ** 2).sum(2) for i in (one, other))
    first, last = (cv2.GaussianBlur(miss, (0, 0), TOGETHER * scale) for miss in misses)
    clear = np.abs(first - last) >= PLAIN * (first + last)
    chosen = further if time <= 0.5 else ~further
    return np.where(np.where(clear & (first != last), last < first, chosen), other, one).astype(np.uint8)


def as_chosen(index: tuple[np.ndarray, np.ndarray], places: Places, further: np.ndarray, time: float) -> np.ndarray:
    """(H, W) uint8: the palette index of every pixel at ``time``, from the key that ``further`` says. For cut-outs, which
    know what hides what: a mean of both keys would bring back what the other one hides."""
    one, other = _at(index[0], places.first), _at(index[1], places.last)
    return np.where(further if time <= 0.5 else ~further, other, one).astype(np.uint8)


def _enlarged(place: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W) complex64: places (h, w) of a smaller picture as places of one of ``size``."""
    if place.shape == size:
        return place
    grown = size[1] / place.shape[1] + 1j * size[0] / place.shape[0]
    x, y = (
        cv2.resize(np.ascontiguousarray(v), size[::-1], interpolation=cv2.INTER_LINEAR)
        for v in (np.real(place), np.imag(place))
    )
    return ((x + 0.5) * grown.real - 0.5 + 1j * ((y + 0.5) * grown.imag - 0.5)).astype(np.complex64)


def _doubt(grid: Grid, motions: Motions, fields: tuple[Field, Field]) -> np.ndarray:
    """(rows, columns) px: how much worse the first key's own pieces fit the motions than the last key's do."""
    scale = max(float(np.hypot(*grid.size)) / 650.0, 0.2)
    miss = []
    for field, own, goal in zip(fields, (motions.first, motions.last), (motions.last, motions.first), strict=True):
        if len(field) == 0:
            miss.append(np.full(own.shape, UNSURE * scale))
            continue
        near = nearest(own.ravel(), field.centre, 3)
        away = own.reshape(-1, 1) - field.centre[near]
        sent = field.centre[near] + field.shift[near] + field.turn[near] * away
        off = np.abs(sent - goal.reshape(-1, 1)).min(1)
        off += 0.5 * np.maximum(np.abs(away[:, 0]) - COVERED * scale, 0) + COST * scale * field.cost[near[:, 0]]
        miss.append(np.minimum(off, UNSURE * scale).reshape(own.shape))
    return (miss[0] - miss[1]) / scale


def _at(image: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Values of (h, w, ...) at the pixels nearest to ``place`` complex px."""
    x = np.clip(np.rint(np.real(place)), 0, image.shape[1] - 1).astype(np.intp)
    y = np.clip(np.rint(np.imag(place)), 0, image.shape[0] - 1).astype(np.intp)
    return image[y, x]


def without_specks(index: np.ndarray, colours: int, places: Places) -> np.ndarray:
    """(H, W) uint8: where motions part, pixels with fewer than ``ALONE`` of their colour in the square of 3 around them
    take what most of it bear. Elsewhere each pixel is as the artist left it, soft edges of lines among them."""
    parted = np.zeros(index.shape, np.uint8)
    for place in (places.first, places.last):
        parted[:, 1:] |= np.abs(np.diff(place, axis=1) - 1) > PARTED
        parted[1:] |= np.abs(np.diff(place, axis=0) - 1j) > PARTED
    parted = cv2.dilate(parted, np.ones((3, 3), np.uint8)) > 0
    best, own = np.zeros(index.shape, np.float32), np.zeros(index.shape, np.float32)
    out = index.copy()
    for k in range(colours):
        mine = index == k
        if not mine.any():
            continue
        around = cv2.boxFilter(mine.astype(np.float32), -1, (3, 3), normalize=False)
        own[mine] = around[mine]
        more = around > best
        best[more], out[more] = around[more], k
    return np.where((own < ALONE) & parted, out, index).astype(np.uint8)
