"""In-betweens that stand in a job only, for who wants colours between two keys and no new drawings on the layers."""

import os
import shutil
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...backend.contracts.drawing import Strokes, picture_id
from ...backend.contracts.files import write_bytes
from ...backend.contracts.job import DrawingFile
from ...backend.contracts.jobfolder import save_job, strokes_from_bytes, strokes_to_bytes
from ...backend.contracts.shot import Exposure
from ...backend.contracts.tween import Between, FlatKey, TweenRequest, load_between, save_request
from .. import folders
from ..job_writer import Written
from ..task import Status
from .child import breakdowns


@dataclass(frozen=True)
class Stretch:
    """From the key at ``first`` to the key at ``last``.

    frames    where in-betweens stand
    times     fractions of the way at which they stand; empty: even in time
    invented  no drawings are there, and none shall be
    """

    first: int
    last: int
    frames: tuple[int, ...]
    times: tuple[float, ...] = ()
    invented: bool = False


def invent(stretch: Stretch, written: Written) -> Generator[Status, bool | None, Written | None]:
    """The job with drawings between its two, as the camera sees them; None where cancelled. Raises ``AniDocError``.

    Where more than two drawings are seen, because a camera or another object moves, the job stays as it is.
    """
    job = written.job
    if len(job.exposures) != 2:
        return written
    first, last = job.exposures
    files = {drawing.id: drawing.file for drawing in job.drawings}
    ends = [
        strokes_from_bytes((written.folder / files[e.drawing]).read_bytes(), f"frame {e.frame}") for e in job.exposures
    ]
    folder = folders.user_folder("inbetween") / folders.safe_name(f"{os.getpid()} {job.name} colours")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        request = TweenRequest(job.height, job.width, (first.frame, last.frame), (stretch.times,))
        save_request(folder, request, [FlatKey(s, np.zeros(len(s.points), np.float32)) for s in ends])
        if (yield from breakdowns(folder, len(stretch.frames))):
            return None
        drawings, exposures = {first.drawing: job.drawings[0]}, [first]
        for n, frame in enumerate(stretch.frames):
            yield Status("Writing drawings", n, len(stretch.frames), more=True)
            strokes = strokes_of(load_between(folder, 0, n), ends)
            name = picture_id(strokes, job.width, job.height)
            drawings[name] = DrawingFile(name, f"drawings/{name}.npz", f"frame {frame}")
            write_bytes(written.folder / drawings[name].file, strokes_to_bytes(strokes), durable=False)
            before = exposures[-1]
            exposures[-1] = Exposure(before.frame, frame - before.frame, before.drawing)
            exposures.append(Exposure(frame, last.frame - frame, name))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rest = {drawing.id: drawing for drawing in job.drawings}
    job = replace(job, drawings=tuple((drawings | rest).values()), exposures=(*exposures, last))
    save_job(written.folder, job, durable=False)
    return replace(written, job=job)


def strokes_of(between: Between, ends: Sequence[Strokes]) -> Strokes:
    """An in-between as strokes, with layer, material and role of those that it comes from."""
    sizes = np.diff(between.offsets)
    found = {}
    for name in ("layer", "material", "role", "ids", "cyclic"):
        kind = getattr(ends[0], name).dtype
        found[name] = np.zeros(len(sizes), kind)
        for side, end in enumerate(ends):
            mine = between.key == side
            found[name][mine] = getattr(end, name)[between.stroke[mine]]
            if name == "cyclic":  # a part of a closed stroke is open
                found[name][mine] &= sizes[mine] == np.diff(end.offsets)[between.stroke[mine]]
    return Strokes(between.points, between.radius, between.opacity, between.offsets, **found)
