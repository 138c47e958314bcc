"""Design sheets of our own characters as studios make them: figures, swatches with names, lettering, arrows, frames."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..demo.character import figure
from ..demo.design import INKS, CharacterDesign, design_from_seed
from ..demo.parts import Part
from ..demo.shot import DemoDrawing, DemoFlat, DemoShot
from ..demo.strokes import drawn
from ..demo.walk import pose_at
from .generated import coloured

LAYOUTS = ("column", "row", "turnaround", "pair", "expressions", "framed")
"""column: swatches beside the figure · row: circles under it · turnaround: three views · pair: two characters ·
expressions: heads and arrows · framed: on tinted paper in a frame, with a title."""

PAPER, TINT, TEXT, RED = (255, 255, 255), (246, 243, 236), (60, 60, 60), (214, 40, 40)
"""sRGB"""

HEAD_PART = 0.42
"""Part of the figure's height, from the top, that an expression shows."""


@dataclass(frozen=True)
class Stance:
    """How a figure stands on a sheet: moment of a short step in cycles, head to the camera 0..1, eyes open 0..1."""

    time: float = 0.05
    facing: float = 0.6
    eyes: float = 1.0
    mirrored: bool = False


def standing(seed: int, stance: Stance, size: float) -> np.ndarray:
    """One character on transparency, cropped to itself: (h, w, 4) uint8 sRGB, ``size`` px a unit (it has six)."""
    design = design_from_seed(seed)
    # Legs and arms apart: a model sheet hides nothing.
    calm = replace(design, stride=0.55, arm_swing=24.0, bounce=0.0, lean=0.0)
    pose = replace(pose_at(calm, stance.time), facing=stance.facing, eyes=stance.eyes, head_tilt=0.0)
    picture = _drawn(design, figure(design, pose), size)
    rows, columns = np.flatnonzero(picture[..., 3].any(1)), np.flatnonzero(picture[..., 3].any(0))
    picture = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(picture[:, ::-1] if stance.mirrored else picture)


def _drawn(design: CharacterDesign, parts: Sequence[Part], size: float) -> np.ndarray:
    width, height = round(8 * size), round(8.5 * size)

    def pixels(points: np.ndarray) -> np.ndarray:
        return points * (size, -size) + (width / 2, height - 0.8 * size)

    laid = [
        replace(p, polygon=pixels(p.polygon), lines=tuple(replace(n, points=pixels(n.points)) for n in p.lines))
        for p in parts
    ]
    flats = tuple(DemoFlat(p.polygon, p.colour, p.name) for p in laid if p.colour)
    drawing = DemoDrawing(0, tuple(drawn(laid, design.seed, 901, size / 96)), flats)
    shot = DemoShot(width, height, dict(design.colours), dict(INKS), (drawing,))
    return coloured(shot, drawing)


def design_sheet(seed: int, layout: str, size: float = 84.0) -> np.ndarray:
    """A sheet of the character ``seed`` on opaque paper, (H, W, 4) uint8 sRGB. ``layout`` is one of ``LAYOUTS``."""
    random = np.random.default_rng([13, seed])
    stance = Stance(float(random.uniform(0.0, 0.1)), float(random.uniform(0.2, 1.0)))
    figures = [standing(seed, stance, size)]
    if layout == "turnaround":
        figures += [
            standing(seed, Stance(0.05, 1.0), size),
            standing(seed, Stance(0.55, 0.0, mirrored=True), size),
        ]
    if layout == "pair":
        figures.append(standing(seed + 7, Stance(0.05, 0.4, mirrored=True), size * 0.94))
    tallest = max(f.shape[0] for f in figures)
    page = _Page(TINT if layout == "framed" else PAPER)
    x, top = 60, 50 if layout == "column" else 110
    for picture in figures:
        page.place(picture, x, top + tallest - picture.shape[0])
        x += picture.shape[1] + 50
    bottom = top + tallest + 40
    if layout == "expressions":
        x = _expressions(page, seed, size, x, top)
        page.arrow((x + 40, top + 30), (60 + figures[0].shape[1] + 6, top + 90))
    swatches = _swatches(seed, figures[0])
    if layout == "pair":
        swatches += _swatches(seed + 7, figures[1])
    if layout == "row":
        bottom = _circles(page, swatches, 60, bottom)
    else:
        bottom = max(bottom, _squares(page, swatches, x + 20, top, pairs=seed % 3 != 0))
    if layout != "column":
        page.text(design_from_seed(seed).name.upper() + "  model sheet", 60, 34, 34)
    page.text("Colours as marked. Shadow tone on the right.", 60, bottom + 8, 18)
    return page.finished(frame=layout == "framed")


