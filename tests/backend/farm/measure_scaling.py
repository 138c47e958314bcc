"""How a batch scales from one worker to two, and what a shot costs beside the engine. Prints a table.

    python -m tests.backend.farm.measure_scaling            anidoc batch on this machine
    python -m tests.backend.farm.measure_scaling --dask     the same on a Dask cluster of one and of two workers
    python -m tests.backend.farm.measure_scaling --cut      one long shot: whole, and cut into two ranges for two workers

Needs two idle cores. Every worker has one core to itself, so that two do not simply use what one left idle.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from backend.contracts.batch import load_batch
from tests.backend.farm.many import make_shots
from tests.backend.farm.test_dask import Cluster
from tests.support.jobs import ROOT, environment

SHOTS, DRAWINGS, WIDTH, HEIGHT = 24, 8, 640, 360
SMALL = 200


def batch(jobs: Path, report: Path, *more: object) -> float:
    """Seconds of one ``anidoc batch`` as a whole process, from start to exit."""
    command = [sys.executable, "-m", "backend", "batch", jobs, "--report", report, *more]
    began = time.monotonic()
    ended = subprocess.run(
        list(map(str, command)), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - began
    told = load_batch(report)
    assert ended.returncode == 0 and told.count("done") == len(told.shots), ended.stdout + ended.stderr
    return seconds


def real_shots(folder: Path, count: int, drawings: int) -> Path:
    """Generated shots for the Cel engine, ``count`` copies of one under different names."""
    command = [sys.executable, "-m", "backend.evaluation.generated", folder / "one", "--drawings", drawings]
    command += ["--width", WIDTH, "--height", HEIGHT, "--characters", 2]
    subprocess.run(list(map(str, command)), cwd=ROOT, env=environment(), check=True, capture_output=True)
    for n in range(count):
        shutil.copytree(folder / "one" / "job", folder / "jobs" / f"shot_{n:03}")
    shutil.rmtree(folder / "one")
    return folder / "jobs"


def fresh(jobs: Path) -> Path:
    """The same shots as nobody has run them."""
    for job in jobs.iterdir():
        for name in ("frames", "work", "sketches"):
            shutil.rmtree(job / name, ignore_errors=True)
        (job / "report.json").unlink(missing_ok=True)
    return jobs


def say(what: str, value: str) -> None:
    print(f"{what:<64} {value}", flush=True)


def on_this_machine(place: Path) -> Callable[[Path, int], float]:
    def run(jobs: Path, workers: int) -> float:
        return batch(jobs, place / "report", "--workers", workers, "--threads", 1)

    return run


def on_dask(place: Path) -> Callable[[Path, int], float]:
    def run(jobs: Path, workers: int) -> float:
        with tempfile.TemporaryDirectory(dir=place) as own, Cluster(Path(own)) as cluster:
            for n in range(workers):
                cluster.add_worker(core=n)
            time.sleep(6)  # the workers' own start is not the batch's
            return batch(jobs, place / "report", "--dask", cluster.address)

    return run


def scaling(place: Path, run: Callable[[Path, int], float]) -> None:
    """The table's first part: 1 -> 2 workers, and the cost of a shot that is next to nothing."""
    jobs = real_shots(place, SHOTS, DRAWINGS)
    one = run(jobs, 1)
    two = run(fresh(jobs), 2)
    label = f"{SHOTS} shots of {DRAWINGS} drawings, {WIDTH} x {HEIGHT}, Cel"
    say(f"{label}, 1 worker, 1 core", f"{one:7.1f} s")
    say(f"{label}, 2 workers, 1 core each", f"{two:7.1f} s")
    say("ratio, start-up and report page included", f"{one / two:7.2f}")
    make_shots(place / "small" / "few", 10)
    make_shots(place / "small" / "many", SMALL + 10)
    few = run(place / "small" / "few", 1)
    many = run(place / "small" / "many", 1)
    say(f"{SMALL + 10} tiny shots, 1 worker", f"{many:7.1f} s")
    say("10 tiny shots, 1 worker", f"{few:7.1f} s")
    say("a further tiny shot, everything included", f"{(many - few) / SMALL:7.3f} s")


def ranges(place: Path) -> None:
    """One long shot for two workers."""
    jobs = real_shots(place, 1, 60)
    whole = batch(jobs, place / "report", "--workers", 2, "--threads", 1)
    cut = batch(fresh(jobs), place / "report", "--workers", 2, "--threads", 1, "--cut", 30)
    say("a shot of 60 drawings whole, one of 2 workers busy", f"{whole:7.1f} s")
    say("the same cut into 2 ranges for 2 workers, and joined", f"{cut:7.1f} s")
    say("ratio", f"{whole / cut:7.2f}")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description="How a batch scales.")
    parser.add_argument("--dask", action="store_true")
    parser.add_argument("--cut", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if chosen.cut:
            ranges(place)
        else:
            scaling(place, on_dask(place) if chosen.dask else on_this_machine(place))


if __name__ == "__main__":
    main()
