"""The conversation with a backend: real processes, a fake backend, no Blender needed."""

import signal
import sys
import time
from pathlib import Path

import pytest
from bl_ext.user_default.anidoc.anidoc_blender.client import conversation
from bl_ext.user_default.anidoc.anidoc_blender.client.conversation import Link, converse
from bl_ext.user_default.anidoc.anidoc_blender.client.process import Process, child_environment
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError
from bl_ext.user_default.anidoc.backend.contracts.messages import FrameReady, Progress
from bl_ext.user_default.anidoc.backend.version import VERSION

from tests.support.shots import FAKE, ROOT, wait_until


@pytest.fixture
def started(tmp_path):
    """Start the fake backend in a mode; every process is gone after the test."""
    children = []

    def start(mode: str) -> Link:
        command = [sys.executable, str(FAKE), mode]
        children.append(Process(command, root=ROOT, home=tmp_path / "home", log=tmp_path / "a log.txt"))
        return Link(children[-1], VERSION)

    yield start
    for child in children:
        child.stop(0.0)


@pytest.fixture
def job(tmp_path) -> Path:
    """A job folder with two drawings, as far as the fake backend looks."""
    folder = tmp_path / "a job"
    folder.mkdir()
    (folder / "job.json").write_text(
        '{"width": 4, "height": 3, "drawings": [{"id": "aaaaaaaa"}, {"id": "bbbbbbbb"}], "exposures": []}'
    )
    return folder


def follow(link, folder, cancel_after: float = 1e9):
    """Everything said about a job, and its last word."""
    talk, said, began = converse(link, "a job", folder), [], time.monotonic()
    said += next(talk)
    while True:
        time.sleep(0.01)
        assert time.monotonic() - began < 20
        try:
            said += talk.send(time.monotonic() - began > cancel_after)
        except StopIteration as end:
            return said, end.value


def test_a_job_is_followed_to_its_end(started, job):
    said, finished = follow(started("colour"), job)
    assert [m.drawing for m in said if isinstance(m, FrameReady)] == ["aaaaaaaa", "bbbbbbbb"]
    assert [m.done for m in said if isinstance(m, Progress)] == [1, 2]
    assert (finished.outcome, finished.coloured) == ("done", 2)


def test_one_process_does_many_jobs(started, job):
    link = started("colour")
    assert follow(link, job)[1].outcome == "done"
    assert follow(link, job)[1].outcome == "done"


def test_no_turn_waits_for_the_backend(started, job):
    link = started("deaf")
    talk = converse(link, "a job", job)
    longest = 0.0
    next(talk)
    for _ in range(100):
        began = time.perf_counter()
        talk.send(False)
        longest = max(longest, time.perf_counter() - began)
        time.sleep(0.005)
    assert longest < 0.02


def test_cancel_is_obeyed_within_a_second(started, job):
    began = time.monotonic()
    _, finished = follow(started("slow"), job, cancel_after=0.3)
    assert finished.outcome == "cancelled"
    assert time.monotonic() - began < 1.5


def test_a_backend_that_ignores_cancel_is_ended(started, job, monkeypatch):
    monkeypatch.setattr(conversation, "PATIENCE_CANCEL", 0.2)
    link = started("deaf")
    assert wait_until(lambda: link.receive() is not None and link.hello is not None, 20)
    _, finished = follow(link, job, cancel_after=0.3)
    assert finished.outcome == "cancelled"
    assert not link.child.running()


def test_a_backend_that_dies_is_told_in_a_sentence_with_its_log(started, job, tmp_path):
    with pytest.raises(AniDocError, match=r"ended unexpectedly \(code 7\).*a log\.txt") as raised:
        follow(started("dies"), job)
    assert "Something terrible happened" in raised.value.detail
    assert "Something terrible happened" in (tmp_path / "a log.txt").read_text()


def test_a_backend_that_was_killed_is_told_in_a_sentence(started, job):
    link = started("deaf")
    talk = converse(link, "a job", job)
    next(talk)
    link.child._process.send_signal(signal.SIGKILL)
    with pytest.raises(AniDocError, match="memory ran out"):
        for _ in range(200):
            time.sleep(0.01)
            talk.send(False)


def test_a_missing_package_asks_for_repair(started, job):
    with pytest.raises(AniDocError, match="Press Repair") as raised:
        follow(started("no_packages"), job)
    assert raised.value.button == "anidoc.set_up"


def test_another_version_is_refused(started, job):
    with pytest.raises(AniDocError, match=r"is of AniDoc 99\.0\.0"):
        follow(started("other_version"), job)


def test_what_a_startup_script_prints_is_passed_over(started, job):
    assert follow(started("banner"), job)[1].outcome == "done"


def test_nonsense_in_the_middle_ends_the_talk(started, job):
    with pytest.raises(AniDocError, match="does not understand"):
        follow(started("garbage"), job)


def test_a_flood_of_words_and_errors_stops_nobody(started, job):
    said, finished = follow(started("chatty"), job)
    assert sum(isinstance(m, Progress) for m in said) == 20_000
    assert finished.outcome == "done"


def test_silence_ends_with_a_sentence(tmp_path):
    child = Process(
        [sys.executable, "-c", "import time; time.sleep(60)"], root=ROOT, home=tmp_path, log=tmp_path / "log"
    )
    now = [0.0]
    link = Link(child, VERSION, clock=lambda: now[0])
    assert link.receive() == []
    now[0] = 61.0
    with pytest.raises(AniDocError, match="did not answer within 60 seconds"):
        link.receive()
    child.stop(0.0)


def test_stopping_ends_what_the_child_started_too(started, tmp_path):
    link = started("with_child")
    log = tmp_path / "a log.txt"
    assert wait_until(lambda: "child" in log.read_text())
    grandchild = int(log.read_text().split()[1])
    assert Path(f"/proc/{grandchild}").exists()
    link.child.stop(0.1)

    def gone():
        stat = Path(f"/proc/{grandchild}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"

    assert wait_until(gone)


def test_the_child_sees_nothing_of_the_users_own_python():
    base = {"PYTHONHOME": "/elsewhere", "PythonPath": "/mine", "VIRTUAL_ENV": "/v", "HOME": "/home/me"}
    assert child_environment(Path("/ext"), base) == {
        "HOME": "/home/me",
        "PYTHONPATH": str(Path("/ext")),
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
    }


def test_a_python_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(AniDocError, match="could not be started"):
        Process([str(tmp_path / "nothing")], root=ROOT, home=tmp_path, log=tmp_path / "log")


def test_a_long_log_is_put_aside(tmp_path):
    log = tmp_path / "backend.log"
    log.write_bytes(b"x" * (2**20 + 1))
    Process([sys.executable, "-c", "0"], root=ROOT, home=tmp_path, log=log).stop(1.0)
    assert log.stat().st_size == 0
    assert (tmp_path / "backend.old.log").stat().st_size == 2**20 + 1
