"""The calls that only Windows needs, with its library handed in. They have not been run on Windows itself."""

import ctypes
import errno
import io
import subprocess

import pytest
from bl_ext.user_default.anidoc.anidoc_blender.client import pipes, windows
from bl_ext.user_default.anidoc.anidoc_blender.client.process import Process

from tests.support.shots import ROOT


class Library:
    """A kernel32 that notes what it is asked."""

    def __init__(self, refuses: str = "") -> None:
        self.calls: list[tuple] = []
        self.refuses = refuses

    def __getattr__(self, name):
        def call(*arguments):
            self.calls.append((name, *arguments))
            return 0 if name == self.refuses else 40 + len(self.calls)

        return call

    def names(self):
        return [c[0] for c in self.calls]


def test_the_pipe_is_told_not_to_wait():
    library = Library()
    windows.do_not_wait(77, library)
    name, handle, mode, *rest = library.calls[0]
    assert (name, handle, rest) == ("SetNamedPipeHandleState", 77, [None, None])
    assert ctypes.cast(mode, ctypes.POINTER(ctypes.c_uint32)).contents.value == 1


def test_a_pipe_that_cannot_be_set_is_an_error():
    with pytest.raises(OSError, match="non-blocking"):
        windows.do_not_wait(77, Library(refuses="SetNamedPipeHandleState"))


def test_an_empty_pipe_is_nothing_yet_and_other_errors_are_errors(monkeypatch):
    for code in (errno.EINVAL, errno.EPIPE):
        monkeypatch.setattr(pipes.os, "read", lambda *_, code=code: _raise(OSError(code, "empty")))
        assert pipes.read_available(3, platform="win32") is None
    monkeypatch.setattr(pipes.os, "read", lambda *_: _raise(OSError(errno.EBADF, "bad")))
    with pytest.raises(OSError, match="bad"):
        pipes.read_available(3, platform="win32")


def _raise(problem):
    raise problem


def test_the_job_object_holds_the_process_until_it_is_closed():
    library = Library()
    job = windows.JobObject(1234, library)
    assert job.holds
    assert library.names() == [
        "CreateJobObjectW",
        "SetInformationJobObject",
        "OpenProcess",
        "AssignProcessToJobObject",
        "CloseHandle",
    ]
    assert library.calls[2][-1] == 1234
    limits = ctypes.cast(library.calls[1][3], ctypes.POINTER(windows._ExtendedLimits)).contents
    assert limits.BasicLimitInformation.LimitFlags == 0x2000
    assert library.calls[1][4] == 144  # sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION) on 64-bit Windows
    job.close()
    job.close()
    assert library.names().count("CloseHandle") == 2


def test_without_a_job_object_work_goes_on():
    library = Library(refuses="CreateJobObjectW")
    assert not windows.JobObject(1234, library).holds
    assert library.names() == ["CreateJobObjectW"]


class _Pipe(io.BytesIO):
    def fileno(self) -> int:
        return 0


class PopenOfNothing:
    """A Popen that notes how it was started and has ended already."""

    options: dict = {}
    pid = 4321

    def __init__(self, command, **options) -> None:
        type(self).options = options
        self.stdin, self.stdout = _Pipe(), _Pipe()

    def poll(self):
        return 0

    def wait(self):
        return 0


def test_on_windows_no_console_opens_and_the_process_is_held(tmp_path, monkeypatch):
    library = Library()
    monkeypatch.setattr(windows, "kernel32", lambda: library)
    monkeypatch.setattr(pipes, "make_non_blocking", lambda *_, **__: None)
    log = tmp_path / "log"
    process = Process(["python.exe"], root=ROOT, home=tmp_path, log=log, platform="win32", popen=PopenOfNothing)
    assert PopenOfNothing.options["creationflags"] == 0x08000000 | 0x00000200
    assert "start_new_session" not in PopenOfNothing.options
    assert not PopenOfNothing.options.get("shell")
    assert PopenOfNothing.options["stdin"] == subprocess.PIPE
    process.stop(0.0)
    assert library.names()[-1] == "CloseHandle"
