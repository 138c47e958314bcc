"""A coloured picture, file or image datablock, into the job folder: copied as it is, or written as PNG from Blender's pixels."""

import logging
import os
import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...backend.contracts.errors import AniDocError, PictureError
from ...backend.contracts.files import cannot_write, put_in_place, write_bytes
from ..colour import linear_to_srgb
from ..shot_request import PictureRequest
from .png import png_bytes

_LOG = logging.getLogger(__name__)

_CHUNK = 4 * 2**20
"""Bytes copied in one step: about 5 ms."""

_READ_AGAIN = 64 * 2**20
"""Bytes. A larger file (a movie) is taken to be there already when size and time are the same, and its copy is forced to
the disk's surface, which may take a moment; a smaller one is compared, so that a copy torn by a power cut is found."""

LARGEST_FILE = 2**30
"""Bytes of a picture file. A reference above it is a mistake."""

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")
_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')

_STILL = {"FILE", "GENERATED"}
"""Image sources that are one picture. The others are movies, sequences, tiles and render results."""


@dataclass(frozen=True)
class Found:
    """Where a picture is: in a ``file``, as the ``data`` of a packed one, or only in Blender's ``image`` (its name)."""

    name: str
    suffix: str
    file: Path | None = None
    data: bytes | None = None
    image: str = ""


def find(request: PictureRequest) -> Found:
    """Look the picture up without reading it. Raises ``PictureError`` in a sentence where it is not usable."""
    if request.image:
        return _find_image(request.image, request.name)
    if not request.file:
        raise PictureError("A reference is empty.", "Choose a picture for it, or remove it from the list.")
    return _find_file(Path(bpy.path.abspath(request.file)), request.name)


def put(found: Found, place: Path) -> Generator[None, None, None]:
    """Put the picture at ``place``, whole or not at all, in steps of a few milliseconds."""
    if found.data is not None:
        if not holds(place, found.data):
            write_bytes(place, found.data, durable=False)
        return
    if found.file is not None:
        yield from copy(found.file, place)
        return
    pixels = yield from image_pixels(found.image)
    data = yield from png_bytes(pixels)
    if not holds(place, data):
        write_bytes(place, data, durable=False)


def holds(place: Path, data: bytes) -> bool:
    """Whether the file is there with exactly these bytes."""
    return place.is_file() and place.stat().st_size == len(data) and place.read_bytes() == data


def copy(source: Path, place: Path) -> Generator[None, None, None]:
    """Copy a file in steps, under a temporary name first. Left alone where it is there already."""
    try:
        told = source.stat()
        if place.is_file():
            there = place.stat()
            same = (there.st_size, there.st_mtime_ns) == (told.st_size, told.st_mtime_ns)
            if same and (told.st_size > _READ_AGAIN or (yield from _equal(source, place))):
                return
        reading = source.open("rb")
    except OSError as problem:
        raise _unreadable(source, problem) from problem
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    done = False
    try:
        with reading:
            place.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as writing:
                while chunk := reading.read(_CHUNK):
                    writing.write(chunk)
                    yield
                if told.st_size > _READ_AGAIN:
                    writing.flush()
                    os.fsync(writing.fileno())
        os.utime(part, ns=(told.st_atime_ns, told.st_mtime_ns))
        put_in_place(part, place)
        done = True
    except OSError as problem:
        raise cannot_write(place, problem) from problem
    finally:
        if not done:
            _discard(part)


def _equal(one: Path, other: Path) -> Generator[None, None, bool]:
    with one.open("rb") as a, other.open("rb") as b:
        while chunk := a.read(_CHUNK):
            if b.read(_CHUNK) != chunk:
                return False
            yield
    return True


