"""Scanned line art as a movie: its pictures become drawings, equal ones once, and exposures.

The pictures lie in ``work/movie`` as PNG, because an engine asks for drawings in any order and movies run forwards only.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from ..contracts.drawing import file_id
from ..contracts.errors import JobError
from ..contracts.files import inside, write_bytes
from ..contracts.job import DrawingFile, Job, Movie
from ..contracts.jobfolder import WORK
from ..contracts.shot import Exposure
from ..pictures.write import encode_png

PICTURES = f"{WORK}/movie"
_INDEX = f"{PICTURES}/index.json"

_CONTAINERS = "avi,mov,mp4,m4v,matroska,webm,mpegts,mpeg,ogg,flv,asf,gif,dv,mxf"
"""Kinds of movie that FFmpeg may open. Not among them: playlists, which send it to other files and to the network."""

_LOUD = 64
"""8-bit levels. Compression makes a held drawing's pixels shimmer by less than this; a line that moves changes more."""
_FEW = 12
"""Pixels. So many may be louder than that in a held drawing; a blink of the smallest eye moves more."""


def take_out(
    folder: Path, job: Job, movie: Movie, step: Callable[[int, int], None]
) -> tuple[tuple[DrawingFile, ...], tuple[Exposure, ...]]:
    """The drawings and exposures of the movie's chosen pictures. ``step(done, total)`` is called for each picture.

    Raises ``JobError`` for a movie that cannot be read, is too short or of another size than the job.
    """
    path = inside(folder, movie.file)
    if not path.is_file():
        raise JobError(f"The movie {path.name} is missing from the job.", "Write the job again from Blender.")
    about = {**asdict(movie), "size": path.stat().st_size, "time": path.stat().st_mtime_ns}
    ids = _remembered(folder, about)
    if ids is None:
        ids = list(_write_pictures(folder, job, movie, path, step))
        index = {"movie": about, "ids": ids}
        write_bytes(folder / _INDEX, json.dumps(index).encode(), durable=False)
    return _as_drawings(movie, ids)


def _remembered(folder: Path, about: dict) -> list[str] | None:
    """The ids of an earlier run's pictures, where they are all still there."""
    try:
        index = json.loads(inside(folder, _INDEX).read_text())
        ids = index["ids"]
        whole = index["movie"] == about and len(ids) == about["count"]
        return ids if whole and all((folder / PICTURES / f"{i}.png").is_file() for i in set(ids)) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_pictures(
    folder: Path, job: Job, movie: Movie, path: Path, step: Callable[[int, int], None]
) -> Iterator[str]:
    last, name, seen = None, "", set()
    for n, picture in enumerate(_pictures(path, movie)):
        if picture.shape[:2] != (job.height, job.width):
            raise JobError(
                f"The movie {path.name} is {picture.shape[1]} x {picture.shape[0]} pixels; "
                f"the job is {job.width} x {job.height}.",
                "Set the render size to the movie's size, or write the job again.",
            )
        if last is None or not same_drawing(last, picture):
            data = encode_png(cv2.cvtColor(picture, cv2.COLOR_BGR2RGBA))
            last, name = picture, file_id(data)
            if name not in seen:
                write_bytes(folder / PICTURES / f"{name}.png", data, durable=False)
                seen.add(name)
        step(n + 1, movie.count)
        yield name


def _pictures(path: Path, movie: Movie) -> Iterator[np.ndarray]:
    """The chosen pictures, (H, W, 3) uint8 BGR, read forwards: jumping to a picture is inexact in most codecs."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = f"format_whitelist;{_CONTAINERS}|protocol_whitelist;file"
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if not film.isOpened():
            raise JobError(
                f"The movie {path.name} cannot be read.", "Save it as MP4 or AVI, or use an image sequence instead."
            )
        for n in range(movie.first + movie.count):
            if not film.grab():
                raise JobError(
                    f"The movie {path.name} ends after {n} pictures; the shot needs {movie.first + movie.count}.",
                    "Choose a shorter frame range, or copy the movie again.",
                )
            if n >= movie.first:
                ok, picture = film.retrieve()
                if not ok:
                    raise JobError(f"Picture {n} of the movie {path.name} is damaged.", "Copy the movie again.")
                yield picture
    finally:
        film.release()


def same_drawing(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two pictures of a movie, (H, W, 3) uint8, show one drawing that is held, compression noise aside."""
    return int(np.count_nonzero(cv2.absdiff(one, other).max(axis=2) > _LOUD)) <= _FEW


def _as_drawings(movie: Movie, ids: list[str]) -> tuple[tuple[DrawingFile, ...], tuple[Exposure, ...]]:
    drawings, exposures = {}, []
    for n, i in enumerate(ids):
        drawings.setdefault(i, DrawingFile(i, f"{PICTURES}/{i}.png", f"picture {movie.first + n}"))
        if exposures and exposures[-1].drawing == i:
            exposures[-1] = Exposure(exposures[-1].frame, exposures[-1].duration + 1, i)
        else:
            exposures.append(Exposure(movie.frame + n, 1, i))
    return tuple(drawings.values()), tuple(exposures)
