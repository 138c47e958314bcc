"""``anidoc worker``: started by ``anidoc serve``, not by people."""

import argparse
import logging


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("--parent", type=int, required=True, help="process that this one belongs to")


def run(chosen: argparse.Namespace) -> int:
    """Work until stdin closes."""
    from ..runner.worker import work

    logging.getLogger().setLevel(logging.INFO)  # stderr is the log
    return work(chosen.parent)