def _discard(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError as problem:
        _LOG.info("%s stays behind: %s", part, problem)


def safe_name(name: str, suffix: str, taken: set[str]) -> str:
    """A file name of the job for a picture people call ``name``; unique among ``taken``, to which it is added."""
    stem = _UNSAFE.sub("_", name).strip(" .") or "picture"
    stem = stem.removesuffix(suffix)
    while len(stem.encode()) > 100:
        stem = stem[:-1]
    result, n = stem + suffix, 2
    while result.casefold() in taken:
        result, n = f"{stem} {n}{suffix}", n + 1
    taken.add(result.casefold())
    return result


def image_pixels(image_name: str) -> Generator[None, None, np.ndarray]:
    """(H, W, 4) uint8 sRGB straight alpha, row 0 at the top, of an image datablock.

    An 8-bit image comes out bit for bit as painted, whatever its colour space is called; a float image (linear,
    alpha premultiplied) is encoded as sRGB.
    """
    image: Any = bpy.data.images.get(image_name)
    if image is None:
        raise PictureError(f"The image {image_name} is gone.", "Choose the reference again.")
    width, height = image.size
    if not width or not height or image.channels not in (1, 3, 4):
        raise PictureError(f"The image {image_name} cannot be shown, so it cannot be used.", "Reload or replace it.")
    flat = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(flat)
    is_float = bool(image.is_float)
    yield
    given = flat.reshape(height, width, -1)
    pixels = np.full((height, width, 4), 255, np.uint8)
    step = max(1, 2**18 // width)
    for bottom in range(0, height, step):
        rows = given[bottom : bottom + step]
        out = _float_rows(rows) if is_float else np.floor(np.clip(rows, 0, 1) * 255 + 0.5).astype(np.uint8)
        target = pixels[bottom : bottom + step]
        if out.shape[2] == 1:
            target[..., :3] = out
        else:
            target[..., : out.shape[2]] = out
        yield
    return np.ascontiguousarray(pixels[::-1])


def _float_rows(rows: np.ndarray) -> np.ndarray:
    if rows.shape[2] < 4:
        return linear_to_srgb(rows)
    alpha = np.clip(np.nan_to_num(rows[..., 3:]), 0, 1)
    straight = np.divide(rows[..., :3], alpha, out=np.zeros_like(rows[..., :3]), where=alpha > 0)
    return np.concatenate([linear_to_srgb(straight), np.floor(alpha * 255 + 0.5).astype(np.uint8)], 2)


def _find_file(path: Path, name: str) -> Found:
    try:
        size = path.stat().st_size if path.is_file() else -1
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    if size < 0:
        raise PictureError(
            f"The picture {path.name} is not there any more.", f"Look for it in {path.parent}, or choose another."
        )
    if size == 0:
        raise PictureError(f"The picture {path.name} is empty.", "Choose another.")
    if size > LARGEST_FILE:
        raise PictureError(f"The picture {path.name} is larger than 1 GB.", "Save it smaller, as PNG.")
    return Found(name or path.name, _suffix(path.name), file=path)


def _find_image(image_name: str, name: str) -> Found:
    image: Any = bpy.data.images.get(image_name)
    if image is None:
        raise PictureError(f"There is no image {image_name} in this file any more.", "Choose the reference again.")
    name = name or image.name
    if image.source not in _STILL:
        raise PictureError(
            f"The image {image.name} is not a single picture.",
            "Choose a still picture; save a frame of the movie or the render as PNG first.",
        )
    if image.source == "GENERATED" or image.is_dirty:
        return Found(name, ".png", image=image.name)
    if image.packed_file is not None:
        data = bytes(image.packed_file.data)
        return Found(name, _suffix_of(data, image.filepath), data=data)
    return _find_file(Path(bpy.path.abspath(image.filepath, library=image.library)), name)


def _suffix(name: str) -> str:
    suffix = Path(name).suffix
    return suffix.lower() if _SUFFIX.fullmatch(suffix) else ""


def _suffix_of(data: bytes, filepath: str) -> str:
    for start, suffix in (
        (b"\x89PNG", ".png"),
        (b"\xff\xd8", ".jpg"),
        (b"II*\0", ".tif"),
        (b"MM\0*", ".tif"),
        (b"BM", ".bmp"),
    ):
        if data.startswith(start):
            return suffix
    return _suffix(bpy.path.basename(filepath))


def _unreadable(path: Path, problem: OSError) -> AniDocError:
    return PictureError(
        f"The picture {path.name} cannot be read ({problem.strerror or problem}).",
        "Allow reading it, or choose another.",
        str(problem),
    )
