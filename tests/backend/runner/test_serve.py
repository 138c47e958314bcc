"""``anidoc serve`` as Blender sees it: a real process, its stdin and its stdout."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from backend.contracts.job import ReferenceFile
from backend.contracts.messages import PROTOCOL, Finished, FrameReady, Hello, Problem, Progress, decode
from backend.pictures.write import write_png
from backend.version import VERSION
from tests.support.jobs import environment, frames_of, make_job
from tests.support.server import Served, children_of, gone

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def test_hello_comes_first_and_says_who_speaks():
    with Served() as server:
        hello = server.next(Hello)
        assert decode(server.raw[0]) == hello
        assert (hello.protocol, hello.version) == (PROTOCOL, VERSION)
        assert "cel" in hello.engines


def test_a_job_is_told_from_progress_to_the_end(tmp_path):
    make_job(tmp_path)
    with Served() as server:
        server.submit("shot 1", tmp_path)
        seen, end = server.finish("shot 1")
    assert any(isinstance(m, Progress) for m in seen)
    ready = [m for m in seen if isinstance(m, FrameReady)]
    assert len(ready) == 4 and all((tmp_path / m.path).is_file() for m in ready)
    assert (end.outcome, end.coloured, end.failed) == ("done", 4, 0)


def test_the_worker_stays_loaded_from_job_to_job(tmp_path):
    make_job(tmp_path / "a")
    make_job(tmp_path / "b")
    with Served() as server:
        server.submit("a", tmp_path / "a")
        server.finish("a")
        before = children_of(server.process.pid) if sys.platform == "linux" else []
        server.submit("b", tmp_path / "b")
        server.finish("b")
        assert not before or children_of(server.process.pid) == before


@linux
def test_the_worker_is_kept_as_apart_from_a_users_own_packages_as_the_server(tmp_path):
    make_job(tmp_path)
    with Served("-s", "-P") as server:
        server.submit("a", tmp_path)
        assert server.finish("a")[1].outcome == "done"
        (worker,) = children_of(server.process.pid)
        said = Path(f"/proc/{worker}/cmdline").read_text().split("\0")
    assert said[1:5] == ["-s", "-P", "-m", "backend"]


def test_stdout_belongs_to_the_protocol_even_when_libraries_print(tmp_path):
    make_job(tmp_path, script=["print 1"])
    with Served() as server:
        server.submit("a", tmp_path)
        assert server.finish("a")[1].outcome == "done"
        assert all(json.loads(line)["type"] for line in server.raw)


def test_frames_shown_early_are_marked_and_leave_nothing_behind(tmp_path):
    make_job(tmp_path, script=["early"])
    with Served() as server:
        server.submit("a", tmp_path)
        ready = [m for m in server.finish("a")[0] if isinstance(m, FrameReady)]
    assert [m.final for m in ready] == [False, True] * 4
    assert len(frames_of(tmp_path)) == 4
    assert not list((tmp_path / "work" / "preview").glob("*"))


def test_jobs_queue(tmp_path):
    for name in "abc":
        make_job(tmp_path / name, script=["sleep 0.05"])
    with Served() as server:
        for name in "abc":
            server.submit(name, tmp_path / name)
        ends = [server.next(Finished) for _ in "abc"]
    assert [(e.job, e.outcome) for e in ends] == [(n, "done") for n in "abc"]


def test_the_same_folder_twice_is_refused_in_a_sentence(tmp_path):
    make_job(tmp_path, script=["sleep 0.1"])
    with Served() as server:
        server.submit("first", tmp_path)
        server.submit("second", tmp_path / "." / "frames" / "..")
        problem = server.next(Problem)
        assert problem.job == "second" and "already" in problem.sentence
        assert server.next(Finished).job == "second"
        end = server.next(Finished)
        assert (end.job, end.outcome, end.coloured) == ("first", "done", 4)


def test_a_name_in_use_is_not_given_twice(tmp_path):
    make_job(tmp_path / "a", script=["sleep 0.1"])
    make_job(tmp_path / "b")
    with Served() as server:
        server.submit("same", tmp_path / "a")
        server.submit("same", tmp_path / "b")
        assert server.next(Problem).job == ""
        assert server.next(Finished).outcome == "done"


@pytest.mark.parametrize("script", ["sleep 0.2", "forever 1", "hold 1"])
def test_cancel_is_answered_within_a_second_and_the_next_job_works(tmp_path, script):
    make_job(tmp_path / "long", range(20, 60), script=[script])
    make_job(tmp_path / "next")
    with Served() as server:
        server.submit("long", tmp_path / "long")
        server.next(FrameReady)
        time.sleep(0.3)
        server.submit("next", tmp_path / "next")
        start = time.monotonic()
        server.cancel("long")
        end = server.next(Finished)
        assert time.monotonic() - start < 1.0
        assert (end.job, end.outcome) == ("long", "cancelled") and end.coloured >= 1
        end = server.next(Finished)
        assert (end.job, end.outcome) == ("next", "done")


def test_a_job_still_waiting_is_cancelled_at_once(tmp_path):
    make_job(tmp_path / "a", script=["sleep 0.1"])
    make_job(tmp_path / "b")
    with Served() as server:
        server.submit("a", tmp_path / "a")
        server.submit("b", tmp_path / "b")
        server.cancel("b")
        assert server.next(Finished) == Finished("b", "cancelled")
        assert server.next(Finished).job == "a"
    assert not frames_of(tmp_path / "b")


def test_a_name_may_be_used_again_after_a_cancel(tmp_path):
    make_job(tmp_path, script=["sleep 0.1"])
    with Served() as server:
        server.submit("shot", tmp_path)
        server.next(FrameReady)
        server.cancel("shot")
        assert server.next(Finished).outcome == "cancelled"
        server.cancel("shot")
        server.submit("shot", tmp_path)
        assert server.next(Finished).outcome == "done"


@pytest.mark.parametrize("script", ["kill 2", "fault 2", "exit 2"])
def test_a_dying_worker_takes_one_job_with_it_and_no_more(tmp_path, script):
    make_job(tmp_path / "bad", script=[script])
    make_job(tmp_path / "good")
    with Served() as server:
        server.submit("bad", tmp_path / "bad")
        server.submit("good", tmp_path / "good")
        problem = server.next(Problem)
        assert problem.job == "bad" and "broke off" in problem.sentence and problem.remedy
        end = server.next(Finished)
        assert (end.job, end.outcome, end.coloured) == ("bad", "failed", 2)
        assert server.next(Finished).outcome == "done"


@pytest.mark.parametrize(("script", "word"), [("memory 2", "memory"), ("raise 2", "mistake in AniDoc")])
def test_a_failing_engine_is_a_sentence(tmp_path, script, word):
    make_job(tmp_path, script=[script])
    with Served() as server:
        server.submit("a", tmp_path)
        problem = server.next(Problem)
        assert word in f"{problem.sentence} {problem.remedy}" and "Traceback" not in problem.sentence
        assert server.next(Finished).outcome == "failed"


@pytest.mark.parametrize(
    "line",
    [b"\n", b"hello\n", b"[]\n", b'{"type": []}\n', b'{"type": "submit"}\n', b"\xff\xfe\n", b"[" * 5000 + b"\n"],
)
def test_a_line_that_is_no_message_is_answered_and_harmless(tmp_path, line):
    make_job(tmp_path)
    with Served() as server:
        server.send(line)
        assert server.next(Problem).job == ""
        server.submit("a", tmp_path)
        assert server.next(Finished).outcome == "done"


@pytest.mark.parametrize("folder", ["", "no/such/folder", "nul\0byte", "x" * 5000])
def test_a_folder_that_is_none_is_a_sentence(folder):
    with Served() as server:
        server.send((json.dumps({"type": "submit", "job": "a", "folder": folder}) + "\n").encode())
        assert server.next(Problem).job == "a"
        assert server.next(Finished).outcome == "failed"


@pytest.mark.parametrize(
    ("library", "content"),
    [("cv2", "raise ImportError('DLL load failed')"), ("scipy", "raise ModuleNotFoundError(name='scipy')")],
)
def test_a_half_installed_environment_is_a_sentence(tmp_path, library, content):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / f"{library}.py").write_text(content)
    # A job with a sheet needs everything.
    (tmp_path / "job/references").mkdir(parents=True)
    write_png(tmp_path / "job/references/sheet.png", np.full((40, 40, 4), (200, 30, 60, 255), np.uint8))
    make_job(tmp_path / "job", engine="cel", references=[ReferenceFile("references/sheet.png", "sheet")])
    with Served(PYTHONPATH=str(tmp_path / "broken") + os.pathsep + environment()["PYTHONPATH"]) as server:
        for name in ("first", "second"):
            server.submit(name, tmp_path / "job")
            problem = server.next(Problem)
            assert "environment is incomplete" in problem.sentence and "Repair" in problem.remedy
            assert server.next(Finished).job == name


@linux
@pytest.mark.parametrize("script", ["sleep 0.05", "forever 1", "hold 1"])
def test_all_is_gone_within_a_second_when_stdin_closes(tmp_path, script):
    make_job(tmp_path, range(20, 60), script=[script])
    with Served() as server:
        server.submit("a", tmp_path)
        server.next(FrameReady)
        time.sleep(0.2)
        worker = children_of(server.process.pid)
        assert len(worker) == 1
        start = time.monotonic()
        assert server.process.stdin
        server.process.stdin.close()
        assert gone(server.process.pid, 1.0) and gone(worker[0], 1.0)
        assert time.monotonic() - start < 1.0


@linux
@pytest.mark.parametrize("script", ["sleep 0.05", "hold 1"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_orphan_when_the_serving_process_is_killed(tmp_path, script, number):
    make_job(tmp_path, range(20, 60), script=[script])
    with Served() as server:
        server.submit("a", tmp_path)
        server.next(FrameReady)
        time.sleep(0.2)
        worker = children_of(server.process.pid)
        assert len(worker) == 1
        start = time.monotonic()
        os.kill(server.process.pid, number)
        assert gone(worker[0], 1.0) and gone(server.process.pid, 1.0)
        assert time.monotonic() - start < 1.0


def test_a_reader_that_is_busy_does_not_stop_the_work(tmp_path):
    """Blender reads nothing while it renders; a full pipe must hold up neither the work nor a cancel."""
    make_job(tmp_path / "a", [20 + n / 8 for n in range(400)], script=["early"])
    make_job(tmp_path / "b", script=["forever 0"])
    with Served(listening=False) as server:
        server.submit("a", tmp_path / "a")
        server.submit("b", tmp_path / "b")
        end = time.monotonic() + 30
        while not (tmp_path / "a" / "report.json").exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert len(frames_of(tmp_path / "a")) == 400
        server.cancel("b")
        server.listen()
        assert server.next(Finished).coloured == 400
        assert sum(map(len, server.raw)) > 2**16
        assert server.next(Finished).outcome == "cancelled"
