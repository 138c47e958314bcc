"""Local features for LightGlue: SIFT from OpenCV, ALIKED and DISK as networks built from weights that were checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np

from ..contracts.errors import AniDocError

MOST = 2000
"""Keypoints of a picture at most: what the released program takes."""


@dataclass(frozen=True)
class Features:
    """N keypoints of a picture.

    points       (N, 2) float32 px x, y; whole numbers are middles of pixels
    descriptors  (N, D) float32
    scales       (N,) float32 px and angles (N,) float32 radians, or None where the matcher reads none
    """

    points: np.ndarray
    descriptors: np.ndarray
    scales: np.ndarray | None = None
    angles: np.ndarray | None = None


class Detector(Protocol):
    """Finds and describes keypoints. ``size`` is the length of a descriptor."""

    name: str
    size: int

    def detect(self, picture: np.ndarray) -> Features:
        """``picture`` (H, W, 3) uint8 sRGB."""
        ...


class Sift:
    """SIFT (Lowe, IJCV 60(2), 2004) with the square root of its histograms (Arandjelovic and Zisserman, CVPR 2012)."""

    name, size = "sift", 128

    def detect(self, picture: np.ndarray) -> Features:
        """Scale is the keypoint's diameter and angle its orientation, as LightGlue was trained."""
        sift = cv2.SIFT_create(nfeatures=MOST)  # pyright: ignore[reportAttributeAccessIssue]
        found, described = sift.detectAndCompute(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None)
        if not found:
            none = np.zeros(0, np.float32)
            return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), none, none)
        described = described.astype(np.float32)
        described /= np.maximum(described.sum(1, keepdims=True), 1e-6)
        return Features(
            np.array([k.pt for k in found], np.float32),
            np.sqrt(described),
            np.array([k.size for k in found], np.float32),
            np.deg2rad(np.array([k.angle for k in found], np.float32)),
        )


class Aliked:
    """ALIKED (Zhao et al., IEEE TIM 72, 2023), 16 sample points: built empty, filled with a state dict."""

    name, size = "aliked", 128

    def __init__(self, state: Mapping[str, Any], device: str = "cpu") -> None:
        from kornia.feature import ALIKED

        self._net = filled(ALIKED("aliked-n16", max_num_keypoints=MOST), state, "ALIKED").to(device).eval()
        self._device = device

    def detect(self, picture: np.ndarray) -> Features:
        """Points are given to fractions of a pixel."""
        import torch

        with torch.inference_mode():
            (found,) = self._net(as_tensor(picture, self._device))
        return Features(found.keypoints.float().cpu().numpy(), found.descriptors.float().cpu().numpy())


class Disk:
    """DISK (Tyszkiewicz et al., NeurIPS 2020): built empty, filled with a state dict (that of its ``extractor``)."""

    name, size = "disk", 128

    def __init__(self, state: Mapping[str, Any], device: str = "cpu") -> None:
        from kornia.feature import DISK

        self._net = filled(DISK(), state.get("extractor", state), "DISK").to(device).eval()
        self._device = device

    def detect(self, picture: np.ndarray) -> Features:
        """Points are whole pixels."""
        import torch

        with torch.inference_mode():
            (found,) = self._net(as_tensor(picture, self._device), n=MOST, pad_if_not_divisible=True)
        return Features(found.keypoints.float().cpu().numpy(), found.descriptors.float().cpu().numpy())


def as_tensor(picture: np.ndarray, device: str):
    """(H, W, 3) uint8 -> (1, 3, H, W) float32 0..1."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float().div(255).to(device)


def filled(net, state: Mapping[str, Any], name: str):
    """A network with a state dict's weights. Raises ``AniDocError`` unless every weight is there and fits.

    Buffers that the network computes itself may be missing; anything else may not, and nothing may be left over.
    """
    wanted = net.state_dict()
    learned = {key for key, _ in net.named_parameters()} | {
        k for k in wanted if k.endswith(("running_mean", "running_var"))
    }
    missing = sorted(learned - state.keys())
    other = sorted(state.keys() - wanted.keys())
    wrong = sorted(k for k in state.keys() & wanted.keys() if tuple(state[k].shape) != tuple(wanted[k].shape))
    if missing or other or wrong:
        raise AniDocError(
            f"The weights are not those of {name}.",
            "Get them again with: anidoc models get.",
            f"missing {missing[:5]}, unknown {other[:5]}, of another shape {wrong[:5]}",
        )
    net.load_state_dict(dict(state), strict=False)
    return net
