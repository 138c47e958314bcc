"""The backend's process that makes in-betweens."""

import os
from collections.abc import Generator
from pathlib import Path

from ...backend.contracts.errors import AniDocError
from ...backend.contracts.tween import load_result
from ..client import life
from ..client.process import log_tail
from ..setup import environment
from ..task import Status


def breakdowns(folder: Path, count: int) -> Generator[Status, bool | None, bool]:
    """Make what the folder asks for, ``count`` drawings; True where it was cancelled. Raises ``AniDocError``."""
    python = environment.any_interpreter()
    arguments = ["-m", "backend", "breakdowns", str(folder), "--parent", str(os.getpid())]
    child = life.start_child(python, arguments, "inbetween")
    try:
        while child.ended() is None:
            child.receive()
            made = len(list((folder / "between").glob("*.npz"))) if (folder / "between").is_dir() else 0
            if (yield Status("Making in-betweens", made, count)):
                return True
    finally:
        child.stop(0.0)
    try:
        error = load_result(folder)
    except AniDocError as problem:
        raise AniDocError(
            "The in-betweens could not be made.", "Press In-between again; Show Log says more.", log_tail(child.log)
        ) from problem
    if error is not None:
        raise error
    return False
