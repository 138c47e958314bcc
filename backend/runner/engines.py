"""The engines by name. None is imported before a job asks for it: an engine brings its libraries along."""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..contracts.errors import JobError

if TYPE_CHECKING:  # it brings numpy along, which the serving process does not need
    from ..contracts.engine import Engine

Engines = Mapping[str, Callable[[], "Engine"]]


def _at(module: str, name: str) -> "Callable[[], Engine]":
    return lambda: getattr(import_module(module, __package__), name)()


ENGINES: Engines = {"cel": _at("..cel.engine", "CelEngine"), "anidoc": _at("..anidoc.engine", "AniDocEngine")}

_BRINGS = {"anidoc": ("torch", "diffusers", "transformers")}
"""Engine -> libraries that not every environment has."""

STAND_IN = "ANIDOC_STAND_IN"
"""Environment variable: set to 1, the scriptable engine of the protocol's tests answers to the name ``standin``."""


def known_engines() -> Engines:
    """What this process can run."""
    if os.environ.get(STAND_IN) == "1":
        return {**ENGINES, "standin": _at(".standin", "StandIn")}
    return ENGINES


def ready_engines() -> list[str]:
    """The names of those whose libraries are here, without loading them."""
    return sorted(n for n in known_engines() if all(find_spec(library) for library in _BRINGS.get(n, ())))


def make_engine(name: str, engines: Engines) -> "Engine":
    """The engine called ``name``. Raises ``JobError`` for a name that is not known here."""
    if name not in engines:
        raise JobError(
            f"This AniDoc has no engine called {name[:40]!r}.",
            f"It has: {', '.join(sorted(engines))}. Choose one of these, or update AniDoc.",
        )
    lacking = [library for library in _BRINGS.get(name, ()) if not find_spec(library)]
    if lacking:
        raise JobError(
            f"This environment cannot run the AniDoc engine: it has no {lacking[0]}.",
            "Set up the AniDoc environment, or choose the Cel engine.",
        )
    try:
        return engines[name]()
    except ImportError as problem:
        raise incomplete(problem) from problem


def incomplete(problem: ImportError) -> JobError:
    """The sentence for a library that is missing or broken."""
    what = f"{problem.name} is missing" if isinstance(problem, ModuleNotFoundError) else "a library does not load"
    return JobError(
        f"AniDoc's environment is incomplete: {what}.",
        "Press Repair in AniDoc's preferences, or install AniDoc again.",
        repr(problem),
    )
