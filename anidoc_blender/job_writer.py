"""Write the job folder from what the artist asks for, in steps so small that Blender stays alive meanwhile.

    for step in write_job(request):            # step.done of step.total, step.doing
        ...
or, where the result is wanted:
    written = yield from write_job(request)    # in a generator
    written = finish(write_job(request))       # all at once
"""

import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bpy

from ..backend.contracts.drawing import Strokes, picture_id
from ..backend.contracts.engine import Step
from ..backend.contracts.errors import AniDocError, JobError
from ..backend.contracts.files import forget_parts, write_bytes
from ..backend.contracts.job import DrawingFile, Job, KeyFile, ReferenceFile
from ..backend.contracts.jobfolder import load_job, save_job, strokes_to_bytes
from ..backend.contracts.shot import Exposure
from .grease_pencil.chosen import Choice
from .grease_pencil.exposures import Seen, walk
from .grease_pencil.keys import fills_at, lines_at
from .grease_pencil.picture import Reader
from .shot_request import ShotRequest
from .source.job_scans import scanned_job
from .source.pictures import find, holds, put, safe_name

_LOG = logging.getLogger(__name__)

Steps = Generator[Step, None, None]


@dataclass(frozen=True)
class Written:
    """A job folder that is complete. ``notes`` are sentences for the artist about what was left out and why."""

    folder: Path
    job: Job
    notes: tuple[str, ...] = ()


@dataclass
class _Shot:
    """The job as it grows. ``ends`` is the first frame after the shot; a drawing is exposed until the next one."""

    ends: int
    size: tuple[int, int] = (0, 0)
    drawings: dict[str, DrawingFile] = field(default_factory=dict)
    exposures: list[Exposure] = field(default_factory=list)
    keys: dict[str, KeyFile] = field(default_factory=dict)
    strokes: int = 0

    def expose(self, name: str, frame: int) -> None:
        """From ``frame`` on the drawing ``name`` is seen, to the end of the shot or to the next exposure."""
        if self.exposures:
            last = self.exposures[-1]
            if last.drawing == name:
                return
            self.exposures[-1] = Exposure(last.frame, frame - last.frame, last.drawing)
        self.exposures.append(Exposure(frame, self.ends - frame, name))


def write_job(request: ShotRequest) -> Generator[Step, None, Written]:
    """Read the shot and write its job; each step takes a few milliseconds of our own time (a huge drawing takes longer).

    Raises ``AniDocError``. However it ends (close the generator to cancel), the scene's current frame is the artist's
    own, and a job that lay in the folder before is still whole: ``job.json`` is written last.
    """
    scene = bpy.data.scenes.get(request.scene)
    if scene is None:
        raise AniDocError(f"There is no scene {request.scene}.", "Choose the scene again.")
    first, last = frame_range(scene, request)
    fps = scene.render.fps / scene.render.fps_base
    if not request.references and not request.keys:
        raise AniDocError(
            "There is nothing to take the colours from.",
            "Add a reference picture, or use a drawing that you have filled as key.",
        )
    name = scene.name
    for picture in (*request.references, *(key.picture for key in request.keys if key.picture is not None)):
        find(picture)  # said before anything is read
    yield Step(0, 0, "Reading drawings")
    before = _listed(request.folder)
    yield Step(0, 0, "Reading drawings")
    if request.source is None:
        reader = Reader(name, Choice(request.objects, request.layers))
        shot = _Shot(ends=last + 1)
        yield from _drawings(reader, request, shot, first, last)
        if request.hold:
            yield from _hold(reader, shot, last, frame_range(scene, replace(request, first=None, last=None))[1])
        yield from _keys(reader, request, shot)
        job = Job(
            name=name,
            width=shot.size[0],
            height=shot.size[1],
            fps=fps,
            drawings=tuple(shot.drawings.values()),
            exposures=tuple(shot.exposures),
            layers=tuple(reader.layers),
            materials=tuple(reader.materials.materials),
            keys=tuple(shot.keys.values()),
            references=(yield from _references(request)),
            engine=request.engine,
            options=request.options,
        )
        notes = tuple(reader.notes)
    else:
        job = yield from scanned_job(request, name, fps, first, last, (yield from _references(request)))
        notes = ()
    yield Step(1, 1, "Saving the job")
    save_job(request.folder, job, durable=False)
    _forget(request.folder, before - _files(job))
    _forget_torn(request.folder)
    return Written(request.folder, job, notes)


