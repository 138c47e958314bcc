"""From a job to the Shot an engine sees: drawings, keys and references, each read from disk when it is asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..contracts.drawing import Drawing, Strokes
from ..contracts.errors import AniDocError, DrawingError, JobError, PictureError
from ..contracts.job import LONGEST_SIDE, DrawingFile, Job, KeyFile, ReferenceFile
from ..contracts.jobfolder import LARGEST_DRAWING, strokes_from_bytes
from ..contracts.messages import Doubt
from ..contracts.shot import Exposure, Key, Reference, Shot
from ..pictures.read import LARGEST_FILE, picture_size, read_picture, read_sheet
from . import bare
from .colours import lines_of, require_colour
from .folder import content_id, read_file
from .key_fit import doubt, suspicious
from .movie import take_out

FURTHEST = 1_000_000
"""px from the picture's corner. A point further out comes from a broken modifier, not from a hand."""
MOST_LAYERS = 65_536

T = TypeVar("T")


@dataclass(frozen=True)
class OpenShot:
    """A Shot, and which drawings of the job each of its drawings stands for (files that are equal are one drawing).

    ``doubts``: keys that lie beside the lines of their drawing, and drawings that are painted, for people.
    """

    shot: Shot
    stands_for: dict[str, list[str]]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class _Source:
    """A drawing's file. ``missing`` says why it cannot even be read."""

    id: str
    entry: DrawingFile
    missing: str = ""


class _Lazy(Sequence[T]):
    """Items made by ``read`` whenever one is asked for; none is kept."""

    def __init__(self, read: Callable[..., T], entries: Sequence) -> None:
        self._read, self._entries = read, entries

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index):  # pyright: ignore[reportIncompatibleMethodOverride]
        if isinstance(index, slice):
            return _Lazy(self._read, self._entries[index])
        return self._read(self._entries[index])


def open_shot(
    folder: Path,
    job: Job,
    files: Sequence[DrawingFile],
    exposures: Sequence[Exposure],
    step: Callable[[int, int], None] = lambda done, total: None,
) -> OpenShot:
    """The shot of ``job`` in ``folder``; ``files`` are its drawings (a movie's have been taken out of it before).

    ``step(done, total)`` is called before each file: a thousand scans on a network disk take their time.

    Raises ``AniDocError`` where no run is possible: a key or reference that is missing or of the wrong size, or a
    file outside the folder. A drawing that is broken shows only when it is asked for, as a ``DrawingError``.
    """
    if not files:
        raise JobError("The job holds no drawings.", "Choose layers and a frame range with drawings in them.")
    sources: dict[str, _Source] = {}
    stands_for: dict[str, list[str]] = {}
    for n, entry in enumerate(files):
        step(n, len(files))
        source = _source(folder, job, entry)
        sources.setdefault(source.id, source)
        stands_for.setdefault(source.id, []).append(entry.id)
    inner = {outer: i for i, outers in stands_for.items() for outer in outers}
    keys = [(k, inner[_key_drawing(k, job, exposures)]) for k in job.keys]
    for key in job.keys:
        _check_key(folder, job, key)
    shot = replace(
        _drawings(folder, job, sources),
        exposures=tuple(Exposure(e.frame, e.duration, inner[e.drawing]) for e in exposures),
        keys=_Lazy(lambda k: _key(folder, job, *k), keys),
    )
    doubts = []
    for key, (_, drawing) in zip(job.keys, keys, strict=True):
        others = _others(folder, job, drawing, list(sources.values()), step)
        doubts.append(_look_at_key(folder, job, key, sources[drawing], others))
    if not job.keys:
        _require_lines(folder, job, list(sources.values()), step)
    for reference in job.references:
        require_colour(_reference(folder, reference).picture, _called(reference), "reference")
    outer = {i: outers[0] for i, outers in stands_for.items()}
    told = tuple(replace(d, drawing=outer.get(d.drawing, "")) for d in doubts if d is not None)
    return OpenShot(shot, stands_for, told)


def open_drawings(folder: Path, job: Job) -> Shot:
    """The drawings as :func:`open_shot` gives them, for a process beside the run that has checked everything. References are
    there, too, unread: what an engine finds out about drawings may depend on whether there are any."""
    files = job.drawings
    if job.movie is not None:
        files, _ = take_out(folder, job, job.movie, lambda done, total: None)
    sources = {source.id: source for source in (_source(folder, job, entry) for entry in files)}
    return _drawings(folder, job, sources)


