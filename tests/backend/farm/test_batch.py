"""``anidoc batch`` on this machine, as a person starts it: real processes, killed and cancelled in the middle."""

import argparse
import os
import shutil
import signal
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from backend.cli.batch import declare
from backend.contracts.batch import BATCH_FILE, PAGE_FILE, ShotResult
from backend.contracts.jobfolder import JOB_FILE, REPORT_FILE
from backend.farm.cancelling import ask
from tests.backend.farm.many import (
    DRAWINGS,
    Running,
    batch_of,
    check_nothing_torn,
    expected,
    make_shots,
    painted,
    reports,
    until,
)
from tests.support.jobs import anidoc, frames_of, make_job, result_of

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
SHOTS = 200


@linux
def test_two_hundred_shots_with_a_killed_worker_and_a_cancelled_shot(tmp_path):
    jobs = make_shots(tmp_path / "jobs", SHOTS, endless=7)
    whole = expected([j for j in jobs if j.name != "shot_007"], tmp_path / "apart")
    log = tmp_path / "painted"
    with Running(
        "batch", tmp_path / "jobs", "--workers", 2, "--report", tmp_path / "report", ANIDOC_STAND_IN_LOG=str(log)
    ) as batch:
        until(lambda: reports(tmp_path / "jobs") > 40)
        os.kill(batch.children()[0], signal.SIGKILL)
        until(lambda: reports(tmp_path / "jobs") > 80)
        ask(jobs[7])
        assert batch.end() == 1
    told = batch_of(tmp_path / "report")
    assert (told.count("done"), told.count("cancelled")) == (SHOTS - 1, 1)
    assert told.shots[7].outcome == "cancelled"
    assert {name: result_of(tmp_path / "jobs" / name) for name in whole} == whole
    check_nothing_torn(tmp_path / "jobs")
    times = painted(log)
    twice = sum(times.values()) - len(times)
    assert twice <= 1, "only the drawing in work when the worker was killed"


@linux
def test_a_killed_batch_leaves_no_process_and_the_next_goes_on(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 12, ("sleep 0.03",))
    log = tmp_path / "painted"
    with Running(
        "batch", tmp_path / "jobs", "--workers", 2, "--report", tmp_path / "r", ANIDOC_STAND_IN_LOG=str(log)
    ) as batch:
        until(lambda: reports(tmp_path / "jobs") > 3)
        workers = batch.children()
        batch.kill()
        until(lambda: not any(_lives(w) for w in workers), 3)
    before = reports(tmp_path / "jobs")
    with Running("batch", *jobs, "--report", tmp_path / "r", ANIDOC_STAND_IN_LOG=str(log)) as batch:
        assert batch.end() == 0
    told = batch_of(tmp_path / "r")
    assert told.count("done") == 12 and sum(s.new for s in told.shots) < 12 * DRAWINGS
    assert sum(s.new == 0 for s in told.shots) >= before
    assert sum(painted(log).values()) <= 12 * DRAWINGS + 2, "at most the drawing each worker had in work"


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_failure_stops_nobody_else_and_the_second_batch_does_only_the_broken_one(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 5)
    whole = (jobs[2] / JOB_FILE).read_bytes()
    (jobs[2] / JOB_FILE).write_bytes(whole[:100])
    make_job(tmp_path / "jobs" / "shot_004", script=["broken 1"])
    ended = anidoc("batch", tmp_path / "jobs", "--report", tmp_path / "r", "--title", "Reel <3>")
    told = batch_of(tmp_path / "r")
    assert ended.returncode == 1, ended.stderr
    assert [s.outcome for s in told.shots] == ["done", "done", "failed", "done", "failed"]
    assert "not readable JSON" in told.shots[2].sentence
    assert "1 of 4 drawings" in told.shots[4].sentence and "Drawing 1 is broken" in told.shots[4].sentence
    page = (tmp_path / "r" / PAGE_FILE).read_text()
    assert "3 shots done, 2 failed" in page and "not readable JSON" in page and "Reel &lt;3&gt;" in page

    (jobs[2] / JOB_FILE).write_bytes(whole)
    make_job(jobs[4], script=[])
    assert anidoc("batch", tmp_path / "jobs", "--report", tmp_path / "r").returncode == 0
    assert [s.new for s in batch_of(tmp_path / "r").shots][:4] == [0, 0, DRAWINGS, 0]
    assert "done before" in (tmp_path / "r" / PAGE_FILE).read_text()


