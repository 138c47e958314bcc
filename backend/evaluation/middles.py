"""How good in-betweens are, and how much of what they miss is timing: the middle drawing of three from the other two.

python -m backend.evaluation.middles BENCH --lines line_loose

Artists seldom put a middle drawing half way, and two keys do not tell where. So beside the drawing half way the table has the one
of nine between the keys that comes nearest to the true one: what is still wrong with that is no question of timing.

CD   Chamfer distance x 1e5, as AnimeInbet defines it (Siyao et al., ICCV 2023): px from lines to lines, both ways, added up, over
     the picture's area and diagonal
F1   % of line pixels within ``NEAR`` of the other's
Acc  % of regions in their true colour, as :mod:`.scores` has it
"""

import argparse
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import get_args

import cv2
import numpy as np

from ..inbetween.raster import Ends, draw_between
from ..lineart.white import over_white
from .clips import Clip, LineArt, find_clips, grey, read
from .scores import judge

TIMES = tuple(n / 10 for n in range(1, 10))
"""Fractions of the way at which drawings are made."""

HALF = TIMES.index(0.5)

NEAR = 2.0
"""px"""

MOST, DIFFERENT = 8, 1.0
"""Middles of a clip, evenly spread; 8-bit levels by which two keys differ on average, else nothing moves."""


@dataclass(frozen=True)
class Scored:
    """Scores of one drawing, or the mean of several."""

    cd: float
    f1: float
    acc: float


def mean(scores: Sequence[Scored]) -> Scored:
    """The mean of each score."""
    return Scored(*np.mean([astuple(s) for s in scores], axis=0).tolist())


def middles(clip: Clip, most: int = MOST) -> list[int]:
    """Numbers of the drawings that are asked for, at most so many: those between two that differ."""
    truths = [clip.truth(n).astype(np.int16) for n in range(len(clip.names))]
    found = [n for n in range(1, len(truths) - 1) if np.abs(truths[n - 1] - truths[n + 1]).mean() >= DIFFERENT]
    some = np.unique(np.linspace(0, len(found) - 1, min(most, len(found))).round().astype(int)) if found else []
    return [found[n] for n in some]


def lines_apart(drawn: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """CD and F1 of lines (H, W) bool."""
    to_true, to_drawn = _distance(true), _distance(drawn)
    height, width = true.shape
    apart = to_true[drawn].sum(dtype=float) + to_drawn[true].sum(dtype=float)
    precise = float((to_true[drawn] <= NEAR).mean()) if drawn.any() else 0.0
    recalled = float((to_drawn[true] <= NEAR).mean()) if true.any() else 0.0
    cd = 1e5 * apart / (height * width * float(np.hypot(height, width)))
    return cd, 200 * precise * recalled / max(precise + recalled, 1e-9)


def _distance(lines: np.ndarray) -> np.ndarray:
    if not lines.any():
        return np.full(lines.shape, np.hypot(*lines.shape), np.float32)
    return cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def scored_middle(clip: Clip, number: int, lines: LineArt, times: Sequence[float] = TIMES) -> list[Scored]:
    """Scores of the drawings at ``times`` between those before and after ``number``, against the true one."""
    kind = lines if clip.has(lines) else "line"
    first, true, last = (clip.folder / kind / clip.names[n] for n in (number - 1, number, number + 1))
    colours = (read(clip.folder / "color" / clip.names[n]) for n in (number - 1, number + 1))
    wanted, truth, regions = grey(true) < 128, clip.truth(number), clip.regions(number)
    out = []
    for drawn in draw_between(Ends(read(first), read(last), *colours), times):
        assert drawn.colour is not None
        judged = judge(truth, over_white(drawn.colour), regions, wanted, set())
        shown = judged.size > 0
        acc = 100 * float(judged.right[shown].mean()) if shown.any() else 0.0
        out.append(Scored(*lines_apart(drawn.lines < 128, wanted), acc))
    return out


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Score in-betweens of clips half way, and at the best of nine times.")
    parser.add_argument("bench", type=Path, help="a folder of clips, as for anidoc evaluate")
    parser.add_argument("--lines", choices=get_args(LineArt), default="line")
    parser.add_argument("--clips", nargs="+", default=[], metavar="CLIP")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    rows: list[tuple[Scored, Scored]] = []
    when = np.zeros(len(TIMES), int)
    print(f"{'':24}{'half way':^24}{'best of nine':^24}\n{'clip':24}" + f"{'CD':>8}{'F1':>8}{'Acc':>8}" * 2)
    for clip in find_clips(chosen.bench, chosen.clips):
        tried = [scored_middle(clip, number, chosen.lines) for number in middles(clip)]
        if not tried:
            continue
        best = [int(np.argmin([s.cd for s in scores])) for scores in tried]
        when += np.bincount(best, minlength=len(TIMES))
        rows.append((mean([s[HALF] for s in tried]), mean([s[n] for s, n in zip(tried, best, strict=True)])))
        _tell(clip.name, *rows[-1])
    if rows:
        _tell("MEAN", *(mean(column) for column in zip(*rows, strict=True)))
        print("best at: " + ", ".join(f"{time} {many}x" for time, many in zip(TIMES, when.tolist(), strict=True)))
    return 0


def _tell(name: str, *scores: Scored) -> None:
    print(f"{name:24}" + "".join(f"{value:8.2f}" for s in scores for value in astuple(s)), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
