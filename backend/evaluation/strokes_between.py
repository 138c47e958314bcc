"""In-betweens of strokes scored on generated drawings: half way between two keys, by lines alone, and led by the fills of one key or both.

python -m backend.evaluation.strokes_between [--out DIR]

Walks, and figures thrown about, whose true middle drawing is known; what one part covers of another is not drawn. Scores are CD
and F1 of :mod:`.middles`. With ``--out`` the drawings are written as pictures, to be looked at: limbs in pieces count little there.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from ..contracts.drawing import Strokes
from ..contracts.tween import FlatKey
from ..demo import contract
from ..demo.shot import DemoShot, demo_shot
from ..inbetween.tween import match_pair
from ..inbetween.unfilled import flats_of_all
from ..lineart.strokes import read_strokes
from ..pictures.write import write_png
from .middles import lines_apart
from .tumbles import tumble

WIDTH, HEIGHT = 960, 720
"""px of a walk."""

ACROSS, MARGIN = 1000.0, 40.0
"""px from corner to corner of two keys, and around them, as the add-on lays them flat."""

FILLED = (0, 1, 2)
"""How many of the keys are filled."""


@dataclass(frozen=True)
class Cases:
    """Pairs of keys so many drawings ``apart``: each of the ``seeds`` at each of the drawings ``at``, numbered from 0."""

    name: str
    seeds: tuple[int, ...]
    at: tuple[int, ...]
    apart: int
    thrown: bool = False

    def shots(self) -> list[tuple[str, DemoShot, int]]:
        """Name, shot and first key of each case."""
        return [
            (f"{self.name.replace(' ', '-')}-{seed}-{at}", self._shot(seed, at + self.apart + 1), at)
            for seed in self.seeds
            for at in self.at
        ]

    def _shot(self, seed: int, count: int) -> DemoShot:
        return tumble(seed, count) if self.thrown else demo_shot(count, WIDTH, HEIGHT, seed)


ALL = (
    Cases("walks two apart", (200, 203, 207, 210), (1, 4, 9), 2),
    Cases("walks four apart", (200, 203, 207, 210), (0, 5, 8), 4),
    Cases("thrown two apart", (330, 333), (0, 3, 4, 5), 2, thrown=True),
    Cases("other walks two apart", (214, 217, 221, 224), (2, 6, 10), 2),
    Cases("other thrown two apart", (340, 345), (1, 2, 6), 2, thrown=True),
)


def between(shot: DemoShot, first: int, apart: int, filled: int) -> np.ndarray:
    """(H, W) bool: the lines of the drawing half way between two of a shot, of which the first so many are filled."""
    keys = [shot.drawings[first], shot.drawings[first + apart]]
    lines = [contract.lines(shot, key) for key in keys]
    shapes = [contract.fills(shot, key) for key in keys]
    low, scale, size = _laid((*lines, *shapes))
    flat = [_moved(strokes, low, scale) for strokes in lines]
    drawings = [
        FlatKey(line, np.zeros(len(line.points), np.float32), _moved(shape, low, scale) if n < filled else None)
        for n, (line, shape) in enumerate(zip(flat, shapes, strict=True))
    ]
    colours = np.array([material.fill[:3] for material in contract.materials(shot)], np.uint8)
    one, other = flats_of_all(drawings, (first, first + apart), colours, size)
    drawn = match_pair(flat[0], flat[1], size, flats=one and other and (one, other)).at(0.5)
    back = replace(
        drawn,
        points=((drawn.points - MARGIN) / scale + low).astype(np.float32),
        radius=(drawn.radius / scale).astype(np.float32),
    )
    return shown(shot, back)


def shown(shot: DemoShot, strokes: Strokes) -> np.ndarray:
    """(H, W) bool: where a drawing of a shot has lines."""
    return read_strokes(strokes, contract.materials(shot), shot.height, shot.width)[0].boundary > 0


def _laid(strokes: Sequence[Strokes]) -> tuple[np.ndarray, float, tuple[int, int]]:
    """The corner of all these strokes, what they are enlarged by, and the size (height, width) px that they then fill."""
    points = np.concatenate([s.points for s in strokes])
    low, high = points.min(0), points.max(0)
    scale = ACROSS / float(np.hypot(*(high - low)))
    width, height = ((high - low) * scale + 2 * MARGIN).astype(int) + 1
    return low, scale, (int(height), int(width))


def _moved(strokes: Strokes, low: np.ndarray, scale: float) -> Strokes:
    points = (strokes.points - low) * scale + MARGIN
    return replace(strokes, points=points.astype(np.float32), radius=(strokes.radius * scale).astype(np.float32))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description="Score in-betweens of generated strokes, with no, one and both keys filled."
    )
    parser.add_argument(
        "--out", type=Path, help="write the drawings there: lines alone | first key filled | both | truth"
    )
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"{'':26}{'lines alone':^16}{'first filled':^16}{'both filled':^16}\n{'':26}" + f"{'CD':>8}{'F1':>8}" * 3)
    for cases in ALL:
        rows = []
        for name, shot, first in cases.shots():
            true = shown(shot, contract.lines(shot, shot.drawings[first + cases.apart // 2]))
            drawn = [between(shot, first, cases.apart, filled) for filled in FILLED]
            rows.append([score for lines in drawn for score in lines_apart(lines, true)])
            if chosen.out is not None:
                sheet = np.where(np.concatenate([*drawn, true], 1), np.uint8(0), np.uint8(255))
                write_png(chosen.out / f"{name}.png", sheet)
        print(f"{cases.name:26}" + "".join(f"{value:8.1f}" for value in np.mean(rows, 0)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
