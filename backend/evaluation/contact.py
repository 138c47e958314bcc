"""The contact sheet of a job: its references and keys, then every coloured drawing with what is doubtful marked."""

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..contracts.errors import AniDocError, JobError
from ..contracts.files import inside
from ..contracts.job import Job
from ..contracts.jobfolder import SKETCHES, load_job
from ..contracts.report import Coloured, load_report
from ..pictures.doubt import DOUBTFUL, GUESSED, MARK, hatch, outline_doubts, read_certainty
from ..pictures.read import read_picture, read_sheet
from .film import CAPTION, PAPER, RULE, on_paper
from .openings import Seen, look_at, open_areas

TALL = 360
"""px. Height of a drawing on the sheet."""
WIDE = 2200
"""px. Rows are filled up to here."""
MOST = 160
"""Drawings on a sheet. Of a longer shot the least sure ones are shown."""
REFERENCES = 6
GAP, MARGIN, LINE = 16, 28, 30
"""px between pictures, around them, and of a line of text."""
AROUND = 12
"""px of the drawings left around all that is ever painted."""
LARGEST = 2**28
"""Bytes of a picture that is read."""


@dataclass(frozen=True)
class _Cell:
    """A picture (h, w, 3) uint8 with words below it; whether something on it is outlined, or hatched."""

    picture: np.ndarray
    name: str
    note: str = ""
    doubted: bool = False
    opened: bool = False


def contact_sheet(folder: Path) -> np.ndarray:
    """(H, W, 3) uint8 sRGB: the job in ``folder`` as its last run left it. Raises ``AniDocError`` where nothing is coloured."""
    job, report = load_job(folder), load_report(folder)
    frames = {c.drawing: c for c in report.coloured}
    if not frames:
        raise JobError(f"Nothing is coloured in {folder}.", f"Use: anidoc run {folder}")
    order = [d for d in dict.fromkeys(e.drawing for e in report.exposures) if d in frames]
    order += [d for d in frames if d not in set(order)]
    shown = _least_sure(order, frames)
    window = _window(folder, job, [frames[d] for d in shown])
    names = {d.id: d.name for d in job.drawings}
    keys = {k.drawing for k in job.keys}
    opened = _left_open(folder, order, [frames[d] for d in shown])
    cells = []
    for drawing in shown:
        name = names.get(drawing) or drawing
        cell = _drawing_cell(folder, frames[drawing], window, name, drawing in keys, opened.get(drawing))
        if cell is not None:
            cells.append(cell)
    given = _references(folder, job)
    words = f"{len(order)} drawings"
    if len(shown) < len(order):
        words += f", the {len(shown)} least sure of them shown"
    return _laid_out(job.name, words, given, cells)


def _least_sure(order: Sequence[str], frames: dict[str, Coloured]) -> list[str]:
    sure = {d: c.confidence if c.confidence is not None else 1.0 for d, c in frames.items()}
    chosen = set(sorted(order, key=lambda d: sure[d])[:MOST])
    return [d for d in order if d in chosen]


def _read(folder: Path, file: str) -> np.ndarray | None:
    """A picture of the job, or None where it is gone or damaged: the sheet goes on without it."""
    try:
        path = inside(folder, file)
        return None if path.stat().st_size > LARGEST else read_picture(path.read_bytes(), file)
    except (OSError, AniDocError):
        return None


def _window(folder: Path, job: Job, frames: Sequence[Coloured]) -> tuple[slice, slice]:
    """The part of the picture that is ever painted."""
    rows, columns = np.zeros(job.height, bool), np.zeros(job.width, bool)
    for frame in frames:
        picture = _read(folder, frame.file)
        if picture is not None and picture.shape[:2] == (job.height, job.width):
            covered = picture[..., 3] > 0
            rows |= covered.any(1)
            columns |= covered.any(0)
    sides = []
    for used in (rows, columns):
        places = np.flatnonzero(used)
        low, high = (places[0], places[-1] + 1) if len(places) else (0, len(used))
        sides.append(slice(max(int(low) - AROUND, 0), min(int(high) + AROUND, len(used))))
    return sides[0], sides[1]


def _left_open(folder: Path, order: Sequence[str], frames: Sequence[Coloured]) -> dict[str, np.ndarray]:
    """(h, w) bool of each drawing: where it is probably open to the paper. What stands beside what is said by ``order``."""
    file = {frame.drawing: frame.file for frame in frames}
    out: dict[str, np.ndarray] = {}
    for there, run in itertools.groupby(order, lambda drawing: drawing in file):
        if not there:
            continue
        seen = [(drawing, _seen(folder, file[drawing], drawing)) for drawing in run]
        for known, part in itertools.groupby(seen, lambda pair: pair[1] is not None):
            if known:
                drawings, looks = zip(*part, strict=True)
                out |= dict(zip(drawings, open_areas(looks), strict=True))
    return out


def _seen(folder: Path, file: str, drawing: str) -> Seen | None:
    """None where the frame or its line art is gone, or is another engine's."""
    frame, sketch = _read(folder, file), _read(folder, f"{SKETCHES}/{drawing}.png")
    if frame is None or sketch is None or frame.shape != sketch.shape:
        return None
    return look_at(frame, sketch[..., 0])


