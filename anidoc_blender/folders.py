"""Where things lie: the extension, its user folder, and the job folder of a shot beside the .blend."""

import hashlib
import re
import uuid
from pathlib import Path
from typing import Any

import bpy

from .messages import Refusal

ADDON = (__package__ or "").rpartition(".")[0]
"""The extension's own module name: preferences and the user folder are filed under it, not under this package."""

ROOT = Path(__file__).resolve().parents[1]
"""The extension's folder: the backend's packages and the requirements files lie in it."""

DEFAULT_OUTPUT = "//anidoc/"

LONGEST_NAME = 60
"""Characters of a folder's name; two of them and a frame's name stay far below Windows' 260."""

_RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}
"""Names Windows keeps for devices."""


def user_folder(name: str = "") -> Path:
    """A folder of ours in Blender's user folder; made where it does not exist."""
    return Path(bpy.utils.extension_path_user(ADDON, path=name, create=True))


def environment_folder(name: str = "cel") -> Path:
    """Where an environment lies, Cel's or AniDoc's. The folder itself may not exist yet."""
    return user_folder() / name


def log_file(name: str = "backend") -> Path:
    """The log of a child process."""
    return user_folder("logs") / f"{name}.log"


def safe_name(name: str) -> str:
    """``name`` as a folder's name on every system; names that differ stay different, on disks without case too."""
    safe = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", name).strip(" .")[:LONGEST_NAME].strip(" .")
    if safe.lower().partition(".")[0] in _RESERVED or not safe:
        safe = f"_{safe}"
    if safe != name:
        safe += f"-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
    return safe


def shot_name(scene: bpy.types.Scene) -> str:
    """What the shot is called: its strip and its folder carry this name."""
    settings: Any = scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]
    return settings.name.strip() or scene.name


def job_folder(scene: bpy.types.Scene) -> Path:
    """The job folder of the scene's shot: OUTPUT/FILE/SHOT, so that two .blend files of one folder do not share frames.

    A file that was never saved has no beside: its frames lie in the user's folder until it is saved and coloured again.
    Raises ``Refusal`` where another folder was chosen relative to a file that is not saved.
    """
    settings: Any = scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]
    output = settings.output.strip() or DEFAULT_OUTPUT
    blend = bpy.data.filepath
    if not blend and output == DEFAULT_OUTPUT:
        return user_folder("unsaved") / unsaved_id(scene) / safe_name(shot_name(scene))
    if not blend and output.startswith("//"):
        raise Refusal(
            f"The output folder {output} lies beside the .blend, which is not saved yet.",
            "Save the file, or choose another folder.",
            "wm.save_mainfile",
        )
    folder = Path(bpy.path.abspath(output))
    if not folder.is_absolute():
        raise Refusal(f"The output folder {output} is not a full path.", "Choose the folder with the folder button.")
    stem = safe_name(Path(blend).stem) if blend else unsaved_id(scene)
    return folder / stem / safe_name(shot_name(scene))


def unsaved_id(scene: bpy.types.Scene) -> str:
    """A name for the frames of a file that has no name yet; kept in the scene, so that pressing again finds them."""
    settings: Any = scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]
    if not settings.unsaved_id:
        settings.unsaved_id = uuid.uuid4().hex[:8]
    return settings.unsaved_id


def stored_path(path: str | Path) -> str:
    """A path as Blender keeps it: beside a saved .blend as ``//…``, so that a moved project still finds it."""
    text = str(path)
    if not bpy.data.filepath:
        return text
    try:
        return bpy.path.relpath(text)
    except ValueError:  # another drive on Windows
        return text
