"""What of the models on this computer the engine uses: its weights, and the best matcher there is."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..contracts.correspondence import Matcher
from ..contracts.errors import AniDocError
from ..correspondence.load import build_matcher, model_file
from ..setup.models import default_root, place, state
from ..setup.models_table import OWN_WEIGHTS, model_named
from .folders import Folders, find_folders

if TYPE_CHECKING:  # it brings torch along
    from ..extractors.load import Matte

_MATCHERS = {
    "dift": ("sd-2-1",),
    "lightglue-aliked": ("lightglue-aliked", "aliked"),
    "lightglue-disk": ("lightglue-disk", "disk"),
}
"""Matchers between a coloured reference and a sketch, the paper's own first, and the models each needs."""


def weights(given: Path | None = None) -> Folders:
    """Where the weights lie: in the folder given or named by the environment, else where `anidoc models` put them."""
    folder = given or (Path(os.environ[OWN_WEIGHTS]) if os.environ.get(OWN_WEIGHTS) else None)
    if folder is not None:
        return find_folders(folder)
    if not (_here("svd") and _here("anidoc")):
        raise AniDocError(
            "The AniDoc engine has no weights.",
            f"Get them with: anidoc models get. Or give their folder (--weights, or {OWN_WEIGHTS} in the environment).",
        )
    return Folders(_place("svd"), _place("anidoc"))


def matcher() -> tuple[str, Callable[[], Matcher]]:
    """The name of the best matcher whose models are here, and how to build it. Without any: by regions."""
    name = next((n for n, needs in _MATCHERS.items() if all(map(_here, needs))), "regions")
    return name, partial(_built, name)


def _built(name: str) -> Matcher:
    device = "cpu"
    if name != "regions":
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
    return build_matcher(name, default_root(), device)


def matte() -> "Matte":
    """The matte of the references' background. Raises ``AniDocError`` where U-2-Net is not here."""
    root = default_root()
    model_file(root, "u2net")  # says so at once where it is missing: torch takes long to load
    from ..extractors.load import build_matte

    return build_matte(root)


def _here(name: str) -> bool:
    model = model_named(name)
    return model is not None and state(default_root(), model) in ("ready", "own")


def _place(name: str) -> Path:
    model = model_named(name)
    assert model is not None, name
    return place(default_root(), model)
