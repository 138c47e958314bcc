"""What this installation has and lacks: the facts behind ``anidoc doctor`` and the diagnostics button.

Each check gives one ``Finding``; none raises, none writes outside the temporary folder, none goes online.
"""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ..version import VERSION
from .doctor_anidoc import examine_anidoc
from .finding import Finding, Grade

NEEDED = {"numpy": "numpy", "opencv-python-headless": "cv2", "pillow": "PIL", "scipy": "scipy"}
"""Distribution -> the module it brings, for the Cel engine."""

ROOM = 2 * 10**9
"""Bytes free below which a long shot at 4K may not fit on the disk."""
MEMORY = 4 * 10**9
"""Bytes of main memory below which an 8K shot may not fit."""

_PATIENCE = 5
"""Seconds another program gets to say its version."""


def examine() -> Iterator[Finding]:
    """All findings, in the order people read them."""
    yield Finding("AniDoc", "good", VERSION)
    yield _python()
    yield Finding("System", "good", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Finding("Processor", "good", f"{os.cpu_count()} cores")
    yield _memory()
    for distribution, module in NEEDED.items():
        yield _package(distribution, module)
    yield _environment_size()
    yield _disk("Disk, home", Path.home())
    yield _disk("Disk, temporary", Path(tempfile.gettempdir()))
    yield _gpu()
    yield _blender()
    yield from examine_anidoc()


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    remedy = "" if good else "Set the environment up again with Python 3.11 or newer."
    return Finding("Python", "good" if good else "bad", f"{platform.python_version()} ({sys.executable})", remedy)


def _package(distribution: str, module: str) -> Finding:
    try:
        version = importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    try:
        found = importlib.import_module(module)
    except Exception as problem:  # a broken library raises whatever its own loader raises
        return Finding(distribution, "bad", f"does not load ({problem})", "Press Repair in AniDoc's preferences.")
    return Finding(distribution, "good", version or getattr(found, "__version__", "present"))


def _memory() -> Finding:
    size = memory_bytes()
    if size is None:
        return Finding("Memory", "good", "not known on this system")
    grade: Grade = "good" if size >= MEMORY else "warning"
    return Finding(
        "Memory", grade, f"{size / 1e9:.1f} GB", "" if grade == "good" else "Very large pictures may not fit."
    )


def memory_bytes() -> int | None:
    """Main memory in bytes; None where the system does not say."""
    if sys.platform == "win32":
        return _memory_windows()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _memory_windows() -> int | None:
    """GlobalMemoryStatusEx (not run on Windows)."""
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_uint32), ("load", ctypes.c_uint32), ("sizes", ctypes.c_uint64 * 7)]

    status = Status(length=ctypes.sizeof(Status))
    kernel = ctypes.windll.kernel32  # pyright: ignore[reportAttributeAccessIssue]
    return int(status.sizes[0]) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def _environment_size() -> Finding:
    prefix = Path(sys.prefix)
    if sys.prefix == sys.base_prefix:
        return Finding("Environment", "warning", "the system's own Python", "Use an environment made for AniDoc.")
    return Finding("Environment", "good", f"{folder_bytes(prefix) / 1e6:.0f} MB ({prefix})")


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below ``folder``; links count for nothing, so that a shared file counts where it lies."""
    size = 0
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            if not path.is_symlink():
                size += path.stat().st_size
    return size


def _disk(name: str, folder: Path) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as problem:
        return Finding(name, "warning", f"{folder} cannot be looked at ({problem.strerror})")
    grade: Grade = "good" if free >= ROOM else "warning"
    return Finding(
        name, grade, f"{free / 1e9:.1f} GB free", "" if grade == "good" else "Free some space before a long shot."
    )


def _gpu() -> Finding:
    """The Cel engine needs none; the AniDoc engine is slow without an NVIDIA one."""
    query = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    said = _ask("nvidia-smi", *query)
    return Finding("GPU", "good", said.replace("\n", "; ") if said else "no NVIDIA GPU (the Cel engine needs none)")


def _blender() -> Finding:
    said = _ask("blender", "--version")
    return Finding(
        "Blender", "good", f"{said.splitlines()[0]} ({shutil.which('blender')})" if said else "not on the path"
    )


def _ask(program: str, *arguments: str, which: Callable[[str], str | None] = shutil.which) -> str:
    """What another program prints; empty where there is no such program or it fails."""
    path = which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
