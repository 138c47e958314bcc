"""``anidoc breakdowns``: make the in-betweens that Blender, or another program, asks for in a folder."""

import argparse
from pathlib import Path


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="holds tween.json and keys/, as docs/inbetween-folder.md says"
    )
    parser.add_argument("--parent", type=int, default=0, metavar="PID", help="end when this process does")
    parser.epilog = "What is made goes to FOLDER/between, how it ended to FOLDER/result.json. Scans: anidoc inbetween."


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
