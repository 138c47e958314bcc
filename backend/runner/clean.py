"""Removing from a job folder what a run can make again."""

from collections.abc import Iterator
from pathlib import Path

from ..contracts.errors import AniDocError
from ..contracts.files import cannot_write, inside
from ..contracts.jobfolder import FRAMES, REPORT_FILE, SKETCHES, WORK, load_job
from ..contracts.report import load_report
from .lock import locked


def clean(folder: Path, *, everything: bool = False) -> tuple[int, int]:
    """Remove evidence, sketches, and frames that job and report do not name. Returns (files, bytes) removed.

    A run never removes frames by itself: a strip of an earlier version of the shot may still show them.
    ``everything`` also removes all frames and the report. Drawings, keys and references always stay.
    """
    job = load_job(folder)
    with locked(folder):
        try:
            kept = (
                set()
                if everything
                else {d.id for d in job.drawings} | {c.drawing for c in load_report(folder).coloured}
            )
        except AniDocError:
            kept = {d.id for d in job.drawings}
        doomed = [*_files(folder, WORK), *_files(folder, SKETCHES)]
        doomed += [p for p in _files(folder, FRAMES) if p.stem not in kept]
        if everything and (folder / REPORT_FILE).is_file():
            doomed.append(folder / REPORT_FILE)
        size = 0
        for path in doomed:
            try:
                size += path.lstat().st_size
                path.unlink()
            except OSError as problem:
                raise cannot_write(path, problem) from problem
        return len(doomed), size


def _files(folder: Path, name: str) -> Iterator[Path]:
    """Files below one of the run's own folders, which must lie in the job folder; links are not followed."""
    where = inside(folder, name)
    if where.is_dir():
        for path in sorted(where.rglob("*")):
            if path.is_symlink() or path.is_file():
                yield path
