"""Known clips made soft and noisy as a diffusion model's video is, finished, and scored against what they were.

    python -m backend.evaluation.degraded BENCH OUT [--noise 8] [--size 512x320] [--seed 0] [--no-shading] [CLIP ...]

writes OUT/frames/CLIP (the soft video) and OUT/finished/CLIP, and prints the scores of ``anidoc evaluate``, task key:
the first frame's truth is the reference. Further ways to spoil the video: --blur, --drift, --wobble, --jpeg.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..finish.clip import Finish, Finished, Pair, finish
from ..pictures.write import write_png
from .clips import Clip, LineArt, find_clips, read
from .page import table
from .scores import Scores, score


@dataclass(frozen=True)
class Damage:
    """What becomes of the picture: its size in between, noise (8-bit levels), blur (px there), drift and wobble.

    drift   0..1: contrast and colour as a model shifts them; 1 is a gain of 0.9 and 14 levels
    wobble  8-bit levels by which soft patches of colour come and go from frame to frame
    jpeg    quality 1..100, 0 none
    """

    width: int = 512
    height: int = 320
    noise: float = 8.0
    blur: float = 0.0
    drift: float = 0.0
    wobble: float = 0.0
    jpeg: int = 0
    seed: int = 0


GAIN = np.array([0.90, 0.95, 0.92])
OFFSET = np.array([10.0, 6.0, 14.0])
PATCH = 48
"""px of the size in between: how large wobbling patches are."""


def spoiled(pictures: list[np.ndarray], damage: Damage) -> list[np.ndarray]:
    """Frames (H, W, 3) uint8 -> the same size, shrunk by area, damaged, and enlarged again linearly."""
    random = np.random.default_rng(damage.seed)
    out = []
    for picture in pictures:
        height, width = picture.shape[:2]
        small = cv2.resize(picture, (damage.width, damage.height), interpolation=cv2.INTER_AREA).astype(np.float64)
        if damage.blur:
            small = cv2.GaussianBlur(small, (0, 0), damage.blur)
        small = small * (1 + damage.drift * (GAIN - 1)) + damage.drift * OFFSET
        if damage.wobble:
            coarse = random.normal(0, damage.wobble, (damage.height // PATCH + 2, damage.width // PATCH + 2, 3))
            small += cv2.resize(coarse, (damage.width, damage.height), interpolation=cv2.INTER_CUBIC)
        small = np.clip(np.rint(small + random.normal(0, damage.noise, small.shape)), 0, 255).astype(np.uint8)
        if damage.jpeg:
            data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, damage.jpeg])[1]
            small = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
        out.append(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))
    return out


def finished(
    frames: list[np.ndarray], sketches: list[np.ndarray], reference: np.ndarray, asked: Finish
) -> list[np.ndarray]:
    """Finish frames (H, W, 3) with sketches and a reference (H, W, 4): (H, W, 4) uint8 each."""
    whole = [cv2.cvtColor(f, cv2.COLOR_RGB2RGBA) for f in frames]
    pairs = [
        Pair(f"{n:04d}", lambda f=f: f, lambda s=s: s) for n, (f, s) in enumerate(zip(whole, sketches, strict=True), 1)
    ]
    out = []
    for result in finish(pairs, [reference], asked):
        assert isinstance(result, Finished), result
        out.append(result.picture)
    return out


def run_clip(clip: Clip, out: Path, damage: Damage, asked: Finish, lines: LineArt, most: int | None = None) -> Scores:
    """Spoil, finish, write and score one clip."""
    names = clip.names[:most]
    truths = [clip.truth(n) for n in range(len(names))]
    frames = spoiled(truths, damage)
    sketches = [read(clip.folder / lines / name) for name in names]
    reference = cv2.cvtColor(truths[0], cv2.COLOR_RGB2RGBA)
    results = finished(frames, sketches, reference, asked)
    for name, frame, result in zip(names, frames, results, strict=True):
        write_png(out / "frames" / clip.name / name, cv2.cvtColor(frame, cv2.COLOR_RGB2RGBA))
        write_png(out / "finished" / clip.name / name, result)
    return score(clip, "key", lambda n: read(out / "finished" / clip.name / names[n]))


def main() -> None:
    """Spoil, finish and score."""
    parser = argparse.ArgumentParser(description="Make clips soft and noisy, finish them, score them.")
    add = parser.add_argument
    add("bench", type=Path)
    add("out", type=Path)
    add("clips", nargs="*")
    add("--size", default="512x320", help="width x height in between")
    for name in ("noise", "blur", "drift", "wobble"):
        add(f"--{name}", type=float, default=getattr(Damage, name))
    add("--jpeg", type=int, default=0)
    add("--seed", type=int, default=0)
    add("--lines", default="line", choices=("line", "line_loose"))
    add("--no-shading", action="store_true")
    add("--no-steady", action="store_true")
    chosen = parser.parse_args()
    width, height = (int(n) for n in chosen.size.split("x"))
    damage = Damage(width, height, chosen.noise, chosen.blur, chosen.drift, chosen.wobble, chosen.jpeg, chosen.seed)
    asked = Finish(shading=not chosen.no_shading, steady=not chosen.no_steady)
    began, rows = time.process_time(), []
    clips = [clip for clip in find_clips(chosen.bench, chosen.clips) if clip.has(chosen.lines)]
    for clip in clips:
        rows.append((clip.name, run_clip(clip, chosen.out, damage, asked, chosen.lines)))
    print(table(rows))
    print(f"{time.process_time() - began:.0f} CPU s in all, scoring included")


if __name__ == "__main__":
    main()