def _drawings(folder: Path, job: Job, sources: Mapping[str, _Source]) -> Shot:
    return Shot(
        name=job.name,
        width=job.width,
        height=job.height,
        ids=tuple(sources),
        drawings=_Lazy(lambda s: _drawing(folder, job, s), list(sources.values())),
        layers=job.layers,
        materials=job.materials,
        references=_Lazy(lambda r: _reference(folder, r), job.references),
        fps=job.fps,
    )


def _holds_strokes(entry: DrawingFile | KeyFile) -> bool:
    return entry.file.endswith(".npz")


def _source(folder: Path, job: Job, entry: DrawingFile) -> _Source:
    most = LARGEST_DRAWING if _holds_strokes(entry) else LARGEST_FILE
    try:
        data = read_file(folder, entry.file, most)
    except OSError as problem:
        return _Source(content_id(job, entry.id, b"missing"), entry, str(problem))
    return _Source(content_id(job, entry.file, data), entry)


def _drawing(folder: Path, job: Job, source: _Source) -> Drawing:
    entry = source.entry
    name = entry.name or entry.file
    again = "Write the job again: in Blender, press the button once more."
    if source.missing:
        raise DrawingError(f"The drawing {name} is missing from the job.", again, source.missing)
    try:
        data = read_file(folder, entry.file, LARGEST_FILE)
    except OSError as problem:
        raise DrawingError(f"The drawing {name} cannot be read.", again, str(problem)) from problem
    if content_id(job, entry.file, data) != source.id:
        raise DrawingError(f"The drawing {name} was changed while the run was at work.", "Run it again.")
    if _holds_strokes(entry):
        strokes = strokes_from_bytes(data, name)
        _check_strokes(strokes, job, name)
        return Drawing(source.id, entry.name, strokes=strokes)
    try:
        picture = read_picture(data, name)
    except PictureError as problem:
        raise DrawingError(problem.sentence, problem.remedy, problem.detail) from problem
    if picture.shape[:2] != (job.height, job.width):
        raise DrawingError(
            f"The drawing {name} is {picture.shape[1]} x {picture.shape[0]} pixels; "
            f"the others are {job.width} x {job.height}.",
            "Scan or export all drawings of a shot at one size.",
        )
    return Drawing(source.id, entry.name, line_art=picture)


def _check_strokes(strokes: Strokes, job: Job, name: str) -> None:
    broken = "Delete the broken stroke in Blender (Edit Mode, Clean Up) and press the button again."
    if len(strokes) and not (strokes.material.min() >= 0 and strokes.material.max() < max(1, len(job.materials))):
        raise DrawingError(f"The drawing {name} uses a material that the job does not hold.", "Press the button again.")
    if len(strokes) and not (strokes.layer.min() >= 0 and strokes.layer.max() < MOST_LAYERS):
        raise DrawingError(f"The drawing {name} uses a layer that the job does not hold.", "Press the button again.")
    if len(strokes.points) and np.abs(strokes.points).max() > FURTHEST:
        raise DrawingError(f"The drawing {name} has points more than {FURTHEST} pixels outside the picture.", broken)
    if len(strokes.points) and not (strokes.radius.min() >= 0 and strokes.radius.max() <= LONGEST_SIDE):
        raise DrawingError(f"The drawing {name} has a line of impossible width.", broken)


def _key_drawing(key: KeyFile, job: Job, exposures: Sequence[Exposure]) -> str:
    """The drawing a key colours. In a movie's job the key says the movie's picture, as eight digits from 0 on."""
    if job.movie is None:
        return key.drawing
    picture = int(key.drawing) if key.drawing.isdecimal() else -1
    frame = job.movie.frame + picture - job.movie.first
    for e in exposures:
        if e.frame <= frame < e.frame + e.duration:
            return e.drawing
    raise JobError(f"The key {_called(key)} is for picture {key.drawing} of the movie, which the shot does not use.")


