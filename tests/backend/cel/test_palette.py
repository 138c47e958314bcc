"""Which colours count as the artist's, and where a picture is background."""

import numpy as np

from backend.cel.palette import background, indices, make_palette, used_colours
from backend.cel.palette import codes as codes_of


def sheet() -> np.ndarray:
    picture = np.full((40, 40, 4), 255, np.uint8)
    picture[10:30, 10:30] = (200, 0, 0, 255)
    picture[18:23, 18:23] = 255
    return picture


def test_white_counts_as_background_only_where_it_reaches_the_border():
    outside = background(sheet())
    assert outside[0, 0]
    assert not outside[20, 20]


def test_a_colour_counts_from_twenty_five_connected_pixels_on():
    picture = sheet()
    picture[12, 12 : 12 + 12] = (0, 200, 0, 255)
    picture[13, 12 : 12 + 12] = (0, 200, 0, 255)
    assert 0x00C800 not in used_colours(codes_of(picture))
    picture[14, 12] = (0, 200, 0, 255)
    assert 0x00C800 in used_colours(codes_of(picture))


def test_twenty_five_scattered_pixels_are_no_colour():
    picture = sheet()
    picture[11:29:2, 11:29:2] = (0, 0, 200, 255)
    assert 0xC80000 not in used_colours(codes_of(picture))


def test_the_palette_is_exact_and_white_paint_is_in_it():
    palette = make_palette([sheet()])
    assert {tuple(c) for c in palette.colours[1:].tolist()} == {(200, 0, 0, 255), (255, 255, 255, 255)}
    index = indices(sheet(), palette)
    assert index[0, 0] == 0
    assert tuple(palette.colours[index[20, 20]]) == (255, 255, 255, 255)


def test_a_blend_of_two_colours_bears_no_palette_colour():
    picture = sheet()
    picture[15, 15] = (110, 90, 90, 255)
    assert indices(picture, make_palette([picture]))[15, 15] == -1


def test_the_named_materials_of_a_grease_pencil_key_belong_however_little_they_cover():
    palette = make_palette([sheet()], named={(1, 2, 3)})
    assert [1, 2, 3, 255] in palette.colours.tolist()
    assert len(palette) == len(make_palette([sheet()])) + 1
