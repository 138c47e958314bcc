"""Which Python runs the backend, and what state its environments are in: Cel's, and AniDoc's beside it."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...backend.setup import environment as disk
from ...backend.setup.recipes import TorchBuild, recipe
from .. import folders
from ..messages import Refusal


@dataclass(frozen=True)
class Kind:
    """One of the two environments.

    name        also its folder's, and its recipe's
    override    environment variable: an interpreter that already has what the engine needs (developers, tests, studios)
    preference  the preference that says the same
    button      operator that makes or repairs it
    what        what it is called in a sentence
    """

    name: str
    override: str
    preference: str
    button: str
    what: str


CEL = Kind("cel", "ANIDOC_PYTHON", "interpreter", "anidoc.set_up", "colouring environment")
ANIDOC = Kind("anidoc", "ANIDOC_TORCH_PYTHON", "torch_interpreter", "anidoc.set_up_anidoc", "AniDoc environment")
KINDS = (CEL, ANIDOC)

STATES = {
    "absent": "Not set up yet",
    "half": "Set-up was not finished",
    "outdated": "Made for another AniDoc version",
    "broken": "Does not work any more: its Python is gone",
    "ready": "Ready",
}
"""In a word for people."""


@dataclass(frozen=True)
class Seen:
    """What was found the last time somebody looked; draw functions read this and never the disk.

    free    bytes free where the environment lies or would lie
    torch   which build is in it; ``fits``: which one this machine wants now
    """

    state: disk.State
    python: str = ""
    override: bool = False
    disk_bytes: int = 0
    kind: Kind = CEL
    free: int = 0
    torch: str = ""
    fits: TorchBuild = ""


_seen: dict[str, Seen] = {}


def kind_for(engine: str) -> Kind:
    """The environment that runs an engine."""
    return ANIDOC if engine == ANIDOC.name else CEL


def seen(kind: Kind = CEL) -> Seen:
    """The state of the environment as last looked at."""
    return _seen.get(kind.name) or look(kind)


def look(kind: Kind = CEL) -> Seen:
    """Look at the disk now."""
    fits = recipe(kind.name).torch
    chosen = override(kind)
    if chosen is not None:
        found = Seen("ready" if chosen.exists() else "broken", str(chosen), override=True, kind=kind, fits=fits)
    else:
        folder = folders.environment_folder(kind.name)
        marker = disk.read_marker(folder) or disk.Marker()
        found = Seen(
            disk.state(folder, *locks(kind)),
            str(disk.current_interpreter(folder) or ""),
            disk_bytes=marker.disk,
            kind=kind,
            free=shutil.disk_usage(folder.parent).free,
            torch=marker.torch,
            fits=fits,
        )
    _seen[kind.name] = found
    return found


def locks(kind: Kind) -> list[Path]:
    """The requirements files it is made from."""
    return [folders.ROOT / name for name in recipe(kind.name).locks]


def has_card() -> bool:
    """Whether an NVIDIA driver is on this machine, as last looked at."""
    return seen(ANIDOC).fits == "auto"


def override(kind: Kind = CEL) -> Path | None:
    """An interpreter somebody chose instead of our own environment."""
    chosen = os.environ.get(kind.override, "") or _preferred(kind)
    return Path(bpy.path.abspath(chosen)) if chosen else None


def _preferred(kind: Kind) -> str:
    addon = bpy.context.preferences.addons.get(folders.ADDON) if bpy.context.preferences else None
    return getattr(addon.preferences, kind.preference).strip() if addon and addon.preferences else ""


def backend_interpreter(kind: Kind = CEL) -> Path:
    """The Python to start the backend with. Raises ``Refusal`` with the button that makes one."""
    found = look(kind)
    refusal = why_not(found)
    if refusal is not None:
        raise refusal
    return Path(found.python)


def any_interpreter() -> Path:
    """A Python for what no engine is needed for. Raises ``Refusal`` where neither environment is ready."""
    ready = [found for found in map(look, KINDS) if found.state == "ready"]
    return Path(ready[0].python) if ready else backend_interpreter()


def why_none() -> Refusal | None:
    """Why no backend can be started at all, or None."""
    return None if any(look(kind).state == "ready" for kind in KINDS) else why_not(seen())


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
    kind, what = found.kind, found.kind.what
    absent = f"AniDoc's {what} is not set up yet." if kind is CEL else "AniDoc is not set up here yet."
    press = "Set up" if kind is CEL else "Set up AniDoc"
    sentence, remedy = {
        "absent": (absent, f"Press {press}."),
        "half": (f"Setting up the {what} was not finished.", f"Press {press} again."),
        "outdated": (f"The {what} is of another AniDoc version.", "Press Repair."),
        "broken": (f"The {what} does not work any more: its Python is gone.", "Press Repair."),
    }[found.state]
    return Refusal(sentence, remedy, kind.button)


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
