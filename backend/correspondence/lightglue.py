"""LightGlue (Lindenberger et al., ICCV 2023) over local features, built offline from a state dict.

kornia's constructor downloads by itself when it is given a feature's name; it is given none here.
"""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from ..contracts.correspondence import Matches
from .features import Detector, Features, filled

LAYERS = 9
"""of the published weights, for every feature used here."""


def renamed(state: Mapping[str, Any], layers: int = LAYERS) -> dict[str, Any]:
    """The keys of the published files as kornia calls them (``self_attn.3.`` -> ``transformers.3.self_attn.``)."""
    out = {}
    for key, value in state.items():
        head, _, rest = key.removeprefix("matcher.").partition(".")
        if head in ("self_attn", "cross_attn"):
            number, _, tail = rest.partition(".")
            if number.isdigit() and int(number) < layers:
                out[f"transformers.{number}.{head}.{tail}"] = value
                continue
        out[key.removeprefix("matcher.")] = value
    return out


def build_lightglue(state: Mapping[str, Any], feature: str, device: str = "cpu"):
    """The matcher network for ``sift``, ``aliked`` or ``disk``. Raises ``AniDocError`` where the weights are others."""
    net = empty_lightglue(feature)
    return filled(net, renamed(state), f"LightGlue for {feature.upper()}").to(device).eval()


def empty_lightglue(feature: str):
    """The network without weights, in the published size; nothing is downloaded."""
    from kornia.feature import LightGlue

    none: Any = None
    return LightGlue(none, input_dim=128, add_scale_ori=feature == "sift", n_layers=LAYERS)


class LightGlueMatcher:
    """Features of the reference matched to features of the sketch.

    (a) with SIFT: the paper's training path, meant for colour against colour; (c) with ALIKED or DISK: the release's path
    with features that are free to use.
    """

    def __init__(self, detector: Detector, net, device: str = "cpu") -> None:
        self.name = f"lightglue-{detector.name}"
        self._detector, self._net, self._device = detector, net, device

    def match(self, reference: np.ndarray, sketch: np.ndarray) -> Matches:
        """``reference`` (H, W, 3) uint8 sRGB, ``sketch`` (H, W) uint8, 0 line; sizes may differ. Surest pair first."""
        import torch

        drawn = cv2.cvtColor(sketch, cv2.COLOR_GRAY2RGB)
        a, b = self._detector.detect(reference), self._detector.detect(drawn)
        if not len(a.points) or not len(b.points):
            none = np.zeros((0, 2), np.float32)
            return Matches(none, none, np.zeros(0, np.float32))
        with torch.inference_mode():
            found = self._net({"image0": self._input(a, reference), "image1": self._input(b, drawn)})
        pairs, sure = found["matches"][0].cpu().numpy(), found["scores"][0].float().cpu().numpy()
        order = np.argsort(-sure, kind="stable")
        pairs, sure = pairs[order], sure[order]
        return Matches(a.points[pairs[:, 0]], b.points[pairs[:, 1]], sure.astype(np.float32))

    def _input(self, features: Features, picture: np.ndarray) -> dict[str, Any]:
        import torch

        def tensor(values: np.ndarray):
            return torch.from_numpy(np.ascontiguousarray(values, np.float32))[None].to(self._device)

        height, width = picture.shape[:2]
        out = {
            "keypoints": tensor(features.points),
            "descriptors": tensor(features.descriptors),
            "image_size": torch.tensor([[width, height]], device=self._device),
        }
        if features.scales is not None and features.angles is not None:
            out |= {"scales": tensor(features.scales), "oris": tensor(features.angles)}
        return out
