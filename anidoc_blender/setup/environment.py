"""Which Python runs the backend, and what state the environment is in."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...backend.setup import environment as disk
from .. import folders
from ..messages import Refusal

OVERRIDE = "ANIDOC_PYTHON"
"""Environment variable: an interpreter that already has the Cel engine's packages (developers, tests, studios)."""

CEL_LOCK = "requirements/cel.txt"
UV_LOCK = "requirements/uv.txt"


@dataclass(frozen=True)
class Seen:
    """What was found the last time somebody looked; draw functions read this and never the disk."""

    state: disk.State
    python: str = ""
    override: bool = False
    disk_bytes: int = 0


_seen: Seen | None = None


def seen() -> Seen:
    """The state of the environment as last looked at."""
    return _seen or look()


def look() -> Seen:
    """Look at the disk now."""
    global _seen
    chosen = override()
    if chosen is not None:
        _seen = Seen("ready" if chosen.exists() else "broken", str(chosen), override=True)
        return _seen
    folder = folders.environment_folder()
    marker = disk.read_marker(folder)
    python = disk.current_interpreter(folder)
    state = disk.state(folder, folders.ROOT / CEL_LOCK)
    _seen = Seen(state, str(python or ""), disk_bytes=marker.disk if marker else 0)
    return _seen


def override() -> Path | None:
    """An interpreter somebody chose instead of our own environment."""
    chosen = os.environ.get(OVERRIDE, "") or _preferred()
    return Path(bpy.path.abspath(chosen)) if chosen else None


def _preferred() -> str:
    addon = bpy.context.preferences.addons.get(folders.ADDON) if bpy.context.preferences else None
    return addon.preferences.interpreter.strip() if addon and addon.preferences else ""  # pyright: ignore[reportAttributeAccessIssue]


def backend_interpreter() -> Path:
    """The Python to start the backend with. Raises ``Refusal`` with the button that makes one."""
    found = look()
    refusal = why_not(found)
    if refusal is not None:
        raise refusal
    return Path(found.python)


def why_not(found: Seen) -> Refusal | None:
    """Why the backend cannot be started, or None."""
    if found.state == "ready":
        return None
    if found.override:
        return Refusal(
            f"There is no Python at {found.python}.",
            "Correct the interpreter in AniDoc's preferences, or leave it empty.",
            "anidoc.open_preferences",
        )
    sentence, remedy = {
        "absent": ("AniDoc's colouring environment is not set up yet.", "Press Set up."),
        "half": ("Setting up the colouring environment was not finished.", "Press Set up again."),
        "outdated": ("The colouring environment is of another AniDoc version.", "Press Repair."),
        "broken": ("The colouring environment does not work any more: its Python is gone.", "Press Repair."),
    }[found.state]
    return Refusal(sentence, remedy, "anidoc.set_up")


def blender_python() -> Path:
    """The interpreter inside this Blender (or, in a Blender of a Linux distribution, the system's)."""
    candidates = [Path(sys.executable)]
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    base = Path(sys.base_exec_prefix)
    candidates += [base / "bin" / name, base / "bin" / "python.exe", base / "python.exe"]
    for path in candidates:
        if path.name.lower().startswith("python") and path.exists():
            return path
    raise Refusal(
        "Blender's own Python was not found.",
        "Choose a Python that has numpy, scipy, OpenCV and Pillow in AniDoc's preferences.",
        "anidoc.open_preferences",
    )
