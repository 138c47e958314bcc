"""``anidoc serve``: what Blender starts. docs/protocol.md says what it speaks."""

import argparse
import logging


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb has no arguments of its own."""


def run(chosen: argparse.Namespace) -> int:
    """Serve until stdin closes."""
    from ..runner.serve import serve

    logging.getLogger().setLevel(logging.INFO)  # stderr is the log
    return serve()
