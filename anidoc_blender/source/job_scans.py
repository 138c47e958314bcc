"""A job from scanned line art: pictures copied as drawings with their exposures, or a movie copied whole."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import bpy

from ...backend.contracts.drawing import file_id
from ...backend.contracts.engine import Step
from ...backend.contracts.errors import AniDocError
from ...backend.contracts.files import write_bytes
from ...backend.contracts.job import DrawingFile, Job, KeyFile, Movie, ReferenceFile
from ...backend.contracts.shot import Exposure
from ..shot_request import ShotRequest
from .pictures import LARGEST_FILE, copy, find, holds, put, safe_name
from .scans import Film, Scan, picture_at, picture_size, scans


@dataclass
class _Pile:
    """The scans as they are copied: each file's drawing, and what is exposed when."""

    ids: dict[Path, str] = field(default_factory=dict)
    drawings: dict[str, DrawingFile] = field(default_factory=dict)
    exposures: list[Exposure] = field(default_factory=list)


def scanned_job(
    request: ShotRequest, name: str, fps: float, first: int, last: int, references: tuple[ReferenceFile, ...]
) -> Generator[Step, None, Job]:
    """The job of a shot whose line art is scanned; its files are written, ``job.json`` is not. Raises ``AniDocError``.

    The scans' own size is the size of the frames.
    """
    scene = bpy.data.scenes.get(name)
    if scene is None or request.source is None:
        raise AniDocError(f"The scene {name} is gone.", "Press the button again in the scene you want.")
    found = scans(scene, request.source, first, last)
    pile, movie = _Pile(), None
    if isinstance(found, Film):
        movie = yield from _movie(request.folder, found)
        width, height = picture_size(found.file)
    else:
        yield from _pictures(request.folder, found, pile)
        width, height = picture_size(found[0].file)
    yield Step(0, 1, "Reading keys")
    return Job(
        name=name,
        width=width,
        height=height,
        fps=fps,
        drawings=tuple(pile.drawings.values()),
        exposures=tuple(pile.exposures),
        keys=(yield from _keys(request, found, pile)),
        references=references,
        movie=movie,
        engine=request.engine,
        options=request.options,
    )


def _movie(folder: Path, film: Film) -> Generator[Step, None, Movie]:
    file = f"drawings/{safe_name(film.file.name, film.file.suffix.lower(), set())}"
    size = max(1, film.file.stat().st_size if film.file.is_file() else 1)
    done = 0
    for _ in copy(film.file, folder / file):
        done = min(done + 4 * 2**20, size)
        yield Step(done, size, "Copying the movie")
    return Movie(file, film.first, film.count, film.frame)


def _pictures(folder: Path, found: list[Scan], pile: _Pile) -> Generator[Step, None, None]:
    for n, scan in enumerate(found):
        if scan.file not in pile.ids:
            yield Step(n, len(found), "Copying scanned drawings")
            pile.ids[scan.file] = _put_scan(folder, scan.file, pile)
        name = pile.ids[scan.file]
        last = pile.exposures[-1] if pile.exposures else None
        if last and last.drawing == name and last.frame + last.duration == scan.frame:
            pile.exposures[-1] = Exposure(last.frame, last.duration + scan.duration, name)
        else:
            pile.exposures.append(Exposure(scan.frame, scan.duration, name))


def _put_scan(folder: Path, file: Path, pile: _Pile) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise AniDocError(f"The scanned drawing {file.name} is larger than 1 GB.", "Save it smaller, as PNG.")
        data = file.read_bytes()
    except OSError as problem:
        raise AniDocError(
            f"The scanned drawing {file.name} cannot be read ({problem.strerror or problem}).",
            "Put the file back, or take it out of the strip.",
            str(problem),
        ) from problem
    name = file_id(data)
    if name not in pile.drawings:
        place = f"drawings/{name}{file.suffix.lower()}"
        if not holds(folder / place, data):
            write_bytes(folder / place, data, durable=False)
        pile.drawings[name] = DrawingFile(name, place, file.name[:500])
    return name


def _keys(request: ShotRequest, found: list[Scan] | Film, pile: _Pile) -> Generator[Step, None, tuple[KeyFile, ...]]:
    keys: dict[str, KeyFile] = {}
    for n, key in enumerate(request.keys):
        if key.picture is None:
            raise AniDocError(
                f"The key at frame {key.frame} has no picture; scanned line art holds no Grease Pencil fills.",
                "Choose the coloured picture of that drawing.",
            )
        shown = picture_at(found, key.frame)
        # A movie's drawings have no ids before the backend takes them out: the key says the picture's number instead.
        name = f"{shown:08d}" if isinstance(shown, int) else pile.ids[shown]
        picture = find(key.picture)
        file = f"keys/{name}{picture.suffix}"
        for _ in put(picture, request.folder / file):
            yield Step(n, len(request.keys), "Copying keys")
        keys.setdefault(name, KeyFile(name, file, picture.name[:500]))
    return tuple(keys.values())
