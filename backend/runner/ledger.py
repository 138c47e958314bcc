"""Which frames are there and by which recipe: report.json of the last run, and a journal of the run in work.

The journal gets one line a frame, so that a killed run keeps what it painted; a torn last line counts for nothing.
Neither is believed alone: a frame counts only while its file has the recorded sha256.
"""

import hashlib
import json
import logging
import os
from pathlib import Path

from ..contracts.errors import AniDocError
from ..contracts.files import cannot_write, inside
from ..contracts.job import Job
from ..contracts.jobfolder import FRAMES, REPORT_FILE, WORK
from ..contracts.report import Coloured, load_report
from ..pictures.png import png_head

_LOG = logging.getLogger(__name__)

JOURNAL = f"{WORK}/frames.jsonl"
_LARGEST_JOURNAL = 2**28


class Ledger:
    """The frames of a job folder, by drawing id as the job spells it."""

    def __init__(self, folder: Path, job: Job) -> None:
        self._folder, self._size = folder, (job.width, job.height)
        self._journal = inside(folder, JOURNAL)
        self._known = {c.drawing: c for c in _reported(folder)} | {c.drawing: c for c in _journalled(self._journal)}
        self._settled: dict[str, Coloured] = {}
        self._written: list[Path] = []

    def still_good(self, drawing: str, recipe: str) -> bool:
        """Whether the frame on disk is the one that ``recipe`` makes."""
        known = self._known.get(drawing)
        if known is None or known.recipe != recipe or known.file != frame_file(drawing):
            return False
        try:
            data = inside(self._folder, known.file).read_bytes()
        except OSError:
            return False
        head = png_head(data)
        size_fits = head is not None and (head.width, head.height) == self._size
        return size_fits and hashlib.sha256(data).hexdigest() == known.sha256

    def keep(self, drawing: str, confidence: float | None) -> None:
        """The frame on disk stays."""
        known = self._known[drawing]
        self._settled[drawing] = Coloured(drawing, known.file, known.sha256, known.recipe, confidence)

    def add(self, frame: Coloured) -> None:
        """A frame has been put in place."""
        self._settled[frame.drawing] = self._known[frame.drawing] = frame
        self._written.append(self._folder / frame.file)
        line = json.dumps([frame.drawing, frame.recipe, frame.sha256]).encode()
        try:
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            with self._journal.open("ab") as f:
                f.write(b"\n" + line + b"\n")  # the first newline ends a line that a kill tore
        except OSError as problem:
            raise cannot_write(self._journal, problem) from problem

    def settled(self, order: list[str]) -> tuple[Coloured, ...]:
        """This run's frames in the order of ``order``."""
        return tuple(self._settled[d] for d in order if d in self._settled)

    def present(self, order: list[str]) -> tuple[Coloured, ...]:
        """For a run cut short: this run's frames, and those of earlier runs that still lie there, checked or not."""
        frames = self._known | self._settled
        return tuple(frames[d] for d in order if d in frames and (self._folder / frames[d].file).is_file())

    def secure(self) -> None:
        """Force the frames written by this run to the disk's surface, before the report vouches for them."""
        for path in self._written:
            try:
                with path.open("rb+") as f:
                    os.fsync(f.fileno())
            except OSError as problem:
                raise cannot_write(path, problem) from problem
        self._written.clear()

    def close(self) -> None:
        """The report has it all now."""
        self._journal.unlink(missing_ok=True)


def frame_file(drawing: str) -> str:
    """Where the frame of a drawing lies in the job folder."""
    return f"{FRAMES}/{drawing}.png"


def _reported(folder: Path) -> tuple[Coloured, ...]:
    if not (folder / REPORT_FILE).is_file():
        return ()
    try:
        return tuple(c for c in load_report(folder).coloured if isinstance(c.drawing, str))
    except (AniDocError, TypeError) as problem:
        _LOG.info("the earlier report is not used: %s", problem)
        return ()


def _journalled(path: Path) -> list[Coloured]:
    if not path.is_file() or path.stat().st_size > _LARGEST_JOURNAL:
        return []
    frames = []
    for line in path.read_bytes().splitlines():
        try:
            drawing, recipe, sha256 = json.loads(line)
        except (ValueError, TypeError):
            continue
        if all(isinstance(x, str) for x in (drawing, recipe, sha256)):
            frames.append(Coloured(drawing, frame_file(drawing), sha256, recipe))
    return frames
