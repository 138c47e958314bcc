"""Pictures on white: scans on tinted or grey paper as if it were white, which ink and its colour are asked of; what is transparent."""

import cv2
import numpy as np

EVERY = 4
"""Every so many pixels of every so many rows are asked what the paper is."""

LIGHT = 128
"""8-bit levels that paper is lighter than, as grey."""

WHITE = 8
"""8-bit levels below 255 up to which paper is white: JPEG leaves it there."""

NOISE = 8
"""8-bit levels around the commonest light grey that are paper: its colour is the middle of theirs."""


def paper_of(picture: np.ndarray) -> np.ndarray:
    """(3,) uint8 sRGB: the paper of a scan, (H, W, 4) uint8 sRGB straight alpha, is its commonest light colour; 255 where that
    is nearly white, or transparent."""
    white = np.full(3, 255, np.uint8)
    some = np.ascontiguousarray(picture[::EVERY, ::EVERY])
    if int(some[..., 3].min()) < 255:
        return white
    grey = cv2.cvtColor(some, cv2.COLOR_RGBA2GRAY)
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()
    common = LIGHT + int(counts[LIGHT:].argmax())
    if common == 255 or not counts[common]:
        return white
    near = cv2.inRange(grey, common - NOISE, common + NOISE) > 0
    paper = np.median(some[near][:, :3], axis=0).astype(np.uint8)
    return white if paper.min() >= 255 - WHITE else paper


def on_white(picture: np.ndarray, paper: np.ndarray | None = None) -> np.ndarray:
    """(H, W, 4) uint8, divided by its ``paper`` (3,) uint8, or what :func:`paper_of` finds; itself where that is white.

    Ink lets so much of the paper's light through, in each channel: dividing tells how much.
    """
    paper = paper_of(picture) if paper is None else paper
    if paper.min() == 255:
        return picture
    level = np.arange(256)[:, None, None]
    table = np.minimum(np.rint(level * 255.0 / np.append(paper, 255)), 255).astype(np.uint8)
    return cv2.LUT(picture, table)


def no_grey(pixels: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """(N,) float32 8-bit levels: how far the channels of pixels (N, 3) uint8 lie apart, whatever grey lead on ``paper`` (3,)
    uint8 they show explained as well as can be.

    Lead covers paper, as ink does not; where it covers half, half the paper's tint is seen.
    """
    own, tint = (c - c.mean(-1, keepdims=True) for c in (pixels.astype(np.float32), paper.astype(np.float32)))
    part = np.clip(own @ tint / max(float(tint @ tint), 1.0), 0, 1)
    return np.ptp(own - part[:, None] * tint, axis=1)


def over_white(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 straight alpha -> (H, W, 3) uint8 on white paper."""
    if int(picture[..., 3].min()) == 255:
        return np.ascontiguousarray(picture[..., :3])
    cover = picture[..., 3:] / 255.0
    return np.round(picture[..., :3] * cover + 255 * (1 - cover)).astype(np.uint8)
