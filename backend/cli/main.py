"""The ``anidoc`` command line."""

import argparse
import sys
from pathlib import Path

from ..contracts.errors import AniDocError
from ..version import VERSION


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; the exit code is 0 when everything was done, 1 when a drawing failed, 2 when nothing could run."""
    parser = argparse.ArgumentParser(prog="anidoc", description="Colour line art from keys and references.")
    parser.add_argument("--version", action="version", version=f"anidoc {VERSION}")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="colour job folders")
    run.add_argument("jobs", nargs="+", type=Path, metavar="JOB")
    chosen = parser.parse_args(arguments)

    from ..runner.run import run_job

    try:
        return max(1 if run_job(job).failed else 0 for job in chosen.jobs)
    except AniDocError as error:
        print(f"anidoc: {error}", file=sys.stderr)
        return 2
