"""A job: the one thing handed from Blender to the backend, as the plain data of ``job.json``.

The form is documented in docs/job-folder.md. Reading checks every value, because a job folder may come from a stranger.
"""

import json
import re
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from .check import boolean, entries, number, optional, record, text, whole
from .errors import JobError
from .options import Diffusion, Options
from .shot import Colour, Exposure, Material

FORMAT = "anidoc-job"
FORMAT_VERSION = 1

LONGEST_SIDE = 16_384
"""px. Twice 8K; a picture above it is refused before memory is taken for it."""

WIDEST_GAP = 10_000.0
"""px. No opening that is to be closed is wider."""

MOST_ENTRIES = 200_000
"""Drawings or exposures in a job: more than two hours on ones. A larger list is a mistake or an attack."""

_ID = re.compile(r"[0-9a-f]{8,64}")
_FILE = re.compile(r"(drawings|references|keys)/[^/\\:\x00-\x1f]{1,200}")


@dataclass(frozen=True)
class DrawingFile:
    """A drawing of the job. ``file`` is ``drawings/ID.npz`` (strokes) or a picture of line art."""

    id: str
    file: str
    name: str = ""


@dataclass(frozen=True)
class ReferenceFile:
    """A coloured picture of the character, under ``references/``."""

    file: str
    name: str = ""


@dataclass(frozen=True)
class KeyFile:
    """The coloured version of one drawing: a picture, or ``keys/ID.npz`` with Grease Pencil fills."""

    drawing: str
    file: str
    name: str = ""


@dataclass(frozen=True)
class Movie:
    """Scanned line art as a movie, under ``drawings/``; the backend takes the drawings out of it.

    ``count`` pictures from picture ``first`` (0 = the movie's first) stand on the timeline from frame ``frame`` on.
    """

    file: str
    first: int
    count: int
    frame: int


