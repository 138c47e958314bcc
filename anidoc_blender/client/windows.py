"""What only Windows needs: a pipe that does not wait, and a job object that ends the child when Blender ends.

``kernel32`` is handed in, so that the calls can be tested on any system. Never run on Windows by its authors.
"""

import ctypes
import errno
from typing import Any

PIPE_NOWAIT = 0x00000001
"""SetNamedPipeHandleState: reading an empty pipe fails at once; works for the anonymous pipes of Popen too."""

ERROR_NO_DATA = 232
"""What reading an empty PIPE_NOWAIT pipe reports."""

JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x00002000
JOB_OBJECT_EXTENDED_LIMIT_INFORMATION = 9
PROCESS_SET_QUOTA, PROCESS_TERMINATE = 0x0100, 0x0001
"""The two rights that AssignProcessToJobObject asks for."""

CREATE_NO_WINDOW, CREATE_NEW_PROCESS_GROUP = 0x08000000, 0x00000200
CREATION_FLAGS = CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP
"""No console window flashes up, and a Ctrl+C in Blender's console is not the child's."""


class _BasicLimits(ctypes.Structure):
    _fields_ = [
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    ]


class _ExtendedLimits(ctypes.Structure):
    _fields_ = [
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    ]


def kernel32() -> Any:
    """Windows' own library, with the argument types that keep 64-bit handles whole."""
    library: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # pyright: ignore[reportAttributeAccessIssue]
    handle = ctypes.c_void_p
    library.SetNamedPipeHandleState.argtypes = [handle, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.CreateJobObjectW.argtypes = [ctypes.c_void_p, ctypes.c_wchar_p]
    library.CreateJobObjectW.restype = handle
    library.SetInformationJobObject.argtypes = [handle, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32]
    library.OpenProcess.argtypes = [ctypes.c_uint32, ctypes.c_int, ctypes.c_uint32]
    library.OpenProcess.restype = handle
    library.AssignProcessToJobObject.argtypes = [handle, handle]
    library.CloseHandle.argtypes = [handle]
    return library


def do_not_wait(handle: int, library: Any) -> None:
    """Make a pipe's handle non-blocking. Raises ``OSError``."""
    mode = ctypes.c_uint32(PIPE_NOWAIT)
    if not library.SetNamedPipeHandleState(handle, ctypes.byref(mode), None, None):
        raise OSError("the pipe to the backend could not be made non-blocking")


def nothing_yet(problem: OSError) -> bool:
    """Whether reading failed only because the pipe is empty. Python reports it as EINVAL or EPIPE, by version."""
    return getattr(problem, "winerror", None) == ERROR_NO_DATA or problem.errno in (errno.EINVAL, errno.EPIPE)


class JobObject:
    """While this lives, so may the process: Windows ends it (and its children) when the handle goes with Blender."""

    def __init__(self, pid: int, library: Any) -> None:
        self._library = library
        self._handle = library.CreateJobObjectW(None, None)
        limits = _ExtendedLimits()
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        set_up = self._handle and library.SetInformationJobObject(
            self._handle, JOB_OBJECT_EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
        )
        process = set_up and library.OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE, False, pid)
        self.holds = bool(process and library.AssignProcessToJobObject(self._handle, process))
        if process:
            library.CloseHandle(process)
        if not self.holds:
            self.close()

    def close(self) -> None:
        """Let go; what the process group still runs is ended by Windows."""
        if self._handle:
            self._library.CloseHandle(self._handle)
            self._handle = None
