"""From a folder of sketches to a job folder: sorted as people count, equal sketches once, nothing overwritten."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..contracts.drawing import file_id
from ..contracts.errors import AniDocError, PictureError
from ..contracts.files import write_bytes
from ..contracts.job import DrawingFile, Job, KeyFile, ReferenceFile
from ..contracts.jobfolder import JOB_FILE, save_job
from ..contracts.options import Diffusion, Lines, Options
from ..contracts.shot import Exposure
from ..pictures.read import LARGEST_FILE, SUFFIXES, picture_size
from .jobs import require_writable


@dataclass(frozen=True)
class Request:
    """What ``anidoc colorize`` was asked for. ``gap`` in px."""

    sketches: Path
    references: tuple[Path, ...]
    keys: tuple[tuple[str, Path], ...]
    out: Path
    work: Path
    engine: str = "cel"
    lines: Lines = "keep"
    gap: float | None = None
    shading: bool = True
    anidoc: Diffusion | None = None


def write_sketch_job(request: Request) -> dict[str, list[str]]:
    """Write the job folder; returns the sketch file names by drawing id. Raises ``AniDocError``.

    The size of the shot is the one most sketches have; others are reported as broken by the run.
    """
    sketches = find_sketches(request.sketches)
    _check_names(request, sketches)
    require_writable(request.out, "--out")
    require_writable(request.work, "--work" if request.out not in request.work.parents else "--out")
    ids: dict[str, list[str]] = {}
    drawings, sizes, unreadable = [], Counter(), []
    for path in sketches:
        data = _read(path)
        drawing = file_id(data)
        if drawing not in ids:
            drawings.append(DrawingFile(drawing, _put(request.work, "drawings", path, data), path.name[:500]))
        ids.setdefault(drawing, []).append(path.name)
        try:
            sizes[picture_size(data, path.name)] += 1
        except PictureError as problem:
            unreadable.append(problem)
    if not sizes:
        raise unreadable[0]
    of_name = {name: drawing for drawing, names in ids.items() for name in names}
    (width, height), _ = sizes.most_common(1)[0]
    job = Job(
        name=request.sketches.resolve().name[:500],
        width=width,
        height=height,
        drawings=tuple(drawings),
        exposures=tuple(Exposure(1 + n, 1, of_name[path.name]) for n, path in enumerate(sketches)),
        references=tuple(
            ReferenceFile(_put(request.work, "references", p, _read(p)), str(p)[:500]) for p in request.references
        ),
        keys=tuple(
            KeyFile(of_name[name], _put(request.work, "keys", p, _read(p)), str(p)[:500]) for name, p in request.keys
        ),
        engine=request.engine,
        options=Options(request.lines, request.gap, request.shading, request.anidoc),
    )
    save_job(request.work, job)
    _forget_old(request.work, job)
    return ids


def find_sketches(folder: Path) -> list[Path]:
    """The pictures in ``folder`` as people count: 9 before 10. Raises ``AniDocError`` where there are none."""
    if not folder.is_dir():
        raise AniDocError(f"There is no folder {folder}.", "Give the folder of the sketches with --sketches.")
    found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()]
    if not found:
        raise AniDocError(f"There are no sketches in {folder}.", "Put PNG files of dark lines on white there.")
    return sorted(found, key=lambda p: natural(p.name))


def natural(name: str) -> tuple:
    """A sorting key that takes digits as numbers, and capitals like small letters."""
    parts = re.split(r"([0-9]+)", Path(name).stem.casefold())
    return ([(int(p), "") if n % 2 else (-1, p) for n, p in enumerate(parts)], name)


def _check_names(request: Request, sketches: list[Path]) -> None:
    """Everything that can be wrong with what was asked for, before anything is written."""
    from .colorize import output_name

    names = [p.name for p in sketches]
    if not request.references and not request.keys:
        raise AniDocError(
            "There is nothing to take colours from.", "Give a coloured picture with --reference IMG or --key NAME=IMG."
        )
    for name, _ in request.keys:
        if name not in names:
            near = [n for n in names if Path(n).stem == name] or difflib.get_close_matches(name, names, 1)
            hint = f"Did you mean {near[0]}?" if near else "Give the file name with its ending, as in 0001.png."
            raise AniDocError(f"There is no sketch called {name} in {request.sketches}.", hint)
    if doubled := _twice(name for name, _ in request.keys):
        raise AniDocError(f"Two keys are given for {doubled}.", "Give one key for each sketch.")
    for path in [*request.references, *(p for _, p in request.keys)]:
        if not path.is_file():
            raise AniDocError(f"The picture {path} is missing.", "Check the path of the reference or key.")
    outputs = [output_name(name) for name in names]
    if doubled := _twice(o.casefold() for o in outputs):
        raise AniDocError(f"Two sketches would both be written to {doubled}.", "Rename one of them.")
    written = {(request.out / o).resolve() for o in outputs}
    read = [*sketches, *request.references, *(p for _, p in request.keys)]
    if lost := next((p for p in read if p.resolve() in written), None):
        raise AniDocError(f"The result would overwrite {lost}.", "Choose another folder with --out.")


def _twice(names: Iterable[str]) -> str:
    return next((name for name, times in Counter(names).items() if times > 1), "")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise AniDocError(f"{path} is larger than {LARGEST_FILE // 2**20} MB.", "Save it as PNG.")
        return path.read_bytes()
    except OSError as problem:
        raise AniDocError(f"{path} cannot be read ({problem.strerror}).", "Check its permissions.") from problem


def _put(work: Path, folder: str, source: Path, data: bytes) -> str:
    """Copy a picture into the job under a name that says its content; returns that name."""
    name = f"{folder}/{file_id(data)}{source.suffix.lower()}"
    path = work / name
    if not (path.is_file() and path.read_bytes() == data):
        write_bytes(path, data, durable=False)
    return name


def _forget_old(work: Path, job: Job) -> None:
    """Pictures of an earlier call that this job does not use."""
    used = {e.file for e in (*job.drawings, *job.references, *job.keys)} | {JOB_FILE}
    for folder in ("drawings", "references", "keys"):
        for path in (work / folder).glob("*"):
            if f"{folder}/{path.name}" not in used:
                path.unlink(missing_ok=True)
