"""``anidoc batch JOB...``: many shots, several workers, one report page; goes on after failures, resumes, never twice."""

import argparse
import logging
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from ..contracts.batch import BATCH_FILE, Batch, ShotResult, load_batch, save_batch
from ..contracts.errors import AniDocError
from ..farm.jobs import called
from .main import ALL_DONE, CANCELLED, SOME_FAILED, complain
from .run import end_politely

REPORT = Path("anidoc-batch")
"""Where the report goes by itself."""

_SAVE = 2.0
"""Seconds between two writings of batch.json while the batch is at work."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add = parser.add_argument
    add("jobs", nargs="*", type=Path, metavar="JOB", help="a job folder, a folder of job folders, or a list in a file")
    add("--workers", type=int, default=1, metavar="N", help="processes at work on this machine (default: 1)")
    add("--threads", type=int, default=0, metavar="N", help="cores for each worker (default: shared evenly)")
    add("--report", type=Path, default=REPORT, metavar="DIR", help=f"folder of the report page (default: {REPORT})")
    add("--title", default="", help="the page's heading")
    add("--only", default="", metavar="N-M", help="only the jobs with these numbers, counted from 1")
    add("--wait", type=float, default=3600.0, metavar="S", help="seconds to wait for a job another run holds (3600)")
    add("--cut", type=int, default=0, metavar="N", help="cut longer shots into ranges of N drawings, run side by side")
    add("--dask", default="", metavar="ADDRESS", help="run on the Dask cluster with this scheduler")
    add("--gpu", action="store_true", help="with --dask: one GPU for each shot")
    add("--expect", type=int, default=0, metavar="N", help="with --check: fail unless there are N jobs")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--check", action="store_true", help="colour nothing, only say which jobs cannot be run")
    way.add_argument("--collect", action="store_true", help="run nothing, make the page of what lies there")
    way.add_argument("--page", action="store_true", help=f"run nothing, make the page of {BATCH_FILE} in --report")
    way.add_argument(
        "--cancel", action="store_true", help="ask batches at work, here or elsewhere, to leave these jobs"
    )
    way.add_argument("--flamenco", default="", metavar="URL", help="submit the jobs to this Flamenco Manager")
    add("--tag", default="", help="with --flamenco: only workers with this tag")
    add("--chunk", type=int, default=4, metavar="N", help="with --flamenco: shots in one task (default: 4)")


def run(chosen: argparse.Namespace) -> int:
    """Do what the options ask; 0 where every shot is done, 1 where some are not, 2 where nothing could be run."""
    from ..farm.jobs import find_jobs, only

    end_politely()
    if chosen.page:
        return _page(chosen, load_batch(chosen.report))
    if not chosen.jobs:
        raise AniDocError("No jobs are given.", "Give job folders, a folder of them, or a list in a text file.")
    if chosen.workers < 1 or chosen.cut < 0 or chosen.chunk < 1:
        raise AniDocError("Workers and chunks count from 1.", "Leave the option out where you do not need it.")
    jobs = find_jobs(chosen.jobs)
    if chosen.only:
        jobs = only(jobs, chosen.only)
    if chosen.check:
        return _check(jobs, chosen.expect)
    if chosen.cancel:
        return _cancel(jobs)
    if chosen.flamenco:
        return _flamenco(chosen, jobs)
    if chosen.collect:
        from ..farm.collect import collect

        return _page(chosen, Batch(tuple(collect(j) for j in jobs), title=chosen.title))
    return _batch(chosen, jobs)


def _batch(chosen: argparse.Namespace, jobs: list[Path]) -> int:
    began = time.monotonic()
    keep = _Keep(chosen.report, chosen.title, jobs, began)
    with ExitStack() as open_files:
        log = None
        if not chosen.verbose:
            log = open_files.enter_context(_log(chosen.report))
        if chosen.threads > 0:
            for library in ("OMP", "OPENBLAS", "MKL"):
                os.environ[f"{library}_NUM_THREADS"] = str(chosen.threads)
        if chosen.dask:
            from ..farm.dask_cluster import run_dask
            from ..farm.ranges import plan, whole_shots

            todo = plan(jobs, chosen.cut)
            told = whole_shots(len(jobs), todo, keep)
            whole = run_dask(chosen.dask, todo, told, gpu=chosen.gpu, wait=chosen.wait)
        else:
            from ..farm.ranges import run_cut

            whole = run_cut(
                jobs, keep, cut=chosen.cut, workers=chosen.workers, threads=chosen.threads, wait=chosen.wait, log=log
            )
    code = _page(chosen, keep.batch())
    return code if whole else CANCELLED


@contextmanager
def _log(place: Path) -> Iterator[BinaryIO]:
    """Where the workers' errors go; gone again where there were none."""
    path = place / f"batch-{platform.node()}-{os.getpid()}.log"
    try:
        place.mkdir(parents=True, exist_ok=True)
        log = path.open("ab")
    except OSError as problem:
        raise AniDocError(
            f"The report cannot be written to {place} ({problem.strerror}).", "Choose another folder with --report."
        ) from problem
    try:
        with log:
            yield log
    finally:
        try:
            if path.stat().st_size == 0:
                path.unlink()
        except OSError as problem:
            logging.getLogger(__name__).info("%s stays: %s", path, problem)


