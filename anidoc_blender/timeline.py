"""Put finished frames on the timeline as image-sequence strips, and bring our own strips up to date when pressed again.

Each strip of ours carries the shot's name as a custom property; no other strip is ever touched. Ours are changed in place,
so that what the artist did to them (channel, mute, blend, effects and modifiers on top) stays.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..backend.contracts.errors import AniDocError
from ..backend.contracts.jobfolder import FRAMES
from ..backend.contracts.report import Report
from . import compat, folders
from .strip_sizes import set_sizes

SHOT, START = "anidoc_shot", "anidoc_start"
"""Custom properties of our strips: the shot's name, and the frame of the first picture as we placed it."""

MOST_CHANNELS = 128
"""Blender's own limit."""


@dataclass(frozen=True)
class Run:
    """Consecutive frames: picture ``names[i]`` stands at frame ``start + i``."""

    start: int
    names: tuple[str, ...]

    @property
    def end(self) -> int:
        """First frame after it."""
        return self.start + len(self.names)


@dataclass(frozen=True)
class Placed:
    """What stands on the timeline now, and sentences about frames that have no colours."""

    strips: tuple[str, ...]
    notes: tuple[str, ...] = ()


def place_strip(
    scene: bpy.types.Scene, folder: Path, report: Report, *, name: str = "", keep_outside: bool = False
) -> Placed:
    """Bring the strips of the shot ``name`` (the scene's own where empty) up to date with a finished run.

    Held drawings repeat their file; a drawing without a picture leaves a gap. ``keep_outside``: frames that an earlier
    run coloured outside this one's range stay. Raises ``AniDocError`` when there is not one picture to place.
    """
    name = name or scene.name
    pictures = _existing(folder)
    wanted = frames_of(report, pictures)
    if not wanted:
        raise AniDocError("No drawing of the shot could be coloured.", _first_failure(report))
    editor = scene.sequence_editor or scene.sequence_editor_create()
    ours = sorted(own_strips(scene, name), key=lambda s: compat.strip_bounds(s)[0])
    if keep_outside:
        wanted = _earlier_frames(ours, folder, pictures, report) | wanted
    runs = runs_of(wanted)
    home = (ours[0].parent_meta() if ours else None) or editor
    others = [compat.strip_bounds(s) + (s.channel,) for s in home.strips if s.get(SHOT) != name]
    channel = free_channel(others, runs, ours[0].channel if ours else 1)
    directory = folders.stored_path(folder / FRAMES).rstrip("/\\") + "/"

    for spare in ours[len(runs) :]:
        (spare.parent_meta() or editor).strips.remove(spare)
    placed = []
    for i, run in enumerate(runs):
        strip = ours[i] if i < len(ours) else _new_strip(scene, home, _title(name), run, channel, report)
        _fill(strip, directory, run)
        set_sizes(strip, report.width, report.height)
        compat.move_strip(strip, run.start, channel)
        strip[SHOT], strip[START] = name, run.start
        placed.append(strip.name)
    compat.show_in_sequencer(scene)
    return Placed(tuple(placed), tuple(_gaps(report, pictures)))


def own_strips(scene: bpy.types.Scene, name: str) -> list[Any]:
    """The strips that earlier presses placed for the shot ``name``, inside meta strips too."""
    return [s for s in compat.all_strips(scene) if s.type == "IMAGE" and s.get(SHOT) == name]


def frames_of(report: Report, pictures: set[str]) -> dict[int, str]:
    """Timeline frame to picture file, for every frame whose drawing has its picture on disk."""
    files = {c.drawing: c.file.rpartition("/")[2] for c in report.coloured}
    shown = {}
    for exposure in report.exposures:
        file = files.get(exposure.drawing, "")
        if file in pictures:
            shown |= dict.fromkeys(range(exposure.frame, exposure.frame + exposure.duration), file)
    return shown


def runs_of(frames: Mapping[int, str]) -> list[Run]:
    """Frames as unbroken runs, in time."""
    runs: list[tuple[int, list[str]]] = []
    for frame in sorted(frames):
        if runs and runs[-1][0] + len(runs[-1][1]) == frame:
            runs[-1][1].append(frames[frame])
        else:
            runs.append((frame, [frames[frame]]))
    return [Run(start, tuple(names)) for start, names in runs]


