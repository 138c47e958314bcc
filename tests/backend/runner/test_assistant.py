"""The second process of a run: it takes work off the run, changes no byte, and is gone with it."""

import dataclasses
import signal
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

from backend.contracts.jobfolder import load_job
from backend.pictures.read import read_picture
from backend.pictures.write import write_png
from backend.runner import assistant as room
from backend.runner import painted
from backend.runner.assistant import Assistant, cores
from backend.runner.run import run_job
from tests.support.jobs import ROOT, environment, make_job, result_of
from tests.support.server import children_of, gone

PLACES = range(20, 36)


def evidence(folder):
    return list((folder / "work/evidence").glob("*.arrays"))


def wait_until(true, seconds=30.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()


def orders_of(folder):
    """What the Cel engine would order first, from the last drawing on."""
    from backend.runner.inputs import open_drawings

    ids = open_drawings(folder, load_job(folder)).ids
    return [("lay", drawing, before) for drawing, before in pairwise(reversed(ids))]


def test_it_finds_out_what_it_is_told_and_the_run_uses_that(tmp_path):
    make_job(tmp_path / "alone", PLACES, engine="cel")
    make_job(tmp_path / "helped", PLACES, engine="cel")
    run_job(tmp_path / "alone")
    helper = Assistant(tmp_path / "helped")
    helper(orders_of(tmp_path / "helped"))
    wait_until(lambda: len(evidence(tmp_path / "helped")) >= 3 * len(PLACES) - 1)
    helper.close()
    found = {path.name: path.read_bytes() for path in evidence(tmp_path / "helped")}
    mine = {path.name: path.read_bytes() for path in evidence(tmp_path / "alone")}
    assert found and all(mine[name] == data for name, data in found.items())
    run_job(tmp_path / "helped")
    assert result_of(tmp_path / "helped") == result_of(tmp_path / "alone")


def test_new_orders_take_the_place_of_old_ones(tmp_path):
    make_job(tmp_path, PLACES, engine="cel")
    orders = orders_of(tmp_path)
    helper = Assistant(tmp_path)
    helper(orders)
    helper(orders[-1:])
    wait_until(lambda: any(path.name.startswith("fit-") for path in evidence(tmp_path)))
    time.sleep(0.3)
    helper.close()
    assert sum(path.name.startswith("fit-") for path in evidence(tmp_path)) <= 2


def test_a_short_shot_and_a_single_core_start_nobody(tmp_path, monkeypatch):
    make_job(tmp_path, PLACES, engine="cel")
    helper = Assistant(tmp_path)
    helper(orders_of(tmp_path)[: room.FEWEST - 1])
    assert helper._process is None
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert cores() == 1
    helper(orders_of(tmp_path))
    assert helper._process is None


def test_a_run_leaves_no_process_and_no_half_written_file(tmp_path, monkeypatch):
    make_job(tmp_path, PLACES, engine="cel")
    seen = []
    start = Assistant._start

    def watched(self):
        start(self)
        seen.append(self._process.pid)
        # As if it were ended while it writes.
        (tmp_path / "work/evidence").mkdir(parents=True, exist_ok=True)
        (tmp_path / "work/evidence/look-1.arrays.1.part").write_bytes(b"half")

    monkeypatch.setattr(room, "cores", lambda: 2)
    monkeypatch.setattr(Assistant, "_start", watched)
    run_job(tmp_path)
    assert len(seen) == 1 and gone(seen[0], 5)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_ends_when_the_run_is_killed(tmp_path):
    make_job(tmp_path, PLACES, engine="cel")
    code = (
        "import sys, time; from pathlib import Path; from backend.runner.assistant import Assistant;"
        "a = Assistant(Path(sys.argv[1])); a([('lay', 'x', 'y')] * 8); print('on', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    run = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None and run.stdout.readline() == "on\n"
    (child,) = children_of(run.pid)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert gone(child, 5)


def test_a_drawing_that_cannot_be_read_is_left_to_the_run(tmp_path):
    job = make_job(tmp_path, PLACES, engine="cel")
    (tmp_path / job.drawings[-1].file).write_bytes(b"torn")
    helper = Assistant(tmp_path)
    helper(orders_of(tmp_path))
    wait_until(lambda: sum(path.name.startswith("fit-") for path in evidence(tmp_path)) == len(PLACES) - 2)
    helper.close()


def test_a_painted_frame_is_taken_over_with_its_sketch(tmp_path):
    picture, sketch = np.full((4, 6, 4), 90, np.uint8), np.zeros((4, 6), np.uint8)
    assert painted.take(tmp_path, "abc", tmp_path / "f.png", tmp_path / "s.png") is None
    painted.leave(tmp_path, "abc", picture, sketch)
    assert painted.is_left(tmp_path, "abc")
    frame, lines = tmp_path / "frames" / "copy.png", tmp_path / "sketches" / "copy.png"
    sha = painted.take(tmp_path, "abc", frame, lines, leave_it=True)
    assert painted.is_left(tmp_path, "abc"), "another drawing may be the same"
    assert painted.take(tmp_path, "abc", tmp_path / "f.png", tmp_path / "s.png") == sha
    assert frame.read_bytes() == (tmp_path / "f.png").read_bytes() and lines.is_file()
    assert not painted.is_left(tmp_path, "abc")
    assert sha == write_png(tmp_path / "again.png", picture)
    assert (tmp_path / "f.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    assert read_picture((tmp_path / "s.png").read_bytes(), "s")[..., 0].max() == 0
    painted.leave(tmp_path, "abc", picture, sketch)
    painted.forget(tmp_path)
    assert not painted.is_left(tmp_path, "abc")


def test_nobody_believes_a_painted_frame_that_lay_there_before(tmp_path):
    make_job(tmp_path, PLACES, engine="cel")
    report = run_job(tmp_path)
    right = result_of(tmp_path)
    for coloured in report.coloured:
        painted.leave(tmp_path, coloured.recipe, np.zeros((64, 64, 4), np.uint8), np.zeros((64, 64), np.uint8))
        (tmp_path / coloured.file).unlink()
    run_job(tmp_path)
    assert result_of(tmp_path) == right
    assert not list((tmp_path / painted.PAINTED).glob("*"))


def test_it_sees_that_there_is_a_sheet_and_looks_at_drawings_as_the_run_does(tmp_path):
    from backend.cel.evidence import Evidence
    from backend.contracts.job import ReferenceFile
    from backend.runner.inputs import open_drawings
    from backend.runner.store import EvidenceStore

    job = make_job(tmp_path, engine="cel", references=[ReferenceFile("references/sheet.png")])
    assert (job.width, job.height) < (1000, 1000)
    alone = make_job(tmp_path / "alone", engine="cel")
    sizes = []
    for folder, of in ((tmp_path, job), (tmp_path / "alone", alone)):
        shot = dataclasses.replace(open_drawings(folder, of), width=1920, height=1080)
        sizes.append(Evidence(shot, of.options, EvidenceStore(folder)).size)
    assert sizes == [(450, 800), (424, 754)], "beside design sheets drawings are compared at a size of their own"
