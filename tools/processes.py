"""Running other programs: no standard input, a time limit, and nothing left behind when it is over."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

TIMED_OUT = 124
"""Exit code of a program that was ended at its limit, as the shell command ``timeout`` reports it."""

_LAST_WORDS = 5.0
"""Seconds that a program has to end by itself after Ctrl-C."""


def run(
    command: Sequence[str | Path],
    cwd: Path,
    limit: float,
    environment: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> tuple[int, str]:
    """The exit code, and what the program printed if it was run ``quiet``.

    ``limit`` in seconds; at the limit the program and its children are killed. Raises ``OSError`` where it cannot start.
    """
    posix = os.name == "posix"
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=posix,
    )
    try:
        output, _ = process.communicate(timeout=limit)
        return process.returncode, output or ""
    except subprocess.TimeoutExpired:
        _kill(process)
        output, _ = process.communicate()
        return TIMED_OUT, output or ""
    except BaseException:
        _ask_to_end(process)
        _kill(process)
        process.wait()
        raise


def _ask_to_end(process: subprocess.Popen) -> None:
    """Ctrl-C for the program and its children, and a little time to take their temporary folders away."""
    if os.name != "posix":
        return
    try:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(_LAST_WORDS)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        return  # gone already, or deaf: it is killed next


def _kill(process: subprocess.Popen) -> None:
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()
    else:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], stdin=subprocess.DEVNULL, check=False)
