"""What lies in job folders after other machines were at work there, as the result of a batch."""

from pathlib import Path

from ..contracts.batch import ShotResult
from ..contracts.errors import AniDocError
from ..contracts.job import Job
from ..contracts.jobfolder import load_job
from ..contracts.report import Report, load_report
from .jobs import called


def collect(folder: Path) -> ShotResult:
    """The state of one job folder by its report; ``waiting`` where no run has come to its end there."""
    try:
        job = load_job(folder)
    except (AniDocError, OSError) as problem:
        sentence = getattr(problem, "sentence", f"The job cannot be read ({problem}).")
        return ShotResult(called(folder), str(folder), "failed", sentence=sentence)
    try:
        report = load_report(folder)
    except AniDocError:
        return ShotResult(called(folder), str(folder), sentence="No run has come to its end here yet.")
    return _told(folder, job, report)


def _told(folder: Path, job: Job, report: Report) -> ShotResult:
    sentence, remedy, outcome = "", "", report.outcome
    there = sum((folder / c.file).is_file() for c in report.coloured)
    if report.failed:
        first = report.failed[0]
        total = len(report.failed) + len(report.coloured)
        sentence = f"{len(report.failed)} of {total} drawings could not be coloured; the first: {first.sentence}"
        remedy, outcome = first.remedy, "failed"
    elif there < len(report.coloured):
        sentence, remedy = f"{len(report.coloured) - there} coloured frames are gone.", "Run it again."
        outcome = "failed"
    elif job.movie is None and {d.id for d in job.drawings} - {c.drawing for c in report.coloured}:
        sentence, remedy, outcome = "The job was changed after its last run.", "Run it again.", "waiting"
    elif outcome != "done":
        sentence = "The last run did not come to its end."
        outcome = outcome if outcome in ("failed", "cancelled") else "failed"
    return ShotResult(called(folder), str(folder), outcome, there, len(report.failed), sentence=sentence, remedy=remedy)
