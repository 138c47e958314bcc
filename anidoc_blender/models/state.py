"""Which of the AniDoc engine's models are on this computer, and why that engine cannot run yet."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ...backend.setup import models as disk
from ...backend.setup.models_table import MODELS, OWN_WEIGHTS, Model
from ..messages import Refusal
from ..setup import environment
from ..setup.environment import ANIDOC

SHOWN, ALSO = ("engine", "matching"), ("u2net",)
"""Uses of models that are listed, and models beside them: the others are for the command line."""


@dataclass(frozen=True)
class Row:
    """A model and its state as last looked at. ``size``: bytes here, or about to be fetched; 0 where only the hub knows."""

    model: Model
    state: disk.State
    size: int
    folder: Path

    @property
    def here(self) -> bool:
        """Whether it can be used."""
        return self.state in ("ready", "own")


@dataclass(frozen=True)
class Found:
    """What was found the last time somebody looked; draw functions read this and never the disk."""

    rows: tuple[Row, ...]
    root: Path
    free: int
    own_weights: str = ""


_found: Found | None = None


def seen() -> Found:
    """The models as last looked at."""
    return _found or look()


def look() -> Found:
    """Look at models and environment now: names and sizes of files, not their contents."""
    global _found
    environment.look(ANIDOC)
    root = disk.default_root()
    there = next(place for place in (root, *root.absolute().parents) if place.exists())
    rows = tuple(_row(root, model) for model in MODELS if model.use in SHOWN or model.name in ALSO)
    _found = Found(rows, root, shutil.disk_usage(there).free, os.environ.get(OWN_WEIGHTS, ""))
    return _found


def _row(root: Path, model: Model) -> Row:
    known = disk.pinned(root, model)
    size = sum(size for size, _ in known.files.values()) if known else model.about
    return Row(model, disk.state(root, model), size, disk.place(root, model))


def missing(found: Found) -> list[Row]:
    """The models that the engine cannot do without and that are not here."""
    if found.own_weights:
        return []
    return [row for row in found.rows if row.model.use == "engine" and not row.here]


def why_not() -> list[Refusal]:
    """Why the AniDoc engine cannot run, from what was last looked at; empty where it can."""
    reasons = []
    refusal = environment.why_not(environment.seen(ANIDOC))
    if refusal is not None:
        reasons.append(refusal)
    reasons += [_lacking(row) for row in missing(seen())]
    return reasons


def _lacking(row: Row) -> Refusal:
    title = short(row.model)
    sentence = {
        "absent": f"Needs {title}.",
        "part": f"{title} is here only in part.",
        "broken": f"{title} is damaged: a file is missing or cut off.",
    }[row.state]
    return Refusal(sentence, "Press Get Model, or name a folder that has it.", "anidoc.get_model")


def short(model: Model) -> str:
    """A model's title without what stands in brackets; the paper's own is told apart from the engine and the add-on."""
    if model.name == "anidoc":
        return "AniDoc's network"
    return model.title.partition(",")[0].partition(" (")[0]


def slow() -> str:
    """What is said where no graphics card will help; empty where one was found."""
    if environment.has_card():
        return ""
    return "No NVIDIA card was found: the processor does it, which may take hours for a shot."


def require() -> None:
    """Look now; raise ``Refusal`` with all that is missing."""
    look()
    reasons = why_not()
    if reasons:
        first = reasons[0]
        first.also = tuple(reasons[1:])
        raise first
