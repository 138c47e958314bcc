"""A disk that is full or cannot be written: one sentence, nothing torn, and the next run goes on."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.contracts.messages import Problem
from backend.pictures.read import read_picture
from backend.runner.run import run_and_tell
from backend.runner.standin import StandIn
from tests.support.jobs import anidoc, frames_of, make_job, result_of

ENGINES = {"standin": StandIn}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux; the injected full disk is tested everywhere")
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, timeout=10, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk; the injected full disk is tested everywhere")
    yield place
    subprocess.run(["umount", str(place)], timeout=10, check=True)  # noqa: S607


@pytest.mark.parametrize("engine", ["standin", "cel"])
def test_a_full_disk_is_one_sentence_and_the_run_goes_on_when_there_is_room(tmp_path, small_disk, engine):
    make_job(tmp_path / "whole", range(20, 40), engine=engine, script=["evidence"])
    assert anidoc("run", tmp_path / "whole").returncode == 0
    job = small_disk / "job"
    make_job(job, range(20, 40), engine=engine, script=["evidence"])
    ballast = small_disk / "ballast"
    room = os.statvfs(small_disk)
    ballast.write_bytes(bytes((room.f_bavail - 24) * room.f_frsize))

    done = anidoc("run", job)
    assert done.returncode == 2
    complaints = done.stderr.strip().splitlines()
    assert len(complaints) == 1 and "disk is full" in complaints[0] and "Free some space" in complaints[0]
    for name, data in frames_of(job).items():
        assert name.endswith(".png")
        read_picture(data, name)

    ballast.unlink()
    assert anidoc("run", job).returncode == 0
    assert result_of(job) == result_of(tmp_path / "whole")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("room", range(0, 12))
def test_a_disk_that_fills_up_at_any_write_tears_nothing(tmp_path, monkeypatch, code, room):
    """The disk takes ``room`` files and no more: evidence, frames, journal and report in turn meet the end."""
    make_job(tmp_path / "whole", script=["evidence", "early", "sketch"])
    run_and_tell(tmp_path / "whole", lambda m: None, engines=ENGINES)
    job = tmp_path / "job"
    make_job(job, script=["evidence", "early", "sketch"])
    opened, taken = Path.open, []

    def fills_up(self, mode="r", *rest, **more):
        if mode in ("xb", "ab"):
            taken.append(self)
            if len(taken) > room:
                raise OSError(code, os.strerror(code))
        return opened(self, mode, *rest, **more)

    said = []
    with monkeypatch.context() as m:
        m.setattr(Path, "open", fills_up)
        end = run_and_tell(job, said.append, engines=ENGINES)
    assert end.outcome == "failed"
    assert ["disk is full" in m.sentence for m in said if isinstance(m, Problem)] == [True]
    assert not [p for p in job.rglob("*.part")]
    run_and_tell(job, said.append, engines=ENGINES)
    assert result_of(job) == result_of(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_a_sentence(tmp_path):
    make_job(tmp_path)
    tmp_path.chmod(0o555)
    try:
        done = anidoc("run", tmp_path)
    finally:
        tmp_path.chmod(0o755)
    assert done.returncode == 2 and "cannot be written" in done.stderr and "Traceback" not in done.stderr


def test_a_folder_that_may_not_be_written_is_a_sentence_for_root_too(tmp_path, small_disk):
    job = small_disk / "job"
    make_job(job)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], timeout=10, check=True)  # noqa: S607
    done = anidoc("run", job)
    assert done.returncode == 2 and "cannot be written" in done.stderr and "Traceback" not in done.stderr
    out = anidoc("clean", job)
    assert out.returncode == 2 and "cannot be written" in out.stderr


def test_frames_is_a_file(tmp_path):
    make_job(tmp_path)
    (tmp_path / "frames").write_text("not a folder")
    said = []
    assert run_and_tell(tmp_path, said.append, engines=ENGINES).outcome == "failed"
    assert "should be a folder" in said[0].sentence
