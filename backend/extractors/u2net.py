"""U-2-Net (Qin et al., Pattern Recognition 106, 2020): a U of small Us that finds the figure in a picture.

Names and shapes of its parameters are those of the published file.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

_STAGES = (
    # name, halvings and one more (0: none, dilated instead), in, middle, out, as multiples of 16 (0: the picture)
    ("stage1", 7, 0, 2, 4),
    ("stage2", 6, 4, 2, 8),
    ("stage3", 5, 8, 4, 16),
    ("stage4", 4, 16, 8, 32),
    ("stage5", 0, 32, 16, 32),
    ("stage6", 0, 32, 16, 32),
    ("stage5d", 0, 64, 16, 32),
    ("stage4d", 4, 64, 8, 16),
    ("stage3d", 5, 32, 4, 8),
    ("stage2d", 6, 16, 2, 4),
    ("stage1d", 7, 8, 1, 4),
)


class U2Net(nn.Module):
    """Pictures normalized as ImageNet's in, logits of the figure out."""

    def __init__(self, unit: int = 16) -> None:
        """``unit``: a sixteenth of the published widths' common measure; 16 is the published network."""
        super().__init__()
        for name, depth, narrow, middle, wide in _STAGES:
            setattr(self, name, _SmallU(depth, narrow * unit or 3, middle * unit, wide * unit))
        for n, wide in enumerate((4, 4, 8, 16, 32, 32), 1):
            setattr(self, f"side{n}", nn.Conv2d(wide * unit, 1, 3, padding=1))
        self.outconv = nn.Conv2d(6, 1, 1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, 1, H, W)."""
        down, x = [], picture
        for n in range(1, 7):
            x = getattr(self, f"stage{n}")(_halved(x) if n > 1 else x)
            down.append(x)
        back = [x]
        for n in range(5, 0, -1):
            beside = down[n - 1]
            x = getattr(self, f"stage{n}d")(torch.cat([_like(x, beside), beside], dim=1))
            back.append(x)
        sides = [getattr(self, f"side{n}")(x) for n, x in enumerate(reversed(back), 1)]
        return self.outconv(torch.cat([_like(side, sides[0]) for side in sides], dim=1))


class _Conv(nn.Module):
    def __init__(self, narrow: int, wide: int, apart: int = 1) -> None:
        super().__init__()
        self.conv_s1 = nn.Conv2d(narrow, wide, 3, padding=apart, dilation=apart)
        self.bn_s1 = nn.BatchNorm2d(wide)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.bn_s1(self.conv_s1(x)))


class _SmallU(nn.Module):
    """A residual U of ``depth`` convolutions down, the last of them dilated; depth 0: four dilated, without halving."""

    def __init__(self, depth: int, narrow: int, middle: int, wide: int) -> None:
        super().__init__()
        self.halves, self.depth = depth > 0, depth or 4
        last = self.depth
        apart: Sequence[int] = [1] * (last - 1) + [2] if self.halves else [1, 2, 4, 8]
        self.rebnconvin = _Conv(narrow, wide)
        for n in range(1, last + 1):
            setattr(self, f"rebnconv{n}", _Conv(wide if n == 1 else middle, middle, apart[n - 1]))
        for n in range(last - 1, 0, -1):
            dilated = 1 if self.halves else apart[n - 1]
            setattr(self, f"rebnconv{n}d", _Conv(2 * middle, wide if n == 1 else middle, dilated))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        whole = x = self.rebnconvin(x)
        down = []
        for n in range(1, self.depth + 1):
            x = getattr(self, f"rebnconv{n}")(_halved(x) if self.halves and 1 < n < self.depth else x)
            down.append(x)
        for n in range(self.depth - 1, 0, -1):
            beside = down[n - 1]
            x = getattr(self, f"rebnconv{n}d")(torch.cat([_like(x, beside), beside], dim=1))
        return x + whole


def _halved(x: torch.Tensor) -> torch.Tensor:
    return F.max_pool2d(x, 2, stride=2, ceil_mode=True)


def _like(x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    if x.shape[2:] == other.shape[2:]:
        return x
    return F.interpolate(x, other.shape[2:], mode="bilinear", align_corners=False)
