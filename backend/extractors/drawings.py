"""Two generators that draw a picture's lines: informative-drawings, which the paper trains with, and Anime Lineart.

Names and shapes of their parameters are those of the published files.
"""

import torch
from torch import nn


class InformativeDrawings(nn.Module):
    """The generator of Chan et al. (CVPR 2022): two steps down, residual blocks, two steps up. 0..1 in and out."""

    def __init__(self, blocks: int = 3, width: int = 64) -> None:
        super().__init__()
        w = width
        self.model0 = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(3, w, 7), nn.InstanceNorm2d(w), nn.ReLU())
        self.model1 = nn.Sequential(*_down(w, 2 * w), *_down(2 * w, 4 * w))
        self.model2 = nn.Sequential(*(_Residual(4 * w) for _ in range(blocks)))
        self.model3 = nn.Sequential(*_up(4 * w, 2 * w), *_up(2 * w, w))
        self.model4 = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(w, 1, 7), nn.Sigmoid())

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, 1, H, W), 1 paper; H and W in steps of 4."""
        x = picture
        for part in (self.model0, self.model1, self.model2, self.model3, self.model4):
            x = part(x)
        return x


def _down(narrow: int, wide: int) -> list[nn.Module]:
    return [nn.Conv2d(narrow, wide, 3, stride=2, padding=1), nn.InstanceNorm2d(wide), nn.ReLU()]


def _up(wide: int, narrow: int) -> list[nn.Module]:
    up = nn.ConvTranspose2d(wide, narrow, 3, stride=2, padding=1, output_padding=1)
    return [up, nn.InstanceNorm2d(narrow), nn.ReLU()]


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        half = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width)]
        other = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width)]
        self.conv_block = nn.Sequential(*half, nn.ReLU(), *other)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv_block(x)


class AnimeLineart(nn.Module):
    """A U-Net of eight halvings (pix2pix, Isola et al., CVPR 2017). -1..1 in and out; 1 is paper."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        inner: nn.Module | None = None
        for outside, inside in ((8, 8), (8, 8), (8, 8), (8, 8), (4, 8), (2, 4), (1, 2)):
            inner = _Level(outside * width, inside * width, inner)
        assert inner is not None
        self.model = _Outermost(width, inner)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, 1, H, W); H and W in steps of 256."""
        return self.model(picture)


class _Level(nn.Module):
    """One halving and its way back, laid beside what came in."""

    def __init__(self, outside: int, inside: int, inner: nn.Module | None) -> None:
        super().__init__()
        down: list[nn.Module] = [nn.LeakyReLU(0.2), nn.Conv2d(outside, inside, 4, stride=2, padding=1)]
        if inner is not None:
            down += [nn.InstanceNorm2d(inside), inner]
        back = inside if inner is None else 2 * inside
        up = [nn.ReLU(), nn.ConvTranspose2d(back, outside, 4, stride=2, padding=1), nn.InstanceNorm2d(outside)]
        self.model = nn.Sequential(*down, *up)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, self.model(x)], dim=1)


class _Outermost(nn.Module):
    def __init__(self, width: int, inner: nn.Module) -> None:
        super().__init__()
        last = nn.ConvTranspose2d(2 * width, 1, 4, stride=2, padding=1)
        self.model = nn.Sequential(nn.Conv2d(3, width, 4, stride=2, padding=1), inner, nn.ReLU(), last, nn.Tanh())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)
