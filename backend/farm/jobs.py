"""Which job folders a batch is about: folders, folders of job folders, and lists of them in a text file."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..contracts.errors import AniDocError
from ..contracts.jobfolder import JOB_FILE

_LARGEST_LIST = 2**26
"""Bytes of a list: a million paths."""


def find_jobs(paths: Iterable[Path]) -> list[Path]:
    """The job folders that ``paths`` name, each once, in that order. Raises ``AniDocError`` for a path that leads nowhere.

    A path is a job folder, a folder with job folders somewhere below, or a text file with a path in each line. What a
    list names is kept even where it is missing: that shot fails with its sentence, the others run.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if (path / JOB_FILE).exists():
            found[absolute(path)] = None
        elif path.is_dir():
            below = list(_below(path))
            if not below:
                raise AniDocError(f"There is no job in {path} and below.", "Give job folders, or a folder of them.")
            found |= dict.fromkeys(below)
        elif path.is_file():
            found |= dict.fromkeys(_listed(path))
        else:
            raise AniDocError(f"There is no job folder {path}.", "Check the path; is its disk there?")
    return list(found)


def called(folder: Path) -> str:
    """What people call the shot in a job folder: its name, or that of the pictures' folder where the job is hidden in that."""
    return folder.parent.name if folder.name.startswith(".") and folder.parent.name else folder.name


def absolute(path: Path) -> Path:
    """The path from the root, without ``..``, links left as they are: other machines may resolve them differently."""
    return Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links


def only(jobs: list[Path], part: str) -> list[Path]:
    """The jobs numbered ``FIRST-LAST`` or ``NUMBER``, counted from 1. Raises ``AniDocError``."""
    first, dash, last = part.partition("-")
    try:
        begin, end = int(first), int(last) if dash else int(first)
    except ValueError:
        raise AniDocError(f"--only {part} is not of the form 5 or 5-8.", "Count the jobs from 1.") from None
    if not 1 <= begin <= end:
        raise AniDocError(f"--only {part} is no range of jobs.", "Count the jobs from 1, the smaller number first.")
    if begin > len(jobs):
        raise AniDocError(f"--only {part}: there are {len(jobs)} jobs.", "Count again what the list holds.")
    return jobs[begin - 1 : end]


def _below(folder: Path) -> Iterator[Path]:
    """Job folders below ``folder``; what lies inside a job folder is its own business."""
    for where, folders, files in os.walk(folder):
        if JOB_FILE in files:
            folders.clear()
            yield absolute(Path(where))
        folders.sort()


def _listed(path: Path) -> Iterator[Path]:
    try:
        if path.stat().st_size > _LARGEST_LIST:
            raise AniDocError(f"{path} is too large for a list of jobs.", "Give a text file with a path in each line.")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise AniDocError(
            f"{path} cannot be read as a list of jobs.", "Give a text file with a path in each line.", str(problem)
        ) from problem
    named = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not named:
        raise AniDocError(f"The list {path} names no job.", "Write the path of a job folder in each line.")
    for name in named:
        if "\0" in name or len(name) > 4096:
            raise AniDocError(f"{path} is not a list of jobs.", "Give a text file with a path in each line.")
        yield absolute(path.parent / name)
