"""``anidoc clean JOB...``: remove what a job folder can make again, and frames that no longer belong to it."""

import argparse
from pathlib import Path


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("jobs", nargs="+", type=Path, metavar="JOB", help="a job folder")
    parser.epilog = "Evidence and sketches go, and frames that no longer belong to the job; those in use stay."
    parser.add_argument(
        "--all", action="store_true", help="also remove all frames and the report: as before the first run"
    )


def run(chosen: argparse.Namespace) -> int:
    """Clean the folders, each only while no run is at work in it."""
    from ..runner.clean import clean
    from .jobs import job_folder

    for job in chosen.jobs:
        files, size = clean(job_folder(job, "clean"), everything=chosen.all)
        print(f"{job}: {files} files removed, {size / 1e6:.1f} MB freed.")
    return 0
