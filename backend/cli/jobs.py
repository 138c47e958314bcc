"""Which folder a person means by JOB, and folders that results go to."""

import tempfile
from pathlib import Path

from ..contracts.errors import AniDocError, JobError
from ..contracts.jobfolder import JOB_FILE

HIDDEN = ".anidoc"
"""Where ``anidoc colorize`` keeps its job, in the folder with the coloured pictures."""


def job_folder(folder: Path, verb: str) -> Path:
    """``folder``, unless it is one that ``anidoc colorize`` wrote pictures to: then ``JobError`` names the job inside."""
    hidden = folder / HIDDEN
    if (folder / JOB_FILE).exists() or not (hidden / JOB_FILE).exists():
        return folder  # what else may be wrong with it is said on reading
    raise JobError(
        f"{folder} holds pictures of `anidoc colorize`; their job is kept in {hidden}.",
        f"Use: anidoc {verb} {hidden} (or, for new pictures in {folder}, the same `anidoc colorize` again).",
    )


def require_writable(folder: Path, option: str) -> None:
    """Make the folder that a person gave with ``option``. Raises ``AniDocError`` that names it where it is of no use."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        if isinstance(problem, FileExistsError):
            reason = "it is a file"
        raise AniDocError(
            f"The folder {folder} cannot be written ({reason}).",
            f"Choose another one with {option}, or allow writing there.",
            str(problem),
        ) from problem
