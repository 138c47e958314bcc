"""Running pip and uv for the set-up: one command at a time, its output to the log, ended with everything it started."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..contracts.errors import AniDocError

PAUSE = 0.1
"""Seconds between looks at a running command."""


class Cancelled(Exception):
    """The artist pressed Cancel, or Blender is gone."""


def run_command(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Callable[[str], None],
    asked_to_stop: Callable[[], bool],
    meanwhile: Callable[[], None],
) -> str:
    """Run a command to its end; returns its output. Raises ``AniDocError`` with a sentence when it fails, ``Cancelled``."""
    output = folder / "output.txt"
    with output.open("wb") as file:
        # The same process group as ours: whoever ends us ends it too.
        child = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=dict(environment), cwd=folder
        )
        try:
            while child.poll() is None:
                if asked_to_stop():
                    raise Cancelled
                meanwhile()
                time.sleep(PAUSE)
        finally:
            if child.poll() is None:
                end(child)
            said = output.read_text(encoding="utf-8", errors="replace")
            log(f"$ {' '.join(command)}\n{said}")
    with contextlib.suppress(OSError):
        output.unlink()
    if child.returncode != 0:
        raise explain(said, child.returncode)
    return said


def end(child: subprocess.Popen[bytes], platform: str = sys.platform) -> None:
    """End a command and what it started."""
    if platform != "win32" and os.getpgrp() == os.getpid():
        # We lead our group: everything in it but ourselves goes.
        before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(os.getpgrp(), signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
    child.terminate()
    try:
        child.wait(2)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


_SIGNS = (
    (
        ("No space left", "os error 28", "ENOSPC", "not enough space", "os error 112"),
        "The disk is full.",
        "Free some space and press Set up again.",
    ),
    (
        ("ensurepip", "No module named venv", "No module named pip"),
        "Blender's Python cannot make an environment: its venv or pip part is missing.",
        "With a Blender from your Linux distribution, install its python3-venv package; or use a Blender from blender.org.",
    ),
    (
        ("hashes", "Hash mismatch", "DO NOT MATCH"),
        "What was downloaded is not what this version of AniDoc was made with.",
        "Nothing was installed. Try again; if it happens again, a proxy changes your downloads.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate"),
        "The connection to the package index is not trusted: a certificate is unknown.",
        "Behind a company proxy, set SSL_CERT_FILE to its certificate before Blender starts.",
    ),
    (
        (
            "Could not connect",
            "error sending request",
            "dns error",
            "Temporary failure in name resolution",
            "getaddrinfo failed",
            "Connection refused",
            "NewConnectionError",
            "Network is unreachable",
            "timed out",
            "Failed to fetch",
            "Request failed",
            "ProxyError",
            "Could not fetch URL",
        ),
        "The packages could not be downloaded: there is no connection to the package index.",
        "Check the network (and proxy) and press Set up again.",
    ),
    (
        (
            "no wheels with a matching",
            "No matching distribution",
            "no usable wheels",
            "has no wheels",
            "building source distributions is disabled",
        ),
        "There are no ready-made packages for this computer or this Blender's Python.",
        "AniDoc needs 64-bit Windows, macOS or Linux; the log names the package.",
    ),
    (
        ("Permission denied", "Access is denied", "os error 5)", "os error 13"),
        "AniDoc may not write in its own folder.",
        "Close other Blenders and virus scanners that use it, then press Repair.",
    ),
)
"""Words in what pip and uv say, the sentence they mean, and what to do. The first that fits."""


def explain(said: str, code: int) -> AniDocError:
    """The sentence for a failed command."""
    for signs, sentence, remedy in _SIGNS:
        if any(sign in said for sign in signs):
            return AniDocError(sentence, remedy, said[-4000:])
    return AniDocError(
        f"Setting up the environment failed (code {code}).", "Press Repair; the log says more.", said[-4000:]
    )
