"""Small real job folders for the tests of the backend."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from backend.contracts.drawing import FILL, LINE, Strokes, picture_id
from backend.contracts.files import write_bytes
from backend.contracts.job import DrawingFile, Job, KeyFile, Movie, ReferenceFile
from backend.contracts.jobfolder import FRAMES, REPORT_FILE, save_job, strokes_to_bytes
from backend.contracts.shot import Exposure, Material

ROOT = Path(__file__).parents[2]
WIDTH, HEIGHT = 96, 64


def square(x: float, half: float = 20, role: int = LINE, material: int = 0) -> Strokes:
    """A closed square around (x, 32), four points in pixels."""
    corners = [[x - half, 32 - half], [x + half, 32 - half], [x + half, 32 + half], [x - half, 32 + half]]
    return Strokes(
        points=np.array(corners, np.float32),
        radius=np.full(4, 1.5, np.float32),
        opacity=np.ones(4, np.float32),
        offsets=np.array([0, 4], np.int32),
        layer=np.zeros(1, np.int32),
        material=np.array([material], np.int32),
        cyclic=np.array([True]),
        role=np.array([role], np.uint8),
        ids=np.array([1], np.int64),
    )


def put_drawing(folder: Path, strokes: Strokes, name: str) -> DrawingFile:
    """Write one drawing into the job folder."""
    with np.errstate(invalid="ignore"):  # some tests put in what is not a number
        drawing = picture_id(strokes, WIDTH, HEIGHT)
    write_bytes(folder / "drawings" / f"{drawing}.npz", strokes_to_bytes(strokes))
    return DrawingFile(drawing, f"drawings/{drawing}.npz", name)


def make_job(
    folder: Path,
    places: Iterable[float] = (30, 34, 38, 42),
    *,
    engine: str = "standin",
    script: Sequence[str] = (),
    references: Sequence[ReferenceFile] = (),
    movie: Movie | None = None,
) -> Job:
    """A square that moves through ``places`` on twos, with a red key. ``script`` is for the stand-in engine."""
    drawings = tuple(put_drawing(folder, square(x), f"frame {1 + 2 * n}") for n, x in enumerate(places))
    keys = ()
    if drawings:
        write_bytes(folder / "keys" / "key.npz", strokes_to_bytes(square(30, 20, FILL, 1)))
        keys = (KeyFile(drawings[0].id, "keys/key.npz", "frame 1"),)
    job = Job(
        name="a square walks",
        width=WIDTH,
        height=HEIGHT,
        drawings=drawings,
        exposures=tuple(Exposure(1 + 2 * n, 2, d.id) for n, d in enumerate(drawings)),
        layers=("Lines", *script),
        materials=(Material("Line"), Material("Red", fill=(200, 30, 60, 255))),
        keys=keys,
        references=tuple(references),
        movie=movie,
        engine=engine,
    )
    save_job(folder, job)
    return job


def frames_of(folder: Path) -> dict[str, bytes]:
    """The coloured frames in a job folder, by file name."""
    return {p.name: p.read_bytes() for p in sorted((folder / FRAMES).glob("*"))}


def result_of(folder: Path) -> dict[str, bytes]:
    """Everything a run is judged by: the frames and the report."""
    return {**frames_of(folder), REPORT_FILE: (folder / REPORT_FILE).read_bytes()}


def environment() -> dict[str, str]:
    """For processes of ours: the stand-in engine is known, and output is UTF-8."""
    return {**os.environ, "ANIDOC_STAND_IN": "1", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}


def anidoc(*arguments: object, timeout: float = 60, **more) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "backend", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        env=environment(),
        **more,
    )
