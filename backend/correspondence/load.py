"""A matcher by its name, its weights taken from the models on this computer; nothing is fetched here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..contracts.correspondence import Matcher
from ..contracts.errors import AniDocError
from ..setup.models import place, state
from ..setup.models_table import Model, model_named
from .matchers import RegionMatcher

MATCHERS = ("regions", "lightglue-sift", "lightglue-aliked", "lightglue-disk", "dift")
"""What can be asked for. The first needs no weights."""


def build_matcher(name: str, root: Path, device: str = "cpu") -> Matcher:
    """The matcher ``name``; ``root`` is the folder of ``anidoc models``. Raises ``AniDocError`` where weights are missing."""
    if name == "regions":
        return RegionMatcher()
    if name == "dift":
        return _dift(model_folder(root, "sd-2-1"), device)
    if name not in MATCHERS:
        raise AniDocError(f"There is no matcher called {name}.", f"There are: {', '.join(MATCHERS)}.")
    from .features import Aliked, Disk, Sift
    from .lightglue import LightGlueMatcher, build_lightglue

    feature = name.removeprefix("lightglue-")
    glue = build_lightglue(read_state(model_file(root, name)), feature, device)
    if feature == "sift":
        return LightGlueMatcher(Sift(), glue, device)
    detector = (Aliked if feature == "aliked" else Disk)(read_state(model_file(root, feature)), device)
    return LightGlueMatcher(detector, glue, device)


def model_folder(root: Path, name: str) -> Path:
    """Where a model lies. Raises ``AniDocError`` where it is not, or not whole."""
    model = _known(name)
    if state(root, model) not in ("ready", "own"):
        raise AniDocError(f"{model.title} is not on this computer.", f"Get it: anidoc models get {name}")
    return place(root, model)


def model_file(root: Path, name: str) -> Path:
    """The one file of a model that has only one."""
    return model_folder(root, name) / _known(name).files[0].path


def _known(name: str) -> Model:
    model = model_named(name)
    assert model is not None, name
    return model


def read_state(path: Path) -> Mapping[str, Any]:
    """The tensors of a .pth or safetensors file by name; a .pth is read as plain tensors only, never as code."""
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as problem:  # whatever a reader does with damaged bytes
        raise AniDocError(
            f"{path.name} is damaged.", "Get it again: anidoc models verify names it.", repr(problem)
        ) from problem


def _dift(folder: Path, device: str) -> Matcher:
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

    from .dift import DiftMatcher

    kind = torch.float16 if device.startswith("cuda") else torch.float32
    try:
        more: dict[str, Any] = {
            "torch_dtype": kind,
            "variant": "fp16",
            "use_safetensors": True,
            "local_files_only": True,
        }
        unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet", **more).to(device).eval()
        vae = AutoencoderKL.from_pretrained(folder, subfolder="vae", **more).to(device).eval()
        schedule = DDIMScheduler.from_pretrained(folder, subfolder="scheduler", local_files_only=True)
        words = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
        text = CLIPTextModel.from_pretrained(
            folder / "text_encoder", variant="fp16", use_safetensors=True, local_files_only=True
        ).eval()
    except (OSError, ValueError, RuntimeError, KeyError) as problem:
        raise AniDocError(
            "The Stable Diffusion model cannot be loaded.", "Check it: anidoc models verify sd-2-1", repr(problem)
        ) from problem
    # No words: the picture alone says what it shows.
    length = min(int(words.model_max_length), int(text.config.max_position_embeddings))
    ids = words([""], padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    with torch.inference_mode():
        prompt = text(ids).last_hidden_state
    return DiftMatcher(unet, vae, prompt, schedule.alphas_cumprod)
