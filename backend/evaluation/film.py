"""What the demo leaves to look at: a film, a GIF, and a contact sheet reference | sketches | result."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..contracts.errors import AniDocError
from ..demo.shot import DemoShot
from ..pictures.read import read_picture
from .generated import coloured, pencilled

PAPER = (250, 247, 240)
"""sRGB of the paper behind the figures."""
CAPTION = (92, 84, 88)
RULE = (222, 214, 202)
MARGIN = 26
"""px around the drawings and between the panels of a sheet."""
GIF_HEIGHT = 380
"""px. Keeps the loop of 24 drawings below a megabyte."""
GIF_HOLD = 80
"""ms a drawing: twos at 24 frames a second are 83, and GIF counts in steps of ten."""
GIF_COLOURS = 112
FPS = 24.0
MOST_ON_SHEET = 12


def make_film(folder: Path, shot: DemoShot, frames: Sequence[Path]) -> dict[str, Path]:
    """Write film, GIF and contact sheet from the frames that Blender rendered (two a drawing, in order).

    Gives the files by what they are called. Raises ``AniDocError`` where a frame is missing or of another size.
    """
    results = [on_paper(_frame(path, shot)) for path in frames]
    sketches = [on_paper(pencilled(shot, drawing)) for drawing in shot.drawings]
    window = _window(shot)
    sides = [
        np.hstack([_cut(sketches[number // 2], window), _cut(result, window)]) for number, result in enumerate(results)
    ]
    film, gif, sheet = folder / "demo.mp4", folder / "demo.gif", folder / "contact-sheet.png"
    _write_film(film, sides)
    _write_gif(gif, sides[::2])
    _write_sheet(sheet, shot, sketches, results[::2], window)
    return {"Film": film, "GIF": gif, "Contact sheet": sheet}


def _frame(path: Path, shot: DemoShot) -> np.ndarray:
    picture = read_picture(path.read_bytes(), path.name)
    if picture.shape != (shot.height, shot.width, 4):
        raise AniDocError(f"The rendered frame {path.name} is not {shot.width} x {shot.height} pixels.")
    return picture


def on_paper(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 straight alpha over the paper: (H, W, 3) uint8."""
    alpha = picture[:, :, 3:].astype(np.float32) / 255.0
    mixed = picture[:, :, :3] * alpha + np.array(PAPER, np.float32) * (1.0 - alpha)
    return np.round(mixed).astype(np.uint8)


def _window(shot: DemoShot) -> tuple[slice, slice]:
    """The part of the picture that the figure ever uses; sides are even, as films want them."""
    points = np.concatenate([stroke.points for drawing in shot.drawings for stroke in drawing.strokes])
    low = np.maximum(points.min(axis=0) - MARGIN, 0).astype(int) // 2 * 2
    high = np.minimum(points.max(axis=0) + MARGIN, [shot.width, shot.height]).astype(int) // 2 * 2
    return slice(low[1], high[1]), slice(low[0], high[0])


def _cut(picture: np.ndarray, window: tuple[slice, slice]) -> np.ndarray:
    return np.ascontiguousarray(picture[window])


def _write_film(path: Path, pictures: Sequence[np.ndarray]) -> None:
    height, width = pictures[0].shape[:2]
    part = path.with_name("part-" + path.name)
    writer = cv2.VideoWriter(str(part), cv2.VideoWriter.fourcc(*"mp4v"), FPS, (width, height))
    if not writer.isOpened():
        raise AniDocError(f"The film {path} cannot be written.", "Choose another folder with --out.")
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    part.replace(path)


def _write_gif(path: Path, pictures: Sequence[np.ndarray]) -> None:
    """One palette for all, no dithering: flats stay flat."""
    scale = GIF_HEIGHT / pictures[0].shape[0]
    small = [cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for picture in pictures]
    palette = _palette(small, GIF_COLOURS)
    indexed = [_indexed(picture, palette) for picture in small]
    part = path.with_name("part-" + path.name)
    indexed[0].save(
        part, save_all=True, append_images=indexed[1:], duration=GIF_HOLD, loop=0, optimize=False, disposal=1
    )
    part.replace(path)


