"""Scanned line art: an image or movie strip, or a folder of pictures, as drawings and exposures of the shot."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ...backend.contracts.errors import AniDocError, PictureError
from ..compat import all_strips, strip_bounds, strip_content
from ..shot_request import FolderSource, StripSource

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".tga"}
"""Kinds of files in a folder that count as scanned drawings."""


@dataclass(frozen=True)
class Scan:
    """From ``frame`` on, for ``duration`` frames, the picture ``file`` is shown."""

    frame: int
    duration: int
    file: Path


@dataclass(frozen=True)
class Film:
    """A movie of line art: ``count`` of its pictures from picture ``first`` on stand on the timeline from ``frame`` on."""

    file: Path
    first: int
    count: int
    frame: int


def scans(scene: bpy.types.Scene, source: StripSource | FolderSource, first: int, last: int) -> list[Scan] | Film:
    """The scanned drawings from frame ``first`` to ``last``, held ones once for each hold. Raises ``AniDocError``."""
    if isinstance(source, FolderSource):
        found: list[Scan] | Film = _clipped(_folder(source), first, last)
    else:
        strip = _strip(scene, source)
        if strip.type == "MOVIE":
            return _film(strip, scene, first, last)
        found = _images(strip, first, last)
    if not found:
        raise AniDocError(
            f"The scanned line art does not reach into frames {first} to {last}.",
            "Change the frame range, or move the strip.",
        )
    return found


def picture_at(found: list[Scan] | Film, frame: int) -> Path | int:
    """What stands at ``frame``: the scan's file, or the number of the film's picture. Raises ``AniDocError``."""
    if isinstance(found, Film):
        if found.frame <= frame < found.frame + found.count:
            return found.first + frame - found.frame
    else:
        for scan in found:
            if scan.frame <= frame < scan.frame + scan.duration:
                return scan.file
    raise AniDocError(f"No scanned drawing stands at frame {frame}.", "Choose a frame of the shot for the key.")


def picture_size(file: Path) -> tuple[int, int]:
    """Width and height in px, as Blender reads the file (movies too)."""
    try:
        image: Any = bpy.data.images.load(str(file), check_existing=False)
    except RuntimeError as problem:
        raise PictureError(
            f"{file.name} cannot be read.", "Look whether the file is there and is a picture.", str(problem)
        ) from problem
    try:
        width, height = image.size
    finally:
        bpy.data.images.remove(image)
    if not width or not height:
        raise PictureError(f"{file.name} cannot be read as a picture.", "Replace it, or save it as PNG.")
    return width, height


def natural(name: str) -> list[Any]:
    """Sort key in which 9 comes before 10."""
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part.casefold()) for part in re.split(r"(\d+)", name)]


def _folder(source: FolderSource) -> Iterator[Scan]:
    folder = Path(bpy.path.abspath(source.folder))
    try:
        files = sorted(
            (
                f
                for f in folder.iterdir()
                if f.suffix.lower() in PICTURES and f.is_file() and not f.name.startswith(".")
            ),
            key=lambda f: natural(f.name),
        )
    except OSError as problem:
        raise AniDocError(
            f"The folder {folder} cannot be read ({problem.strerror or problem}).", "Choose another folder."
        ) from problem
    if not files:
        raise AniDocError(
            f"The folder {folder} holds no pictures.", "Choose the folder that holds the scanned drawings."
        )
    hold = max(1, source.hold)
    for n, file in enumerate(files):
        yield Scan(source.frame + n * hold, hold, file)


def _clipped(found: Iterator[Scan], first: int, last: int) -> list[Scan]:
    result = []
    for scan in found:
        start, end = max(scan.frame, first), min(scan.frame + scan.duration, last + 1)
        if start < end:
            result.append(Scan(start, end - start, scan.file))
    return result


def _strip(scene: bpy.types.Scene, source: StripSource) -> Any:
    home = bpy.data.scenes.get(source.scene) if source.scene else scene
    strip = next((s for s in all_strips(home) if s.name == source.strip), None) if home else None
    if strip is None:
        raise AniDocError(f"There is no strip {source.strip} any more.", "Choose the strip with the line art again.")
    if strip.type not in ("IMAGE", "MOVIE"):
        raise AniDocError(f"The strip {strip.name} holds no pictures.", "Choose an image or movie strip.")
    if len(strip.retiming_keys) or strip.use_reverse_frames:
        raise AniDocError(
            f"The strip {strip.name} is retimed or reversed, which cannot be followed.",
            "Clear its retiming and Reverse Frames, or render it to pictures and use those.",
        )
    return strip


def _images(strip: Any, first: int, last: int) -> list[Scan]:
    directory = Path(bpy.path.abspath(strip.directory))
    start, end = strip_bounds(strip)
    result: list[Scan] = []
    for frame in range(max(start, first), min(end, last + 1)):
        element = strip.strip_elem_from_frame(frame)
        if element is None:
            raise AniDocError(
                f"The strip {strip.name} shows nothing at frame {frame}.", "Trim it, or add its pictures."
            )
        file = directory / element.filename
        if result and result[-1].file == file and result[-1].frame + result[-1].duration == frame:
            result[-1] = Scan(result[-1].frame, result[-1].duration + 1, file)
        else:
            result.append(Scan(frame, 1, file))
    return result


def _film(strip: Any, scene: bpy.types.Scene, first: int, last: int) -> Film:
    start, end = strip_bounds(strip)
    content, length, skipped = strip_content(strip)
    begin, stop = max(start, first, content), min(end, last + 1, content + length)
    if begin >= stop:
        raise AniDocError(
            f"The movie strip {strip.name} does not reach into frames {first} to {last}.",
            "Change the frame range, or move the strip.",
        )
    fps = scene.render.fps / scene.render.fps_base
    if strip.fps and abs(strip.fps - fps) > 0.01:
        raise AniDocError(
            f"The movie strip {strip.name} runs at {strip.fps:g} pictures a second, the scene at {fps:g}.",
            "Set the scene's frame rate to the movie's, or use an image sequence.",
        )
    return Film(Path(bpy.path.abspath(strip.filepath)), begin - content + skipped, stop - begin, begin)