def test_a_list_may_name_what_is_not_there(tmp_path):
    (job,) = make_shots(tmp_path / "jobs", 1)
    listed = tmp_path / "reel.txt"
    listed.write_text(f"# tonight\njobs/shot_000\n\n{tmp_path}/gone/shot_9\n{job}\n", encoding="utf-8")
    assert anidoc("batch", listed, "--report", tmp_path / "r").returncode == 1
    done, gone = batch_of(tmp_path / "r").shots
    assert (done.outcome, gone.outcome) == ("done", "failed")
    assert "There is no job in" in gone.sentence
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "No jobs are given"),
        (["nowhere"], "There is no job folder nowhere"),
        (["."], "There is no job in"),
        (["empty.txt"], "names no job"),
        (["two.txt", "--only", "3-4"], "there are 2 jobs"),
        (["two.txt", "--only", "two"], "is not of the form"),
        (["two.txt", "--check", "--expect", "3"], "There are 2 jobs; 3 were announced"),
        (["two.txt", "--workers", "0"], "count from 1"),
        (["--page", "--report", "r"], "no readable batch.json"),
    ],
)
def test_what_cannot_be_run_is_a_sentence(tmp_path, arguments, sentence):
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "two.txt").write_text("a\nb\n")
    ended = anidoc("batch", *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert sentence in ended.stderr and "Traceback" not in ended.stderr


def test_a_part_of_a_list_for_array_jobs(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 5)
    assert anidoc("batch", tmp_path / "jobs", "--only", "2-3", "--report", tmp_path / "r").returncode == 0
    assert [bool(frames_of(j)) for j in jobs] == [False, True, True, False, False]


def test_check_says_what_would_fail_and_colours_nothing(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 4)
    assert anidoc("batch", tmp_path / "jobs", "--check", "--expect", 4).returncode == 0
    next((jobs[1] / "drawings").iterdir()).unlink()
    make_job(jobs[2], engine="oil")
    for file in list((jobs[3] / "drawings").iterdir())[:2]:
        file.write_bytes(file.read_bytes()[:200])
    ended = anidoc("batch", tmp_path / "jobs", "--check")
    assert ended.returncode == 1
    assert "is damaged. 1 more cannot be used either. Write the job again" in ended.stderr
    assert "1 of 3 drawings are missing" in ended.stderr and "no engine called 'oil'" in ended.stderr
    assert not any(frames_of(j) for j in jobs)


def test_collect_reports_what_others_have_done(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 3)
    assert anidoc("run", jobs[0]).returncode == 0
    make_job(jobs[1], script=["broken 0"])
    assert anidoc("run", jobs[1]).returncode == 1
    assert anidoc("batch", tmp_path / "jobs", "--collect", "--report", tmp_path / "r").returncode == 1
    assert [s.outcome for s in batch_of(tmp_path / "r").shots] == ["done", "failed", "waiting"]
    assert len(list((tmp_path / "r" / "pictures").iterdir())) == 2


def test_a_shot_whose_process_dies_is_begun_once_more_and_then_a_sentence(tmp_path):
    make_job(tmp_path / "jobs" / "bad", script=["kill 2"])
    make_job(tmp_path / "jobs" / "good")
    assert anidoc("batch", tmp_path / "jobs", "--report", tmp_path / "r").returncode == 1
    bad, good = batch_of(tmp_path / "r").shots
    assert (bad.outcome, bad.tries, good.outcome) == ("failed", 2, "done")
    assert "broke off" in bad.sentence


@linux
def test_a_folder_that_vanishes_in_the_middle_is_a_sentence_and_the_others_are_done(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 3, ("sleep 0.4",))
    with Running("batch", *jobs, "--report", tmp_path / "r") as batch:
        until(lambda: len(frames_of(jobs[1])) == 1)
        jobs[1].rename(tmp_path / "away")
        assert batch.end() == 1
    done, gone, other = batch_of(tmp_path / "r").shots
    assert (done.outcome, gone.outcome, other.outcome) == ("done", "failed", "done")
    assert gone.sentence and "mistake" not in gone.remedy, gone
    shutil.rmtree(jobs[1], ignore_errors=True)  # what the run still wrote
    (tmp_path / "away").rename(jobs[1])
    assert anidoc("batch", *jobs, "--report", tmp_path / "r").returncode == 0
    check_nothing_torn(tmp_path / "jobs")


def test_a_report_that_cannot_be_written_does_not_stop_the_shots(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 2)
    (tmp_path / "file").write_text("not a folder")
    ended = anidoc("batch", *jobs, "--report", tmp_path / "file" / "r", "--verbose")
    assert ended.returncode == 2 and "cannot be written" in ended.stderr and reports(tmp_path / "jobs") == 2


@linux
def test_ctrl_c_ends_at_once_and_reports_what_is_done(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 4, endless=1)
    with Running("batch", *jobs, "--report", tmp_path / "r") as batch:
        until(lambda: reports(tmp_path / "jobs") >= 1 and len(frames_of(jobs[1])) >= 1)
        workers = batch.children()
        os.kill(batch.process.pid, signal.SIGINT)
        assert batch.end(30) == 130
        assert not any(_lives(w) for w in workers)
    told = batch_of(tmp_path / "r")
    assert [s.outcome for s in told.shots] == ["done", "cancelled", "waiting", "waiting"]
    assert (tmp_path / "r" / PAGE_FILE).exists()


@linux
def test_two_batches_share_the_same_shots_and_none_is_painted_twice(tmp_path):
    jobs = make_shots(tmp_path / "jobs", 16, ("sleep 0.05",))
    log = tmp_path / "painted"
    both = [
        Running("batch", *order, "--report", tmp_path / f"r{n}", ANIDOC_STAND_IN_LOG=str(log))
        for n, order in enumerate((jobs, jobs[::-1]))
    ]
    with both[0] as one, both[1] as other:
        assert (one.end(), other.end()) == (0, 0)
    assert set(painted(log).values()) == {1} and len(painted(log)) == 16 * DRAWINGS
    new = [sum(s.new for s in batch_of(tmp_path / f"r{n}").shots) for n in (0, 1)]
    assert sum(new) == 16 * DRAWINGS and min(new) > 0


def test_the_page_is_made_again_from_its_numbers(tmp_path):
    make_shots(tmp_path / "jobs", 2)
    anidoc("batch", tmp_path / "jobs", "--report", tmp_path / "r")
    page = (tmp_path / "r" / PAGE_FILE).read_bytes()
    (tmp_path / "r" / PAGE_FILE).unlink()
    assert anidoc("batch", "--page", "--report", tmp_path / "r").returncode == 0
    assert (tmp_path / "r" / PAGE_FILE).read_bytes() == page
    assert (tmp_path / "r" / BATCH_FILE).exists() and (tmp_path / "jobs" / "shot_000" / REPORT_FILE).exists()


def test_every_field_and_option_is_documented():
    page = (Path(__file__).parents[3] / "docs" / "batch.md").read_text(encoding="utf-8")
    assert [f.name for f in fields(ShotResult) if f"`{f.name}`" not in page] == []
    parser = argparse.ArgumentParser()
    declare(parser)
    assert [o for o in parser._option_string_actions if o not in page and o not in ("-h", "--help")] == []
