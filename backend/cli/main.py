"""The ``anidoc`` command line: finds the verb, and turns every error into one sentence.

Only the chosen verb's module is imported, so that the command starts at once. A new verb is a module with
``declare(parser)`` and ``run(arguments) -> int``, and a row in ``VERBS``.
"""

import argparse
import logging
import os
import sys
from difflib import get_close_matches
from importlib import import_module

from ..contracts.errors import AniDocError
from ..version import VERSION

VERBS = {
    "colorize": ("colorize", "colour a folder of sketches from keys and references"),
    "inbetween": ("inbetween", "make the drawings between two scanned drawings"),
    "run": ("run", "colour the shots in job folders, which Blender writes"),
    "contact": ("contact", "make a contact sheet of a coloured shot, doubtful regions outlined"),
    "doctor": ("doctor", "say what this installation has and lacks"),
    "demo": ("demo", "make a shot, colour it in a real Blender, and show the result"),
    "batch": ("batch", "run many job folders, here or on a farm, and report on one page"),
    "clean": ("clean", "remove what job folders no longer need"),
    "finish": ("finish", "make crisp flats of a soft coloured video and its line art"),
    "sketch": ("sketch", "make binarized line art of coloured pictures"),
    "models": ("models", "list, get, check and remove the models that the AniDoc engine uses"),
    "evaluate": (
        "evaluate",
        "for developers: colour clips whose colours are known, and say how many regions are right",
    ),
    "parity": ("parity", "for developers: hold the loaded AniDoc model against recorded arrays of the released one"),
    "serve": ("serve", "for programs: talk to Blender over stdin and stdout"),
    "breakdowns": ("tween", "for programs: make the in-betweens of strokes that a folder asks for, as Blender does"),
    "worker": ("worker", None),
    "assistant": ("assistant", None),
}
"""Verb -> its module in this package, and its line in the help (None: not for people)."""

ALL_DONE, SOME_FAILED, COULD_NOT_RUN, CANCELLED = 0, 1, 2, 130
"""Exit codes. 130 is what shells give a program ended by Ctrl-C."""


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # NumPy's linear algebra would wake every core for each of our many small systems: a third of all processor time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue]
    verb = next((a for a in arguments if not a.startswith("-")), "")
    module = import_module(f".{VERBS[verb][0]}", __package__) if verb in VERBS else None
    parser, own = _parser(verb, module)
    if not arguments:
        parser.print_help(sys.stderr)
        return COULD_NOT_RUN
    chosen, unknown = parser.parse_known_args(arguments)
    assert module is not None and own is not None
    if unknown:
        own.error(_not_known(unknown, own))
    logging.basicConfig(
        level=logging.INFO if chosen.verbose else logging.CRITICAL, format="%(name)s: %(message)s", stream=sys.stderr
    )
    try:
        return module.run(chosen)
    except AniDocError as error:
        return complain(error, chosen.verbose)
    except ImportError as problem:
        from ..runner.engines import incomplete

        return complain(incomplete(problem), chosen.verbose)
    except KeyboardInterrupt:
        return CANCELLED
    except BrokenPipeError:
        from .show import speak_to_nobody

        speak_to_nobody()
        return COULD_NOT_RUN
    except Exception as error:
        if chosen.verbose:
            raise
        print(
            f"anidoc: this is a mistake in AniDoc ({type(error).__name__}: {error}). "
            "Run it again with --verbose and report what it prints.",
            file=sys.stderr,
        )
        return COULD_NOT_RUN


def complain(error: AniDocError, verbose: bool = False) -> int:
    """One sentence and its remedy on stderr."""
    print(f"anidoc: {error}", file=sys.stderr)
    if verbose and error.detail:
        print(error.detail, file=sys.stderr)
    return COULD_NOT_RUN


def _not_known(unknown: list[str], parser: argparse.ArgumentParser) -> str:
    known = [option for action in parser._actions for option in action.option_strings]
    near = get_close_matches(unknown[0].split("=")[0], known, 1)
    return f"unrecognized arguments: {' '.join(unknown)}" + (f" (did you mean {near[0]}?)" if near else "")


def _parser(verb: str, module) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser | None]:
    """The command's parser, and the verb's own."""
    parser = argparse.ArgumentParser(
        prog="anidoc",
        description="Colour line art from keys and references.",
        epilog="anidoc VERB --help tells what a verb takes.",
    )
    parser.add_argument("--version", action="version", version=f"anidoc {VERSION}")
    verbs = parser.add_subparsers(title="verbs", dest="verb", required=True, metavar="VERB")
    own = None
    for name, (_, line) in VERBS.items():
        if not line and name != verb:
            continue
        said = f"{line[0].upper()}{line[1:]}." if line else "Started by other parts of AniDoc, not by people."
        raw = argparse.RawDescriptionHelpFormatter
        if line:
            sub = verbs.add_parser(name, help=line, description=said, formatter_class=raw)
        else:
            sub = verbs.add_parser(name, description=said, formatter_class=raw)  # no help: it is not listed
        if name == verb:
            module.declare(sub)
            own = sub
        sub.add_argument("--verbose", action="store_true", help="say everything, for a report")
    return parser, own
