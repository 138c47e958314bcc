"""What dev.py is made of: it says what is missing, ends what it started, and its locks are complete."""

import os
import re
import sys
import time
from pathlib import Path

import pytest

from tools import environments, libraries, processes, system
from tools.environments import BLENDERS, LOCKS, Stop

POSIX = pytest.mark.skipif(os.name != "posix", reason="process groups and apt-get are POSIX")


def test_a_program_gives_its_exit_code_and_what_it_said(tmp_path):
    code, said = processes.run([sys.executable, "-c", "print('ü'); raise SystemExit(3)"], tmp_path, 60, quiet=True)
    assert (code, said.strip()) == (3, "ü")


def test_a_program_has_no_standard_input_to_wait_for(tmp_path):
    assert processes.run([sys.executable, "-c", "input()"], tmp_path, 60, quiet=True)[0] == 1


@POSIX
def test_at_the_limit_the_program_and_its_children_are_gone(tmp_path):
    child = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    code, said = processes.run([sys.executable, "-c", child], tmp_path, 2, quiet=True)
    assert code == processes.TIMED_OUT
    deadline = time.monotonic() + 10
    while _alive(int(said)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(int(said))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_missing_python_is_a_sentence_and_never_a_skip():
    with pytest.raises(Stop, match=r"Blender 9\.9 needs Python 3\.99, and this machine has none\. Install it"):
        environments.find_python("3.99", "Blender 9.9", download=False)


def test_pythons_are_found_under_pyenv_newest_first(tmp_path, monkeypatch):
    for version in ("3.77.2", "3.77.10", "3.7.1"):
        python = tmp_path / "versions" / version / "bin" / "python3"
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    found = environments.find_python("3.77", "a test", download=False)
    assert found == tmp_path / "versions" / "3.77.10" / "bin" / "python3"


@POSIX
def test_only_the_superuser_gets_packages_installed(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not system.install(["a-package"])


def test_a_missing_library_is_named_by_its_package(monkeypatch):
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux lacks libraries that Blender needs")
    monkeypatch.setattr(libraries, "IMPORT", {"libdoesnotexist.so.1": "libdoesnotexist1"})
    monkeypatch.setattr(system, "install", lambda packages: False)
    with pytest.raises(Stop, match="sudo apt-get install libdoesnotexist1"):
        libraries.provide(drawing=False)


@pytest.mark.parametrize("lock", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.name)
def test_locks_pin_every_file_by_hash_and_name_no_host(lock):
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text and "python3 dev.py lock" in text
    blocks = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert blocks
    for block in blocks:
        assert "==" in block.split("\n")[0] and "--hash=sha256:" in block, block.split("\n")[0]


def test_every_requirements_file_has_its_lock_and_every_blender_an_environment():
    # torch-cpu is torch once more, as another index builds it.
    assert {p.stem for p in LOCKS.glob("*.in")} | {"torch-cpu"} == {p.stem for p in LOCKS.glob("*.txt")}
    assert {f"bpy-{version}" for version in BLENDERS} <= {p.stem for p in LOCKS.glob("*.in")}
    for version in BLENDERS:
        assert f"bpy=={version}." in (LOCKS / f"bpy-{version}.txt").read_text(encoding="utf-8")


@POSIX
def test_the_benchmark_sees_memory_of_children_too():
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("needs Linux's smaps_rollup")
    hold = "import time; block = bytearray(120 * 2**20); time.sleep(1.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}], check=True)"
    # In a process as small as dev.py: Linux counts what the starting process held as the started one's peak.
    bench = f"from tools import bench_cel; print(*bench_cel.watched([{sys.executable!r}, '-c', {parent!r}], '.'))"
    ended, said = processes.run([sys.executable, "-c", bench], environments.ROOT, 60, quiet=True)
    assert ended == 0, said
    code, cpu, largest, everything = (float(word) for word in said.split())
    assert code == 0 and cpu > 0 and 120 <= largest <= 200 and 120 <= everything <= 220
