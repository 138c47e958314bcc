"""A shot too long for one worker, cut into ranges that several work on side by side and that join without a seam.

A range is a job of its own in ``work/ranges``: its drawings, some before and after, and every key of the shot, so that
palette and sources are the whole shot's. What it finds out (regions, matches) is evidence under keys that name all they
depend on. Joining hands that evidence to the shot's own folder, and its frames as offers; then the whole shot is run as
always. That run solves from end to end, takes evidence instead of computing it anew, and keeps an offered frame only where
its recipe is the one it would paint itself. So the result is to the bit that of a run without ranges, wherever the cuts
lie: they decide how much is left to do, never what comes out.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..contracts.batch import ShotResult
from ..contracts.errors import AniDocError
from ..contracts.files import inside, write_bytes
from ..contracts.job import Job, from_json, to_json
from ..contracts.jobfolder import JOB_FILE, load_job
from ..runner.lock import locked
from .collect import collect
from .joining import RANGES, same_file
from .local import Errand, Told, errands, run_local

OVERLAP = 2
"""Drawings before and after a range that it reads too. One is needed to match across the cut; another lets colours settle."""

ENGINES = ("cel",)
"""Engines whose evidence is of single drawings and pairs. The others' shots are run whole."""


@dataclass(frozen=True)
class Range:
    """Drawings ``first`` to ``last`` (numbers in the job, both included), and the folder of their job."""

    first: int
    last: int
    folder: Path


def plan(jobs: Iterable[Path], cut: int) -> list[Errand]:
    """Errands for the jobs, longer ones cut into ranges of at most ``cut`` drawings; ranges are numbered after the jobs."""
    shots = errands(jobs)
    if cut < 1:
        return shots
    more: list[Errand] = []
    for n, shot in enumerate(shots):
        ranges = _ranges_of(shot, cut)
        numbers = range(len(shots) + len(more), len(shots) + len(more) + len(ranges))
        for number, part in zip(numbers, ranges, strict=True):
            name = f"{shot.name}, drawings {part.first + 1}-{part.last + 1}"
            more.append(Errand(number, part.folder, name, shot.known, heed=shot.folder))
        shots[n] = replace(shot, after=tuple(numbers), join=bool(ranges))
    return [*more, *shots]  # the long ones first, so that they do not run alone at the end


def run_cut(
    jobs: list[Path], told: Told, *, cut: int, workers: int, threads: int, wait: float, log: BinaryIO | None
) -> bool:
    """``run_local`` for jobs of which long ones are cut."""
    todo = plan(jobs, cut)
    return run_local(todo, whole_shots(len(jobs), todo, told), workers=workers, threads=threads, wait=wait, log=log)


def whole_shots(count: int, todo: list[Errand], told: Told) -> Told:
    """Passes on the ends of whole shots only; the seconds of their ranges are counted in."""
    of = {number: errand.number for errand in todo for number in errand.after}
    seconds: dict[int, float] = {}

    def pass_on(number: int, result: ShotResult) -> None:
        if number >= count:
            shot = of[number]
            seconds[shot] = seconds.get(shot, 0.0) + result.seconds
        else:
            told(number, replace(result, seconds=round(result.seconds + seconds.get(number, 0.0), 3)))

    return pass_on


def _ranges_of(shot: Errand, most: int) -> list[Range]:
    """The ranges of a shot that is worth cutting; none where it is to be run whole, for whatever reason."""
    try:
        job = load_job(shot.folder)
        if job.engine not in ENGINES or job.movie is not None or len(job.drawings) <= most:
            return []
        if collect(shot.folder).outcome == "done":  # coloured before: what has changed is little
            return []
        with locked(shot.folder):
            return cut_job(shot.folder, job, most)
    except (AniDocError, OSError):  # the run says what is wrong, or waits
        return []


def cut_job(folder: Path, job: Job, most: int) -> list[Range]:
    """Write the range jobs of ``job`` with at most ``most`` drawings each, overlaps and keys aside. Raises ``AniDocError``."""
    total = len(job.drawings)
    count = -(-total // most)
    borders = [round(k * total / count) for k in range(count + 1)]
    keyed = {k.drawing for k in job.keys}
    ranges = []
    for begin, end in itertools.pairwise(borders):
        near = range(max(0, begin - OVERLAP), min(total, end + OVERLAP))
        drawings = tuple(d for n, d in enumerate(job.drawings) if n in near or d.id in keyed)
        ids = {d.id for d in drawings}
        part = replace(job, drawings=drawings, exposures=tuple(e for e in job.exposures if e.drawing in ids))
        place = inside(folder, f"{RANGES}/{begin + 1:06}-{end:06}")
        for file in {e.file for e in (*part.drawings, *part.keys, *part.references)}:
            same_file(inside(folder, file), inside(place, file))
        if not _is_job(place, part):
            write_bytes(place / JOB_FILE, to_json(part).encode(), durable=False)
        ranges.append(Range(begin, end - 1, place))
    return ranges


def _is_job(place: Path, job: Job) -> bool:
    try:
        return from_json((place / JOB_FILE).read_text(encoding="utf-8")) == job
    except (OSError, UnicodeDecodeError, AniDocError):
        return False
