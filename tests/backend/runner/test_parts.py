"""The runner's parts by themselves: evidence, lock, pace, parentage."""

import ctypes
import errno
import multiprocessing
import os
import signal
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backend.contracts.errors import AniDocError, JobError
from backend.runner.lock import locked
from backend.runner.orphans import Leash, _ExtendedLimits, die_with_parent
from backend.runner.progress import Pace
from backend.runner.store import EVIDENCE, EvidenceStore

plain = hnp.arrays(
    st.sampled_from([np.float32, np.int32, np.uint8, np.bool_, np.int64]), hnp.array_shapes(min_dims=0, max_side=4)
)


@given(st.text(max_size=300), st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), plain, max_size=3))
@settings(deadline=None)
def test_evidence_comes_back_whatever_its_key(tmp_path_factory, key, arrays):
    folder = tmp_path_factory.mktemp("job")
    EvidenceStore(folder).save(key, arrays)
    kept = EvidenceStore(folder).load(key)
    assert kept is not None and kept.keys() == arrays.keys()
    for name, array in arrays.items():
        assert kept[name].dtype == array.dtype and np.array_equal(kept[name], array, equal_nan=array.dtype.kind == "f")
    assert [p.parent for p in folder.rglob("*.arrays")] == [folder / EVIDENCE]
    assert EvidenceStore(folder).load(key + "x") is None


@given(st.data())
@settings(deadline=None)
def test_damaged_evidence_is_absent_never_wrong(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("job")
    labels = np.arange(60, dtype=np.int32).reshape(6, 10)
    EvidenceStore(folder).save("regions", {"labels": labels})
    (file,) = (folder / EVIDENCE).iterdir()
    whole = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole[at] ^= data.draw(st.integers(1, 255))
    else:
        del whole[at:]
    file.write_bytes(whole)
    kept = EvidenceStore(folder).load("regions")
    assert kept is None or "labels" not in kept or np.array_equal(kept["labels"], labels)


def test_the_same_evidence_is_the_same_bytes(tmp_path):
    for name in "ab":
        EvidenceStore(tmp_path / name).save("k", {"x": np.arange(9)})
    one, other = (next((tmp_path / n / EVIDENCE).iterdir()).read_bytes() for n in "ab")
    assert one == other


def test_objects_are_no_evidence(tmp_path):
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        EvidenceStore(tmp_path).save("k", {"x": np.array([{}], object)})


def hold(folder, held, let_go):
    with locked(folder):
        held.set()
        let_go.wait(30)


def test_a_second_run_is_told_so_and_a_dead_ones_lock_is_free(tmp_path):
    start = multiprocessing.get_context("spawn")
    held, let_go = start.Event(), start.Event()
    other = start.Process(target=hold, args=(tmp_path, held, let_go))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(JobError, match="Another run is at work"), locked(tmp_path):
            pass
    finally:
        other.kill()
        other.join(10)
    with locked(tmp_path):
        pass


def test_a_file_system_without_locks_does_not_stop_the_run(tmp_path):
    def unknown(handle):
        raise OSError(errno.ENOLCK, "No locks available")

    with locked(tmp_path, unknown):
        pass


def test_windows_locks_a_byte_of_the_file(tmp_path, monkeypatch):
    """The Windows way, with a stand-in for its module (not run on Windows)."""
    from types import SimpleNamespace

    from backend.runner.lock import _try_windows

    calls, busy = [], []

    def locking(handle, mode, count):
        calls.append((mode, count))
        if busy:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    with locked(tmp_path, _try_windows):
        pass
    busy.append(True)
    with pytest.raises(JobError, match="Another run"), locked(tmp_path, _try_windows):
        pass
    assert calls == [(2, 1), (2, 1)]


def test_a_folder_that_is_gone_is_a_sentence(tmp_path):
    with pytest.raises(AniDocError, match="cannot be written"), locked(tmp_path / "no"):
        pass


def test_seconds_left_follow_the_pace_of_the_last_half_minute():
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.seconds_left(0, 100) is None
    now[0] = 1.0
    assert pace.seconds_left(50, 100) is None, "drawings that were there already say nothing about the others"
    left = None
    for n in range(1, 41):
        now[0] = 1.0 + n
        left = pace.seconds_left(50 + n, 100)
    assert left == pytest.approx(10, rel=0.05)
    now[0] += 1
    assert pace.seconds_left(100, 100) == 0


def test_a_pace_that_stands_still_says_nothing():
    now = [0.0]
    pace = Pace(lambda: now[0])
    for n in range(10):
        now[0] = float(n)
        assert pace.seconds_left(0, 10) is None


def test_on_linux_a_child_asks_to_die_with_its_parent():
    asked, left = [], []
    die_with_parent(
        7, platform="linux", prctl=lambda o, v: asked.append((o, v)) or 0, parent_now=lambda: 7, leave=left.append
    )
    assert asked == [(1, signal.SIGKILL)] and not left


def test_a_parent_that_died_before_the_promise_is_noticed():
    left = []
    die_with_parent(7, platform="linux", prctl=lambda o, v: 0, parent_now=lambda: 1, leave=left.append)
    assert left == [1]


def test_elsewhere_nothing_is_asked():
    die_with_parent(7, platform="darwin", prctl=None, parent_now=lambda: 1, leave=lambda code: pytest.fail("left"))


def test_on_windows_the_worker_is_tied_to_a_job_object_that_ends_it():
    class Function:
        restype = None

        def __init__(self, does):
            self.does = does

        def __call__(self, *arguments):
            return self.does(*arguments)

    seen = {}

    def set_information(job, kind, limits, size):
        seen["limits"] = (job.value, kind, limits._obj.basic.limit_flags, size)
        return 1

    def assign(job, handle):
        seen["tied"] = (job.value, handle.value)
        return 1

    class Kernel32:
        CreateJobObjectW = Function(lambda security, name: 42)
        SetInformationJobObject = Function(set_information)
        AssignProcessToJobObject = Function(assign)

    leash = Leash(platform="win32", kernel=Kernel32)
    assert leash.tie(99)
    assert seen == {"limits": (42, 9, 0x2000, ctypes.sizeof(_ExtendedLimits)), "tied": (42, 99)}
    if sys.maxsize > 2**32 and os.name == "posix":
        assert ctypes.sizeof(_ExtendedLimits) == 144, "the size winnt.h gives it on 64-bit Windows"


def test_without_a_job_object_the_worker_still_runs():
    class Kernel32:
        class CreateJobObjectW:
            restype = None

            def __new__(cls, *arguments):
                return None

    assert not Leash(platform="win32", kernel=Kernel32).tie(99)
    assert not Leash(platform="linux").tie(99)
