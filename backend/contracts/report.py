"""report.json: what a run left behind, and what the timeline is built from."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .check import entries, record, text, whole
from .errors import JobError
from .files import inside, write_bytes
from .jobfolder import REPORT_FILE
from .shot import Exposure

FORMAT = "anidoc-report"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Coloured:
    """A finished frame: ``file`` relative to the job folder, ``sha256`` of its bytes, ``recipe`` of the engine."""

    drawing: str
    file: str
    sha256: str
    recipe: str
    confidence: float | None = None


@dataclass(frozen=True)
class Failed:
    """A drawing without a frame, and why."""

    drawing: str
    sentence: str
    remedy: str = ""


@dataclass(frozen=True)
class Report:
    """The state of a job folder after a run. ``exposures`` say which frame stands where on the timeline."""

    outcome: str
    width: int
    height: int
    coloured: tuple[Coloured, ...]
    failed: tuple[Failed, ...]
    exposures: tuple[Exposure, ...]


def save_report(folder: Path, report: Report) -> None:
    """Write report.json, whole or not at all."""
    data = {"format": FORMAT, "version": FORMAT_VERSION, **asdict(report)}
    write_bytes(folder / REPORT_FILE, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode())


def load_report(folder: Path) -> Report:
    """Read report.json. Raises ``JobError`` where there is none or it is not ours."""
    path = inside(folder, REPORT_FILE)
    try:
        data = record(json.loads(path.read_text(encoding="utf-8")), "report.json")
    except (OSError, ValueError) as problem:
        raise JobError("The run left no readable report.", "Press the button again.", str(problem)) from problem
    if data.get("format") != FORMAT or data.get("version") != FORMAT_VERSION:
        raise JobError("The report in the job folder is of another AniDoc version.", "Press the button again.")
    try:
        return Report(
            outcome=text(data, "outcome", 20),
            width=whole(data, "width", 0, 2**20),
            height=whole(data, "height", 0, 2**20),
            coloured=tuple(Coloured(**record(x, "coloured")) for x in entries(data, "coloured", 10**6)),
            failed=tuple(Failed(**record(x, "failed")) for x in entries(data, "failed", 10**6)),
            exposures=tuple(Exposure(**record(x, "exposure")) for x in entries(data, "exposures", 10**6)),
        )
    except TypeError as problem:  # an entry with other fields than ours
        raise JobError("The run left no readable report.", "Press the button again.", str(problem)) from problem
