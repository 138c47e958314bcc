"""Loading the released folders: Stable Video Diffusion's and AniDoc's. Strict: every key used, none missing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLTemporalDecoder, EulerDiscreteScheduler
from safetensors import SafetensorError, safe_open
from torch import nn
from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModelWithProjection

from ..contracts.errors import AniDocError
from .control import CONDITION_CHANNELS, ControlNet
from .folders import AGAIN, Folders, weights_file
from .unet import VideoUNet


@dataclass
class Networks:
    """All the parts of the model, on the CPU, in evaluation mode."""

    vae: AutoencoderKLTemporalDecoder
    image_encoder: CLIPVisionModelWithProjection
    unet: VideoUNet
    controlnet: ControlNet
    scheduler: EulerDiscreteScheduler
    feature_extractor: CLIPImageProcessorPil


def load_networks(folders: Folders, dtype: torch.dtype = torch.float32) -> Networks:
    """Everything, in ``dtype``. Raises ``AniDocError`` for files that are missing, broken or of another model."""
    svd, anidoc = folders.svd, folders.anidoc
    extractor = read_settings(svd / "feature_extractor" / "preprocessor_config.json")
    scheduler = read_settings(svd / "scheduler" / "scheduler_config.json")
    networks = Networks(
        vae=load_network(AutoencoderKLTemporalDecoder, svd / "vae", dtype),
        image_encoder=load_clip(svd / "image_encoder", dtype),
        unet=load_network(VideoUNet, anidoc / "unet", dtype),
        controlnet=load_network(ControlNet, anidoc / "controlnet", dtype),
        scheduler=EulerDiscreteScheduler.from_config(scheduler),
        feature_extractor=CLIPImageProcessorPil(**{k: v for k, v in extractor.items() if k != "image_processor_type"}),
    )
    channels = networks.controlnet.config["conditioning_channels"]
    if channels != CONDITION_CHANNELS:
        raise AniDocError(f"These AniDoc weights take {channels} condition channels instead of 8.", AGAIN)
    return networks


def load_network(kind: type, folder: Path, dtype: torch.dtype = torch.float32):
    """A diffusers network from config.json and the weights beside it."""
    network = from_settings(kind, read_settings(folder / "config.json"), folder.name)
    state = read_tensors(weights_file(folder), dtype)
    _fill(network, state, folder)
    return network.eval().requires_grad_(False)


def from_settings(kind: type, settings: Mapping[str, Any], called: str = "model") -> Any:
    """The network of these settings on the meta device: names and shapes, no memory."""
    try:
        with torch.device("meta"):
            return kind.from_config(dict(settings))
    except (TypeError, ValueError, KeyError, AssertionError, IndexError) as problem:
        raise AniDocError(f"The settings of {called} do not describe this model.", AGAIN, repr(problem)) from problem


def load_clip(folder: Path, dtype: torch.dtype = torch.float32) -> CLIPVisionModelWithProjection:
    """The image encoder."""
    settings = read_settings(folder / "config.json")
    for key in ("torch_dtype", "dtype", "architectures", "transformers_version", "model_type"):
        settings.pop(key, None)
    try:
        config = CLIPVisionConfig(**settings)
        with torch.device("meta"):
            network = CLIPVisionModelWithProjection(config)
    except (TypeError, ValueError) as problem:
        raise AniDocError(
            "The settings of image_encoder do not describe this model.", AGAIN, repr(problem)
        ) from problem
    state = read_tensors(weights_file(folder), dtype)
    places = {name for name in state if name.endswith("embeddings.position_ids")}  # counted up, in older files
    _fill(network, {name: tensor for name, tensor in state.items() if name not in places}, folder)
    for module in network.modules():
        ids = getattr(module, "position_ids", None)
        if isinstance(ids, torch.Tensor) and ids.is_meta:
            module.register_buffer("position_ids", torch.arange(ids.shape[-1]).expand((1, -1)), persistent=False)
    return network.eval().requires_grad_(False)


def read_settings(file: Path) -> dict[str, Any]:
    """The contents of a settings file."""
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise AniDocError(
            f"The settings {file.parent.name}/{file.name} are missing or broken.", AGAIN, str(problem)
        ) from problem
    if not isinstance(settings, dict):
        raise AniDocError(f"The settings {file.parent.name}/{file.name} are not those of a model.", AGAIN)
    return settings


def read_tensors(file: Path, dtype: torch.dtype | None = None) -> dict[str, torch.Tensor]:
    """All tensors of a file by name; floating ones in ``dtype``. Never unpickles anything but plain tensors."""
    state: dict[str, torch.Tensor] = {}
    try:
        if file.suffix == ".safetensors":
            with safe_open(file, framework="pt") as stored:
                for name in stored.keys():  # noqa: SIM118  no mapping
                    state[name] = _as(stored.get_tensor(name), dtype)
        else:
            loaded = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
            state = {name: _as(tensor, dtype) for name, tensor in loaded.items()}
    except (SafetensorError, OSError, RuntimeError, ValueError, EOFError, AttributeError) as problem:
        raise AniDocError(f"The weights {file.parent.name}/{file.name} are broken.", AGAIN, str(problem)) from problem
    except Exception as problem:
        if type(problem).__name__ != "UnpicklingError":
            raise
        raise AniDocError(
            f"The weights {file.parent.name}/{file.name} hold more than numbers.", AGAIN, str(problem)
        ) from problem
    return state


def _as(tensor: torch.Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    return tensor.to(dtype) if dtype is not None and tensor.is_floating_point() else tensor


def _fill(network: nn.Module, state: Mapping[str, torch.Tensor], folder: Path) -> None:
    """Give the network its weights, exactly."""
    wanted = network.state_dict()
    missing, extra = sorted(wanted.keys() - state.keys()), sorted(state.keys() - wanted.keys())
    other = [name for name in wanted.keys() & state.keys() if wanted[name].shape != state[name].shape]
    if missing or extra or other:
        first = (missing or extra or sorted(other))[0]
        counts = f"{len(missing)} missing, {len(extra)} unknown, {len(other)} of another shape, the first: {first}"
        raise AniDocError(f"The weights of {folder.name} are not those of this model ({counts}).", AGAIN, str(folder))
    network.load_state_dict(state, strict=True, assign=True)
