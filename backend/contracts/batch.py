"""What a batch leaves: one line a shot, in a file that add-on, command line and farm write and read alike."""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from .check import entries, record
from .errors import JobError
from .files import write_bytes

FORMAT = "anidoc-batch"
FORMAT_VERSION = 1
BATCH_FILE = "batch.json"
PAGE_FILE = "index.html"

OUTCOMES = ("waiting", "done", "failed", "cancelled")
"""``done``: every drawing has its colours. ``failed``: one at least has none, or the shot could not be run at all."""

_LARGEST = 2**28
"""Bytes of a batch file."""


@dataclass(frozen=True)
class ShotResult:
    """What came of one shot.

    name              for people; ``folder`` is its job folder, empty where it did not come so far
    outcome           one of ``OUTCOMES``
    coloured, failed  drawings with and without a picture
    new               pictures that this batch made; the others were there already and right
    seconds           of work, on whichever machine (``host``)
    sentence, remedy  why it failed, for people
    file, scene       the .blend and the scene it came from, where it came from one
    render            what its sequencer was rendered to
    tries             how often it was begun
    """

    name: str
    folder: str = ""
    outcome: str = "waiting"
    coloured: int = 0
    failed: int = 0
    new: int = 0
    seconds: float = 0.0
    host: str = ""
    sentence: str = ""
    remedy: str = ""
    file: str = ""
    scene: str = ""
    render: str = ""
    tries: int = 1


@dataclass(frozen=True)
class Batch:
    """All shots of a batch, in the order they were asked for. ``seconds`` from first to last."""

    shots: tuple[ShotResult, ...]
    seconds: float = 0.0
    title: str = ""

    def count(self, outcome: str) -> int:
        """How many shots ended so."""
        return sum(s.outcome == outcome for s in self.shots)

    def spoken(self) -> str:
        """``5 shots done, 1 failed``."""
        words = [f"{self.count(o)} {o}" for o in ("done", "failed", "cancelled", "waiting") if self.count(o)]
        if not words:
            return "nothing to do"
        number, _, rest = words[0].partition(" ")
        return ", ".join([f"{number} shot{'' if number == '1' else 's'} {rest}", *words[1:]])


def save_batch(folder: Path, batch: Batch) -> None:
    """Write batch.json, whole or not at all."""
    counts = {o: batch.count(o) for o in OUTCOMES}
    data = {"format": FORMAT, "version": FORMAT_VERSION, "counts": counts, **asdict(batch)}
    write_bytes(folder / BATCH_FILE, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode(), durable=False)


def load_batch(folder: Path) -> Batch:
    """Read batch.json. Raises ``JobError`` where there is none or it is not ours."""
    path = folder / BATCH_FILE
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("larger than any batch")
        data = record(json.loads(path.read_text(encoding="utf-8")), BATCH_FILE)
    except (OSError, ValueError, RecursionError) as problem:
        raise JobError(
            f"There is no readable {BATCH_FILE} in {folder}.", "Run the batch again.", str(problem)
        ) from problem
    if data.get("format") != FORMAT or data.get("version") != FORMAT_VERSION:
        raise JobError(f"The {BATCH_FILE} in {folder} is of another AniDoc version.", "Run the batch again.")
    shots = tuple(_shot(record(x, "shot")) for x in entries(data, "shots", 10**6))
    return Batch(shots, _number(data.get("seconds")), str(data.get("title", ""))[:500])


def _shot(data: dict[str, Any]) -> ShotResult:
    shot = ShotResult(str(data.get("name", ""))[:500])
    for f in fields(ShotResult):
        value, default = data.get(f.name), getattr(shot, f.name)
        if isinstance(default, float):
            shot = replace(shot, **{f.name: _number(value)})
        elif type(value) is type(default):
            shot = replace(shot, **{f.name: value})
    return shot if shot.outcome in OUTCOMES else replace(shot, outcome="waiting")


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0
