"""Run a job folder: the shot goes to the engine, the frames it yields go to ``frames/``."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from ..cel.engine import CelEngine
from ..contracts.drawing import Drawing
from ..contracts.engine import Frame
from ..contracts.files import inside, write_bytes
from ..contracts.job import Job
from ..contracts.jobfolder import FRAMES, load_job, strokes_from_bytes
from ..contracts.report import Coloured, Report, save_report
from ..contracts.shot import Key, Shot


class _Drawings(Sequence[Drawing]):
    """The job's drawings, read from disk whenever one is asked for."""

    def __init__(self, folder: Path, job: Job) -> None:
        self._folder, self._files = folder, job.drawings

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index):  # pyright: ignore[reportIncompatibleMethodOverride]
        entry = self._files[index]
        data = inside(self._folder, entry.file).read_bytes()
        return Drawing(entry.id, entry.name, strokes=strokes_from_bytes(data, entry.name))


class _Nothing:
    """A store that keeps nothing."""

    def load(self, key: str) -> None:
        return None

    def save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        pass


def run_job(folder: Path) -> Report:
    """Colour every drawing of the job in ``folder`` and say in report.json what there is."""
    job = load_job(folder)
    keys = [
        Key(k.drawing, k.name, fills=strokes_from_bytes(inside(folder, k.file).read_bytes(), k.name)) for k in job.keys
    ]
    shot = Shot(
        name=job.name,
        width=job.width,
        height=job.height,
        ids=tuple(d.id for d in job.drawings),
        drawings=_Drawings(folder, job),
        exposures=job.exposures,
        layers=job.layers,
        materials=job.materials,
        keys=keys,
    )
    coloured = []
    for event in CelEngine().frames(shot, job.options, _Nothing()):
        if isinstance(event, Frame) and event.final:
            name = f"{FRAMES}/{event.drawing}.png"
            ok, data = cv2.imencode(".png", cv2.cvtColor(event.paint(), cv2.COLOR_RGBA2BGRA))
            assert ok
            write_bytes(folder / name, data.tobytes())
            coloured.append(
                Coloured(event.drawing, name, hashlib.sha256(data.tobytes()).hexdigest(), event.recipe, None)
            )
    report = Report("done", job.width, job.height, tuple(coloured), (), job.exposures)
    save_report(folder, report)
    return report
