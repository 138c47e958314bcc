"""Frames as PNG files: the same pixels give the same bytes, and a kill leaves a file whole or not there."""

import hashlib
from pathlib import Path

import cv2
import numpy as np

from ..contracts.files import write_bytes

_PARAMETERS = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
"""Flat colours have long runs that a row filter breaks up. Of all levels, strategies and filters this one was both the
fastest and, but for levels that take longer, the smallest: docs/performance.md."""


def encode_png(picture: np.ndarray) -> bytes:
    """(H, W, 4) uint8 RGBA straight alpha, or (H, W) uint8 grey, as the bytes of a PNG file."""
    pixels = cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA) if picture.ndim == 3 else picture
    ok, data = cv2.imencode(".png", pixels, _PARAMETERS)
    if not ok:
        raise ValueError(f"not a picture: {picture.shape} {picture.dtype}")
    return data.tobytes()


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
