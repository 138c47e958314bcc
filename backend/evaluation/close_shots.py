"""Known clips as close shots: the picture cuts arms and legs off, as most shots of a film do.

    python -m backend.evaluation.close_shots CLIPS OUT [CLIP ...]

writes every clip again with one part of each picture: what the figure's first drawing fills from its left arm to some way
before it, and from the top of its head to its thighs.
"""

import argparse
import shutil
from pathlib import Path

import cv2
import numpy as np

from ..contracts.files import write_bytes
from .clips import Clip, find_clips, read

SIDES, HEIGHTS = (12, 100), (3, 75)
"""Per cent of the first drawing's line pixels that lie left of and above what is kept."""

AHEAD = 60
"""px kept before the figure, for it to move into."""


def close(line: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns to keep of a clip whose first drawing is ``line`` (H, W, 4) uint8, dark on white."""
    rows, columns = np.nonzero(line[..., :3].min(2) < 128)
    left, right = (int(v) for v in np.percentile(columns, SIDES))
    top, bottom = (int(v) for v in np.percentile(rows, HEIGHTS))
    return slice(top, bottom), slice(left, min(right + AHEAD, line.shape[1]))


def write_close(clip: Clip, out: Path) -> None:
    """Write the clip's pictures, cut alike, to the folder ``out``."""
    part = close(read(clip.folder / "line" / clip.names[0]))
    for kind in ("color", "line", "line_loose", "regions"):
        for name in clip.names:
            file = clip.folder / kind / name
            if file.is_file():
                # Numbers of regions have 16 bits and no colours: nothing may be converted.
                picture = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
                assert picture is not None, file
                (out / kind).mkdir(parents=True, exist_ok=True)
                write_bytes(out / kind / name, cv2.imencode(".png", picture[part])[1].tobytes())
    for sheet in clip.references:
        shutil.copy(sheet, out / sheet.name)


def main() -> None:
    """Cut all clips of a folder."""
    parser = argparse.ArgumentParser(description="Cut known clips down to close shots.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="these clips only")
    chosen = parser.parse_args()
    for clip in find_clips(chosen.clips, chosen.names):
        write_close(clip, chosen.out / clip.name)


if __name__ == "__main__":
    main()
