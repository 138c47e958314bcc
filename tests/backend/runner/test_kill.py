"""kill -9 at random moments: nothing torn, nothing left running, and the resumed run gives the same bytes."""

import multiprocessing
import os
import random
import signal
import sys
import time
from dataclasses import replace

import pytest

from backend.contracts.engine import Frame
from backend.contracts.messages import FrameReady
from backend.runner.engines import ENGINES
from backend.runner.run import run_and_tell
from backend.runner.standin import StandIn
from tests.support.jobs import frames_of, make_job, result_of
from tests.support.server import Served, children_of, gone

PLACES = range(20, 32)
SCRIPTS = {"cel": (), "standin": ("evidence", "early", "sketch", "sleep 0.002")}
"""The real engine; and the stand-in, which also shows frames early and leaves sketches."""
KILLS = 20
MAKERS = {**ENGINES, "standin": StandIn}

processes = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
if sys.platform != "win32":
    processes.set_forkserver_preload(["backend.runner.run", "backend.cel.engine"])


def quietly_run(folder):
    """What the killed process does."""
    run_and_tell(folder, lambda message: None, engines=MAKERS)


def finished_frames(folder):
    return {name: data for name, data in frames_of(folder).items() if name.endswith(".png")}


def killed_at(folder, frames, pause):
    """Start a run, wait until it has finished so many frames and a moment more, and kill it."""
    process = processes.Process(target=quietly_run, args=(folder,))
    process.start()
    end = time.monotonic() + 60
    while process.is_alive() and len(list((folder / "frames").glob("*.png"))) < frames:
        assert time.monotonic() < end
        time.sleep(0.0005)
    time.sleep(pause)
    process.kill()
    process.join(10)


class Counting:
    """An engine that counts the final pictures it paints."""

    def __init__(self, inner):
        self.name, self.inner, self.painted = inner.name, inner, 0

    def frames(self, shot, options, store):
        for event in self.inner.frames(shot, options, store):
            yield replace(event, paint=lambda e=event: self.paint(e)) if isinstance(event, Frame) else event

    def paint(self, event):
        self.painted += event.final
        return event.paint()


@pytest.fixture(scope="module", params=sorted(SCRIPTS))
def undisturbed(request, tmp_path_factory):
    """An engine, and what its run leaves when nobody disturbs it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    make_job(folder, PLACES, engine=request.param, script=SCRIPTS[request.param])
    quietly_run(folder)
    return request.param, result_of(folder)


def test_a_run_killed_at_a_random_moment_resumes_to_the_same_bytes(tmp_path, undisturbed):
    engine, whole = undisturbed
    moments = random.Random(20)
    stopped_inside = 0
    for n in range(KILLS):
        folder = tmp_path / str(n)
        make_job(folder, PLACES, engine=engine, script=SCRIPTS[engine])
        killed_at(folder, moments.randrange(len(PLACES)), moments.uniform(0, 0.02))
        found = finished_frames(folder)
        stopped_inside += 0 < len(found) < len(PLACES)
        assert all(data == whole[name] for name, data in found.items()), "a frame that is there is whole"

        counting = Counting(MAKERS[engine]())
        end = run_and_tell(folder, lambda message: None, engines={engine: lambda counting=counting: counting})
        assert (end.outcome, end.coloured) == ("done", len(PLACES))
        assert result_of(folder) == whole
        assert not list(folder.rglob("*.part"))
        assert counting.painted <= len(PLACES) - len(found) + 1, "at most the drawing in work is lost"
    assert stopped_inside >= KILLS // 4, "the kills should come while frames are being made"


def test_one_run_killed_again_and_again_gets_there(tmp_path, undisturbed):
    engine, whole = undisturbed
    make_job(tmp_path, PLACES, engine=engine, script=SCRIPTS[engine])
    moments = random.Random(3)
    for n in range(5):
        killed_at(tmp_path, 2 * n, moments.uniform(0, 0.01))
    quietly_run(tmp_path)
    assert result_of(tmp_path) == whole
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("victim", ["server", "worker"])
def test_killed_serving_processes_leave_no_orphan_and_lose_nothing(tmp_path, undisturbed, victim):
    engine, whole = undisturbed
    make_job(tmp_path, PLACES, engine=engine, script=SCRIPTS[engine])
    with Served() as server:
        server.submit("shot", tmp_path)
        server.next(FrameReady)
        (worker,) = children_of(server.process.pid)
        os.kill(worker if victim == "worker" else server.process.pid, signal.SIGKILL)
        assert gone(worker, 1.0)
        assert victim == "worker" or gone(server.process.pid, 1.0)
    with Served() as server:
        server.submit("shot", tmp_path)
        assert server.finish("shot")[1].coloured == len(PLACES)
    assert result_of(tmp_path) == whole
    assert not list(tmp_path.rglob("*.part"))