def _palette(pictures: Sequence[np.ndarray], count: int) -> np.ndarray:
    """(count, 3) uint8: the commonest flats, up to half of all, the others mixtures along the lines."""
    flats = np.concatenate([_flat_codes(picture) for picture in pictures])
    codes, often = np.unique(flats, return_counts=True)
    common = codes[np.argsort(-often, kind="stable")[: count // 2]]
    pixels = np.concatenate([picture[::2, ::2].reshape(-1, 3) for picture in pictures])
    rest = Image.fromarray(pixels[None]).quantize(count - len(common), method=Image.Quantize.MEDIANCUT)
    mixed = np.array(rest.getpalette() or [], np.uint8).reshape(-1, 3)[: count - len(common)]
    return np.concatenate([np.stack([common >> 16, common >> 8 & 255, common & 255], axis=1).astype(np.uint8), mixed])


def _flat_codes(picture: np.ndarray) -> np.ndarray:
    """Colours of the pixels whose right and lower neighbours have the same, as 0xRRGGBB."""
    codes = _codes(picture)
    return codes[:-1, :-1][(codes[:-1, :-1] == codes[:-1, 1:]) & (codes[:-1, :-1] == codes[1:, :-1])]


def _codes(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])


def _indexed(picture: np.ndarray, palette: np.ndarray) -> Image.Image:
    """Each pixel as the nearest colour of the palette. Pillow's own search is coarse and misses equal colours."""
    codes, place = np.unique(_codes(picture), return_inverse=True)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(np.float32)
    wanted = palette.astype(np.float32)
    nearest = np.concatenate(
        [
            ((part[:, None] - wanted) ** 2).sum(axis=2).argmin(axis=1)
            for part in np.array_split(colours, 1 + len(codes) // 4096)
        ]
    )
    image = Image.fromarray(nearest[place].reshape(picture.shape[:2]).astype(np.uint8), "P")
    image.putpalette(palette.tobytes())
    return image


def _write_sheet(
    path: Path,
    shot: DemoShot,
    sketches: Sequence[np.ndarray],
    results: Sequence[np.ndarray],
    window: tuple[slice, slice],
) -> None:
    """reference | sketches | result, with up to twelve drawings spread over the shot."""
    count = min(MOST_ON_SHEET, len(shot.drawings))
    chosen = [round(number) for number in np.linspace(0, len(shot.drawings) - 1, count)]
    columns = min(4, count)
    rows = -(-count // columns)
    key = _cut(on_paper(coloured(shot, shot.drawings[shot.key])), window)
    cell_height = 236
    cell_width = round(key.shape[1] * cell_height / key.shape[0])
    tall = rows * cell_height
    wide = columns * cell_width
    key_width = min(wide, round(key.shape[1] * tall / key.shape[0]))
    key_height = round(key.shape[0] * key_width / key.shape[1])
    caption = 44
    size = (key_width + 2 * wide + 4 * MARGIN, tall + caption + 2 * MARGIN)
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(22)
    lefts = [MARGIN, 2 * MARGIN + key_width, 3 * MARGIN + key_width + wide]
    top = MARGIN + caption
    sheet.paste(_sized(key, key_width, key_height), (lefts[0], top + (tall - key_height) // 2))
    for left, pictures in ((lefts[1], sketches), (lefts[2], results)):
        for place, number in enumerate(chosen):
            cell = _sized(_cut(pictures[number], window), cell_width, cell_height)
            sheet.paste(cell, (left + place % columns * cell_width, top + place // columns * cell_height))
    for left, words in zip(lefts, ("Reference: one filled key", "Sketches", "Result"), strict=True):
        pen.text((left + 8, MARGIN), words, fill=CAPTION, font=font)
    for left in lefts[1:]:
        pen.line([(left - MARGIN // 2, MARGIN), (left - MARGIN // 2, size[1] - MARGIN)], fill=RULE, width=2)
    save_picture(path, np.asarray(sheet))


def save_picture(path: Path, picture: np.ndarray) -> None:
    """(H, W, 3) uint8 sRGB as a small PNG of at most 256 colours, the flats among them to the bit."""
    part = path.with_name("part-" + path.name)
    _indexed(picture, _palette([picture], 256)).save(part, optimize=True)
    part.replace(path)


def _sized(picture: np.ndarray, width: int, height: int) -> Image.Image:
    return Image.fromarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))
