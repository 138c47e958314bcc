"""``blender --command anidoc batch FILE.blend...``: whole files from a shell, without a window. ``set-up`` prepares it."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from ..backend.contracts.errors import AniDocError

ALL_DONE, SOME_FAILED, COULD_NOT_RUN, CANCELLED = 0, 1, 2, 130
"""Exit codes, the same as the anidoc command's."""

_handle: Any = None


def run(arguments: Sequence[str]) -> int:
    """The command; ``arguments`` are what stands after ``--command anidoc``. Gives the exit code, raises nothing."""
    parser = argparse.ArgumentParser(prog="blender --command anidoc", description="AniDoc without a window.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="{batch,set-up}")
    batch = verbs.add_parser("batch", help="colour the shots of whole .blend files", description=_BATCH)
    add = batch.add_argument
    add("files", nargs="+", type=Path, metavar="FILE.blend")
    add("--scenes", default="", metavar="A,B", help="only these scenes (default: the ticked ones)")
    add("--render", action="store_true", help="render each scene's sequencer when it is coloured (PNG, or as set)")
    add("--save", action="store_true", help="save each file, with its strips")
    add("--report", type=Path, metavar="DIR", help="folder of the report (default: anidoc-batch)")
    verbs.add_parser("set-up", help="make the environment that colours", description=_SET_UP)
    try:
        chosen = parser.parse_args(list(arguments))
    except SystemExit as end:  # argparse has said why
        return end.code if isinstance(end.code, int) else COULD_NOT_RUN
    from .batch.files import batch_files

    try:
        if chosen.verb == "set-up":
            return _set_up()
        names = tuple(name.strip() for name in chosen.scenes.split(",") if name.strip())
        report = (chosen.report or Path("anidoc-batch")).absolute()
        done = batch_files(chosen.files, names, report, render=chosen.render, save=chosen.save)
    except AniDocError as error:
        print(f"anidoc: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return CANCELLED
    except Exception as problem:
        traceback.print_exc()
        print(f"anidoc: this is a mistake in AniDoc ({type(problem).__name__}: {problem}).", file=sys.stderr)
        return COULD_NOT_RUN
    return ALL_DONE if done else SOME_FAILED


def _set_up() -> int:
    """Make or repair Cel's environment, to its end."""
    from . import task
    from .batch.files import SET_UP
    from .setup import work

    refusal = work.why_no_setup()
    if refusal is not None:
        raise AniDocError(refusal.sentence, f"Allow it for this once: {SET_UP}")
    print(f"AniDoc: {work.what_it_takes()}", flush=True)
    for notice in task.run("Set up", work.make()):
        print(f"AniDoc: {notice}", flush=True)
    return ALL_DONE


_SET_UP = """Make the environment that colours, in AniDoc's own folder: the same as Set up in the AniDoc tab. Blender must be allowed
online for it, by its preferences or by --online-mode before --command."""

_BATCH = """Colour the shots of the scenes that are ticked for batch (where none is: of all that have references), each with
the settings that the file holds. A shot that fails does not stop the others. The exit code is 0 where all are done, 1 where
some are not, 2 where nothing could be run. The report's batch.json says the same to programs."""


def register() -> None:
    """Make the command known to Blender."""
    global _handle
    _handle = bpy.utils.register_cli_command("anidoc", run)


def unregister() -> None:
    """Take it away."""
    global _handle
    if _handle is not None:
        bpy.utils.unregister_cli_command(_handle)
        _handle = None
