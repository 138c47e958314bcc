"""No process outlives its owner: what the operating system offers to make sure of it, beside watching stdin.

Linux sends a signal when the parent dies; Windows ends all processes of a job object when its last handle closes.
macOS offers neither; there the worker's watch on its stdin alone does it. The Windows part is tested with stand-ins
for the system's functions; it has not been run on Windows.
"""

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable
from ctypes import c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p, sizeof
from typing import Any

_LOG = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""
_KILL_ON_CLOSE = 0x2000
"""JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, winnt.h"""
_EXTENDED_LIMITS = 9
"""JobObjectExtendedLimitInformation, of JOBOBJECTINFOCLASS, winnt.h"""


def die_with_parent(
    parent: int,
    *,
    platform: str = sys.platform,
    prctl: Callable[[int, int], int] | None = None,
    parent_now: Callable[[], int] = os.getppid,
    leave: Callable[[int], Any] = os._exit,
) -> None:
    """Called in a child, first thing: on Linux the system kills it when process ``parent`` dies.

    The parent must have started it from a thread that lives on: Linux watches the thread, not the process.
    """
    if platform != "linux":
        return
    if (prctl or _prctl)(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        _LOG.warning("the system does not promise to end this process with its owner")
    if parent_now() != parent:  # it died before the promise was made
        leave(1)


def _prctl(option: int, value: int) -> int:
    return ctypes.CDLL(None, use_errno=True).prctl(c_int(option), ctypes.c_ulong(value), 0, 0, 0)


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION"""

    _fields_ = [
        ("per_process_user_time", c_int64),
        ("per_job_user_time", c_int64),
        ("limit_flags", c_uint32),
        ("minimum_working_set", c_size_t),
        ("maximum_working_set", c_size_t),
        ("active_processes", c_uint32),
        ("affinity", c_size_t),
        ("priority_class", c_uint32),
        ("scheduling_class", c_uint32),
    ]


class _ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION"""

    _fields_ = [
        ("basic", _BasicLimits),
        ("io_counters", c_uint64 * 6),
        ("process_memory", c_size_t),
        ("job_memory", c_size_t),
        ("peak_process_memory", c_size_t),
        ("peak_job_memory", c_size_t),
    ]


class Leash:
    """Ties children to this process on Windows; elsewhere it does nothing. Keep it as long as the children should live."""

    def __init__(self, *, platform: str = sys.platform, kernel: Any = None) -> None:
        self._job: Any = None
        if platform != "win32":
            return
        self._kernel = kernel or ctypes.WinDLL("kernel32", use_last_error=True)  # pyright: ignore
        self._kernel.CreateJobObjectW.restype = c_void_p
        job = self._kernel.CreateJobObjectW(None, None)
        limits = _ExtendedLimits()
        limits.basic.limit_flags = _KILL_ON_CLOSE
        if job and self._kernel.SetInformationJobObject(
            c_void_p(job), _EXTENDED_LIMITS, ctypes.byref(limits), sizeof(limits)
        ):
            self._job = job
        else:
            _LOG.warning("Windows gave no job object; the worker watches its stdin alone")

    def tie(self, handle: int) -> bool:
        """Let the process with this handle (``Popen._handle``) die with us. False where that is not possible."""
        return bool(self._job and self._kernel.AssignProcessToJobObject(c_void_p(self._job), c_void_p(handle)))
