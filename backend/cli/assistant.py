"""``anidoc assistant``: started by a run for the length of one shot, not by people."""

import argparse
from pathlib import Path


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("job", type=Path, metavar="JOB", help="the job folder of the run")
    parser.add_argument("--parent", type=int, required=True, help="process that this one belongs to")


def run(chosen: argparse.Namespace) -> int:
    """Work until stdin closes."""
    from ..runner.assistant import assist

    return assist(chosen.job, chosen.parent)
