"""A picture of the demo's characters side by side:  python -m backend.evaluation.cast OUT.png"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from ..demo.shot import demo_shot
from .film import on_paper, save_picture
from .generated import coloured

COLUMNS, ROWS = 6, 2
MOMENT = 12
"""Number of the drawing shown: a contact pose, looking at the camera."""
CROP = (slice(0, 720), slice(396, 964))
CELL_WIDTH = 232
"""px"""


def cast_picture(count: int = COLUMNS * ROWS) -> np.ndarray:
    """The characters of seeds 0 to ``count`` - 1, coloured, on paper: (H, W, 3) uint8 sRGB."""
    cells = []
    for seed in range(count):
        shot = demo_shot(MOMENT + 1, seed=seed)
        picture = on_paper(coloured(shot, shot.drawings[MOMENT]))[CROP]
        scale = CELL_WIDTH / picture.shape[1]
        cells.append(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return np.vstack([np.hstack(cells[row : row + COLUMNS]) for row in range(0, count, COLUMNS)])


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description="Draw the demo's characters side by side.")
    parser.add_argument("out", type=Path)
    save_picture(parser.parse_args().out, cast_picture())


if __name__ == "__main__":
    main()