@dataclass(frozen=True)
class Job:
    """Everything one run needs. Sizes in pixels; ``drawings`` in the order of first exposure."""

    name: str
    width: int
    height: int
    drawings: tuple[DrawingFile, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    layers: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    references: tuple[ReferenceFile, ...] = ()
    keys: tuple[KeyFile, ...] = ()
    movie: Movie | None = None
    engine: str = "cel"
    options: Options = Options()
    fps: float = 24.0


def to_json(job: Job) -> str:
    """The text of ``job.json``: sorted keys, so that the same job is the same bytes."""
    data = {"format": FORMAT, "version": FORMAT_VERSION, **asdict(job)}
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def from_json(content: str) -> Job:
    """The job in the text of a ``job.json``. Raises ``JobError`` with a sentence for anything that is not as documented."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise JobError(
            "The job's job.json is not readable JSON.", "Write the job again from Blender.", str(problem)
        ) from problem
    data = record(data, "job.json")
    if data.get("format") != FORMAT:
        raise JobError("This folder's job.json is not an AniDoc job.", "Choose a folder that AniDoc wrote.")
    version = data.get("version")
    if version != FORMAT_VERSION:
        raise JobError(
            f"This job is of form {version!r}; this AniDoc reads form {FORMAT_VERSION}.",
            "Use the same AniDoc version for the add-on and the backend, or write the job again.",
        )
    job = Job(
        name=text(data, "name", 500),
        width=whole(data, "width", 1, LONGEST_SIDE),
        height=whole(data, "height", 1, LONGEST_SIDE),
        fps=number(data, "fps", 0.01, 1000.0),
        engine=text(data, "engine", 40),
        options=_options(record(data.get("options", {}), "options")),
        layers=tuple(text({"layer": x}, "layer", 500) for x in entries(data, "layers", MOST_ENTRIES)),
        materials=tuple(_material(record(x, "material")) for x in entries(data, "materials", MOST_ENTRIES)),
        drawings=tuple(_drawing(record(x, "drawing")) for x in entries(data, "drawings", MOST_ENTRIES)),
        exposures=tuple(_exposure(record(x, "exposure")) for x in entries(data, "exposures", MOST_ENTRIES)),
        references=tuple(_reference(record(x, "reference")) for x in entries(data, "references", 1000)),
        keys=tuple(_key(record(x, "key")) for x in entries(data, "keys", MOST_ENTRIES)),
        movie=optional(data, "movie", _movie),
    )
    return _consistent(job)


def _consistent(job: Job) -> Job:
    known = {d.id for d in job.drawings}
    if len(known) != len(job.drawings):
        raise JobError("The job lists the same drawing twice.", "Write the job again from Blender.")
    if job.movie is None:
        stray = [e.drawing for e in job.exposures if e.drawing not in known] + [
            k.drawing for k in job.keys if k.drawing not in known
        ]
        if stray:
            raise JobError(f"The job speaks of a drawing {stray[0]} that it does not hold.", "Write the job again.")
    return job


def _id(data: dict[str, Any], name: str) -> str:
    value = text(data, name, 64)
    if not _ID.fullmatch(value):
        raise JobError(f"The job's {name} {value[:40]!r} is not a drawing's id.", "Write the job again from Blender.")
    return value


def _file(data: dict[str, Any], folder: str) -> str:
    value = text(data, "file", 220)
    base = value.rpartition("/")[2]
    if not _FILE.fullmatch(value) or not value.startswith(folder + "/") or base.strip(". ") == "":
        raise JobError(
            f"The job names a file {value[:80]!r} that is not in its {folder} folder.",
            "Do not run jobs of unknown origin; write the job again from Blender.",
        )
    return value


def _options(data: dict[str, Any]) -> Options:
    lines = text(data, "lines", 10) if "lines" in data else "keep"
    if lines not in ("keep", "omit"):
        raise JobError(f"The job's option lines is {lines!r}; it can be keep or omit.")
    return Options(
        lines="keep" if lines == "keep" else "omit",
        gap=optional(data, "gap", lambda gap: number({"gap": gap}, "gap", 0.0, WIDEST_GAP)),
        shading=boolean(data, "shading", True),
        anidoc=optional(data, "anidoc", _diffusion),
    )


def _diffusion(value: Any) -> Diffusion:
    data, usual = record(value, "options.anidoc"), Diffusion()
    data = {**asdict(usual), "spacing": [], **data}
    background, drawn = text(data, "background", 10), text(data, "drawn", 10)
    if background not in ("keep", "cut") or drawn not in ("all", "ends"):
        raise JobError(f"The job's AniDoc options {background!r}, {drawn!r} are not among keep or cut, all or ends.")
    behind = text(data, "reference_background", 10)
    if behind not in ("keep", "cut", "matte"):
        raise JobError(f"The job's AniDoc option reference_background is {behind!r}; it can be keep, cut or matte.")
    return Diffusion(
        seed=whole(data, "seed", 0, 2**63 - 1),
        steps=whole(data, "steps", 1, 1000),
        guidance=number(data, "guidance", 1.0, 30.0),
        length=whole(data, "length", 2, 256),
        width=whole(data, "width", 64, 4096),
        height=whole(data, "height", 64, 4096),
        background="keep" if background == "keep" else "cut",
        drawn="all" if drawn == "all" else "ends",
        finish=boolean(data, "finish", usual.finish),
        like_release=boolean(data, "like_release", usual.like_release),
        reference_background=behind,  # pyright: ignore[reportArgumentType]  checked above
        heat=boolean(data, "heat", usual.heat),
        spacing=_spacing(data),
    )


def _spacing(data: dict[str, Any]) -> tuple[tuple[int, float], ...]:
    found = []
    for entry in entries(data, "spacing", MOST_ENTRIES):
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise JobError("The job's AniDoc option spacing is not a list of pairs of a frame and a fraction.")
        frame = whole({"spacing": entry[0]}, "spacing", -(2**20), 2**20)
        found.append((frame, number({"spacing": entry[1]}, "spacing", 0.0, 1.0)))
    if any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(found)):
        raise JobError("The job's AniDoc option spacing does not rise from pair to pair.")
    return tuple(found)


def _colour(data: dict[str, Any], name: str) -> Colour:
    values = entries(data, name, 4)
    if len(values) != 4:
        raise JobError(f"The job's colour {name} needs four values 0..255.")
    r, g, b, a = (whole({name: v}, name, 0, 255) for v in values)
    return r, g, b, a


def _material(data: dict[str, Any]) -> Material:
    return Material(
        name=text(data, "name", 500),
        line=_colour(data, "line"),
        fill=_colour(data, "fill"),
        separation=boolean(data, "separation", False),
    )


def _drawing(data: dict[str, Any]) -> DrawingFile:
    return DrawingFile(id=_id(data, "id"), file=_file(data, "drawings"), name=text(data, "name", 500))


def _exposure(data: dict[str, Any]) -> Exposure:
    return Exposure(
        frame=whole(data, "frame", -1_048_574, 1_048_574),
        duration=whole(data, "duration", 1, 1_048_574),
        drawing=_id(data, "drawing"),
    )


def _reference(data: dict[str, Any]) -> ReferenceFile:
    return ReferenceFile(file=_file(data, "references"), name=text(data, "name", 500))


def _key(data: dict[str, Any]) -> KeyFile:
    return KeyFile(drawing=_id(data, "drawing"), file=_file(data, "keys"), name=text(data, "name", 500))


def _movie(value: Any) -> Movie:
    data = record(value, "movie")
    return Movie(
        file=_file(data, "drawings"),
        first=whole(data, "first", 0, MOST_ENTRIES),
        count=whole(data, "count", 1, MOST_ENTRIES),
        frame=whole(data, "frame", -1_048_574, 1_048_574),
    )
