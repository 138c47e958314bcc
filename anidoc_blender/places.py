"""Where things are written: the job folder of a scene, beside the .blend, in a chosen folder, or for unsaved work in the user's own."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import bpy

ADDON = (__package__ or "").rpartition(".")[0]
"""The extension's own name, as Blender knows it; user folders and preferences are kept under it."""

FOLDER = "anidoc"
"""Name of the folder beside the .blend."""

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}
"""Names Windows keeps for devices; a folder of that name on a shared disk cannot be opened there."""


@dataclass(frozen=True)
class Place:
    """The job folder, and where it is not obvious, one sentence saying where that is and why."""

    folder: Path
    note: str = ""


def job_place(scene: bpy.types.Scene, chosen: str = "") -> Place:
    """The job folder of a scene.

    ``chosen`` is the artist's own folder (``//`` is the .blend's); else ``//anidoc/``; in it one folder a scene. A
    file that was never saved has no beside: its folder lies in the user's own, one for each session, and the first run
    after saving writes beside the .blend.
    """
    name = folder_name(scene.name)
    if chosen and (bpy.data.filepath or not chosen.startswith("//")):
        return Place(Path(bpy.path.abspath(chosen)).absolute() / name)
    if bpy.data.filepath:
        return Place(Path(bpy.data.filepath).parent / FOLDER / name)
    folder = Path(bpy.utils.extension_path_user(ADDON, path=f"unsaved/{os.getpid()}", create=True)) / name
    return Place(
        folder,
        f"This file was never saved, so its frames lie in {folder}; save it and colour again to have them beside the .blend.",
    )


def folder_name(name: str) -> str:
    """A scene's name as the name of a folder on every system; different names stay different where they can."""
    safe = _UNSAFE.sub("_", name).strip(" .")
    if safe != name or safe.casefold().split(".")[0] in _RESERVED:
        safe = f"{safe or 'scene'} {hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return safe
