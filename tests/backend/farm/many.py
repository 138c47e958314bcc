"""Many small shots for the tests of batches, and what is asked of every way of running them."""

import dataclasses
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from backend.contracts.batch import Batch, load_batch
from backend.contracts.jobfolder import save_job
from backend.contracts.report import load_report
from backend.runner.run import run_and_tell
from backend.runner.standin import StandIn
from tests.support.jobs import environment, make_job, result_of
from tests.support.server import children_of

DRAWINGS = 3


def make_shots(
    folder: Path, count: int, script: tuple[str, ...] = ("evidence",), endless: int | None = None
) -> list[Path]:
    """``count`` job folders of three drawings each, all different. The shot ``endless`` never ends by itself."""
    jobs = []
    for n in range(count):
        job = folder / f"shot_{n:03}"
        words = (*script, "forever 1") if n == endless else script
        made = make_job(job, (30 + n / 8, 34 + n / 8, 38 + n / 8), script=words)
        save_job(job, dataclasses.replace(made, name=job.name))  # the stand-in's notes tell the shots apart by name
        jobs.append(job)
    return jobs


def expected(jobs: list[Path], apart: Path) -> dict[str, dict[str, bytes]]:
    """What undisturbed runs, one by one in this process, leave for the same shots, by name."""
    results = {}
    for job in jobs:
        shutil.copytree(job, apart / job.name)
        run_and_tell(apart / job.name, lambda message: None, engines={"standin": StandIn})
        results[job.name] = result_of(apart / job.name)
    return results


class Running:
    """A command of ours at work. Use it in a ``with``; it is ended there."""

    def __init__(self, *arguments: object, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**environment(), **more},
            text=True,
        )
        self.said = ""

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self, timeout: float = 120) -> int:
        """Wait for it; its exit code."""
        self.said, _ = self.process.communicate(timeout=timeout)
        return self.process.returncode

    def children(self) -> list[int]:
        return children_of(self.process.pid)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def until(true, seconds: float = 60.0):
    """Wait until ``true()`` gives something; gives that, or fails."""
    end = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def reports(folder: Path) -> int:
    """How many shots have a report."""
    return sum(1 for _ in folder.glob("*/report.json"))


def check_nothing_torn(folder: Path) -> None:
    """No temporary file is left and every frame that is reported has its bytes."""
    assert not list(folder.rglob("*.part"))
    for path in folder.glob("*/report.json"):
        for frame in load_report(path.parent).coloured:
            data = (path.parent / frame.file).read_bytes()
            assert hashlib.sha256(data).hexdigest() == frame.sha256


def painted(log: Path) -> Counter:
    """How often each drawing was painted, by what the stand-in engine noted."""
    return Counter(log.read_text().splitlines())


def batch_of(place: Path) -> Batch:
    """What the batch reported."""
    return load_batch(place)
