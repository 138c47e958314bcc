"""Diffusion features (DIFT, Tang et al., NeurIPS 2023): semantic points of the reference found in the sketch.

A picture is noised a little, shown to Stable Diffusion's UNet, and what its up blocks make of each place describes it,
colour or line alike. The AniDoc paper matches so at inference and gives no settings; these are DIFT's own.
"""

import contextlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..contracts.correspondence import Matches


@dataclass(frozen=True)
class Dift:
    """Settings.

    size      px of the square that pictures are resized to
    step      of the noise schedule, 0..999
    block     number of the up block that is read
    ensemble  noises averaged
    seed      of the noise; the same seed gives the same points on the same device
    """

    size: int = 768
    step: int = 261
    block: int = 1
    ensemble: int = 8
    seed: int = 0


class _Enough(Exception):
    """The block that is wanted has run; the rest of the network need not."""


class DiftMatcher:
    """Points of the reference (b) found in the sketch by their features; a pair counts as sure as it is mutual."""

    name = "dift"

    def __init__(self, unet, vae, prompt, alphas_cumprod, asked: Dift | None = None) -> None:
        """``unet``, ``vae``: diffusers' models; ``prompt`` (1, L, C) text embedding; ``alphas_cumprod`` (1000,)."""
        self._unet, self._vae, self._prompt, self._alphas = unet, vae, prompt, alphas_cumprod
        self.asked = asked or Dift()

    def features(self, picture: np.ndarray):
        """(C, h, w) float32 tensor of unit vectors, for a picture (H, W, 3) uint8 sRGB stretched to the square."""
        import torch
        import torch.nn.functional as F  # noqa: N812

        asked, weight = self.asked, next(self._unet.parameters())
        square = cv2.resize(picture, (asked.size, asked.size), interpolation=cv2.INTER_AREA)
        image = torch.from_numpy(square).permute(2, 0, 1)[None].float().div(127.5).sub(1)
        random = torch.Generator().manual_seed(asked.seed)
        kept: list[Any] = []

        def keep(_module, _inputs, output) -> None:
            kept.append(output)
            raise _Enough

        with torch.inference_mode():
            first = next(self._vae.parameters())
            latent = self._vae.encode(image.to(first.device, first.dtype)).latent_dist.mode()
            latent = latent.float().cpu() * self._vae.config.scaling_factor
            keeps = float(self._alphas[asked.step])
            total = None
            hook = self._unet.up_blocks[asked.block].register_forward_hook(keep)
            try:
                for _ in range(asked.ensemble):
                    noise = torch.randn(latent.shape, generator=random)
                    noisy = (keeps**0.5 * latent + (1 - keeps) ** 0.5 * noise).to(weight.device, weight.dtype)
                    with contextlib.suppress(_Enough):
                        self._unet(
                            noisy, asked.step, encoder_hidden_states=self._prompt.to(weight.device, weight.dtype)
                        )
                    found = kept.pop().float()
                    total = found if total is None else total + found
            finally:
                hook.remove()
            assert total is not None
            return F.normalize(total[0], dim=0)

    def match(self, reference: np.ndarray, sketch: np.ndarray) -> Matches:
        """``reference`` (H, W, 3) uint8 sRGB, ``sketch`` (H, W) uint8, 0 line; points are chosen on the reference."""
        from ..lineart.extract import extract
        from .matchers import points_of
        from .seen import page

        points = points_of(page(extract(reference)))
        return self.find(reference, sketch, points)

    def find(self, reference: np.ndarray, sketch: np.ndarray, points: np.ndarray) -> Matches:
        """Where given points (N, 2) px of the reference lie in the sketch."""
        import torch

        if not len(points):
            return Matches(points, points, np.zeros(0, np.float32))
        ours = self.features(reference)
        theirs = self.features(cv2.cvtColor(sketch, cv2.COLOR_GRAY2RGB))
        there, alike = strongest(ours, theirs, points, reference.shape[:2], sketch.shape[:2])
        back, _ = strongest(theirs, ours, there, sketch.shape[:2], reference.shape[:2])
        cell = max(reference.shape[:2]) / ours.shape[-1]
        missed = np.linalg.norm(back - points, axis=1) / cell
        del ours, theirs
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        sure = np.clip(alike, 0, 1) / (1 + missed**2)
        return Matches(points.astype(np.float32), there, sure.astype(np.float32))


def strongest(
    a, b, points: np.ndarray, size_a: tuple[int, int], size_b: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The place in picture b (N, 2) px whose features are most like those of points (N, 2) px of a; and how alike.

    a, b (C, h, w) unit features; sizes (height, width) px of the pictures they stand for. The map of likeness is
    enlarged to the picture before its peak is taken, as DIFT does.
    """
    import torch
    import torch.nn.functional as F  # noqa: N812

    def grid(at: np.ndarray, size: tuple[int, int]):
        across = (at + 0.5) / np.array([size[1], size[0]]) * 2 - 1
        return torch.from_numpy(across.astype(np.float32))[None, None].to(a.device)

    asked = F.normalize(
        F.grid_sample(a[None], grid(points, size_a), padding_mode="border", align_corners=False)[0, :, 0], dim=0
    )
    places, alike = [], []
    for part in asked.T.split(64):
        likeness = (part @ b.flatten(1)).reshape(len(part), *b.shape[1:])
        likeness = F.interpolate(likeness[:, None], size=size_b, mode="bilinear", align_corners=False)[:, 0]
        best, at = likeness.flatten(1).max(1)
        places.append(torch.stack([at % size_b[1], at // size_b[1]], 1).cpu().numpy())
        alike.append(best.cpu().numpy())
    return np.concatenate(places).astype(np.float32), np.concatenate(alike)
