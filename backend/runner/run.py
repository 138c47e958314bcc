"""Run a job folder: its shot goes to the engine, the frames that come back go to ``frames/``, report.json says what is there."""

import logging
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..contracts.engine import Event, Frame, Step, Trouble
from ..contracts.errors import AniDocError, JobBusy, JobError
from ..contracts.job import Job
from ..contracts.jobfolder import CERTAINTY, SKETCHES, WORK, load_job
from ..contracts.messages import Finished, FrameReady, Message, Problem, Progress
from ..contracts.report import Coloured, Failed, Report, load_report, save_report
from ..contracts.shot import Exposure
from ..pictures.write import renew_png, write_png
from . import painted
from .assistant import Assistant
from .claim import Claim
from .engines import Engines, incomplete, known_engines, make_engine
from .folder import own_folders, sweep
from .inputs import OpenShot, open_shot
from .ledger import Ledger, frame_file
from .lock import locked
from .memory import keep_memory
from .movie import take_out
from .progress import Pace
from .store import EvidenceStore

_LOG = logging.getLogger(__name__)

PREVIEW = f"{WORK}/preview"
"""Frames shown early lie here; ``frames/`` holds final ones only."""

_OFTEN = 0.1
"""Seconds between two words on progress in the same work."""

_LONGEST_DETAIL = 20_000
"""Characters of a traceback that go into a message; the end tells most."""

_MISTAKE = "This is a mistake in AniDoc, not in your drawing. Please report it with the log."


class Cancelled(Exception):
    """The person who started the run wants it no more."""


def run_and_tell(
    folder: Path,
    tell: Callable[[Message], None],
    *,
    name: str = "",
    stop: Callable[[], bool] = lambda: False,
    engines: Engines | None = None,
) -> Finished:
    """Run the job in ``folder`` under ``name`` and tell everything, the end included. Raises nothing.

    ``stop`` is asked between the engine's steps; once it is true the run ends as cancelled.
    """
    start, count = time.monotonic(), _Count(tell)
    try:
        report = run_job(folder, count, name=name, stop=stop, engines=engines)
        outcome = "done" if report.coloured else "failed"
    except (Cancelled, KeyboardInterrupt):
        outcome = "cancelled"
    except AniDocError as problem:
        outcome = "failed"
        tell(Problem(name, problem.sentence, problem.remedy, detail=problem.detail, kind=problem.kind))
    except OSError as problem:  # a shared disk went away, a memory stick was pulled out
        outcome, reason = "failed", problem.strerror or type(problem).__name__
        _LOG.error("%s", traceback.format_exc())
        remedy = "Look whether its disk is there and run it again; what is finished is kept."
        tell(Problem(name, f"The job folder cannot be used any more ({reason}).", remedy, detail=str(problem)))
    except ImportError as problem:  # of a library that only some jobs need
        outcome, error = "failed", incomplete(problem)
        tell(Problem(name, error.sentence, error.remedy, detail=error.detail))
    except Exception as problem:
        outcome, detail = "failed", traceback.format_exc()[-_LONGEST_DETAIL:]
        _LOG.error("%s", detail)
        if _is_memory(problem):
            sentence, remedy = (
                "There is not enough memory for this shot.",
                "Close other programs, or render it smaller.",
            )
        else:
            sentence, remedy = f"The run broke off ({_kind(problem)}).", _MISTAKE
        tell(Problem(name, sentence, remedy, detail=detail))
    seconds = round(time.monotonic() - start, 3)
    end = Finished(name, outcome, len(count.coloured), len(count.failed), seconds, len(count.kept))
    tell(end)
    return end


class _Count:
    """Passes messages on and counts the drawings they settle."""

    def __init__(self, tell: Callable[[Message], None]) -> None:
        self._tell = tell
        self.coloured: set[str] = set()
        self.kept: set[str] = set()
        self.failed: set[str] = set()

    def __call__(self, message: Message) -> None:
        if isinstance(message, FrameReady) and message.final:
            self.coloured.add(message.drawing)
            if not message.anew:
                self.kept.add(message.drawing)
        elif isinstance(message, Problem) and message.drawing:
            self.failed.add(message.drawing)
        self._tell(message)


