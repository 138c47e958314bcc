"""How often a region is wrong by how sure the engine says it is, counted on generated shots.

    python -m backend.evaluation.doubt [--task key|ends|sheet] [--characters 6] [--first 100] [--drawings 8]

The engine's confidence is meant to be read as a chance; contact sheets outline what lies below ``DOUBTFUL``.
"""

import argparse
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ..cel.engine import CelEngine
from ..contracts.drawing import Drawing
from ..contracts.engine import Frame
from ..contracts.options import Options
from ..contracts.shot import Key, Reference, Shot
from ..lineart.white import over_white
from ..pictures.doubt import DOUBTFUL
from ..runner.store import EvidenceStore
from .clips import TASKS, Clip, Task, find_clips, read
from .scores import judge
from .shots import FIRST, write_shots

STEPS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.001)
"""Borders of the classes of confidence that are counted."""


def coloured(clip: Clip, task: Task) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Number, picture (H, W, 4) uint8 and certainty (h, w) uint8 of each drawing that the task does not give."""
    ids = [f"{number:08x}" for number in range(len(clip.names))]
    lines = [read(clip.folder / "line" / name) for name in clip.names]
    drawings = [Drawing(i, name, line_art=art) for i, name, art in zip(ids, clip.names, lines, strict=True)]
    given = clip.given(task)
    keys = [Key(ids[n], picture=read(clip.folder / "color" / clip.names[n])) for n in given]
    sheets = [Reference(path.name, read(path)) for path in clip.references] if task == "sheet" else []
    height, width = lines[0].shape[:2]
    shot = Shot(clip.name, width, height, tuple(ids), drawings, keys=keys, references=sheets)
    with tempfile.TemporaryDirectory(prefix="anidoc-") as work:
        for event in CelEngine().frames(shot, Options(), EvidenceStore(Path(work))):
            if isinstance(event, Frame) and (number := ids.index(event.drawing)) not in given:
                assert event.certainty is not None
                yield number, event.paint(), event.certainty()


def counted(clip: Clip, task: Task) -> np.ndarray:
    """(N, 3) float: of each region of the truth its px, the confidence in it 0..1, and whether it got its colour."""
    rows = []
    for number, picture, certainty in coloured(clip, task):
        regions = clip.regions(number)
        verdict = judge(clip.truth(number), over_white(picture), regions, clip.inked(number), set())
        sure = cv2.resize(certainty, regions.shape[::-1], interpolation=cv2.INTER_NEAREST) / 255.0
        asked = np.flatnonzero(verdict.size)
        # A flat of the truth may lie in two regions of the lines: the one that covers most of it speaks.
        places = np.argsort(regions.ravel(), kind="stable")
        starts = np.searchsorted(regions.ravel()[places], [asked, asked + 1])
        middle = [np.median(sure.ravel()[places[a:b]]) for a, b in starts.T]
        rows.append(np.stack([verdict.size[asked], middle, verdict.right[asked]], 1))
    return np.concatenate(rows) if rows else np.zeros((0, 3))


def table(rows: np.ndarray) -> str:
    """Regions and the part of them that is right, by confidence, as text."""
    out = [f"{'confidence':>12} {'regions':>8} {'right %':>8}"]
    for low, high in itertools.pairwise(STEPS):
        out.append(_row(f"{low:.2f}-{min(high, 1):.2f}", rows[(rows[:, 1] >= low) & (rows[:, 1] < high)]))
    out.append(_row(f"below {DOUBTFUL}", rows[rows[:, 1] < DOUBTFUL]))
    out.append(_row(f"from {DOUBTFUL}", rows[rows[:, 1] >= DOUBTFUL]))
    wrong = rows[rows[:, 2] == 0]
    if len(wrong):
        out.append(f"of {len(wrong)} wrong regions {100 * (wrong[:, 1] < DOUBTFUL).mean():.0f} % are outlined")
    return "\n".join(out)


def _row(name: str, rows: np.ndarray) -> str:
    right = f"{100 * rows[:, 2].mean():8.1f}" if len(rows) else "       -"
    return f"{name:>12} {len(rows):8d} {right}"


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description="Count how often regions are wrong by the engine's confidence.")
    parser.add_argument("--task", choices=TASKS, default="key")
    parser.add_argument("--characters", type=int, default=6)
    parser.add_argument("--first", type=int, default=FIRST)
    parser.add_argument("--drawings", type=int, default=8)
    parser.add_argument("--clips", type=Path, help="count on these clips instead")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anidoc-") as work:
        if chosen.clips is None:
            write_shots(Path(work), range(chosen.first, chosen.first + chosen.characters), chosen.drawings)
        each = [counted(clip, chosen.task) for clip in find_clips(chosen.clips or Path(work))]
    print(table(np.concatenate(each)))


if __name__ == "__main__":
    main()
