"""From what the artist has set to what the job writer is asked for; every missing piece becomes a sentence."""

import os
from pathlib import Path
from typing import Any

import bpy

from ..backend.contracts.options import Options
from . import folders
from .diffusion import diffusion_of
from .grease_pencil.projection import require_camera
from .messages import Refusal, Refusals
from .shot_request import FolderSource, KeyRequest, PictureRequest, ShotRequest, StripSource


def request_of(scene: bpy.types.Scene) -> ShotRequest:
    """What pressing the button asks for. Raises ``Refusal``: a sentence for each thing that is missing."""
    settings: Any = scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]
    refusals = Refusals()
    references, keys = refusals.gather(_pictures, settings) or ([], [])
    first, last = refusals.gather(_range, settings) or (None, None)
    objects, layers = refusals.gather(_chosen, settings) or ((), ())
    source = refusals.gather(_source, scene, settings)
    if settings.source == "GREASE_PENCIL":
        refusals.gather(require_camera, scene, scene.frame_start if first is None else first)
    folder = refusals.gather(folders.job_folder, scene)
    if folder is not None and not refusals.found:  # it is made now
        refusals.gather(_require_writable, folder)
    refusals.speak()
    assert folder is not None
    return ShotRequest(
        scene=scene.name,
        folder=folder,
        objects=objects,
        layers=layers,
        first=first,
        last=last,
        references=tuple(references),
        keys=tuple(keys),
        source=source,
        engine=settings.engine,
        options=Options(
            lines=settings.lines,
            gap=None if settings.auto_gap else settings.gap,
            shading=settings.shading,
            anidoc=diffusion_of(settings),
        ),
    )


def _pictures(settings: Any) -> tuple[list[PictureRequest], list[KeyRequest]]:
    references, keys = [], []
    for number, entry in enumerate(settings.references, 1):
        if entry.kind == "DRAWING":
            keys.append(KeyRequest(entry.frame))
            continue
        if entry.kind == "IMAGE":
            if entry.image is None:
                raise Refusal(f"Reference {number} names no image.", "Choose one, or remove the reference.")
            picture = PictureRequest(image=entry.image.name, name=entry.image.name)
        else:
            path = Path(bpy.path.abspath(entry.path))
            if not entry.path or not path.is_file():
                raise Refusal(
                    f"The reference {path.name or number} is not there any more.", "Choose it anew, or remove it."
                )
            picture = PictureRequest(file=entry.path, name=path.name)
        if entry.is_key:
            keys.append(KeyRequest(entry.frame, picture))
        else:
            references.append(picture)
    if not references and not keys:
        raise Refusal(
            "There is no reference: AniDoc needs one coloured picture or one drawing that you have filled.",
            "Add a picture, or fill a drawing and press Use This Drawing.",
            "anidoc.add_reference",
        )
    return references, keys


def _range(settings: Any) -> tuple[int | None, int | None]:
    if settings.range != "CUSTOM":
        return None, None
    first, last = settings.first, settings.last
    if last < first:
        raise Refusal(f"The range ends (frame {last}) before it begins (frame {first}).", "Correct the range.")
    return first, last


def _chosen(settings: Any) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    if settings.source != "GREASE_PENCIL" or settings.which == "VISIBLE":
        return (), ()
    entries = [c for c in settings.chosen if c.object is not None]
    if not entries:
        raise Refusal(
            "No Grease Pencil object is chosen.", "Choose one in the list, or colour all visible ones.", "anidoc.choose"
        )
    objects = tuple(dict.fromkeys(c.object.name for c in entries))
    whole = {c.object.name for c in entries if not c.layer}  # all visible layers of these
    layers = ((c.object.name, c.layer) for c in entries if c.object.name not in whole)
    return objects, tuple(dict.fromkeys(layers))


def _source(scene: bpy.types.Scene, settings: Any) -> StripSource | FolderSource | None:
    if settings.source == "STRIP":
        if not settings.strip:
            raise Refusal("No strip with scanned line art is chosen.", "Choose it under Shot.")
        return StripSource(settings.strip, scene.name)
    if settings.source == "FOLDER":
        if not settings.folder or not Path(bpy.path.abspath(settings.folder)).is_dir():
            raise Refusal("The folder with the scanned line art is not there.", "Choose it under Shot.")
        return FolderSource(settings.folder, settings.folder_frame, settings.hold)
    return None


def _require_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Refusal(
            f"The output folder {folder} cannot be made ({problem.strerror}).",
            "Choose another one under Result.",
            detail=str(problem),
        ) from problem
    if not os.access(folder, os.W_OK):
        raise Refusal(f"AniDoc may not write in {folder}.", "Choose another output folder under Result.")
