"""What the artist asks for, as plain data: which drawings, which coloured pictures, where the job folder lies."""

from dataclasses import dataclass
from pathlib import Path

from ..backend.contracts.options import Options


@dataclass(frozen=True)
class PictureRequest:
    """A coloured picture: the path of a ``file`` (Blender's ``//`` is understood) or the name of an ``image`` of this .blend."""

    file: str = ""
    image: str = ""
    name: str = ""


@dataclass(frozen=True)
class KeyRequest:
    """The coloured version of the drawing held at ``frame``.

    Without a ``picture`` it is the Grease Pencil drawing itself: its fills, with their materials' colours.
    """

    frame: int
    picture: PictureRequest | None = None


@dataclass(frozen=True)
class StripSource:
    """Scanned line art on the timeline: an image or movie strip of the scene ``scene`` (the shot's own where empty)."""

    strip: str
    scene: str = ""


@dataclass(frozen=True)
class FolderSource:
    """Scanned line art in a folder: its pictures in natural order (9 before 10), each held for ``hold`` frames from ``frame`` on."""

    folder: str
    frame: int = 1
    hold: int = 1


@dataclass(frozen=True)
class ShotRequest:
    """Everything one press of the button needs.

    scene        name of the scene
    folder       the job folder; made where it does not exist
    objects      names of Grease Pencil objects; empty: every one that is visible
    layers       (object, layer) names; empty: every visible layer of the chosen objects
    first, last  frames, both included; None: the scene's range (the preview range where that is on)
    hold         the drawing at ``last`` is shown on as long as nothing changes, to the end of the scene's range
    source       scanned line art instead of Grease Pencil
    """

    scene: str
    folder: Path
    objects: tuple[str, ...] = ()
    layers: tuple[tuple[str, str], ...] = ()
    first: int | None = None
    last: int | None = None
    hold: bool = False
    references: tuple[PictureRequest, ...] = ()
    keys: tuple[KeyRequest, ...] = ()
    source: StripSource | FolderSource | None = None
    engine: str = "cel"
    options: Options = Options()
