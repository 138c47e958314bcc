"""The video UNet: diffusers' own, with the control network's residuals added to its skips, and a cache for its deep part."""

from dataclasses import dataclass

import torch
from diffusers import UNetSpatioTemporalConditionModel

from .control import encode, middle, time_embedding


@dataclass
class DeepCache:
    """What the deep part of the UNet gave at an earlier step, to be used again.

    The features of two neighbouring steps are much alike below the first level (DeepCache, Ma et al. 2024), so a step
    may run the first and last block only, with the control network's residuals of the step before.
    """

    deep: torch.Tensor | None = None
    down: list[torch.Tensor] | None = None


class VideoUNet(UNetSpatioTemporalConditionModel):
    """The stock network, same parameters, another forward."""

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        added_time_ids: torch.Tensor,
        down: list[torch.Tensor] | None = None,
        mid: torch.Tensor | None = None,
        cache: DeepCache | None = None,
        shallow: bool = False,
    ) -> torch.Tensor:
        """The prediction, (B, F, 4, h, w).

        sample   (B, F, 8, h, w): scaled noisy latents and image latents
        down     the control network's residuals, added to the skips after the whole way down
        mid      its residual for the middle block's output
        cache    where the deep features are kept; with ``shallow`` they are taken from there, and ``down`` too
        """
        batch, frames = sample.shape[:2]
        time = time_embedding(self, sample, timestep, added_time_ids)
        context = encoder_hidden_states.repeat_interleave(frames, dim=0)
        video = torch.zeros(batch, frames, dtype=sample.dtype, device=sample.device)
        x = self.conv_in(sample.flatten(0, 1))
        shallow = shallow and cache is not None and cache.deep is not None
        x, skips = encode(self, x, time, context, video, 1 if shallow else None)
        last = self.up_blocks[-1]
        if shallow:
            assert cache is not None and cache.deep is not None
            down, x = cache.down, cache.deep
            skips = skips[: len(last.resnets)]
        else:
            x = middle(self, x, time, context, video)
            if mid is not None:
                x = x + mid
        if down is not None:
            skips = [skip + residual for skip, residual in zip(skips, down, strict=False)]
        for block in [last] if shallow else self.up_blocks:
            if block is last and cache is not None and not shallow:
                cache.deep, cache.down = x, None if down is None else down[: len(last.resnets)]
            count = len(block.resnets)
            mine, skips = tuple(skips[-count:]), skips[:-count]
            more = {"encoder_hidden_states": context} if getattr(block, "has_cross_attention", False) else {}
            size = skips[-1].shape[2:] if skips else None  # latents need not be a multiple of 8
            x = block(
                hidden_states=x,
                temb=time,
                res_hidden_states_tuple=mine,
                upsample_size=size,
                image_only_indicator=video,
                **more,
            )
        x = self.conv_out(self.conv_act(self.conv_norm_out(x)))
        return x.reshape(batch, frames, *x.shape[1:])
