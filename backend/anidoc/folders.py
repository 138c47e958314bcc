"""Where the released folders lie and which weights they hold, told without loading any. Needs no torch."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..contracts.errors import AniDocError

AGAIN = "Fetch the weights again, or choose the folder that holds the released files."


@dataclass(frozen=True)
class Folders:
    """Where the weights lie. svd: vae/, image_encoder/, scheduler/, feature_extractor/; anidoc: unet/, controlnet/."""

    svd: Path
    anidoc: Path

    def identity(self) -> str:
        """A short hash of which weights these are: the settings, and the names, shapes and places of all tensors.

        Cheap, so that each run can afford it; the full check of contents is made when files are fetched.
        """
        h = hashlib.sha256()
        for part in (self.svd / "vae", self.svd / "image_encoder", self.anidoc / "unet", self.anidoc / "controlnet"):
            h.update((part / "config.json").read_bytes())
            file = weights_file(part)
            h.update(f"{file.name} {file.stat().st_size}".encode())
            with file.open("rb") as stream:
                h.update(stream.read(2**16))
        return h.hexdigest()[:16]


def find_folders(weights: Path) -> Folders:
    """The two released folders at or below ``weights``, whatever they are called. Raises ``AniDocError``."""
    if not weights.is_dir():
        raise AniDocError(f"There is no folder {weights}.", "Give the folder that holds the AniDoc and SVD weights.")
    places = [weights, *sorted(p for p in weights.glob("*") if p.is_dir())]
    places += sorted(p for p in weights.glob("*/*") if p.is_dir())
    svd = next((p for p in places if (p / "vae" / "config.json").is_file() and (p / "image_encoder").is_dir()), None)
    anidoc = next((p for p in places if (p / "controlnet" / "config.json").is_file() and (p / "unet").is_dir()), None)
    for place, name, parts in (
        (svd, "Stable Video Diffusion", "vae and image_encoder"),
        (anidoc, "AniDoc", "unet and controlnet"),
    ):
        if place is None:
            raise AniDocError(f"The folder {weights} does not hold the {name} weights (folders {parts}).", AGAIN)
    assert svd is not None and anidoc is not None
    return Folders(svd, anidoc)


def weights_file(folder: Path) -> Path:
    """The file to load: safetensors before .bin, full precision before fp16."""
    stems = ("diffusion_pytorch_model", "model", "pytorch_model")
    for name in _names(stems):
        if (folder / name).is_file():
            return folder / name
    raise AniDocError(f"The weights of {folder.name} are missing.", AGAIN, str(folder))


def _names(stems: tuple[str, ...]) -> Iterator[str]:
    for ending in ("safetensors", "bin"):
        for middle in ("", ".fp16"):
            yield from (f"{stem}{middle}.{ending}" for stem in stems)
