"""dev.py test: style, types, tests without Blender, with torch, packaging, and the add-on in every supported Blender."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from . import libraries, processes
from .environments import (
    ANIDOC,
    BLENDERS,
    MAIN,
    ROOT,
    blender_environment,
    command_of,
    python_of,
    say,
    set_up_all,
    set_up_anidoc,
    set_up_main,
)

STEPS = ("style", "types", "backend", "anidoc", "packaging", "addon")

_MINUTES = 60.0
_WITH_BLENDER = ("addon", "packaging", "real_window")
"""Folders of tests/ that need more than the backend's environment."""
_WITH_TORCH = ("backend/anidoc", "backend/correspondence", "backend/extractors")
"""Folders of tests/ that run in the AniDoc environment."""


@dataclass(frozen=True)
class Result:
    """One line of the summary."""

    name: str
    code: int
    seconds: float

    @property
    def verdict(self) -> str:
        """What the exit code means, in a word."""
        if self.code == processes.TIMED_OUT:
            return "TIMED OUT"
        return "passed" if self.code == 0 else f"FAILED ({self.code})"


def run_all(blenders: list[str] | None, only: list[str] | None, pytest: list[str]) -> int:
    """Set up what the chosen steps need, run them all, and sum up. A failed step does not stop the others."""
    steps, versions = only or list(STEPS), blenders or list(BLENDERS)
    if {"addon", "packaging"} & set(steps):
        libraries.provide(drawing=True)
        set_up_all(versions)
    else:
        set_up_main()
    if "anidoc" in steps:
        set_up_anidoc()
    results: list[Result] = []
    for step in steps:
        for name, work in _STEPS[step](versions, pytest):
            say(name)
            started = time.monotonic()
            results.append(Result(name, work(), time.monotonic() - started))
    return _sum_up(results)


def bench_anidoc(arguments: list[str]) -> int:
    """Time the AniDoc model: in this Python where it has torch and diffusers (for a card), else in AniDoc's environment."""
    here = all(find_spec(library) for library in ("torch", "diffusers", "transformers"))
    python = Path(sys.executable) if here else python_of(set_up_anidoc())
    return _call([python, "-W", "ignore", "tools/bench_anidoc.py", *arguments], 60)


Work = Callable[[], int]


def _style(_versions: list[str], _pytest: list[str]) -> list[tuple[str, Work]]:
    ruff = command_of(MAIN, "ruff")
    return [
        ("style: ruff check", lambda: _call([ruff, "check", "."], 5)),
        ("style: ruff format --check", lambda: _call([ruff, "format", "--check", "."], 5)),
    ]


def _types(_versions: list[str], _pytest: list[str]) -> list[tuple[str, Work]]:
    return [("types: pyright", lambda: _call([command_of(MAIN, "pyright")], 15))]


def _backend(_versions: list[str], pytest: list[str]) -> list[tuple[str, Work]]:
    apart = [f"--ignore=tests/{name}" for name in (*_WITH_BLENDER, *_WITH_TORCH)]
    return [("tests without Blender", lambda: _pytest(MAIN, ["tests", *apart], pytest, 20))]


def _anidoc(_versions: list[str], pytest: list[str]) -> list[tuple[str, Work]]:
    folders = [f"tests/{name}" for name in _WITH_TORCH if any((ROOT / "tests" / name).glob("test_*.py"))]
    return [("tests with torch", lambda: _pytest(ANIDOC, folders, pytest, 20))]


def _packaging(versions: list[str], pytest: list[str]) -> list[tuple[str, Work]]:
    environment = {"ANIDOC_BLENDERS": " ".join(versions)}
    return [("packaging: the zip", lambda: _pytest(MAIN, ["tests/packaging"], pytest, 20, environment))]


def _addon(versions: list[str], pytest: list[str]) -> list[tuple[str, Work]]:
    folders = ["tests/addon"]

    def in_blender(version: str) -> Work:
        return lambda: _pytest(blender_environment(version), folders, pytest, 30)

    return [(f"add-on in Blender {version}", in_blender(version)) for version in versions]


_STEPS = {
    "style": _style,
    "types": _types,
    "backend": _backend,
    "anidoc": _anidoc,
    "packaging": _packaging,
    "addon": _addon,
}


def _pytest(
    environment: Path, folders: list[str], more: list[str], minutes: float, variables: dict[str, str] | None = None
) -> int:
    command = [python_of(environment), "-m", "pytest", "--quiet", *folders, *more]
    code = _call(command, minutes, variables)
    return 0 if code == _NO_TESTS and more else code


_NO_TESTS = 5
"""pytest's exit code when it ran nothing: right where a person chose tests with -k, wrong otherwise."""


def _call(command: list, minutes: float, variables: dict[str, str] | None = None) -> int:
    fixed = {
        "ANIDOC_PYTHON": str(python_of(MAIN)),
        "PYTHONUNBUFFERED": "1",
        "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
        "NO_COLOR": "1" if os.environ.get("CI") else os.environ.get("NO_COLOR", ""),
    }
    code, _ = processes.run(command, ROOT, minutes * _MINUTES, {**fixed, **(variables or {})})
    return code


def _sum_up(results: list[Result]) -> int:
    print("\n== summary")
    for result in results:
        print(f"   {result.name:32} {result.verdict:12} {result.seconds:6.0f} s")
    return 0 if results and all(r.code == 0 for r in results) else 1
