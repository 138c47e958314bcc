"""Looking at jobs before a farm spends time on them: what would fail at once is said now, without colouring anything."""

import os
from collections.abc import Callable
from pathlib import Path

from ..contracts.batch import ShotResult
from ..contracts.errors import AniDocError, DrawingError
from ..contracts.jobfolder import load_job
from ..contracts.messages import Doubt
from ..contracts.shot import Shot
from ..runner.engines import known_engines
from ..runner.folder import own_folders
from ..runner.inputs import open_shot
from .jobs import called


def _read_all(shot: Shot) -> None:
    """Raises ``DrawingError`` where drawings cannot be read: the first one's sentence, and how many more there are."""
    problems = []
    for n in range(len(shot.ids)):
        try:
            shot.drawings[n]
        except DrawingError as problem:
            problems.append(problem)
    if problems:
        more = f" {len(problems) - 1} more cannot be used either." if len(problems) > 1 else ""
        raise DrawingError(problems[0].sentence + more, problems[0].remedy)


def check(folder: Path, tell: Callable[[Doubt], None] = lambda doubt: None) -> ShotResult:
    """Whether the job can be run: read, complete, of a known engine, in a folder that can be written.

    ``tell`` hears what a run would do all the same and is probably not meant, as a key given for another drawing.
    """
    try:
        job = load_job(folder)
        if job.engine not in known_engines():
            known = ", ".join(sorted(known_engines()))
            raise AniDocError(f"This AniDoc has no engine called {job.engine!r}.", f"It has: {known}.")
        own_folders(folder)
        if not os.access(folder, os.W_OK):
            raise AniDocError(f"AniDoc may not write in {folder}.", "Allow writing there.")
        if job.movie is None:
            opened = open_shot(folder, job, job.drawings, job.exposures)
            for doubt in opened.doubts:
                tell(doubt)
            missing = sum(1 for d in job.drawings if not (folder / d.file).is_file())
            if missing:
                raise AniDocError(f"{missing} of {len(job.drawings)} drawings are missing.", "Write the job again.")
            _read_all(opened.shot)
            count = len(opened.shot.ids)
        else:
            count = job.movie.count
            if not (folder / job.movie.file).is_file():
                raise AniDocError("The job's movie is missing.", "Write the job again.")
    except AniDocError as problem:
        return ShotResult(called(folder), str(folder), "failed", sentence=problem.sentence, remedy=problem.remedy)
    except OSError as problem:
        sentence = f"The job cannot be read ({problem.strerror or problem})."
        return ShotResult(
            called(folder), str(folder), "failed", sentence=sentence, remedy="Look whether its disk is there."
        )
    return ShotResult(job.name or called(folder), str(folder), "done", coloured=count)
