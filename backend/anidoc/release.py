"""How the released program chooses points, random draws included: for comparison with it, and for ``--like-release``."""

from dataclasses import dataclass

import numpy as np
import torch

from .points import MOST_MATCHES, landed, point_map

_SEEN_IN_MORE_THAN = 3
"""Frames in which a followed point must be visible."""
_MOVES_MORE_THAN = 1.0
"""px per frame on average; slower points are dropped, so that a still shot keeps none."""


@dataclass(frozen=True)
class Chosen:
    """What the maps are drawn from. Points are whole pixels (x, y).

    reference (N, 2) int64; frames (F, N, 2) float32; visible (F, N) uint8
    """

    reference: np.ndarray
    frames: np.ndarray
    visible: np.ndarray


def choose_pairs(
    reference: np.ndarray, sketch: np.ndarray, width: int, height: int, seed: int, most: int = MOST_MATCHES
) -> tuple[np.ndarray, np.ndarray]:
    """Up to 50 of the N matched pairs (N, 2), at random and in random order, as whole pixels inside the picture."""
    order = np.random.RandomState(seed).choice(len(reference), min(most, len(reference)), replace=False)
    return landed(reference[order], width, height), landed(sketch[order], width, height)


def choose_tracks(
    reference: np.ndarray, points: np.ndarray, visible: np.ndarray, width: int, height: int, most: int, seed: int
) -> Chosen:
    """Of N followed pairs those that are seen and move, drawn with a probability proportional to their motion.

    reference (N, 2) int; points (F, N, 2) float px; visible (F, N)
    """
    tracks, seen = torch.from_numpy(np.asarray(points, np.float32)), torch.from_numpy(np.asarray(visible, bool))
    motion = (tracks[1:] - tracks[:-1]).norm(dim=-1).mean(dim=0)
    kept = torch.where((seen.sum(dim=0) > _SEEN_IN_MORE_THAN) & (motion > _MOVES_MORE_THAN))[0]
    if len(kept):
        draw = torch.Generator().manual_seed(seed)
        kept = kept[torch.multinomial(motion[kept], min(most, len(kept)), replacement=False, generator=draw)]
    order = kept.numpy()
    pixels = landed(np.asarray(points)[:, order], width, height).astype(np.float32)
    return Chosen(np.asarray(reference)[order], pixels, np.asarray(visible)[:, order].astype(np.uint8))


def track_maps(chosen: Chosen, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """The reference's map (H, W) uint8, with every point, and the frames' (F, H, W), with those visible in each."""
    frames = [
        point_map(points, width, height, visible) for points, visible in zip(chosen.frames, chosen.visible, strict=True)
    ]
    return point_map(chosen.reference, width, height), np.stack(frames)