def free_channel(others: Sequence[tuple[int, int, int]], runs: Sequence[Run], wish: int) -> int:
    """The first channel from ``wish`` up on which no other strip (start, end, channel) overlaps a run.

    Blender accepts overlapping strips without a word, and then shows one of them.
    """
    taken = {c for start, end, c in others if any(start < run.end and run.start < end for run in runs)}
    for channel in [*range(wish, MOST_CHANNELS + 1), *range(1, wish)]:
        if channel not in taken:
            return channel
    raise AniDocError("Every channel of the sequencer is taken at the shot's frames.", "Free one and press again.")


def _title(name: str) -> str:
    """The strip of the shot ``Walk`` is ``AniDoc Walk``, that of ``AniDoc Demo`` is no ``AniDoc AniDoc Demo``."""
    return name if name.casefold().startswith("anidoc") else f"AniDoc {name}"


def _existing(folder: Path) -> set[str]:
    """The pictures that are really there; a strip of missing files would render empty frames without a word."""
    frames = folder / FRAMES
    return {name for name in os.listdir(frames) if name.endswith(".png")} if frames.is_dir() else set()  # noqa: PTH208


def _new_strip(scene: bpy.types.Scene, home: Any, title: str, run: Run, channel: int, report: Report) -> Any:
    """A strip without pictures yet. Given one, Blender would read it whole to see its size, which is known already."""
    strip = home.strips.new_image(
        name=title, filepath=f"//{run.names[0]}", channel=channel, frame_start=run.start, fit_method="ORIGINAL"
    )
    # Frames are as large as the render is; at 50 % they must still fill the picture.
    scale = min(scene.render.resolution_x / report.width, scene.render.resolution_y / report.height)
    strip.transform.scale_x = strip.transform.scale_y = scale
    strip.blend_type = "ALPHA_OVER"
    return strip


def _fill(strip: Any, directory: str, run: Run) -> None:
    """Let the strip show the run's pictures, read as 8-bit sRGB with straight alpha, which gives them back to the bit."""
    strip.directory = directory
    elements = strip.elements
    while len(elements) > len(run.names):
        elements.pop(index=len(elements) - 1)
    for element, name in zip(elements, run.names, strict=False):
        if element.filename != name:
            element.filename = name
    for name in run.names[len(elements) :]:
        elements.append(name)
    strip.alpha_mode = "STRAIGHT"
    try:
        strip.colorspace_settings.name = "sRGB"
    except TypeError as problem:
        raise AniDocError(
            "Blender's colour configuration has no sRGB, so the frames' colours cannot be kept.",
            "Start Blender without the OCIO environment variable.",
            str(problem),
        ) from problem
    # The files may have changed under the same names.
    strip.invalidate_cache("RAW")
    strip.invalidate_cache("COMPOSITE")


def _earlier_frames(ours: Sequence[Any], folder: Path, pictures: set[str], report: Report) -> dict[int, str]:
    """What our strips show outside this run's range, from the same folder and still on disk."""
    first = min(e.frame for e in report.exposures)
    after = max(e.frame + e.duration for e in report.exposures)
    kept = {}
    for strip in ours:
        if Path(bpy.path.abspath(strip.directory)) != folder / FRAMES:
            continue
        for offset, element in enumerate(strip.elements):
            frame = int(strip.get(START, compat.strip_content(strip)[0])) + offset
            if element.filename in pictures and not first <= frame < after:
                kept[frame] = element.filename
    return kept


def _gaps(report: Report, pictures: set[str]) -> list[str]:
    """A sentence for each reason why frames have no colours, with the frames."""
    reasons = {f.drawing: f"{f.sentence} {f.remedy}".strip() for f in report.failed}
    files = {c.drawing: c.file.rpartition("/")[2] for c in report.coloured}
    found: dict[str, list[int]] = {}
    for e in report.exposures:
        if files.get(e.drawing, "") not in pictures:
            reason = reasons.get(e.drawing, "Its picture is missing.")
            found.setdefault(reason, []).extend(range(e.frame, e.frame + e.duration))
    return [f"No colours at {spoken(frames)}: {reason}" for reason, frames in found.items()]


def spoken(frames: Sequence[int]) -> str:
    """Frames as people say them: ``frames 3-5 and 9``."""
    parts = [
        str(r.start) if r.end == r.start + 1 else f"{r.start}-{r.end - 1}" for r in runs_of(dict.fromkeys(frames, ""))
    ]
    if len(parts) > 4:
        parts = [*parts[:3], f"{len(parts) - 3} other places"]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{'frame' if listed.isdigit() else 'frames'} {listed}"


def _first_failure(report: Report) -> str:
    return (
        f"{report.failed[0].sentence} {report.failed[0].remedy}".strip() if report.failed else "Press the button again."
    )
