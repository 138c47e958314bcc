"""Extractors and the matte by name, built from files that ``anidoc models`` fetched and checked; nothing is fetched here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from torch import nn

from ..contracts.errors import AniDocError
from ..correspondence.features import filled
from ..correspondence.load import model_file, read_state
from ..lineart.white import over_white
from ..setup.models_table import model_named
from .drawings import AnimeLineart, InformativeDrawings
from .edges import Hed, PiDiNet
from .u2net import U2Net

LARGEST = 1_000_000
"""px that a network is shown at most; larger pictures are shrunk for it and their lines enlarged again."""

_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pictures, which networks trained on it want taken off."""

_MATTE_SIDE = 320
"""px of the square in which U-2-Net sees a picture."""


class Extractor(Protocol):
    """Finds the lines of a coloured picture. ``licence``: of its weights, for people."""

    name: str
    licence: str

    def strength(self, picture: np.ndarray) -> np.ndarray:
        """``picture`` (H, W, 3) or (H, W, 4) uint8 sRGB -> (H, W) uint8 grey, dark lines on white, not yet binarized."""
        ...


@dataclass(frozen=True)
class _Kind:
    """model: its name in the table of models. step: px that the network's sides are multiples of; ``stretch``: the picture
    is stretched to that, as its program does, instead of continued at its edges. look: network and (1, 3, h, w) 0..255 to
    (1, 1, h, w), 0 line, 1 paper."""

    model: str
    build: Callable[[], nn.Module]
    step: int
    look: Callable[[nn.Module, torch.Tensor], torch.Tensor]
    stretch: bool = False


def _normal(x: torch.Tensor) -> torch.Tensor:
    """0..1 as ImageNet's networks want it."""
    mean, spread = (torch.tensor(v, device=x.device)[:, None, None] for v in (_MEAN, _SPREAD))
    return (x - mean) / spread


_KINDS: Mapping[str, _Kind] = {
    "informative": _Kind("lines-informative", InformativeDrawings, 4, lambda net, x: net(x / 255)),
    "anime": _Kind("lines-anime", AnimeLineart, 256, lambda net, x: net(x / 127.5 - 1) / 2 + 0.5, stretch=True),
    "hed": _Kind("lines-hed", Hed, 1, lambda net, x: 1 - torch.sigmoid(net(x))),
    "pidinet": _Kind("lines-pidinet", PiDiNet, 1, lambda net, x: 1 - torch.sigmoid(net(_normal(x / 255)))),
}
_SMALLEST = 32
"""px of a side that networks are shown at least, so that their deepest level has something to see."""


class NetworkExtractor:
    """One of the named networks."""

    def __init__(self, name: str, network: nn.Module, licence: str = "", device: str = "cpu") -> None:
        self.name, self.licence = name, licence
        self._kind, self._network, self._device = _KINDS[name], network.to(device).eval(), device

    def strength(self, picture: np.ndarray) -> np.ndarray:
        """See ``Extractor``. Transparent is white paper; the result is truncated to whole numbers, as the release does."""
        height, width = picture.shape[:2]
        shown, size = self._shown(on_white(picture))
        x = torch.from_numpy(shown).permute(2, 0, 1)[None].float().to(self._device)
        with torch.inference_mode():
            lines = self._kind.look(self._network, x)[0, 0].float().cpu().numpy()
        lines = lines if self._kind.stretch else lines[: size[0], : size[1]]
        if lines.shape != (height, width):
            smaller = lines.size > height * width
            lines = cv2.resize(lines, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
        return (np.clip(lines, 0, 1) * 255).astype(np.uint8)

    def _shown(self, picture: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
        """What the network is shown, and how much of it is the picture."""
        height, width = picture.shape[:2]
        scale = min(1.0, (LARGEST / (height * width)) ** 0.5)
        h, w = max(1, round(height * scale)), max(1, round(width * scale))
        step = self._kind.step
        H, W = (max(-(-_SMALLEST // step), -(-side // step)) * step for side in (h, w))  # noqa: N806
        if self._kind.stretch:
            way = cv2.INTER_AREA if height * width > H * W else cv2.INTER_CUBIC
            return cv2.resize(picture, (W, H), interpolation=way), (H, W)
        small = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA) if scale < 1 else picture
        return cv2.copyMakeBorder(small, 0, H - h, 0, W - w, cv2.BORDER_REPLICATE), (h, w)


class Matte:
    """Where the figure is, by U-2-Net."""

    def __init__(self, network: nn.Module, device: str = "cpu") -> None:
        self._network, self._device = network.to(device).eval(), device

    def of(self, picture: np.ndarray) -> np.ndarray:
        """``picture`` (H, W, 3) or (H, W, 4) uint8 sRGB -> (H, W) float32, 0 background, 1 figure.

        As the authors' program: the picture in a square, its largest value taken for 1, the answer stretched to 0..1.
        """
        height, width = picture.shape[:2]
        square = cv2.resize(on_white(picture), (_MATTE_SIDE, _MATTE_SIDE), interpolation=cv2.INTER_AREA)
        x = torch.from_numpy(square).permute(2, 0, 1)[None].float().to(self._device)
        with torch.inference_mode():
            found = torch.sigmoid(self._network(_normal(x / x.max().clamp(min=1))))[0, 0].float().cpu().numpy()
        spread = float(np.ptp(found))
        found = (found - found.min()) / spread if spread > 0 else found
        return np.clip(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)


def build_extractor(name: str, root: Path, device: str = "") -> Extractor:
    """The extractor ``name``; ``root`` is the folder of ``anidoc models``; device "": the graphics card, else the processor.

    Raises ``AniDocError`` where weights are missing or another network's.
    """
    if name not in _KINDS:
        raise AniDocError(f"There is no extractor called {name}.", f"There are: own, {', '.join(_KINDS)}.")
    kind = _KINDS[name]
    model = model_named(kind.model)
    assert model is not None, kind.model
    network = _built(kind.build, model_file(root, kind.model), model.title)
    return NetworkExtractor(name, network, model.licence.name, device or _best())


def build_matte(root: Path, device: str = "") -> Matte:
    """The matte. Raises ``AniDocError`` as above."""
    return Matte(_built(U2Net, model_file(root, "u2net"), "U-2-Net"), device or _best())


def _best() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def on_white(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8."""
    if picture.shape[2] == 3:
        return picture
    return over_white(picture)


def _built(build: Callable[[], nn.Module], file: Path, title: str) -> nn.Module:
    return filled(build(), published(read_state(file), title), title)


def published(state: Mapping[str, Any], title: str) -> dict[str, torch.Tensor]:
    """The tensors of a published file under the network's own names: out of its wrapping, and with no ``module.`` before
    them, which training on several cards leaves there."""
    inner = state.get("state_dict", state)
    if not isinstance(inner, Mapping) or not all(isinstance(v, torch.Tensor) for v in inner.values()):
        raise AniDocError(f"The weights are not those of {title}.", "Get them again with: anidoc models get.")
    return {str(name).removeprefix("module."): tensor for name, tensor in inner.items()}
