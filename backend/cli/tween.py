"""``anidoc breakdowns``: make the in-betweens that Blender asks for in a folder. Not for people."""

import argparse
from pathlib import Path


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parent", type=int, default=0, help="end when this process does")


def run(chosen: argparse.Namespace) -> int:
    """Make them; what went wrong stands in the folder."""
    import cv2

    from ..inbetween.folder import run
    from ..runner.orphans import die_with_parent

    if chosen.parent:
        die_with_parent(chosen.parent)
    cv2.setNumThreads(1)
    run(chosen.folder)
    return 0