def _swatches(seed: int, picture: np.ndarray) -> list[tuple[str, tuple[int, int, int], tuple[int, int, int] | None]]:
    """(name, base, shadow) of the colours that the figure shows."""
    design = design_from_seed(seed)
    shown = {tuple(c) for c in np.unique(picture.reshape(-1, 4), axis=0)[:, :3].tolist()}
    out = []
    for name, colour in design.colours.items():
        if colour in shown and not name.endswith(" shadow"):
            shadow = design.colours.get(f"{name} shadow")
            out.append((name, colour, shadow if shadow in shown else None))
    return out


def _squares(page: "_Page", swatches: list, x: int, y: int, pairs: bool) -> int:
    """Rows of one or two squares and a name; columns where they do not fit one below the other."""
    side, step, top = 30, 40, y
    for name, base, shadow in swatches:
        page.square(x, y, side, base)
        if shadow:
            page.square(x + (side if pairs else side + 8), y, side, shadow)
        page.text(name, x + 2 * side + 18, y + 4, 18)
        y += step
        if y > top + 15 * step:
            x, y = x + 230, top
    return max(y, top + min(len(swatches), 16) * step)


def _circles(page: "_Page", swatches: list, x: int, y: int) -> int:
    left = x
    for name, base, shadow in swatches:
        if x > left + 560:
            x, y = left, y + 80
        page.circle(x + 20, y + 20, 20, base)
        if shadow:
            page.circle(x + 64, y + 20, 20, shadow)
        page.text(name, x, y + 46, 15)
        x += 112
    return y + 90


def _expressions(page: "_Page", seed: int, size: float, x: int, y: int) -> int:
    """Three heads, one below the other, and what they say."""
    head = np.zeros((0, 0, 4), np.uint8)
    for number, (eyes, facing) in enumerate(((1.0, 1.0), (0.0, 0.4), (0.5, 0.8))):
        head = standing(seed, Stance(0.05, facing, eyes), size)
        head = head[: round(HEAD_PART * head.shape[0])]
        page.place(head, x, y + number * (head.shape[0] + 24))
        page.text(("neutral", "asleep", "cross")[number], x + head.shape[1] + 4, y + number * (head.shape[0] + 24), 16)
    return x + head.shape[1] + 80


class _Page:
    """Paper that grows with what is put on it."""

    def __init__(self, paper: tuple[int, int, int]) -> None:
        self._paper = paper
        self._picture = Image.new("RGB", (2600, 1800), paper)
        self._pen = ImageDraw.Draw(self._picture)
        self._right = self._bottom = 0

    def _used(self, right: float, bottom: float) -> None:
        self._right, self._bottom = max(self._right, round(right)), max(self._bottom, round(bottom))

    def place(self, picture: np.ndarray, x: int, y: int) -> None:
        """Lay (h, w, 4) uint8 on the paper."""
        self._picture.paste(Image.fromarray(picture[..., :3]), (x, y), Image.fromarray(picture[..., 3]))
        self._used(x + picture.shape[1], y + picture.shape[0])

    def square(self, x: int, y: int, side: int, colour: tuple[int, int, int]) -> None:
        """A swatch with a thin rim."""
        self._pen.rectangle([x, y, x + side, y + side], fill=colour, outline=TEXT)
        self._used(x + side, y + side)

    def circle(self, x: int, y: int, radius: int, colour: tuple[int, int, int]) -> None:
        """A round swatch without a rim."""
        self._pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)
        self._used(x + radius, y + radius)

    def text(self, words: str, x: int, y: int, height: int) -> None:
        """Lettering, ``height`` px."""
        font = ImageFont.load_default(height)
        self._pen.text((x, y), words, fill=TEXT, font=font)
        self._used(x + self._pen.textlength(words, font=font), y + height)

    def arrow(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """A red arrow, as notes on a sheet have."""
        self._pen.line([start, end], fill=RED, width=4)
        along = np.subtract(end, start) / max(float(np.hypot(*np.subtract(end, start))), 1.0)
        back, side = np.array(end) - 16 * along, 8 * np.array([-along[1], along[0]])
        self._pen.polygon([tuple(end), tuple(back + side), tuple(back - side)], fill=RED)

    def finished(self, frame: bool) -> np.ndarray:
        """(H, W, 4) uint8, opaque, with a margin and perhaps a ruled frame."""
        right, bottom = self._right + 50, self._bottom + 40
        picture = np.asarray(self._picture.crop((0, 0, right, bottom))).copy()
        if frame:
            cv2.rectangle(picture, (14, 14), (right - 15, bottom - 15), TEXT, 3)
            cv2.line(picture, (14, 88), (right - 15, 88), TEXT, 2)
        return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