class _Keep:
    """Takes results as they come: a line for people, batch.json for whoever looks while it is at work."""

    def __init__(self, place: Path, title: str, jobs: list[Path], began: float) -> None:
        self._place, self._title, self._began, self._saved = place, title, began, began
        self._shots = [ShotResult(called(j), str(j)) for j in jobs]
        self._ended = 0

    def __call__(self, number: int, result: ShotResult) -> None:
        """A shot has come to its end."""
        self._shots[number] = result
        self._ended += 1
        print(f"{self._ended} of {len(self._shots)}  {line(result)}", flush=True)
        if time.monotonic() - self._saved >= _SAVE:
            self._saved = time.monotonic()
            try:
                save_batch(self._place, self.batch())
            except AniDocError as problem:  # the report's disk is full or gone: no reason to stop the shots
                complain(problem)

    def batch(self) -> Batch:
        """All shots as they stand."""
        return Batch(tuple(self._shots), round(time.monotonic() - self._began, 3), self._title)


def line(shot: ShotResult) -> str:
    """One shot in one line: ``shot 12: done, 48 drawings, 3 new, 2.1 s``."""
    if shot.outcome == "done":
        said = f"{shot.name}: done, {shot.coloured} drawings, {shot.new} new, {shot.seconds:.1f} s"
        return f"{said}. {shot.sentence} {shot.remedy}".rstrip() if shot.sentence else said
    return f"{shot.name}: {shot.outcome}. {shot.sentence} {shot.remedy}".rstrip()


def _page(chosen: argparse.Namespace, batch: Batch) -> int:
    from ..farm.report.page import leave_page

    page = leave_page(chosen.report, batch)
    print(f"{batch.spoken()}, {batch.seconds:.1f} s. The report: {page}")
    return ALL_DONE if batch.count("done") == len(batch.shots) else SOME_FAILED


def _check(jobs: list[Path], expect: int) -> int:
    from ..farm.check import check

    if expect and len(jobs) != expect:
        raise AniDocError(f"There are {len(jobs)} jobs; {expect} were announced.", "Correct the number or the list.")

    def say(job: Path, sentence: str, remedy: str) -> None:
        print(f"anidoc: {job}: {sentence} {remedy}".rstrip(), file=sys.stderr)

    bad = 0
    for job in jobs:
        found = check(job, lambda doubt, job=job: say(job, doubt.sentence, doubt.remedy))
        if found.outcome != "done":
            bad += 1
            say(job, found.sentence, found.remedy)
    many = "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
    print(f"{many}, {bad} cannot be run." if bad else f"{many} can be run.")
    return SOME_FAILED if bad else ALL_DONE


def _cancel(jobs: list[Path]) -> int:
    from ..farm.cancelling import ask

    for job in jobs:
        ask(job)
    print(f"{len(jobs)} jobs will be left by whoever is at work on them.")
    return ALL_DONE


def _flamenco(chosen: argparse.Namespace, jobs: list[Path]) -> int:
    from ..farm.flamenco.submit import submit

    told = submit(chosen.flamenco, jobs, chosen.report, title=chosen.title, tag=chosen.tag, chunk=chosen.chunk)
    print(told)
    return ALL_DONE
