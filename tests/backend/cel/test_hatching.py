"""Hatching encloses ten thousand regions a drawing: what is known of pairs of regions must not need them all."""

import tracemalloc

import cv2
import numpy as np
import pytest

from backend.cel import carry as carrying
from backend.cel.carry import carry, overlap, teachable
from backend.cel.keys import certain, read_key
from backend.cel.look import Look, look_at
from backend.cel.match import laid
from backend.cel.palette import Palette, make_palette
from backend.contracts.drawing import Drawing
from backend.lineart.lines import read_lines


def hatched(size: int, step: int, shift: int) -> np.ndarray:
    """(size, size, 4): a square of crossing lines every ``step`` px."""
    picture = np.full((size, size, 4), 255, np.uint8)
    for at in range(shift, size, step):
        cv2.line(picture, (at, 0), (at, size), (0, 0, 0, 255), 1)
        cv2.line(picture, (0, at), (size, at), (0, 0, 0, 255), 1)
    return picture


def shot(size: int, step: int) -> tuple[Look, Look, carrying.Solved, Palette]:
    """The next drawing, the key, the key's colours and their palette: left half red, right half blue."""
    both = [
        read_lines(Drawing(str(shift) * 8, "drawing", line_art=hatched(size, step, shift)), (), size, size)
        for shift in (3, 4)
    ]
    key = np.full((size, size, 4), (200, 30, 20, 255), np.uint8)
    key[:, size // 2 :] = (20, 40, 200, 255)
    palette = make_palette([key])
    looks = [look_at(lines) for lines in both]
    return looks[1], looks[0], certain(read_key(key, both[0], palette), looks[0].count), palette


def test_a_table_of_all_pairs_and_a_list_of_those_that_occur_say_the_same(monkeypatch: pytest.MonkeyPatch):
    target, source, given, palette = shot(120, 10)
    views = target.view(), source.view()
    found = laid(*views).at(target.labels)
    table = (
        carry(target, source, found, given, palette),
        teachable(overlap(target, source, found), target, source, given.sure[: target.count]),
    )
    monkeypatch.setattr(carrying, "TABLE", 0)
    listed = (
        carry(target, source, found, given, palette),
        teachable(overlap(target, source, found), target, source, given.sure[: target.count]),
    )
    assert (table[0].colour == listed[0].colour).all() and (table[0].sure == listed[0].sure).all()
    assert (table[1] == listed[1]).all()


def test_five_thousand_regions_take_no_more_memory_than_pictures_do():
    target, source, given, palette = shot(500, 7)
    assert min(target.count, source.count) > 4900
    views = target.view(), source.view()
    tracemalloc.start()
    carry(target, source, laid(*views).at(target.labels), given, palette)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A table of all pairs alone would be 200 MB.
    assert most < 120e6
