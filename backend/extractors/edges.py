"""Two edge detectors: HED in the form ControlNet uses, and PiDiNet. Names and shapes are those of the published files."""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn


class Hed(nn.Module):
    """Holistically nested edges (Xie and Tu, ICCV 2015): five levels, an edge map from each. 0..255 in, logits out."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        w = width
        self.norm = nn.Parameter(torch.zeros(1, 3, 1, 1))
        self.block1 = _HedLevel(3, w, 2)
        self.block2 = _HedLevel(w, 2 * w, 2)
        self.block3 = _HedLevel(2 * w, 4 * w, 3)
        self.block4 = _HedLevel(4 * w, 8 * w, 3)
        self.block5 = _HedLevel(8 * w, 8 * w, 3)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, 1, H, W): the levels' edge maps, enlarged, on average."""
        x, maps = picture - self.norm, []
        for n, block in enumerate((self.block1, self.block2, self.block3, self.block4, self.block5)):
            x, edges = block(F.max_pool2d(x, 2) if n else x)
            maps.append(F.interpolate(edges, picture.shape[2:], mode="bilinear", align_corners=False))
        return torch.stack(maps).mean(dim=0)


class _HedLevel(nn.Module):
    def __init__(self, narrow: int, wide: int, layers: int) -> None:
        super().__init__()
        widths = [narrow, *[wide] * layers]
        self.convs = nn.Sequential(*(nn.Conv2d(a, wide, 3, padding=1) for a in widths[:-1]))
        self.projection = nn.Conv2d(wide, 1, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        for conv in self.convs:
            x = F.relu(conv(x))
        return x, self.projection(x)


class PiDiNet(nn.Module):
    """Pixel difference network (Su et al., ICCV 2021), its table 5: central, angular, radial and plain in turns.

    Takes pictures normalized as ImageNet's; gives logits.
    """

    def __init__(self, width: int = 60, reduced: int = 24) -> None:
        super().__init__()
        w = width
        self.init_block = _Difference("central", 3, w)
        kinds = ("central", "angular", "radial", "plain")
        planes = (w, 2 * w, 4 * w, 4 * w)
        for level, wide in enumerate(planes, 1):
            for place in range(1 if level == 1 else 0, 4):
                first = level > 1 and place == 0
                narrow = planes[level - 2] if first else wide
                number = place + (level > 1)
                setattr(self, f"block{level}_{number}", _PidiBlock(kinds[place], narrow, wide, first))
        self.dilations = nn.ModuleList(_Context(p, reduced) for p in planes)
        self.attentions = nn.ModuleList(_Attention(reduced) for _ in planes)
        self.conv_reduces = nn.ModuleList(_Reduced(reduced) for _ in planes)
        self.classifier = nn.Conv2d(4, 1, 1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, 1, H, W)."""
        x, maps = self.init_block(picture), []
        for level in range(4):
            for number in range(1, 4 if level == 0 else 5):
                x = getattr(self, f"block{level + 1}_{number}")(x)
            seen = self.attentions[level](self.dilations[level](x))
            edges = self.conv_reduces[level](seen)
            maps.append(F.interpolate(edges, picture.shape[2:], mode="bilinear", align_corners=False))
        return self.classifier(torch.cat(maps, dim=1))


_RING = [3, 0, 1, 6, 4, 2, 7, 8, 5]
"""Each of the nine places of a 3 x 3 kernel gets its neighbour's, clockwise."""
_OUTER, _INNER = [0, 2, 4, 10, 14, 20, 22, 24], [6, 7, 8, 11, 13, 16, 17, 18]
"""Places of a 5 x 5 kernel: the outer ring in steps of 45 degrees, and the inner one."""


class _Difference(nn.Module):
    """A convolution over differences of pixels instead of pixels (section 3.2 of the paper)."""

    def __init__(self, kind: str, narrow: int, wide: int, groups: int = 1) -> None:
        super().__init__()
        self.kind, self.groups = kind, groups
        self.weight = nn.Parameter(torch.zeros(wide, narrow // groups, 3, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight
        if self.kind == "central":
            weight = weight.clone()
            weight[..., 1, 1] -= self.weight.sum(dim=(2, 3))
        elif self.kind == "angular":
            flat = weight.flatten(2)
            weight = (flat - flat[..., _RING]).view_as(weight)
        elif self.kind == "radial":
            flat = weight.flatten(2)[..., 1:]
            wide = flat.new_zeros(*flat.shape[:2], 25)
            wide[..., _OUTER], wide[..., _INNER] = flat, -flat
            weight = wide.view(*flat.shape[:2], 5, 5)
        return F.conv2d(x, weight, padding=weight.shape[-1] // 2, groups=self.groups)


class _PidiBlock(nn.Module):
    def __init__(self, kind: str, narrow: int, wide: int, first: bool) -> None:
        super().__init__()
        self.first = first
        if first:
            self.shortcut = nn.Conv2d(narrow, wide, 1)
        self.conv1 = _Difference(kind, narrow, narrow, groups=narrow)
        self.conv2 = nn.Conv2d(narrow, wide, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(x, 2) if self.first else x
        y = self.conv2(F.relu(self.conv1(x)))
        return y + (self.shortcut(x) if self.first else x)


class _Context(nn.Module):
    """Four widths of view over a few channels."""

    def __init__(self, wide: int, reduced: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(wide, reduced, 1)
        for n, apart in enumerate((5, 7, 9, 11), 1):
            conv = nn.Conv2d(reduced, reduced, 3, dilation=apart, padding=apart, bias=False)
            setattr(self, f"conv2_{n}", conv)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv1(F.relu(x))
        return self.conv2_1(x) + self.conv2_2(x) + self.conv2_3(x) + self.conv2_4(x)


class _Attention(nn.Module):
    def __init__(self, reduced: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(reduced, 4, 1)
        self.conv2 = nn.Conv2d(4, 1, 3, padding=1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(self.conv2(self.conv1(F.relu(x))))


class _Reduced(nn.Module):
    def __init__(self, reduced: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(reduced, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)
