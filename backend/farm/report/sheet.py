"""A shot's contact sheet: a few of its coloured drawings side by side, spread over the timeline, as one small JPEG."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ...contracts.errors import AniDocError
from ...contracts.files import inside, write_bytes
from ...contracts.report import Coloured, Report
from ...pictures.read import read_picture

PICTURES = "pictures"
"""Folder of the sheets beside the page."""

MOST = 6
"""Drawings on a sheet."""
WIDTH = 1060
"""px. Width of a full sheet; few drawings are shown larger, none beyond ``TILE``."""
TILE = (346, 240)
"""px. Largest width and height of a drawing on the sheet."""
_GAP = 4
_PAPER = 255
_QUALITY = 82
_LARGEST = 2**28
"""Bytes of a frame that is read."""


def chosen(report: Report, most: int = MOST) -> list[Coloured]:
    """Up to ``most`` different coloured drawings, spread evenly over the time they are seen."""
    files = {c.drawing: c for c in report.coloured}
    seen = [e.drawing for e in sorted(report.exposures, key=lambda e: e.frame) for _ in (0,) if e.drawing in files]
    order = list(dict.fromkeys(seen)) or list(files)
    if len(order) > most:
        order = [order[round(k * (len(order) - 1) / (most - 1))] for k in range(most)]
    return [files[d] for d in order]


def leave_sheet(folder: Path, report: Report, place: Path) -> str:
    """Make the sheet of the job in ``folder`` beside the page in ``place``; gives its path there, empty without frames.

    A sheet of the same frames is not made twice.
    """
    frames = chosen(report)
    if not frames:
        return ""
    name = hashlib.sha256("".join(f.sha256 for f in frames).encode()).hexdigest()[:20]
    file = f"{PICTURES}/{name}.jpg"
    if not (place / file).is_file():
        tiles = [t for t in (_tile(folder, f, tile_size(len(frames))) for f in frames) if t is not None]
        if not tiles:
            return ""
        ok, data = cv2.imencode(".jpg", side_by_side(tiles), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not ok:
            return ""
        write_bytes(place / file, data.tobytes(), durable=False)
    return file


def tile_size(count: int) -> tuple[int, int]:
    """px. Largest width and height of each of ``count`` drawings."""
    return min(TILE[0], (WIDTH - _GAP * (count - 1)) // count), TILE[1]


def _tile(folder: Path, frame: Coloured, size: tuple[int, int]) -> np.ndarray | None:
    try:
        path = inside(folder, frame.file)
        if path.stat().st_size > _LARGEST:
            return None
        return on_paper(read_picture(path.read_bytes(), frame.file), size)
    except (OSError, AniDocError):  # gone or damaged since: the page says how many there should be
        return None


def on_paper(picture: np.ndarray, most: tuple[int, int]) -> np.ndarray:
    """(H, W, 4) uint8 sRGB straight alpha -> (h, w, 3) uint8 BGR on white paper, at most ``most`` px wide and high."""
    height, width = picture.shape[:2]
    scale = min(most[0] / width, most[1] / height, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    alpha = picture[..., 3:].astype(np.float32) / 255
    flat = picture[..., 2::-1] * alpha + _PAPER * (1 - alpha)
    return np.rint(cv2.resize(flat, size, interpolation=cv2.INTER_AREA)).astype(np.uint8).reshape(size[1], size[0], 3)


def side_by_side(tiles: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures (h, w, 3) uint8 of any sizes in a row."""
    height = max(t.shape[0] for t in tiles)
    width = sum(t.shape[1] for t in tiles) + _GAP * (len(tiles) - 1)
    sheet = np.full((height, width, 3), 224, np.uint8)
    x = 0
    for tile in tiles:
        sheet[: tile.shape[0], x : x + tile.shape[1]] = tile
        x += tile.shape[1] + _GAP
    return sheet
