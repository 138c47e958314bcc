"""The loaded model, kept from job to job in the worker's process."""

from dataclasses import dataclass

import torch

from ..contracts.errors import AniDocError
from .context import use_one_token
from .folders import Folders
from .memory import Mode, Placement, choose_for, half
from .pipeline import AniDocPipeline
from .weights import load_networks


@dataclass
class Loaded:
    """A pipeline, where its parts lie, and a word on that for people."""

    identity: str
    pipeline: AniDocPipeline
    place: Placement
    word: str


_KEPT: list[Loaded] = []

_WORDS: dict[Mode, str] = {
    "full": "on the graphics card",
    "stages": "on the graphics card, part by part",
    "eight": "on the graphics card, in 8 bits",
    "groups": "on the graphics card, block by block",
    "cpu": "on the processor, which is slow",
}


def ready(folders: Folders, identity: str, pixels: int, frames: int) -> Loaded:
    """The model of these weights, for passes of ``frames`` pictures of ``pixels``. Raises ``AniDocError``."""
    if _KEPT and _KEPT[0].identity == identity:
        return _KEPT[0]
    _KEPT.clear()
    card = torch.cuda.is_available()
    try:
        pipeline = AniDocPipeline.of(load_networks(folders, half() if card else torch.float32))
        use_one_token([pipeline.unet, pipeline.controlnet])
        chosen = choose_for(pipeline, pixels, frames)
        _KEPT.append(Loaded(identity, pipeline, Placement(pipeline, chosen.mode), _WORDS[chosen.mode]))
    except torch.cuda.OutOfMemoryError as problem:
        raise AniDocError(
            "There is not enough graphics memory for the AniDoc model.",
            "Close other programs that use the card, or choose a smaller picture.",
            str(problem),
        ) from problem
    return _KEPT[0]
