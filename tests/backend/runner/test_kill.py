"""kill -9 at random moments: nothing torn, nothing left running, and the resumed run gives the same bytes."""

import random
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from backend.contracts.engine import Frame
from backend.contracts.messages import FrameReady
from backend.pictures.read import read_picture
from backend.runner.run import run_and_tell
from backend.runner.standin import StandIn
from tests.support.jobs import environment, frames_of, make_job, result_of
from tests.support.server import Served, children_of, gone

PLACES = range(20, 60)
SCRIPT = ("evidence", "early", "sketch", "sleep 0.004")
KILLS = 20


def leftovers(folder):
    """Temporary files anywhere in the job folder."""
    return [p for p in folder.rglob("*") if p.suffix == ".part"]


def start(folder):
    return subprocess.Popen(
        [sys.executable, "-m", "backend", "run", str(folder)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the run leaves when nobody disturbs it, and the seconds its process takes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    make_job(folder, PLACES, script=SCRIPT)
    begin = time.monotonic()
    assert start(folder).wait(60) == 0
    return result_of(folder), time.monotonic() - begin


def test_a_killed_run_resumes_to_the_same_bytes(tmp_path, undisturbed):
    whole, seconds = undisturbed
    moments = random.Random(20)
    stopped_inside = 0
    for n in range(KILLS):
        folder = tmp_path / str(n)
        make_job(folder, PLACES, script=SCRIPT)
        process = start(folder)
        time.sleep(moments.uniform(0.2, 1.0) * seconds)
        process.kill()
        process.wait(10)
        found = frames_of(folder)
        stopped_inside += 0 < len([f for f in found if f.endswith(".png")]) < len(PLACES)
        for name, data in found.items():
            if name.endswith(".png"):
                assert data == whole[name], "a frame that is there is whole"
                read_picture(data, name)

        kept, said = len([f for f in found if f.endswith(".png")]), []
        painted = []

        class Counting(StandIn):
            def frames(self, shot, options, store, painted=painted):
                for event in super().frames(shot, options, store):
                    if isinstance(event, Frame) and event.final:
                        event = replace(event, paint=lambda paint=event.paint: (painted.append(1), paint())[1])
                    yield event

        end = run_and_tell(folder, said.append, engines={"standin": Counting})
        assert (end.outcome, end.coloured) == ("done", len(PLACES))
        assert result_of(folder) == whole
        assert not leftovers(folder)
        assert len(painted) <= len(PLACES) - kept + 1, "at most the drawing in work is lost"
    assert stopped_inside >= KILLS // 4, "most kills should come while frames are being made"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_serving_processes_killed_again_and_again_leave_no_orphan_and_lose_nothing(tmp_path, undisturbed):
    """The same folder, killed where Blender would kill it: first the server, then the worker, until it is done."""
    whole, _ = undisturbed
    make_job(tmp_path, PLACES, script=SCRIPT)
    moments = random.Random(7)
    for n in range(6):
        with Served() as server:
            server.submit("shot", tmp_path)
            server.next(FrameReady)
            worker = children_of(server.process.pid)
            time.sleep(moments.uniform(0, 0.1))
            if n % 2:
                subprocess.run(["kill", "-9", str(worker[0])], check=True)  # noqa: S607
            else:
                server.process.kill()
            assert gone(worker[0], 1.0)
    with Served() as server:
        server.submit("shot", tmp_path)
        assert server.finish("shot")[1].coloured == len(PLACES)
    assert result_of(tmp_path) == whole
    assert not leftovers(tmp_path)