def finish(steps: Generator[Any, None, Written]) -> Written:
    """Take every step at once: the blocking way."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def frame_range(scene: bpy.types.Scene, request: ShotRequest) -> tuple[int, int]:
    """First and last frame of the shot, both included. Raises ``AniDocError`` where the last comes before the first."""
    preview = scene.use_preview_range
    first = scene.frame_preview_start if preview else scene.frame_start
    last = scene.frame_preview_end if preview else scene.frame_end
    first, last = (own if own is not None else given for own, given in ((request.first, first), (request.last, last)))
    if last < first:
        raise AniDocError(f"The shot ends (frame {last}) before it begins (frame {first}).", "Change the frame range.")
    return first, last


def _drawings(reader: Reader, request: ShotRequest, shot: _Shot, first: int, last: int) -> Steps:
    total = last + 1 - first
    for batch in walk(reader, first, last):
        yield Step(_done(shot, first), total, "Reading drawings")
        for seen in batch:
            _same_size(shot, seen)
            name = yield from _put_drawing(request.folder, shot, seen)
            shot.expose(name, seen.frame)
            shot.strokes += len(seen.strokes)
            yield Step(_done(shot, first), total, "Reading drawings")
    if not shot.strokes:
        raise AniDocError(
            f"No lines are seen from frame {first} to {last}.",
            "Look whether the drawings lie in the camera's frame, on visible layers, within the frame range.",
        )


def _hold(reader: Reader, shot: _Shot, last: int, until: int) -> Steps:
    """Let the last drawing be exposed from ``last`` on, up to where something changes or the scene ends."""
    ends = until + 1
    for batch in walk(reader, last, until):
        changes = [seen.frame for seen in batch if seen.frame > last]
        if changes:
            ends = changes[0]
            break
        yield Step(1, 1, "Reading drawings")
    if ends > shot.ends:
        held = shot.exposures[-1]
        shot.exposures[-1] = Exposure(held.frame, ends - held.frame, held.drawing)


def _done(shot: _Shot, first: int) -> int:
    return shot.exposures[-1].frame + 1 - first if shot.exposures else 0


def _same_size(shot: _Shot, seen: Seen) -> None:
    if shot.size == (0, 0):
        shot.size = seen.size
    elif shot.size != seen.size:
        raise AniDocError(
            f"The render size changes at frame {seen.frame}.",
            "Colour the parts of the shot of one size each by themselves.",
        )


def _put_drawing(folder: Path, shot: _Shot, seen: Seen) -> Generator[Step, None, str]:
    name = picture_id(seen.strokes, *seen.size)
    if name not in shot.drawings:
        shot.drawings[name] = DrawingFile(name, f"drawings/{name}.npz", f"frame {seen.frame}")
        for _ in _put_strokes(folder / "drawings" / f"{name}.npz", seen.strokes):
            yield Step(len(shot.exposures), len(shot.exposures) + 1, "Writing drawings")
    return name


def _put_strokes(place: Path, strokes: Strokes) -> Generator[None, None, None]:
    yield
    data = strokes_to_bytes(strokes)
    yield
    if not holds(place, data):
        # Not waiting for the disk (tens of milliseconds) costs nothing: every press writes anew what a power cut tore.
        write_bytes(place, data, durable=False)


def _keys(reader: Reader, request: ShotRequest, shot: _Shot) -> Steps:
    for n, key in enumerate(request.keys):
        yield Step(n, len(request.keys), "Reading keys")
        seen = lines_at(reader, key.frame)
        _same_size(shot, seen)
        name = yield from _put_drawing(request.folder, shot, seen)
        if name in shot.keys:
            reader.notes[f"Frame {key.frame} shows the same drawing as another key; the first of them is used."] = None
            continue
        if key.picture is None:
            yield Step(n, len(request.keys), "Reading keys")
            for _ in _put_strokes(request.folder / "keys" / f"{name}.npz", fills_at(reader, key.frame)):
                yield Step(n, len(request.keys), "Reading keys")
            shot.keys[name] = KeyFile(name, f"keys/{name}.npz", f"frame {key.frame}")
        else:
            found = find(key.picture)
            file = f"keys/{name}{found.suffix}"
            for _ in put(found, request.folder / file):
                yield Step(n, len(request.keys), "Copying keys")
            shot.keys[name] = KeyFile(name, file, found.name[:500])


def _references(request: ShotRequest) -> Generator[Step, None, tuple[ReferenceFile, ...]]:
    files: list[ReferenceFile] = []
    taken: set[str] = set()
    for n, reference in enumerate(request.references):
        found = find(reference)
        file = f"references/{safe_name(found.name, found.suffix, taken)}"
        yield Step(n, len(request.references), "Copying references")
        for _ in put(found, request.folder / file):
            yield Step(n, len(request.references), "Copying references")
        files.append(ReferenceFile(file, found.name[:500]))
    return tuple(files)


def _files(job: Job) -> set[str]:
    lists: tuple[Sequence[Any], ...] = (job.drawings, job.references, job.keys)
    return {entry.file for entries in lists for entry in entries} | ({job.movie.file} if job.movie else set())


def _listed(folder: Path) -> set[str]:
    """The files that the job in the folder lists already; none where there is no readable job."""
    try:
        return _files(load_job(folder))
    except JobError:
        return set()


def _forget(folder: Path, files: set[str]) -> None:
    """Delete what an earlier job listed and this one does not, so that the folder holds what the run needs and nothing else."""
    inner = {
        name: (folder / name).resolve() == folder.resolve() / name for name in {f.partition("/")[0] for f in files}
    }
    for file in files:
        path = folder / file
        if not inner[path.parent.name] or path.is_symlink():
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError as problem:  # held open by a viewer on Windows: it lies there unused
            _LOG.info("%s stays behind: %s", path, problem)


def _forget_torn(folder: Path) -> None:
    """Delete what a Blender that was killed has left half written."""
    forget_parts(folder, "job.json.*.part")
    for name in ("drawings", "keys", "references"):
        inner = folder / name
        if inner.resolve() == folder.resolve() / name:
            forget_parts(inner)