def _drawing_cell(
    folder: Path, frame: Coloured, window: tuple[slice, slice], name: str, key: bool, opened: np.ndarray | None
) -> _Cell | None:
    picture = _read(folder, frame.file)
    if picture is None:
        return None
    height, width = picture.shape[:2]
    part = np.ascontiguousarray(picture[window])
    shown = _fitted(on_paper(part), TALL, WIDE)
    if key:
        return _Cell(shown, name, "key")
    certainty, doubts = read_certainty(folder, frame.drawing), 0
    if certainty is not None:
        doubts = outline_doubts(shown, _part(certainty, window, (height, width)), part[..., 3])
    hatched = opened is not None and hatch(shown, _part(opened, window, (height, width)))
    note = "" if frame.confidence is None else f"{frame.confidence:.0%}"
    return _Cell(shown, name, note, doubts > 0, hatched)


def _part(small: np.ndarray, window: tuple[slice, slice], size: tuple[int, int]) -> np.ndarray:
    """What a smaller picture (h, w) shows in the ``window`` of one of ``size`` (H, W)."""
    rows, columns = (
        slice(s.start * few // full, max(-(-s.stop * few // full), s.start * few // full + 1))
        for s, few, full in zip(window, small.shape, size, strict=True)
    )
    return np.ascontiguousarray(small[rows, columns])


def _references(folder: Path, job: Job) -> list[_Cell]:
    cells = []
    for reference in job.references[:REFERENCES]:
        try:
            data = inside(folder, reference.file).read_bytes()
            picture = read_sheet(data, reference.name or reference.file)
        except (OSError, AniDocError):
            continue
        shown = _fitted(on_paper(picture), round(1.2 * TALL), WIDE)
        cells.append(_Cell(shown, Path(reference.name or reference.file).name, "reference"))
    return cells


def _fitted(picture: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """(h, w, 3): ``tall`` px high, unless that would make it wider than ``wide``; never more than twice its size."""
    height, width = picture.shape[:2]
    scale = min(tall / height, wide / width, 2.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def _laid_out(title: str, words: str, given: Sequence[_Cell], cells: Sequence[_Cell]) -> np.ndarray:
    """Title and a sentence, the row of references, then the drawings in rows."""
    doubted = sum(c.doubted for c in cells)
    said = (
        f"{words}. Outlined: regions that are less than {DOUBTFUL:.0%} sure, thickly below {GUESSED:.0%}, in {doubted}."
    )
    opened = sum(c.opened for c in cells)
    if opened:
        said += f" Hatched: bare here, painted in the drawings beside; mostly a hole in the lines, in {opened}."
    title = plain(title)
    rows = [*_rows(given), *_rows(cells)]
    big, small = ImageFont.load_default(26), ImageFont.load_default(16)
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    head = MARGIN + 2 * LINE + GAP
    wide = max([measure.textlength(title, font=big), measure.textlength(said, font=small), *(_width(r) for r in rows)])
    tall = head + sum(max(c.picture.shape[0] for c in row) + LINE + GAP for row in rows) + MARGIN
    sheet = Image.new("RGB", (round(wide) + 2 * MARGIN, tall), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN), title, fill=CAPTION, font=big)
    pen.text((MARGIN, MARGIN + LINE + 4), said, fill=CAPTION, font=small)
    y = head
    for row in rows:
        x, high = MARGIN, max(c.picture.shape[0] for c in row)
        for cell in row:
            height, width = cell.picture.shape[:2]
            sheet.paste(Image.fromarray(cell.picture), (x, y))
            pen.rectangle([x - 1, y - 1, x + width, y + height], outline=RULE)
            note = measure.textlength(cell.note, font=small)
            pen.text(
                (x + width - note, y + high + 4),
                cell.note,
                fill=MARK if cell.doubted or cell.opened else CAPTION,
                font=small,
            )
            room = width - note - 10
            pen.text((x, y + high + 4), _cut(cell.name, room, measure, small), fill=CAPTION, font=small)
            x += width + GAP
        y += high + LINE + GAP
    return np.asarray(sheet)


def _rows(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = []
    for cell in cells:
        if not rows or _width([*rows[-1], cell]) > WIDE:
            rows.append([])
        rows[-1].append(cell)
    return rows


def _width(row: Sequence[_Cell]) -> int:
    return sum(c.picture.shape[1] for c in row) + GAP * (len(row) - 1)


def plain(text: str) -> str:
    """``text`` with letters that the built-in font lacks as their base letters: Läufer as Laufer."""
    return "".join(
        c if c.isascii() or c == "…" else _BASES.get(c) or _base(c) for c in unicodedata.normalize("NFC", text)
    )


_BASES = {"ß": "ss", "–": "-", "—": "-", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE"}


def _base(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", letter) if c.isascii()) or letter


def _cut(name: str, room: float, measure: ImageDraw.ImageDraw, font) -> str:
    """As much of a name as has room, its end kept: that is where numbers are."""
    shown = name = plain(name)
    while len(shown) > 1 and measure.textlength(shown, font=font) > room:
        shown = "…" + shown[2:]
    return shown
