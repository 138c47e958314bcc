"""Reading a key: what lies at a line is the line's blur, unless it is a narrow tone of the artist's."""

import numpy as np

from backend.cel.keys import read_key, small_flats
from backend.cel.palette import Palette, make_palette
from backend.contracts.drawing import Drawing
from backend.lineart.lines import Lines, read_lines

WOOD, LIT, BLUR = (100, 88, 84), (150, 129, 123), (50, 44, 42)
HEIGHT, WIDTH = 90, 120


def fence() -> tuple[np.ndarray, Lines]:
    """A post of 20 px with a lit side of 1 px at its line, as a key, and its lines; a lit board of 20 px stands beside it."""
    key, art = np.full((2, HEIGHT, WIDTH, 4), 255, np.uint8)
    for left, colour in ((20, WOOD), (70, LIT)):
        art[10:80, left - 2 : left + 22] = (0, 0, 0, 255)
        art[12:78, left : left + 20] = 255
        key[10:80, left - 2 : left + 22, :3] = colour
    key[12:78, 39, :3] = LIT
    return key, read_lines(Drawing("0" * 8, "fence", line_art=art), (), HEIGHT, WIDTH)


def at(index: np.ndarray, palette: Palette, row: int, column: int) -> tuple[int, ...]:
    """The colour that was read there."""
    return tuple(palette.colours[index[row, column], :3].tolist())


def test_a_narrow_tone_along_a_line_is_read_whole() -> None:
    key, lines = fence()
    palette = make_palette([key])
    index = read_key(key, lines, palette)
    for row in (14, 45, 75):
        assert [at(index, palette, row, column) for column in (30, 37, 38, 39)] == [WOOD, WOOD, WOOD, LIT]


def test_blur_of_one_colour_along_a_straight_line_is_no_tone() -> None:
    key, lines = fence()
    # The line and the paint mixed, as scaling does: as long as the post, and in the palette because it is.
    key[12:78, 20, :3] = BLUR
    palette = make_palette([key])
    assert BLUR in {tuple(c[:3]) for c in palette.colours.tolist()}
    index = read_key(key, lines, palette)
    assert at(index, palette, 45, 20) == WOOD


def test_a_few_pixels_of_another_paint_at_a_line_are_no_tone() -> None:
    key, lines = fence()
    key[40:50, 20, :3] = LIT
    palette = make_palette([key])
    assert at(read_key(key, lines, palette), palette, 45, 20) == WOOD


def test_a_button_of_a_few_pixels_has_its_own_colour() -> None:
    """Counted by pixels alone it could be the blend of an edge; its line says that it is a shape."""
    key, lines = buttons((20, 220, 230))
    assert small_flats(key, lines) == {(20, 220, 230)}
    palette = make_palette([key], small_flats(key, lines))
    assert at(read_key(key, lines, palette), palette, 45, 50) == (20, 220, 230)


def test_a_sliver_of_blends_has_none() -> None:
    key, lines = buttons((20, 220, 230))
    inside = lines.regions.labels == lines.regions.labels[45, 50]
    key[inside, 0] = np.arange(int(inside.sum()))
    assert small_flats(key, lines) == set()


def buttons(colour: tuple[int, int, int]) -> tuple[np.ndarray, Lines]:
    """A coat with a button of 4 x 4 px, as a key, and its lines."""
    key, art = np.full((2, HEIGHT, WIDTH, 4), 255, np.uint8)
    art[20:70, 20:80, :3] = 0
    art[22:68, 22:78, :3] = 255
    art[42:48, 48:54, :3] = 0
    art[43:47, 49:53, :3] = 255
    key[20:70, 20:80, :3] = WOOD
    key[43:47, 49:53, :3] = colour
    return key, read_lines(Drawing("0" * 8, "coat", line_art=art), (), HEIGHT, WIDTH)
