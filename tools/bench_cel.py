"""dev.py bench: the Cel engine on a long generated shot, as a whole process, with its peak memory.

The shot is 1920x1080 with several demo characters (about 300 regions a drawing) and one filled key. What is timed is
`anidoc run JOB` from start to exit: reading strokes, line art, regions, colours, writing PNGs.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import processes
from .environments import MAIN, ROOT, Stop, command_of, python_of, say, set_up_main

WIDTH, HEIGHT, CHARACTERS = 1920, 1080, 4
_LIMIT = 3600.0
"""Seconds for one run."""
_LOOK_EVERY = 0.2
"""Seconds between two looks at the memory of the process tree."""


@dataclass(frozen=True)
class Measured:
    """One run. ``cpu_seconds`` are the user and system time of all its processes: they say more than the clock where
    something else runs on the machine. Memory in MiB: of the largest single process (the kernel's high-water mark), and of all together.

    ``tree_mib`` adds up the proportional set size of the command and its children, sampled; None outside Linux.
    """

    drawings: int
    seconds: float
    seconds_a_drawing: float
    cpu_seconds: float
    largest_process_mib: float
    tree_mib: float | None
    coloured: int


def run(drawings: list[int], out: str) -> int:
    """Make each shot, colour it, print the table, and leave it as OUT/bench.json."""
    set_up_main()
    folder = (ROOT / out).resolve()
    results = [_measure(count, folder / str(count)) for count in drawings]
    data = {
        "command": f"python3 dev.py bench --drawings {' '.join(map(str, drawings))}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "shot": f"{WIDTH}x{HEIGHT}, {CHARACTERS} characters",
        "runs": [asdict(r) for r in results],
    }
    (folder / "bench.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(f"\n{data['shot']}; {data['machine']}; {data['date']}; {data['command']}")
    print(
        "| drawings | seconds | s a drawing | CPU s a drawing | largest process, MiB | all processes, MiB |\n|---|---|---|---|---|---|"
    )
    for r in results:
        tree = "not measured" if r.tree_mib is None else f"{r.tree_mib:.0f}"
        cpu = r.cpu_seconds / r.drawings
        print(
            f"| {r.drawings} | {r.seconds:.1f} | {r.seconds_a_drawing:.3f} | {cpu:.3f} "
            f"| {r.largest_process_mib:.0f} | {tree} |"
        )
    return 0 if all(r.coloured == r.drawings for r in results) else 1


def _measure(drawings: int, folder: Path) -> Measured:
    job = folder / "job"
    shutil.rmtree(job, ignore_errors=True)
    shutil.copytree(_shot(drawings, folder / "shot") / "job", job)
    say(f"colouring {drawings} drawings")
    started = time.monotonic()
    code, cpu, largest, tree = watched([str(command_of(MAIN, "anidoc")), "run", str(job)], ROOT)
    seconds = time.monotonic() - started
    if code:
        raise Stop(f"anidoc run ended with exit code {code} on {job}.")
    coloured = len(list((job / "frames").glob("*.png")))
    return Measured(drawings, round(seconds, 2), round(seconds / drawings, 4), cpu, largest, tree, coloured)


def _shot(drawings: int, folder: Path) -> Path:
    """The generated shot; one made earlier by the same code is used again, because 1,000 drawings take minutes."""
    mark, made_by = folder / "made-by.txt", _generator()
    if mark.is_file() and mark.read_text(encoding="utf-8") == made_by:
        return folder
    say(f"making a shot of {drawings} drawings")
    shutil.rmtree(folder, ignore_errors=True)
    make = [python_of(MAIN), "-m", "backend.evaluation.generated", folder, "--drawings", str(drawings), "--no-pictures"]
    make += ["--width", str(WIDTH), "--height", str(HEIGHT), "--characters", str(CHARACTERS)]
    code, _ = processes.run(make, ROOT, _LIMIT)
    if code:
        raise Stop("The shot could not be made; the lines above say why.")
    mark.write_text(made_by, encoding="utf-8")
    return folder


def _generator() -> str:
    """Identity of the code that makes the shot, and of its settings."""
    files = [ROOT / "backend" / "evaluation" / "generated.py", *sorted((ROOT / "backend" / "demo").glob("*.py"))]
    h = hashlib.sha256(f"{WIDTH} {HEIGHT} {CHARACTERS}".encode())
    for file in files:
        h.update(file.read_bytes())
    return h.hexdigest()


def watched(command: list[str], cwd: str | Path) -> tuple[int, float, float, float | None]:
    """Run a command; its exit code, CPU seconds and the two peaks of memory that ``Measured`` describes, MiB.

    To be called from a small process: Linux counts what the starting process held as the started one's peak.
    """
    process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    watch = _Watch(process.pid)
    limit = threading.Timer(_LIMIT, process.kill)
    limit.start()
    try:
        code, cpu, largest = _wait(process)
    except BaseException:
        process.kill()
        raise
    finally:
        limit.cancel()
    return code, cpu, largest, watch.stop()


def _wait(process: subprocess.Popen) -> tuple[int, float, float]:
    """Exit code, CPU seconds, and the high-water mark in MiB of the largest among the process and those it waited for."""
    if not hasattr(os, "wait4"):
        return process.wait(_LIMIT), float("nan"), float("nan")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there, in KiB on Linux
    return process.returncode, round(usage.ru_utime + usage.ru_stime, 2), round(usage.ru_maxrss / unit, 1)


class _Watch:
    """Looks at the memory of a process and its descendants every now and then (Linux)."""

    def __init__(self, root: int) -> None:
        self._root, self._peak, self._end = root, 0.0, threading.Event()
        self._thread = (
            threading.Thread(target=self._look, daemon=True) if Path("/proc/self/smaps_rollup").exists() else None
        )
        if self._thread:
            self._thread.start()

    def stop(self) -> float | None:
        """The largest sum seen, MiB."""
        self._end.set()
        if self._thread:
            self._thread.join()
            return round(self._peak, 1)
        return None

    def _look(self) -> None:
        while not self._end.wait(_LOOK_EVERY):
            self._peak = max(self._peak, sum(_pss(pid) for pid in _tree(self._root)) / 2**10)


def _tree(root: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # ended meanwhile
    tree = {root}
    while more := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return tree


def _pss(pid: int) -> int:
    """Proportional set size in KiB: shared pages counted once over all who share them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass  # ended meanwhile
    return 0
