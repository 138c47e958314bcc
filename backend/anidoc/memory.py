"""Which parts of the model lie on the graphics card, and when: chosen from its free memory."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from .pipeline import AniDocPipeline

Mode = Literal["full", "stages", "groups", "eight", "cpu"]
"""full: everything stays on the card. stages: only what is at work. groups: that, and the networks block by block.
eight: as stages, with the weights kept in 8 bits; it changes the picture, so it is never chosen unasked. cpu: no card,
32 bits."""

GB = 1e9
_FOUND = 0.7 * GB
"""Bytes that CUDA itself, its kernels and fragmentation take."""
_SAMPLING, _DECODING = 1.6 * GB, 2.7 * GB
"""Bytes of activations in 16 bits at 14 frames (decoding: 8) of 512 x 320: a count of live tensors, not a measurement."""
_PIXELS = 512 * 320
_BLOCK = 0.45
"""Share of the networks' weights that lies on the card while blocks come and go, two at a time."""


@dataclass(frozen=True)
class Need:
    """Bytes a mode is expected to take."""

    mode: Mode
    bytes: float


@dataclass(frozen=True)
class Choice:
    """The mode, and why, for a person."""

    mode: Mode
    sentence: str


def needs(pixels: int, frames: int, sampling_weights: float, other_weights: float, chunk: int = 8) -> list[Need]:
    """What each mode takes for passes of ``frames`` pictures of ``pixels``, roomiest first.

    ``sampling_weights``: bytes of UNet and control network in 16 bits; ``other_weights``: of VAE and image encoder.
    """
    sampling = _SAMPLING * pixels / _PIXELS * frames / 14
    decoding = _DECODING * pixels / _PIXELS * chunk / 8 + 0.2 * other_weights
    return [
        Need("full", _FOUND + sampling_weights + other_weights + max(sampling, decoding)),
        Need("stages", _FOUND + max(sampling_weights + sampling, other_weights, decoding)),
        Need("groups", _FOUND + max(_BLOCK * sampling_weights + sampling, other_weights, decoding)),
    ]


def choose(needed: list[Need], free: int | None) -> Choice:
    """The fastest mode that fits into ``free`` bytes of a card; None: there is no card."""
    if free is None:
        return Choice("cpu", "There is no NVIDIA card: the processor does the work, which takes hours for a shot.")
    for need in needed:
        if need.bytes <= free:
            words = {
                "full": "everything stays on the card",
                "stages": "only the part at work lies on the card",
                "groups": "the weights are brought in block by block, which is slower",
            }[need.mode]
            return Choice(need.mode, f"{free / GB:.1f} GB of graphics memory are free: {words}.")
    least = min(need.bytes for need in needed)
    return Choice(
        "groups",
        f"Only {free / GB:.1f} GB of graphics memory are free and about {least / GB:.1f} are needed: it may not suffice. "
        "Close other programs, or choose a smaller picture or fewer frames in a pass.",
    )


def choose_for(pipeline: AniDocPipeline, pixels: int, frames: int, chunk: int = 8) -> Choice:
    """The mode for this machine, measured now."""
    sampling = 2.0 * (_count(pipeline.unet) + _count(pipeline.controlnet))
    other = 2.0 * (_count(pipeline.vae) + _count(pipeline.image_encoder))
    free = torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else None
    return choose(needs(pixels, frames, sampling, other, chunk), free)


def half() -> torch.dtype:
    """The 16-bit numbers this card is good at."""
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


class Placement:
    """Moves the parts of a pipeline as the mode says. Call before each part of the work; ``rest`` at the end."""

    def __init__(self, pipeline: AniDocPipeline, mode: Mode) -> None:
        self.mode: Mode = mode
        self._pipeline = pipeline
        self._device = torch.device("cpu" if mode == "cpu" else "cuda")
        pipeline.place = self._device
        networks = [pipeline.unet, pipeline.controlnet]
        if mode == "eight":
            store_in_8_bits(pipeline)
        elif mode == "groups":
            from diffusers.hooks import apply_group_offloading

            for network in networks:
                apply_group_offloading(
                    network,
                    onload_device=self._device,
                    offload_device=torch.device("cpu"),
                    offload_type="block_level",
                    num_blocks_per_group=1,
                )
        elif mode == "full":
            pipeline.to(self._device)

    def encode(self) -> None:
        """Before the references are looked at."""
        self._only(self._pipeline.image_encoder, self._pipeline.vae)

    def sample(self) -> None:
        """Before denoising."""
        self._only(*([] if self.mode == "groups" else [self._pipeline.unet, self._pipeline.controlnet]))

    def decode(self) -> None:
        """Before decoding."""
        self._only(self._pipeline.vae)

    def rest(self) -> None:
        """Nothing is at work; where memory is short the card is left to others."""
        self._only()

    def _only(self, *wanted: nn.Module) -> None:
        if self.mode in ("full", "cpu"):
            return
        p = self._pipeline
        moved = [p.image_encoder, p.vae, *([] if self.mode == "groups" else [p.unet, p.controlnet])]
        for network in moved:
            if network not in wanted:
                network.to("cpu")
        torch.cuda.empty_cache()
        for network in wanted:
            network.to(self._device)


def store_in_8_bits(pipeline: AniDocPipeline) -> None:
    """Keep the two large networks' weights in 8 bits and widen each layer's while it computes."""
    for network in (pipeline.unet, pipeline.controlnet):
        network.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=network.dtype)


def _count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())
