"""A long shot cut into ranges: whatever the cuts, the join gives the bytes of an undisturbed run, and little is done twice."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from backend.contracts.drawing import FILL
from backend.contracts.files import write_bytes
from backend.contracts.job import KeyFile
from backend.contracts.jobfolder import load_job, save_job, strokes_to_bytes
from backend.farm.joining import RANGES, gather
from backend.farm.ranges import OVERLAP, cut_job, plan
from backend.runner.run import run_and_tell
from tests.backend.farm.many import batch_of
from tests.support.jobs import anidoc, make_job, result_of, square

PLACES = [30 + 1.5 * n for n in range(24)]


def long_shot(folder: Path, keys: tuple[int, ...] = (0,)) -> Path:
    """A square that walks through 24 drawings, with keys at some of them, coloured by the Cel engine."""
    job = make_job(folder, PLACES, engine="cel")
    filled = []
    for n in keys:
        write_bytes(folder / "keys" / f"{n}.npz", strokes_to_bytes(square(PLACES[n], 20, FILL, 1)))
        filled.append(KeyFile(job.drawings[n].id, f"keys/{n}.npz", f"key {n}"))
    save_job(folder, dataclasses.replace(job, keys=tuple(filled)))
    return folder


def undisturbed(job: Path, apart: Path) -> dict[str, bytes]:
    shutil.copytree(job, apart)
    run_and_tell(apart, lambda message: None)
    return result_of(apart)


@pytest.mark.parametrize(("keys", "cut"), [((0,), 6), ((0, 12, 23), 5), ((11,), 7), ((5,), 23)])
def test_whatever_the_cuts_the_result_is_to_the_bit_the_same(tmp_path, keys, cut):
    job = long_shot(tmp_path / "job", keys)
    whole = undisturbed(job, tmp_path / "apart")
    done = anidoc("batch", job, "--cut", cut, "--workers", 2, "--report", tmp_path / "r", timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert result_of(job) == whole
    (shot,) = batch_of(tmp_path / "r").shots
    assert (shot.coloured, shot.new) == (24, 24)
    assert not (job / RANGES).exists()


def test_ranges_overlap_and_hold_every_key(tmp_path):
    job = long_shot(tmp_path / "job", (0, 23))
    ranges = cut_job(job, load_job(job), 10)
    assert [(r.first, r.last) for r in ranges] == [(0, 7), (8, 15), (16, 23)]
    ids = [d.id for d in load_job(job).drawings]
    held = [ids.index(d.id) for d in load_job(ranges[1].folder).drawings]
    assert held == [0, *range(8 - OVERLAP, 16 + OVERLAP), 23]
    assert len(load_job(ranges[1].folder).keys) == 2


def test_the_whole_run_computes_no_region_and_paints_next_to_nothing_again(tmp_path):
    job = long_shot(tmp_path / "job", (0, 12, 23))
    for part in cut_job(job, load_job(job), 8):
        assert run_and_tell(part.folder, lambda message: None).outcome == "done"
    assert gather(job) == 24
    looks = {p.name for p in (job / "work" / "evidence").glob("look-*")}
    end = run_and_tell(job, lambda message: None)
    assert {p.name for p in (job / "work" / "evidence").glob("look-*")} == looks
    assert end.coloured == 24 and end.kept >= 20


def test_a_false_offer_is_not_believed(tmp_path):
    """A range that was made from other drawings, or by another hand, changes nothing."""
    job = long_shot(tmp_path / "job")
    whole = undisturbed(job, tmp_path / "apart")
    parts = cut_job(job, load_job(job), 12)
    for part in parts:
        run_and_tell(part.folder, lambda message: None)
    frame = next((parts[0].folder / "frames").glob("*.png"))
    frame.write_bytes(frame.read_bytes()[:-20])
    other = parts[1].folder / "frames" / load_job(job).drawings[-1].id
    shutil.copy(next((parts[0].folder / "frames").glob("*.png")), f"{other}.png")
    gather(job)
    run_and_tell(job, lambda message: None)
    assert result_of(job) == whole


def test_redrawn_drawings_are_cut_anew(tmp_path):
    job = long_shot(tmp_path / "job")
    cut_job(job, load_job(job), 12)
    first = load_job(job).drawings[0]
    write_bytes(job / first.file, strokes_to_bytes(square(70)))
    (part, _) = cut_job(job, load_job(job), 12)
    assert (part.folder / first.file).read_bytes() == (job / first.file).read_bytes()


def test_short_shots_coloured_ones_and_other_engines_are_run_whole(tmp_path):
    make_job(tmp_path / "short", PLACES[:5], engine="cel")
    make_job(tmp_path / "other", PLACES)
    done = long_shot(tmp_path / "done")
    run_and_tell(done, lambda message: None)
    long = long_shot(tmp_path / "long")
    todo = plan([tmp_path / "short", tmp_path / "other", done, tmp_path / "gone", long], 10)
    assert [e.number for e in todo] == [5, 6, 7, 0, 1, 2, 3, 4]
    assert [bool(e.after) for e in todo[3:]] == [False, False, False, False, True]


def test_a_failing_range_does_not_stop_the_shot(tmp_path):
    job = long_shot(tmp_path / "job")
    drawing = load_job(job).drawings[20]
    (job / drawing.file).write_bytes(b"not a drawing")
    whole = undisturbed(job, tmp_path / "apart")
    assert anidoc("batch", job, "--cut", 8, "--report", tmp_path / "r", timeout=120).returncode == 1
    assert result_of(job) == whole
    (shot,) = batch_of(tmp_path / "r").shots
    assert "1 of 24 drawings" in shot.sentence
