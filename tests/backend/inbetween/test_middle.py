"""The motion of a scanned in-between: standing still is not taken just because nothing is alike."""

import numpy as np

from backend.inbetween.field import Features, Field
from backend.inbetween.middle import Side, find_middle

SIZE = (120, 160)
SHIFT = 40


def pieces(shift: float, cost: float) -> Field:
    """A piece every 5 px that slides by ``shift``, found as badly as ``cost`` says."""
    ys, xs = np.mgrid[2 : SIZE[0] : 5, 2 : SIZE[1] : 5]
    centre = (xs + 1j * ys).ravel().astype(np.complex64)
    return Field(centre, np.full_like(centre, shift), np.ones_like(centre), np.full(len(centre), cost, np.float32))


def sides(alike: bool) -> tuple[Side, Side]:
    """Two keys full of figure that look the same, or quite different, at every pixel."""
    random = np.random.default_rng(1)
    looks = [random.uniform(0, 100, (*SIZE, 4)).astype(np.float32) for _ in range(2)]
    most, price = np.array([40, 40, 40, 8], np.float32), np.array([1 / 120, 1 / 120, 1 / 120, 1 / 16], np.float32)
    first, last = (
        Side(Features(look, most, price), np.zeros(SIZE, bool)) for look in (looks[0], looks[0 if alike else 1])
    )
    return first, last


def gone(alike: bool) -> np.ndarray:
    """px that the in-between's squares move from key to key, where pieces found their place only just."""
    first, last = sides(alike)
    _, found = find_middle(first, last, pieces(SHIFT, 0.12), pieces(-SHIFT, 0.12), 0.5)
    return np.abs(found.last - found.first)


def test_what_looks_unlike_moves_with_its_pieces():
    assert abs(np.median(gone(alike=False)) - SHIFT) < 1


def test_what_looks_alike_as_it_stands_stays():
    assert np.median(gone(alike=True)) < 1
