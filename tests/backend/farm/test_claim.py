"""A job folder on a shared disk whose locks do not reach from machine to machine: the claim keeps it for one."""

import json
import time

import pytest

from backend.contracts.errors import JobBusy
from backend.contracts.messages import Problem
from backend.farm.hand import Hand
from backend.farm.local import Desk, attempt, errands
from backend.runner.claim import CLAIM_FILE, HOST, MACHINE, Watch, bury, claimed, read_claim
from backend.runner.lock import locked
from backend.runner.run import run_and_tell
from backend.runner.standin import StandIn
from tests.support.jobs import make_job


def others_claim(folder, count=1, machine="another"):
    """What a run on another machine leaves, alive or not."""
    said = {"machine": machine, "host": "render-07", "process": 1, "token": "abc", "count": f"{count:016}"}
    (folder / CLAIM_FILE).write_bytes(json.dumps(said).encode())


def test_while_it_works_a_run_leaves_signs_of_life_and_then_nothing(tmp_path):
    with claimed(tmp_path, beat=0.02):
        first = read_claim(tmp_path)
        assert first is not None and (first.machine, first.host) == (MACHINE, HOST)
        time.sleep(0.2)
        later = read_claim(tmp_path)
        assert later is not None and later.data != first.data and later.token == first.token
    assert read_claim(tmp_path) is None and not list(tmp_path.glob("*.part"))


def test_another_machines_claim_is_respected_in_a_sentence(tmp_path):
    make_job(tmp_path)
    others_claim(tmp_path)
    said = []
    end = run_and_tell(tmp_path, said.append, engines={"standin": StandIn})
    (problem,) = [m for m in said if isinstance(m, Problem)]
    assert end.outcome == "failed" and problem.kind == "busy" and "render-07" in problem.sentence


def test_a_killed_run_of_this_machine_is_not_waited_for(tmp_path):
    others_claim(tmp_path, machine=MACHINE)
    with locked(tmp_path) as claim:
        assert not claim.lost


def test_only_a_standing_count_is_death_whatever_the_clocks_say(tmp_path):
    now = [0.0]
    watch = Watch(lambda: now[0], patience=90)
    for count in range(5):  # its file times may say anything: they are never looked at
        others_claim(tmp_path, count)
        now[0] += 80
        assert not watch.bury_dead(tmp_path)
    now[0] += 89
    assert not watch.bury_dead(tmp_path)
    now[0] += 2
    assert watch.bury_dead(tmp_path)
    assert read_claim(tmp_path) is None


def test_who_comes_late_does_not_bury_the_living(tmp_path):
    others_claim(tmp_path, 1)
    dead = read_claim(tmp_path)
    assert dead is not None
    others_claim(tmp_path, 2)
    assert not bury(tmp_path, dead)
    kept = read_claim(tmp_path)
    assert kept is not None and kept.host == "render-07"
    assert not list(tmp_path.glob("*.part"))


def test_a_run_that_was_taken_for_dead_notices_and_ends(tmp_path):
    with claimed(tmp_path, beat=0.02) as claim:
        found = read_claim(tmp_path)
        assert found is not None
        while not bury(tmp_path, found):  # a sign of life may come between
            found = read_claim(tmp_path)
            assert found is not None
        others_claim(tmp_path)
        end = time.monotonic() + 5
        while not claim.lost and time.monotonic() < end:
            time.sleep(0.01)
        assert claim.lost
    kept = read_claim(tmp_path)
    assert kept is not None and kept.host == "render-07", "the new holder's claim is left alone"


def test_a_run_whose_folder_has_vanished_notices(tmp_path):
    (tmp_path / "job").mkdir()
    with claimed(tmp_path / "job", beat=0.02) as claim:
        (tmp_path / "job").rename(tmp_path / "away")
        end = time.monotonic() + 5
        while not claim.lost and time.monotonic() < end:
            time.sleep(0.01)
        assert claim.lost


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"machine": 1}', b"\xff" * 9000])
def test_a_claim_that_is_not_ours_to_read_is_given_the_same_patience(tmp_path, content):
    (tmp_path / CLAIM_FILE).write_bytes(content)
    with pytest.raises(JobBusy), claimed(tmp_path):
        pass
    now = [0.0]
    watch = Watch(lambda: now[0], patience=90)
    assert not watch.bury_dead(tmp_path)
    now[0] = 91
    assert watch.bury_dead(tmp_path)


def test_a_batch_waits_for_another_machine_and_takes_over_when_it_is_dead(tmp_path, monkeypatch):
    """The desk's clock is ours, so that minutes pass at once."""
    monkeypatch.setenv("ANIDOC_STAND_IN", "1")
    make_job(tmp_path / "job")
    others_claim(tmp_path / "job")
    now = [0.0]
    desk = Desk(errands([tmp_path / "job"]), wait=600, clock=lambda: now[0])
    desk._watch = Watch(lambda: now[0], patience=90)
    hand = Hand()
    try:
        for _ in range(40):
            errand = desk.take()
            assert errand is not None
            outcome = attempt(hand, errand, lambda: False)
            desk.give(errand, outcome)
            if not outcome.busy:
                break
            now[0] += 10
    finally:
        hand.close()
    assert 90 <= now[0] <= 120
    number, result = desk.results.get(timeout=1)
    assert (number, result.outcome, result.coloured) == (0, "done", 4)


def test_a_batch_that_has_waited_long_enough_says_who_is_in_the_way(tmp_path, monkeypatch):
    monkeypatch.setenv("ANIDOC_STAND_IN", "1")
    make_job(tmp_path / "job")
    now, count = [0.0], 1
    desk = Desk(errands([tmp_path / "job"]), wait=25, clock=lambda: now[0])
    hand = Hand()
    try:
        while desk.results.empty():
            others_claim(tmp_path / "job", count := count + 1)
            errand = desk.take()
            assert errand is not None
            desk.give(errand, attempt(hand, errand, lambda: False))
            now[0] += 10
    finally:
        hand.close()
    _, result = desk.results.get(timeout=1)
    assert result.outcome == "failed" and "render-07" in result.sentence and result.remedy
