"""The control network: a copy of the UNet's encoder that reads sketch, point maps and reference beside the noisy latents.

Names and shapes of its parameters are those of the released ``ControlNetSVDModel``, so that its weights load as they are.
"""

from itertools import pairwise

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.modeling_utils import ModelMixin
from diffusers.models.unets.unet_3d_blocks import UNetMidBlockSpatioTemporal, get_down_block
from torch import nn

CONDITION_CHANNELS = 8
"""Three of the sketch, the reference's and the frame's point map, three of the reference."""


class ConditionEmbedding(nn.Module):
    """The condition at picture size, brought to the latents' size: convolutions with SiLU after each but the last."""

    def __init__(self, out_channels: int, channels: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(channels, widths[0], 3, padding=1)
        self.blocks = nn.ModuleList()
        for narrow, wide in pairwise(widths):
            self.blocks.append(nn.Conv2d(narrow, narrow, 3, padding=1))
            self.blocks.append(nn.Conv2d(narrow, wide, 3, padding=1, stride=2))
        self.conv_out = nn.Conv2d(widths[-1], out_channels, 3, padding=1)

    def forward(self, condition: torch.Tensor) -> torch.Tensor:
        """(N, 8, H, W) -> (N, C, H/8, W/8)."""
        x = nn.functional.silu(self.conv_in(condition))
        for block in self.blocks:
            x = nn.functional.silu(block(x))
        return self.conv_out(x)


class ControlNet(ModelMixin, ConfigMixin):
    """Twelve residuals for the UNet's skips and one for its middle.

    The settings are read from the released config.json; those that the released code accepts and does not use
    (``with_id_feature``, ``feature_channels``, ``feature_out_channels``, ``out_channels``, ``up_block_types``) are kept.
    """

    @register_to_config
    def __init__(
        self,
        sample_size: int | None = None,
        in_channels: int = 8,
        out_channels: int = 4,
        down_block_types: tuple[str, ...] = (
            "CrossAttnDownBlockSpatioTemporal",
            "CrossAttnDownBlockSpatioTemporal",
            "CrossAttnDownBlockSpatioTemporal",
            "DownBlockSpatioTemporal",
        ),
        up_block_types: tuple[str, ...] = (),
        block_out_channels: tuple[int, ...] = (320, 640, 1280, 1280),
        addition_time_embed_dim: int = 256,
        projection_class_embeddings_input_dim: int = 768,
        layers_per_block: int = 2,
        cross_attention_dim: int = 1024,
        transformer_layers_per_block: int = 1,
        num_attention_heads: tuple[int, ...] = (5, 10, 20, 20),
        num_frames: int = 14,
        conditioning_channels: int = CONDITION_CHANNELS,
        conditioning_embedding_out_channels: tuple[int, ...] = (16, 32, 96, 256),
        with_id_feature: bool = False,
        feature_channels: int = 160,
        feature_out_channels: tuple[int, ...] = (160, 160, 256, 256),
    ) -> None:
        super().__init__()
        widths, first = list(block_out_channels), block_out_channels[0]
        depth = len(down_block_types)
        heads = _each(num_attention_heads, depth)
        layers = _each(layers_per_block, depth)
        contexts = _each(cross_attention_dim, depth)
        transformers = _each(transformer_layers_per_block, depth)

        self.conv_in = nn.Conv2d(in_channels, first, 3, padding=1)
        self.time_proj = Timesteps(first, True, downscale_freq_shift=0)
        self.time_embedding = TimestepEmbedding(first, first * 4)
        self.add_time_proj = Timesteps(addition_time_embed_dim, True, downscale_freq_shift=0)
        self.add_embedding = TimestepEmbedding(projection_class_embeddings_input_dim, first * 4)
        self.controlnet_cond_embedding = ConditionEmbedding(
            first, conditioning_channels, tuple(conditioning_embedding_out_channels)
        )

        self.down_blocks = nn.ModuleList()
        self.controlnet_down_blocks = nn.ModuleList([_one_by_one(first)])
        before = first
        for i, kind in enumerate(down_block_types):
            block = get_down_block(
                kind,
                num_layers=layers[i],
                transformer_layers_per_block=transformers[i],
                in_channels=before,
                out_channels=widths[i],
                temb_channels=first * 4,
                add_downsample=i < depth - 1,
                resnet_eps=1e-5,
                cross_attention_dim=contexts[i],
                num_attention_heads=heads[i],
                resnet_act_fn="silu",
            )
            before = widths[i]
            self.down_blocks.append(block)
            for _ in range(layers[i] + (i < depth - 1)):
                self.controlnet_down_blocks.append(_one_by_one(before))
        self.controlnet_mid_block = _one_by_one(widths[-1])
        self.mid_block = UNetMidBlockSpatioTemporal(
            widths[-1],
            temb_channels=first * 4,
            transformer_layers_per_block=transformers[-1],
            cross_attention_dim=contexts[-1],
            num_attention_heads=heads[-1],
        )

    def embed(self, condition: torch.Tensor) -> torch.Tensor:
        """The condition's part of the work, the same at every step: (F, 8, H, W) -> (F, C, H/8, W/8)."""
        self.controlnet_cond_embedding.to(condition.device)  # where blocks come and go it may be elsewhere
        return self.controlnet_cond_embedding(condition)

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        added_time_ids: torch.Tensor,
        embedded: torch.Tensor,
        scale: float = 1.0,
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        """The residuals, times ``scale``.

        sample    (B, F, 8, h, w), what the UNet gets too; embedded (F, C, h, w), what ``embed`` made of the condition:
                  every sample of the batch gets the same.
        Returns   the twelve skips' (B * F, C_i, h_i, w_i) and the middle's (B * F, C, h / 8, w / 8).
        """
        batch, frames = sample.shape[:2]
        time = time_embedding(self, sample, timestep, added_time_ids)
        context = encoder_hidden_states.repeat_interleave(frames, dim=0)
        video = torch.zeros(batch, frames, dtype=sample.dtype, device=sample.device)
        x = self.conv_in(sample.flatten(0, 1))
        x = x + embedded.repeat(batch, 1, 1, 1).to(x.dtype)
        x, skips = encode(self, x, time, context, video)
        x = middle(self, x, time, context, video)
        residuals = [conv(skip) * scale for conv, skip in zip(self.controlnet_down_blocks, skips, strict=True)]
        return residuals, self.controlnet_mid_block(x) * scale


def time_embedding(net, sample: torch.Tensor, timestep: torch.Tensor, added_time_ids: torch.Tensor) -> torch.Tensor:
    """The embedding of time and of the added numbers, once for each picture: (B * F, C). For UNet and control network."""
    batch, frames = sample.shape[:2]
    steps = net.time_proj(timestep.reshape(-1).expand(batch)).to(sample.dtype)
    added = net.add_time_proj(added_time_ids.flatten()).reshape(batch, -1).to(sample.dtype)
    embedding = net.time_embedding(steps) + net.add_embedding(added)
    return embedding.repeat_interleave(frames, dim=0, output_size=batch * frames)


def encode(net, x, time, context, video, blocks: int | None = None) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Through the first ``blocks`` down blocks (None: all): the last features, and the skips, the input's first."""
    skips = [x]
    for block in list(net.down_blocks)[:blocks]:
        more = {"encoder_hidden_states": context} if getattr(block, "has_cross_attention", False) else {}
        x, made = block(hidden_states=x, temb=time, image_only_indicator=video, **more)
        skips += made
    return x, skips


def middle(net, x, time, context, video) -> torch.Tensor:
    """Through the middle block."""
    return net.mid_block(hidden_states=x, temb=time, encoder_hidden_states=context, image_only_indicator=video)


def _one_by_one(channels: int) -> nn.Conv2d:
    """A 1x1 convolution that lets nothing through before it is trained."""
    conv = nn.Conv2d(channels, channels, 1)
    nn.init.zeros_(conv.weight)
    assert conv.bias is not None
    nn.init.zeros_(conv.bias)
    return conv


def _each(value, count: int) -> list:
    return list(value) if isinstance(value, (list, tuple)) else [value] * count
