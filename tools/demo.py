"""dev.py demo: sets up one Blender and the backend, then runs the demo in them."""

from . import libraries, processes
from .environments import BLENDERS, MAIN, ROOT, Stop, command_of, find_python, python_of, set_up_blender, set_up_main

OUT = ROOT / "build" / "demo"


def run(blenders: list[str] | None) -> int:
    """Leave the demo's .blend, film and contact sheet in build/demo."""
    libraries.provide(drawing=False)
    set_up_main()
    environment = set_up_blender(blenders[0] if blenders else _newest())
    command = [command_of(MAIN, "anidoc"), "demo", "--out", OUT, "--blender", python_of(environment)]
    code, _ = processes.run(command, ROOT, 1800)
    return code


def _newest() -> str:
    """The newest Blender this machine has a Python for already; else the newest of all, whose Python is fetched."""
    for version in sorted(BLENDERS, reverse=True):
        try:
            find_python(BLENDERS[version], f"Blender {version}", download=False)
        except Stop:
            continue
        return version
    return max(BLENDERS)