def run_job(
    folder: Path,
    tell: Callable[[Message], None] = lambda message: None,
    *,
    name: str = "",
    stop: Callable[[], bool] = lambda: False,
    engines: Engines | None = None,
) -> Report:
    """Colour every drawing of the job in ``folder`` and say in report.json what there is.

    What is there and right stays. Raises ``AniDocError`` where the run cannot go on, ``Cancelled`` when ``stop`` says so;
    what was finished until then is kept and the next run goes on from it.
    """
    job = load_job(folder)
    engine = make_engine(job.engine, known_engines() if engines is None else engines)
    if hasattr(engine, "assistant"):
        keep_memory()
    with locked(folder) as claim:
        own_folders(folder)
        sweep(folder)
        painted.forget(folder)
        run = _Run(folder, job, tell, name, stop, claim)
        assistant = Assistant(folder)
        store = EvidenceStore(folder, assistant)
        try:
            opened = run.open()
            with closing(_closable(engine.frames(opened.shot, job.options, store))) as events:
                for event in events:
                    if store.trouble is not None:
                        raise store.trouble
                    run.take(event)
            report = run.end()
        except BaseException as problem:
            run.break_off("cancelled" if isinstance(problem, (Cancelled, KeyboardInterrupt)) else "failed")
            raise
        finally:
            assistant.close()
            painted.forget(folder)
        store.prune()
        return report


def _closable(events):
    yield from events


