"""The control condition: sketch, point maps and reference as the eight channels that the control network reads."""

from typing import Literal

import numpy as np

Mode = Literal["tracking", "repeat", "first"]
"""What the frames get beside their sketch. tracking: the reference, its map, and the frame's own map; repeat: the
reference and both still maps in each frame; first: these in the first frame only, zero in the others."""

THRESHOLD = 200
"""Of 255. Brighter is paper, the rest is line (paper, section 3.3; the release compares with >)."""


def binarized(gray: np.ndarray) -> np.ndarray:
    """(..., H, W) uint8 line art as the model was trained to see it: 255 paper, 0 line."""
    return np.where(gray > THRESHOLD, 255, 0).astype(np.uint8)


def control_condition(
    sketches: np.ndarray,
    reference: np.ndarray,
    reference_map: np.ndarray,
    frame_maps: np.ndarray,
    mode: Mode = "tracking",
    drawn: np.ndarray | None = None,
) -> np.ndarray:
    """The condition of one pass, (F, 8, H, W) float32.

    sketches       (F, H, W) uint8, 0 line, 255 paper: becomes -1 and 1 in channels 0-2
    reference      (H, W, 3) or, one for each frame, (F, H, W, 3) uint8 sRGB: -1..1 in channels 5-7
    reference_map  (H, W) or (F, H, W): channel 3, the numbers as they are
    frame_maps     (F, H, W), or (H, W) for a still map: channel 4
    drawn          (F,) bool; where False the frame has no sketch (sparse mode) and its channels 0-2 are zero
    """
    frames, height, width = sketches.shape
    condition = np.zeros((frames, 8, height, width), np.float32)
    condition[:, 0:3] = _signed(sketches)[:, None]
    if drawn is not None:
        condition[~np.asarray(drawn, bool), 0:3] = 0.0
    told = slice(0, 1) if mode == "first" else slice(0, frames)
    condition[told, 3] = np.broadcast_to(reference_map, (frames, height, width))[told]
    condition[told, 4] = np.broadcast_to(frame_maps, (frames, height, width))[told]
    colours = np.moveaxis(_signed(reference), -1, -3)
    condition[told, 5:8] = np.broadcast_to(colours, (frames, 3, height, width))[told]
    return condition


def _signed(picture: np.ndarray) -> np.ndarray:
    """0..255 to -1..1, in the released program's order of operations, because the bits should be the same."""
    return np.float32(2.0) * (picture.astype(np.float32) / np.float32(255.0)) - np.float32(1.0)
