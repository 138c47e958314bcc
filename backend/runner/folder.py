"""Reading a job's files without trusting them: never outside the folder, never a pipe or device, never without end."""

import hashlib
from pathlib import Path

from ..contracts.drawing import ID_LENGTH
from ..contracts.errors import JobError
from ..contracts.files import inside
from ..contracts.job import Job
from ..contracts.jobfolder import CERTAINTY, FRAMES, SKETCHES, WORK

_FOLDERS = (
    FRAMES,
    SKETCHES,
    WORK,
    *(f"{WORK}/{name}" for name in ("evidence", "movie", "preview", "painted")),
    CERTAINTY,
)
"""What a run writes to."""


def read_file(folder: Path, name: str, most: int) -> bytes:
    """The bytes of the job's file ``name``, at most ``most``. Raises ``JobError`` (outside) or ``OSError`` (missing)."""
    path = inside(folder, name)
    if not path.is_file():
        raise FileNotFoundError(f"{name} is missing")
    if path.stat().st_size > most:
        raise OSError(f"{name} is larger than {most // 2**20} MB")
    return path.read_bytes()


def content_id(job: Job, file: str, data: bytes) -> str:
    """The id an engine knows a drawing by: a hash of its file, its kind and the job's size.

    Not the id in job.json: that is anybody's claim, and evidence kept under it would outlive a change of the file.
    """
    h = hashlib.sha256(f"drawing 1 {job.width} {job.height} {Path(file).suffix.lower()} ".encode())
    h.update(data)
    return h.hexdigest()[:ID_LENGTH]


def own_folders(folder: Path) -> None:
    """Make sure that what a run writes stays in the job folder, even where a stranger left links in it."""
    for name in _FOLDERS:
        path = inside(folder, name)
        if path.exists() and not path.is_dir():
            raise JobError(f"In the job folder, {name} should be a folder and is not.", "Delete it and run again.")


def sweep(folder: Path) -> None:
    """Remove temporary files that an earlier run left when it was killed. Only while the folder is ours."""
    for name in ("", *_FOLDERS):
        where = folder / name
        if where.is_dir():
            for part in where.glob("report.json.*.part" if not name else "*.part"):
                part.unlink(missing_ok=True)