class _Run:
    """A run in work: what it has told, written and met so far."""

    def __init__(self, folder: Path, job: Job, tell, name: str, stop: Callable[[], bool], claim: Claim) -> None:
        self._folder, self._job, self._tell, self._name, self._stop = folder, job, tell, name, stop
        self._claim = claim
        self._order = [d.id for d in job.drawings]
        self._exposures: tuple[Exposure, ...] = job.exposures
        self._opened: OpenShot | None = None
        self._ledger = Ledger(folder, job)
        self._failed: dict[str, Failed] = {}
        self._previews: dict[str, tuple[str, str]] = {}
        self._pace, self._told, self._doing = Pace(), 0.0, ""

    def open(self) -> OpenShot:
        """Take the drawings out of a movie, if it is one, and open the shot."""
        files, movie = self._job.drawings, self._job.movie
        if movie is not None:
            if files:
                raise JobError("The job holds both drawings and a movie.", "Write the job again with one of them.")
            files, self._exposures = take_out(
                self._folder, self._job, movie, lambda done, total: self._progress(done, total, "reading the movie")
            )
            self._order = [d.id for d in files]
        self._check_stop()
        self._opened = open_shot(
            self._folder,
            self._job,
            files,
            self._exposures,
            lambda done, total: self._progress(done, total, "looking at the drawings"),
        )
        for doubt in self._opened.doubts:
            self._tell(replace(doubt, job=self._name))
        return self._opened

    def take(self, event: Event) -> None:
        """One event of the engine."""
        self._check_stop()
        if isinstance(event, Step):
            self._progress(event.done, event.total, event.doing)
        elif isinstance(event, Trouble):
            for drawing in self._outer(event.drawing):
                self._fail(drawing, event.sentence, event.remedy)
        elif event.final:
            self._final(event)
        else:
            self._early(event)

    def end(self) -> Report:
        """The engine has said its last word: make the report."""
        coloured = self._ledger.settled(self._order)
        done = {c.drawing for c in coloured} | set(self._failed)
        # A drawing that is never exposed is there for its key only; an engine may leave it out.
        exposed = {e.drawing for e in self._exposures} or set(self._order)
        for drawing in self._order:
            if drawing in exposed and drawing not in done:
                self._fail(drawing, f"The drawing {self._called(drawing)} was left out by the engine.", _MISTAKE)
        report = self._report("done" if coloured else "failed", coloured)
        self._ledger.secure()
        if not self._is_reported(report):
            save_report(self._folder, report)
        self._ledger.close()
        self._drop_previews()
        return report

    def break_off(self, outcome: str) -> None:
        """The run ends early; say in the report what is there. The next run reads it and the journal."""
        try:
            if self._opened is not None:
                save_report(self._folder, self._report(outcome, self._ledger.present(self._order)))
            self._drop_previews()
        except (AniDocError, OSError) as problem:
            _LOG.warning("the report could not be written: %s", problem)

    def _final(self, frame: Frame) -> None:
        picture: np.ndarray | None = None
        drawings = self._outer(frame.drawing)
        for drawing in drawings:
            there = self._ledger.still_good(drawing, frame.recipe)
            # A frame that stays may have become surer, or less so.
            if frame.certainty is not None:
                renew_png(self._folder / CERTAINTY / f"{drawing}.png", frame.certainty())
            if there:
                self._ledger.keep(drawing, frame.confidence)
            else:
                file = frame_file(drawing)
                try:
                    # The sketch before the frame: a frame that is there and right is not looked at again after a kill.
                    place, more = self._folder / file, drawing != drawings[-1]
                    sha = painted.take(self._folder, frame.recipe, place, self._sketch_file(drawing), leave_it=more)
                    if sha is None:
                        self._leave_sketch(drawing, frame)
                        sha = self._shown_early(drawing, frame.recipe, file)
                    if sha is None:
                        picture = self._paint(frame) if picture is None else picture
                        sha = write_png(self._folder / file, picture)
                except _CannotPaint as problem:
                    self._fail(drawing, problem.sentence, problem.remedy, problem.detail)
                    continue
                self._ledger.add(Coloured(drawing, file, sha, frame.recipe, frame.confidence))
            self._tell(FrameReady(self._name, drawing, frame_file(drawing), True, anew=not there))

    def _early(self, frame: Frame) -> None:
        picture: np.ndarray | None = None
        for drawing in self._outer(frame.drawing):
            file = f"{PREVIEW}/{drawing}.png"
            if self._ledger.still_good(drawing, frame.recipe):
                file = frame_file(drawing)
            else:
                try:
                    picture = self._paint(frame) if picture is None else picture
                except _CannotPaint as problem:
                    _LOG.info("no preview of %s: %s", drawing, problem.detail)
                    continue
                self._previews[drawing] = (frame.recipe, write_png(self._folder / file, picture))
            self._tell(FrameReady(self._name, drawing, file, False))

    def _shown_early(self, drawing: str, recipe: str, file: str) -> str | None:
        """A preview that turned out final moves over; returns its sha256."""
        known, sha = self._previews.pop(drawing, ("", ""))
        if known != recipe:
            return None
        (self._folder / file).parent.mkdir(exist_ok=True)
        (self._folder / f"{PREVIEW}/{drawing}.png").replace(self._folder / file)
        return sha

    def _paint(self, frame: Frame) -> np.ndarray:
        try:
            picture = frame.paint()
        except AniDocError as problem:
            raise _CannotPaint(problem.sentence, problem.remedy, problem.detail) from problem
        except Exception as problem:
            _LOG.error("%s", traceback.format_exc())
            what = "not enough memory" if _is_memory(problem) else _kind(problem)
            drawing = self._called(self._outer(frame.drawing)[0])
            detail = traceback.format_exc()[-_LONGEST_DETAIL:]
            raise _CannotPaint(f"The drawing {drawing} could not be painted ({what}).", _MISTAKE, detail) from problem
        shape = (self._job.height, self._job.width, 4)
        if getattr(picture, "shape", None) != shape or picture.dtype != np.uint8:
            detail = f"{type(picture)} {getattr(picture, 'shape', '')} instead of {shape} uint8"
            raise _CannotPaint("The engine made a picture of the wrong form.", _MISTAKE, detail)
        return picture

    def _leave_sketch(self, drawing: str, frame: Frame) -> None:
        if frame.sketch is not None:
            write_png(self._sketch_file(drawing), frame.sketch())

    def _sketch_file(self, drawing: str) -> Path:
        return self._folder / SKETCHES / f"{drawing}.png"

    def _outer(self, drawing: str) -> list[str]:
        assert self._opened is not None
        return self._opened.stands_for[drawing]

    def _called(self, drawing: str) -> str:
        names = {d.id: d.name for d in self._job.drawings}
        return names.get(drawing) or drawing

    def _fail(self, drawing: str, sentence: str, remedy: str = "", detail: str = "") -> None:
        self._failed[drawing] = Failed(drawing, sentence, remedy)
        self._tell(Problem(self._name, sentence, remedy, drawing, detail))

    def _progress(self, done: int, total: int, doing: str) -> None:
        self._check_stop()
        left, now = self._pace.seconds_left(done, total), time.monotonic()
        # What is done now is news, however short it lasts.
        if done >= total or doing != self._doing or now - self._told >= _OFTEN:
            self._told, self._doing = now, doing
            self._tell(Progress(self._name, done, total, None if left is None else round(left, 1), doing))

    def _check_stop(self) -> None:
        if self._stop():
            raise Cancelled
        if self._claim.lost:
            raise JobBusy("The job folder is gone, or another machine took it over.", "Look for it, and run it again.")

    def _report(self, outcome: str, coloured: tuple[Coloured, ...]) -> Report:
        failed = tuple(self._failed[d] for d in self._order if d in self._failed)
        return Report(outcome, self._job.width, self._job.height, coloured, failed, self._exposures)

    def _is_reported(self, report: Report) -> bool:
        return _left_behind(self._folder) == report

    def _drop_previews(self) -> None:
        for path in (self._folder / PREVIEW).glob("*.png"):
            path.unlink(missing_ok=True)


class _CannotPaint(AniDocError):
    """One frame's picture could not be made; the run goes on."""


def _is_memory(problem: Exception) -> bool:
    """OpenCV has an error of its own for it, with the code StsNoMem."""
    return isinstance(problem, MemoryError) or getattr(problem, "code", 0) == -4


def _kind(problem: Exception) -> str:
    """What a report of the mistake should name: ``KeyError``, ``cv2.error``."""
    home = type(problem).__module__
    return type(problem).__name__ if home == "builtins" else f"{home}.{type(problem).__name__}"


def _left_behind(folder: Path) -> Report | None:
    try:
        return load_report(folder)
    except AniDocError:
        return None
