"""Frames as PNG files: the same pixels give the same bytes, and a kill leaves a file whole or not there."""

import hashlib
import zlib
from pathlib import Path

import cv2
import numpy as np

from ..contracts.files import write_bytes
from .deflate import runs_stream
from .png import GREY, RGBA, png_of

_PARAMETERS = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
"""Flat colours have long runs that a row filter breaks up. Of all levels, strategies and filters this one was both the
fastest and, but for levels that take longer, the smallest: docs/performance.md. For frames that change often."""

_LARGE, _OFTEN = 2**16, 10
"""px from which on a frame is packed by its runs, if no more than one of so many pixels differs from the one to its left."""


def encode_png(picture: np.ndarray) -> bytes:
    """(H, W, 4) uint8 RGBA straight alpha, or (H, W) uint8 or uint16 grey, as the bytes of a PNG file.

    What is black and white only has one bit a pixel.
    """
    if picture.ndim == 3 and picture.shape[0] * picture.shape[1] >= _LARGE:
        stream = runs_stream(picture, picture.shape[0] * picture.shape[1] // _OFTEN)
        if stream is not None:
            return png_of(stream, picture.shape[:2], 8, RGBA)
    elif picture.ndim == 2 and picture.dtype == np.uint8 and picture.size:
        turned = picture + np.uint8(1)  # black becomes 1 and white 0
        if turned.max() <= 1:
            return png_of(_bits_stream(turned), picture.shape, 1, GREY)
    pixels = cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA) if picture.ndim == 3 else picture
    ok, data = cv2.imencode(".png", pixels, _PARAMETERS)
    if not ok:
        raise ValueError(f"not a picture: {picture.shape} {picture.dtype}")
    return data.tobytes()


def _bits_stream(black: np.ndarray) -> bytes:
    """The zlib stream of a PNG's rows for (H, W) uint8, 1 black and 0 white."""
    packed = np.packbits(black, axis=1)
    rows = np.zeros((len(packed), packed.shape[1] + 1), np.uint8)  # each after the number of its filter: none
    np.invert(packed, out=rows[:, 1:])
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)  # paper is long runs of one byte, and little else repeats
    return packer.compress(rows.data) + packer.flush()


def write_png(path: Path, picture: np.ndarray) -> str:
    """Put ``picture`` at ``path``; returns the sha256 of the file. Raises ``AniDocError`` where it cannot be written.

    Not forced to the disk's surface here: the run does that once for all frames, before its report vouches for them.
    """
    data = encode_png(picture)
    write_bytes(path, data, durable=False)
    return hashlib.sha256(data).hexdigest()


def renew_png(path: Path, picture: np.ndarray) -> None:
    """Put ``picture`` at ``path`` unless it lies there already. Raises ``AniDocError`` where it cannot be written."""
    data = encode_png(picture)
    if not path.is_file() or path.read_bytes() != data:
        write_bytes(path, data, durable=False)