def _check_key(folder: Path, job: Job, key: KeyFile) -> None:
    data = _read(folder, key.file, key.name, LARGEST_FILE)
    if _holds_strokes(key):
        return
    width, height = picture_size(data, _called(key))
    if (width, height) != (job.width, job.height):
        raise PictureError(
            f"The key {_called(key)} is {width} x {height} pixels; its drawing is {job.width} x {job.height}.",
            "A key is the coloured version of one drawing, at the same size. For a picture of another size use a reference.",
        )


def _look_at_key(
    folder: Path, job: Job, entry: KeyFile, source: _Source, others: Iterator[tuple[str, str, np.ndarray]]
) -> Doubt | None:
    """Raise ``AniDocError`` where the key holds no colour; what to say where the drawing is painted, or the key's colours lie
    beside its lines."""
    key = _key(folder, job, entry, source.id)
    if key.picture is None:
        if not (key.fills and len(key.fills)):
            raise PictureError(
                f"The key {_called(entry)} holds no filled shapes.", "Fill that drawing, or use another."
            )
        return None
    art = _read_drawing(folder, job, source)
    lines = None if art is None else lines_of(art, job.materials, job.height, job.width)
    if lines is not None and not lines.any() and not _holds_strokes(source.entry):
        raise PictureError(
            f"The drawing {source.entry.name or source.id} has no lines; the key {_called(entry)} can colour nothing there.",
            "Give the key for the drawing that it is the coloured version of.",
        )
    require_colour(key.picture, _called(entry), "key", lines)
    if art is None or lines is None:
        return None
    name = source.entry.name or source.id
    if art.line_art is not None and (painted := bare.doubt(art.line_art, name, key.picture)):
        return painted
    return doubt(key.picture, _called(entry), name, lines, others) if suspicious(key.picture, lines) else None


def _require_lines(folder: Path, job: Job, sources: Sequence[_Source], step: Callable[[int, int], None]) -> None:
    """Raise ``JobError`` where scans are all blank. Of most shots the first one is looked at, of strokes none: a job with no
    strokes is not written."""
    for n, source in enumerate(sources):
        step(n, len(sources))
        if source.missing or _holds_strokes(source.entry):
            return
        lines = _lines_of(folder, job, source)
        if lines is None or lines.any():
            return
    raise JobError(
        f"{sources[0].entry.name or sources[0].id} has no lines"
        + (", and neither has any other drawing." if len(sources) > 1 else "."),
        "Give drawings of dark lines on white or on transparency.",
    )


def _others(
    folder: Path, job: Job, but: str, sources: Sequence[_Source], step: Callable[[int, int], None]
) -> Iterator[tuple[str, str, np.ndarray]]:
    """The shot's other drawings, as they are asked for: id, name, lines. Those that cannot be read are left out."""
    for n, source in enumerate(sources):
        step(n, len(sources))
        if source.id != but and (lines := _lines_of(folder, job, source)) is not None:
            yield source.id, source.entry.name or source.id, lines


def _read_drawing(folder: Path, job: Job, source: _Source) -> Drawing | None:
    try:
        return _drawing(folder, job, source)
    except DrawingError:  # said of the drawing, when the engine asks for it
        return None


def _lines_of(folder: Path, job: Job, source: _Source) -> np.ndarray | None:
    drawing = _read_drawing(folder, job, source)
    return None if drawing is None else lines_of(drawing, job.materials, job.height, job.width)


def _key(folder: Path, job: Job, key: KeyFile, drawing: str) -> Key:
    data = _read(folder, key.file, key.name, LARGEST_FILE)
    if _holds_strokes(key):
        fills = strokes_from_bytes(data, _called(key))
        _check_strokes(fills, job, _called(key))
        return Key(drawing, key.name, fills=fills)
    return Key(drawing, key.name, picture=read_picture(data, _called(key)))


def _reference(folder: Path, reference: ReferenceFile) -> Reference:
    data = _read(folder, reference.file, reference.name, LARGEST_FILE)
    return Reference(reference.name, read_sheet(data, _called(reference)))


def _called(entry: KeyFile | ReferenceFile) -> str:
    return entry.name or entry.file


def _read(folder: Path, file: str, name: str, most: int) -> bytes:
    try:
        return read_file(folder, file, most)
    except OSError as problem:
        raise AniDocError(
            f"The picture {name or file} cannot be read.", "Choose it again, or write the job again.", str(problem)
        ) from problem
