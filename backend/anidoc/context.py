"""Which context each pixel's time attention sees: as the released program orders it, or as diffusers orders it today.

The temporal blocks attend to the reference's CLIP embedding. In the diffusers of the release the rows of that context
stand pixel by pixel while the features stand sample by sample, so that with guidance every second pixel of both halves
sees the other half's context. Later versions of diffusers put it right. The released weights were used with the former.
"""

from collections.abc import Iterable
from typing import Literal

import torch
from diffusers.models.attention import TemporalBasicTransformerBlock
from torch import nn

Order = Literal["release", "diffusers"]
"""``release``: as the released program computes; ``diffusers``: every pixel sees its own sample's context."""


class ContextOrder:
    """The order that networks follow, switched at any time."""

    def __init__(self, networks: Iterable[nn.Module], order: Order = "release") -> None:
        self.order: Order = order
        for network in networks:
            for module in network.modules():
                if isinstance(module, TemporalBasicTransformerBlock):
                    module.register_forward_pre_hook(self._arrange, with_kwargs=True)

    def _arrange(self, block: nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict] | None:
        context = kwargs.get("encoder_hidden_states")
        if self.order != "release" or context is None:
            return None
        features = args[0] if args else kwargs["hidden_states"]
        batch = features.shape[0] // kwargs["num_frames"]
        if batch == 1:
            return None
        rows = context.reshape(batch, -1, *context.shape[1:]).transpose(0, 1).reshape(context.shape)
        return args, {**kwargs, "encoder_hidden_states": rows}


class OneToken:
    """Attention to a context of a single token, without the attention: its weight is 1 whatever the query.

    The result is the token's value, the same for every query; what ``Attention`` computes comes out, with no query
    projection, no softmax and no output projection per pixel.
    """

    def __call__(self, attn, hidden_states: torch.Tensor, encoder_hidden_states=None, attention_mask=None, **_):
        """As diffusers' attention processors. Falls back to the stock one where the context has more tokens."""
        if encoder_hidden_states is None or encoder_hidden_states.shape[1] != 1 or attention_mask is not None:
            from diffusers.models.attention_processor import AttnProcessor2_0

            return AttnProcessor2_0()(attn, hidden_states, encoder_hidden_states, attention_mask)
        value = attn.to_out[0](attn.to_v(encoder_hidden_states))
        return value.expand(-1, hidden_states.shape[1], -1)


def use_one_token(networks: Iterable[nn.Module]) -> int:
    """Let all cross attentions of ``networks`` take the short way. Returns how many there are."""
    count = 0
    for network in networks:
        for name, module in network.named_modules():
            if name.endswith("attn2"):
                module.set_processor(OneToken())
                count += 1
    return count
