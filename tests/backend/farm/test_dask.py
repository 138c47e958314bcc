"""``anidoc batch --dask``: a real scheduler and real workers as processes on the loopback address."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from backend.farm.cancelling import ask
from tests.backend.farm.many import (
    Running,
    batch_of,
    check_nothing_torn,
    expected,
    make_shots,
    painted,
    reports,
    until,
)
from tests.backend.farm.test_ranges import long_shot, undisturbed
from tests.support.jobs import anidoc, environment, make_job, result_of
from tests.support.server import children_of, gone

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
SHOTS = 200


@contextmanager
def process(log: Path, *arguments: object, core: int | None = None, **more: str) -> Iterator[subprocess.Popen]:
    """A Dask process; what it says goes to ``log``. With ``core`` it and its children have that core only."""
    quiet = {
        "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "false",
        "DASK_LOGGING__DISTRIBUTED": "warning",
        "DASK_TEMPORARY_DIRECTORY": str(log.parent),
        "OMP_NUM_THREADS": "1",
    }
    with log.open("wb") as sink:
        running = subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, arguments)],
            stdout=sink,
            stderr=sink,
            env={**environment(), **quiet, **more},
        )
    if core is not None:
        os.sched_setaffinity(running.pid, {core})
    try:
        yield running
    finally:
        running.kill()
        running.wait(10)


class Cluster:
    """A scheduler and some workers."""

    def __init__(self, place: Path, **more: str) -> None:
        self.place, self.more = place, more
        self.stack = ExitStack()
        self.workers: list[subprocess.Popen] = []

    def __enter__(self) -> "Cluster":
        file = self.place / "scheduler.json"
        self.stack.enter_context(
            process(
                self.place / "scheduler.log",
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                0,
                "--scheduler-file",
                file,
                "--no-dashboard",
                "--no-show",
            )
        )
        until(lambda: file.exists() and file.stat().st_size, 60)
        time.sleep(0.2)
        self.address = json.loads(file.read_text())["address"]
        return self

    def add_worker(self, *flags: str, core: int | None = None) -> subprocess.Popen:
        name = f"w{len(self.workers)}"
        worker = self.stack.enter_context(
            process(
                self.place / f"{name}.log",
                "worker",
                self.address,
                "--name",
                name,
                "--nthreads",
                1,
                "--no-nanny",
                "--no-dashboard",
                "--host",
                "127.0.0.1",
                "--local-directory",
                self.place,
                *flags,
                core=core,
                **self.more,
            )
        )
        self.workers.append(worker)
        return worker

    def __exit__(self, *_: object) -> None:
        self.stack.close()


@linux
def test_two_hundred_shots_on_two_workers_one_killed_one_shot_cancelled(tmp_path):
    jobs = make_shots(tmp_path / "jobs", SHOTS, endless=7)
    whole = expected([j for j in jobs if j.name != "shot_007"], tmp_path / "apart")
    log = tmp_path / "painted"
    with Cluster(tmp_path, ANIDOC_STAND_IN_LOG=str(log)) as cluster:
        for _ in range(2):
            cluster.add_worker()
        with Running("batch", tmp_path / "jobs", "--dask", cluster.address, "--report", tmp_path / "report") as batch:
            until(lambda: reports(tmp_path / "jobs") > 40)
            victim = cluster.workers[0]
            (at_work,) = children_of(victim.pid)
            os.kill(victim.pid, signal.SIGKILL)
            assert gone(at_work, 3), "what the worker had started ends with it"
            time.sleep(1)  # the one that is left may have the endless shot, or get it
            ask(jobs[7])
            assert batch.end() == 1, batch.said
    told = batch_of(tmp_path / "report")
    assert (told.count("done"), told.count("cancelled")) == (SHOTS - 1, 1)
    assert told.shots[7].outcome == "cancelled"
    assert {name: result_of(tmp_path / "jobs" / name) for name in whole} == whole, "the same bytes as undisturbed runs"
    check_nothing_torn(tmp_path / "jobs")
    times = painted(log)
    assert sum(times.values()) - len(times) <= 1, "only the drawing in work when the worker was killed"


@linux
def test_a_small_cluster_with_all_its_troubles(tmp_path):
    """One cluster for several questions, because starting one takes seconds."""
    listed = make_shots(tmp_path / "jobs", 4)
    with Cluster(tmp_path) as cluster:
        cluster.add_worker()
        refused = anidoc("batch", tmp_path / "jobs", "--dask", cluster.address, "--gpu", "--report", tmp_path / "r")
        assert refused.returncode == 2 and "No Dask worker says that it has a GPU" in refused.stderr
        cluster.add_worker("--resources", "GPU=1")
        make_job(listed[2], script=["raise 1"])
        until(lambda: "GPU" not in (said := _gpu(tmp_path, cluster)).stderr and said, 60)
        told = batch_of(tmp_path / "r")
        assert [s.outcome for s in told.shots] == ["done", "done", "failed", "done"]
        assert "broke off" in told.shots[2].sentence

        job = long_shot(tmp_path / "long")
        whole = undisturbed(job, tmp_path / "apart")
        report = ("--report", tmp_path / "r3")
        cut = anidoc("batch", job, "--cut", 12, "--dask", cluster.address, *report, timeout=120)
        assert cut.returncode == 0 and result_of(job) == whole, cut.stdout + cut.stderr

        make_shots(tmp_path / "more", 3, endless=1)
        with Running("batch", tmp_path / "more", "--dask", cluster.address, "--report", tmp_path / "r2") as batch:
            until(lambda: reports(tmp_path / "more") == 2)
            time.sleep(3)  # what is done is told a moment after its report is written
            os.kill(batch.process.pid, signal.SIGINT)
            assert batch.end(60) == 130
        assert [s.outcome for s in batch_of(tmp_path / "r2").shots] == ["done", "cancelled", "done"]


def _gpu(tmp_path, cluster):
    return anidoc("batch", tmp_path / "jobs", "--dask", cluster.address, "--gpu", "--report", tmp_path / "r")


def test_no_scheduler_is_a_sentence(tmp_path, monkeypatch):
    from backend.contracts.errors import AniDocError
    from backend.farm import dask_cluster

    monkeypatch.setattr(dask_cluster, "PATIENCE", 1.0)
    with pytest.raises(AniDocError, match="There is no Dask scheduler at"):
        dask_cluster.run_dask("tcp://127.0.0.1:9", [], lambda number, result: None)


def test_without_the_library_the_remedy_names_the_requirements(tmp_path):
    make_shots(tmp_path / "jobs", 1)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "distributed.py").write_text("raise ModuleNotFoundError(name='distributed')")
    path = os.pathsep.join([str(tmp_path / "empty"), environment()["PYTHONPATH"]])
    with Running(
        "batch", tmp_path / "jobs", "--dask", "tcp://127.0.0.1:9", "--report", tmp_path / "r", PYTHONPATH=path
    ) as batch:
        assert batch.end(60) == 2
    assert "Dask library is not installed" in batch.said and "farm.txt" in batch.said
