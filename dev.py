#!/usr/bin/env python3
"""The developer's one command: every step does its own set-up and says what is missing.

    python3 dev.py demo     make the demo shot in a real headless Blender, colour it, leave a film in build/demo
    python3 dev.py test     style, types, tests, and the add-on in three real Blenders
    python3 dev.py --help   the rest

Needs Python 3.11 or newer and nothing else; what it fetches goes to .uv, .venv, .venv-anidoc and .venv-bpy in this folder.
"""

import argparse
import signal
import sys
import time

if sys.version_info < (3, 11):
    sys.exit(f"dev.py needs Python 3.11 or newer; this is {sys.version.split()[0]}. Run it as: python3.11 dev.py …")

from tools import bench_cel, checks, clean, demo, environments, package
from tools.environments import BLENDERS, Stop


def main() -> int:
    """Do what the command line asks; the exit code is 0 only if all of it worked."""
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends what we started
    started = time.monotonic()
    try:
        code = options.do(options)
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        code = 130
    came_of_it = {0: "done", 130: "stopped"}.get(code, "FAILED")
    print(f"dev.py {options.command}: {came_of_it} after {time.monotonic() - started:.0f} s")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Build, test and show AniDoc for Blender.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, do, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(do=do)
        return sub

    def blender(sub: argparse.ArgumentParser, text: str) -> None:
        sub.add_argument("--blender", action="append", choices=list(BLENDERS), metavar="X.Y", help=text)

    sub = command("setup", lambda o: environments.set_up_all(o.blender), "Make all environments and stop.")
    blender(sub, "only for this Blender (may be given more than once)")

    sub = command("test", lambda o: checks.run_all(o.blender, o.only, o.pytest), "Run every check there is.")
    blender(sub, "the add-on tests in this Blender only (may be given more than once)")
    sub.add_argument("--only", action="append", choices=checks.STEPS, help="this step only (may be repeated)")
    sub.add_argument("pytest", nargs="*", metavar="-- PYTEST", help="after --: handed on to pytest")

    sub = command("demo", lambda o: demo.run(o.blender), "Make the demo film in a real headless Blender.")
    blender(sub, "in this Blender (default: the newest this machine has a Python for)")

    command("zip", lambda o: package.build_zip(), "Build the extension's zip and check it with Blender's own tool.")
    command("repository", lambda o: package.build_repository(), "Lay the zip out as a static extension repository.")

    sub = command("lock", lambda o: environments.lock(o.upgrade), "Write requirements/*.txt from requirements/*.in.")
    sub.add_argument("--upgrade", action="store_true", help="take the newest versions instead of the locked ones")

    sub = command("bench", lambda o: bench_cel.run(o.drawings, o.out), "Time the Cel engine on a long generated shot.")
    sub.add_argument("--drawings", type=int, nargs="+", default=[100, 1000], help="shots of so many drawings")
    sub.add_argument("--out", default="build/bench", help="folder for the shots (default: build/bench)")

    sub = command(
        "bench-anidoc",
        lambda o: checks.bench_anidoc(o.arguments),
        "Build the AniDoc model at full size, check it and time every mode (needs an NVIDIA card to say much).",
    )
    sub.add_argument("arguments", nargs="*", metavar="-- ARGUMENT", help="after --: handed on to tools/bench_anidoc.py")

    sub = command("clean", lambda o: clean.run(o.all), "Delete build output and caches.")
    sub.add_argument("--all", action="store_true", help="the environments too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
