"""The backend's own environment on disk: where it lies, whether it is whole, what it was made from.

    FOLDER/anidoc-environment.json   says that the folder is ours, and which environment counts (written last)
    FOLDER/e1, e2, ...               environments; only the one named is used, so that a half-made one never is
    FOLDER/tools, FOLDER/cache       the installer, while it works

Standard library only: Blender's Python reads this too, before there is any environment.
"""

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ..contracts.errors import AniDocError
from ..contracts.files import write_bytes

MARKER = "anidoc-environment.json"
FORMAT, FORMAT_VERSION = "anidoc-environment", 1

State = Literal["absent", "half", "outdated", "broken", "ready"]


@dataclass(frozen=True)
class Marker:
    """What the marker file says.

    environment  name of the folder that counts, e.g. ``e1``; empty while the first one is being made
    lock         sha256 of the requirements files it was made from
    python       version of its interpreter, e.g. ``3.11.7``
    disk         bytes it takes
    torch        which build of torch is in it, as backend.setup.recipes calls it; empty where none is
    """

    environment: str = ""
    lock: str = ""
    python: str = ""
    disk: int = 0
    torch: str = ""


def lock_hash(*requirements: Path) -> str:
    """The identity of hash-locked requirements files; line endings do not count."""
    h = hashlib.sha256()
    for file in requirements:
        h.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return h.hexdigest()


def interpreter(environment: Path, platform: str = sys.platform) -> Path:
    """The Python of a virtual environment."""
    return environment / ("Scripts/python.exe" if platform == "win32" else "bin/python")


def read_marker(folder: Path) -> Marker | None:
    """What the marker says; None where there is none or it is not ours."""
    path = folder / MARKER
    try:
        if folder.is_symlink() or path.is_symlink():
            return None
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT or data["version"] != FORMAT_VERSION:
            return None
        torch = str(data.get("torch", ""))
        marker = Marker(str(data["environment"]), str(data["lock"]), str(data["python"]), int(data["disk"]), torch)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return marker if marker.environment == "" or _numbered(marker.environment) else None


def write_marker(folder: Path, marker: Marker) -> None:
    """Write the marker, whole or not at all."""
    data = {"format": FORMAT, "version": FORMAT_VERSION, **asdict(marker)}
    write_bytes(folder / MARKER, (json.dumps(data, indent=1) + "\n").encode())


def state(folder: Path, *requirements: Path, platform: str = sys.platform) -> State:
    """Whether there is an environment to work with. Reads small files; fit for a button, not for a draw function."""
    marker = read_marker(folder)
    if marker is None:
        return "half" if folder.is_dir() and any(folder.iterdir()) else "absent"
    if not marker.environment:
        return "half"
    # exists() follows the link to Blender's own Python: gone when that Blender was moved or removed.
    if not interpreter(folder / marker.environment, platform).exists():
        return "broken"
    return "ready" if marker.lock == lock_hash(*requirements) else "outdated"


def current_interpreter(folder: Path, platform: str = sys.platform) -> Path | None:
    """The interpreter to run the backend with, or None."""
    marker = read_marker(folder)
    if marker is None or not marker.environment:
        return None
    path = interpreter(folder / marker.environment, platform)
    return path if path.exists() else None


def next_name(folder: Path) -> str:
    """A name for a new environment. Short, because Windows counts every letter of a path."""
    taken = {p.name for p in folder.iterdir()} if folder.is_dir() else set()
    return next(f"e{n}" for n in range(1, 1000) if f"e{n}" not in taken)


def require_ours(folder: Path) -> None:
    """Raise ``AniDocError`` unless this is a folder that we made and may delete."""
    if read_marker(folder) is None:
        raise AniDocError(
            f"{folder} was not made by AniDoc and is left alone.", "Delete it yourself if you do not need it."
        )


def _numbered(name: str) -> bool:
    return len(name) <= 4 and name.startswith("e") and name[1:].isdigit()
