"""Handing the ticked scenes to a Flamenco Manager: their jobs are written here, the backend does the talking."""

import contextlib
import time
from pathlib import Path
from typing import Any

import bpy

from ...backend.contracts.errors import AniDocError
from ...backend.contracts.files import write_bytes
from .. import folders
from ..client import life
from ..client.process import log_tail
from ..job_writer import write_job
from ..messages import Notice, Refusal
from ..request import request_of
from ..setup import environment
from ..task import Status, Work

JOBS_FILE = "ticked.txt"
_PATIENCE = 120.0
"""Seconds the Manager may take."""


def manager() -> str:
    """The Manager's address from the preferences; empty where none is configured."""
    addons = bpy.context.preferences.addons if bpy.context.preferences else {}
    addon: Any = addons.get(folders.ADDON)
    return addon.preferences.flamenco.strip() if addon and addon.preferences else ""


def why_not() -> Refusal | None:
    """Why nothing can be submitted now, or None."""
    if not manager():
        return Refusal("No Flamenco Manager is configured.", "Write its address in AniDoc's preferences.")
    if not bpy.app.online_access:
        return Refusal(
            "Blender is set to stay offline, so no farm can be reached.",
            "Allow online access in Blender's preferences (System, Network).",
            "anidoc.allow_online",
        )
    if not bpy.data.filepath:
        return Refusal("This file is not saved yet.", "Save it where the farm's workers see it.", "wm.save_mainfile")
    return environment.why_none()


def submit(scenes: list[str], place: Path) -> Work:
    """Write the jobs of the scenes and submit them. Raises ``AniDocError``."""
    jobs: list[Path] = []
    for name in scenes:
        scene = bpy.data.scenes.get(name)
        if scene is None:
            raise AniDocError(f"There is no scene {name} any more.", "Press again.")
        writing = write_job(request_of(scene))
        try:
            while True:
                step = next(writing)
                if (yield Status(f"{name}: {step.doing or 'Reading drawings'}", step.done, step.total, more=True)):
                    return [Notice("Cancelled; nothing was submitted.")]
        except StopIteration as end:
            jobs.append(end.value.folder)
        finally:
            writing.close()
    listed = place / JOBS_FILE
    write_bytes(listed, "".join(f"{job}\n" for job in jobs).encode(), durable=False)
    said = yield from _ask(listed, place)
    return [Notice(said, "When the farm is done, press Colorize All: it only checks, and places the strips.")]


def _ask(listed: Path, place: Path) -> Any:
    title = Path(bpy.data.filepath).stem
    arguments = ["batch", str(listed), "--flamenco", manager(), "--report", str(place), "--title", title]
    with contextlib.suppress(OSError):
        folders.log_file("flamenco").unlink()  # what an earlier submission said is not this one's reason
    child = life.start_child(environment.any_interpreter(), ["-m", "backend", *arguments], "flamenco")
    heard, began = b"", time.monotonic()
    try:
        while (code := child.ended()) is None:
            heard += child.receive()
            if (yield Status("Submitting to Flamenco")) or time.monotonic() - began > _PATIENCE:
                raise AniDocError("Submitting was broken off.", "Look at the Manager's pages before you press again.")
    finally:
        child.stop(0.0)
    lines = heard.decode("utf-8", "replace").strip().splitlines()
    if code == 0 and lines:
        return lines[-1]
    reason = [line for line in log_tail(child.log).splitlines() if line.startswith("anidoc: ")]
    sentence = reason[-1].removeprefix("anidoc: ") if reason else f"Submitting failed (exit code {code})."
    raise AniDocError(sentence, "", log_tail(child.log))
