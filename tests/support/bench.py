"""Clips with known colours: small ones made on the spot, and where the open benchmark lies when it is there."""

from pathlib import Path

import cv2
import numpy as np
import pytest

BENCH = Path(__file__).parents[3] / "shared" / "bench"
"""The open clips, beside the checkout; most machines have none."""


def open_bench() -> Path:
    """The folder of the open clips; the test that asks is skipped where there is none."""
    if not (BENCH / "score.py").is_file():
        pytest.skip("the open benchmark is not beside this checkout")
    return BENCH


SKIN, COAT, SHOE = (250, 210, 180), (40, 90, 160), (120, 70, 40)


def doll(arm: int, lines_only: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A doll of three colours whose arm hangs ``arm`` px lower: (H, W, 3) uint8 picture, (H, W) uint16 regions."""
    picture = np.full((200, 160, 3), 255, np.uint8)
    regions = np.ones(picture.shape[:2], np.uint16)
    shapes = (
        ((60, 10), (100, 60), SKIN),
        ((50, 60), (110, 140), COAT),
        ((110, 70 + arm), (140, 100 + arm), SKIN),
        ((55, 140), (78, 180), SHOE),
        ((82, 140), (105, 180), SHOE),
    )
    for number, (low, high, colour) in enumerate(shapes, 2):
        cv2.rectangle(picture, low, high, (255, 255, 255) if lines_only else colour, -1)
        cv2.rectangle(regions, low, high, number, -1)
        cv2.rectangle(picture, low, high, (0, 0, 0), 2)
        cv2.rectangle(regions, low, high, 0, 4)
    return picture, regions


def write_clip(folder: Path, arms: tuple[int, ...] = (0, 12, 24)) -> Path:
    """A clip of the doll in the benchmark's form."""
    for number, arm in enumerate(arms, 1):
        colour, regions = doll(arm)
        for kind, picture in (("color", colour[..., ::-1]), ("line", doll(arm, True)[0]), ("regions", regions)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / kind / f"{number:04d}.png"), picture)
    cv2.imwrite(str(folder / "ref.png"), doll(40)[0][..., ::-1])
    return folder
