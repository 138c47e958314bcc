"""Small random weights in the released folders' layout, made on the spot: everything of the model but its knowledge."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

SHARED = Path(__file__).parents[3] / "shared" / "parity"
"""Recorded arrays of the released program, beside the checkout; most machines have none."""

_BLOCKS = {
    "block_out_channels": [32, 32, 32, 32],
    "num_attention_heads": [1, 2, 2, 2],
    "cross_attention_dim": 16,
    "addition_time_embed_dim": 16,
    "projection_class_embeddings_input_dim": 48,
    "layers_per_block": 1,
    "in_channels": 8,
    "num_frames": 14,
    "sample_size": 8,
}
_SCHEDULE = {
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "sigma_max": 700.0,
    "sigma_min": 0.002,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "timestep_type": "continuous",
    "use_karras_sigmas": True,
}
_CLIP = {
    "hidden_size": 16,
    "image_size": 224,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "patch_size": 56,
    "projection_dim": 16,
    "hidden_act": "gelu",
}
_VAE = {
    "block_out_channels": [32, 32, 32, 32],
    "force_upcast": True,
    "latent_channels": 4,
    "layers_per_block": 1,
    "scaling_factor": 0.18215,
    "down_block_types": ["DownEncoderBlock2D"] * 4,
}


def recorded() -> Path:
    """The folder of the recorded arrays and their weights; the test that asks is skipped where there is none."""
    if not (SHARED / "open" / "index.json").is_file():
        pytest.skip("the recorded arrays of the released model are not beside this checkout")
    return SHARED


def make_weights(folder: Path) -> Path:
    """Write svd/ and anidoc/ with a seed of their own under ``folder``; returns it."""
    from diffusers import AutoencoderKLTemporalDecoder
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    from backend.anidoc.control import ControlNet
    from backend.anidoc.unet import VideoUNet

    with torch.random.fork_rng():
        torch.manual_seed(3)
        _write(folder / "svd" / "vae", AutoencoderKLTemporalDecoder.from_config(_VAE), _VAE)
        _write(folder / "svd" / "image_encoder", CLIPVisionModelWithProjection(CLIPVisionConfig(**_CLIP)), _CLIP)
        _write(folder / "anidoc" / "unet", VideoUNet.from_config(_BLOCKS), _BLOCKS)
        control = {**_BLOCKS, "conditioning_channels": 8, "conditioning_embedding_out_channels": [8, 8, 16, 16]}
        _write(folder / "anidoc" / "controlnet", _opened(ControlNet.from_config(control)), control)
    _settings(folder / "svd" / "scheduler" / "scheduler_config.json", _SCHEDULE)
    _settings(folder / "svd" / "feature_extractor" / "preprocessor_config.json", {"size": {"shortest_edge": 224}})
    return folder


def _opened(network):
    """Convolutions that let nothing through before training get weights, so that the control can be seen."""
    for conv in [*network.controlnet_down_blocks, network.controlnet_mid_block]:
        nn.init.normal_(conv.weight, std=0.1)
    return network


def _write(folder: Path, network, settings: dict) -> None:
    _settings(folder / "config.json", settings)
    name = "model.safetensors" if folder.name == "image_encoder" else "diffusion_pytorch_model.safetensors"
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / name)


def _settings(file: Path, settings: dict) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings), encoding="utf-8")
