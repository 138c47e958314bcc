"""The doctor's findings about the AniDoc engine: its environment, the device it would work on, its models, and what is missing.

The Cel engine needs none of it, so nothing here is bad; at most it is a warning. torch is asked in a process of its own,
because the doctor mostly runs in the environment of the Cel engine, and because a broken torch may end its process.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .environment import current_interpreter
from .finding import Finding
from .models import default_root, state
from .models_table import MODELS, OWN_WEIGHTS

OWN_PYTHON = "ANIDOC_TORCH_PYTHON"
"""Environment variable: the Python of an environment with torch, as in the add-on."""

NEEDED = ("torch", "diffusers", "transformers", "safetensors", "accelerate", "kornia")

LEAST, ALL = 4.3e9, 9.3e9
"""Bytes of graphics memory that the engine takes in its thriftiest and in its roomiest mode; counted, not measured."""

PATIENCE = 120
"""Seconds torch gets to load."""

ASK = """
import importlib.metadata as m, json
said = {"versions": {}}
for name in %r:
    try:
        said["versions"][name] = m.version(name)
    except m.PackageNotFoundError:
        pass
import torch
if torch.cuda.is_available():
    free, total = torch.cuda.mem_get_info()
    said |= {"card": torch.cuda.get_device_name(), "free": free, "total": total}
said["built"] = torch.version.cuda or ""
print(json.dumps(said))
"""


@dataclass(frozen=True)
class Torch:
    """What a Python with torch says. versions by package; card empty without one; free and total bytes of it.

    built    the CUDA that this torch was built for, empty for the CPU build
    problem  why torch does not load
    """

    versions: dict[str, str] = field(default_factory=dict)
    card: str = ""
    free: int = 0
    total: int = 0
    built: str = ""
    problem: str = ""


def examine_anidoc(environ: dict[str, str] | None = None, prefix: str = sys.prefix) -> Iterator[Finding]:
    """Environment, device, models, and in one sentence what this machine can do with them."""
    environ = dict(os.environ) if environ is None else environ
    lacks: list[str] = []
    python = find_python(environ, prefix)
    device = "the processor, which takes hours for a shot"
    if python is None:
        lacks.append("its environment is not set up")
        remedy = f"Set up AniDoc in the add-on's preferences, or name a Python that has torch in {OWN_PYTHON}."
        yield Finding("AniDoc environment", "good", "not set up (the Cel engine needs none)", remedy)
    else:
        torch = ask(python)
        missing = [name for name in NEEDED if name not in torch.versions]
        if torch.problem or missing:
            lacks.append("its environment does not work")
            problem = torch.problem or f"{', '.join(missing)} missing"
            yield Finding(
                "AniDoc environment", "warning", f"{python}: {problem}", "Press Repair for AniDoc in the preferences."
            )
        else:
            versions = ", ".join(f"{name} {torch.versions[name]}" for name in NEEDED)
            yield Finding("AniDoc environment", "good", f"{python}: {versions}")
            yield _device(torch)
            device = torch.card or device
    yield from _models(environ, lacks)
    if lacks:
        yield Finding("AniDoc engine", "good", f"cannot run here: {', and '.join(lacks)}.")
    else:
        yield Finding("AniDoc engine", "good", f"can run here, on {device}.")


def find_python(environ: dict[str, str], prefix: str) -> Path | None:
    """The Python that has torch: the one named, the one beside this environment as the add-on makes it, or this one."""
    if environ.get(OWN_PYTHON):
        return Path(environ[OWN_PYTHON])
    beside = current_interpreter(Path(prefix).parent.parent / "anidoc")
    if beside is not None:
        return beside
    return Path(sys.executable) if importlib.util.find_spec("torch") else None


def ask(python: Path) -> Torch:
    """What ``python`` says of torch."""
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", ASK % (NEEDED,)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            return Torch(problem=(done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1][:200])
        return Torch(**json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError) as problem:
        return Torch(problem=str(problem)[:200])
    except (ValueError, TypeError):
        return Torch(problem="it says something else than was asked")


def _device(torch: Torch) -> Finding:
    if not torch.card:
        if torch.built:
            return Finding(
                "AniDoc device",
                "warning",
                f"processor: this torch is for CUDA {torch.built}, but sees no card",
                "Look whether the driver works, then press Repair for AniDoc in the preferences.",
            )
        return Finding("AniDoc device", "good", "processor (torch's CPU build): works, but takes hours for a shot")
    value = f"{torch.card}: {torch.free / 1e9:.1f} of {torch.total / 1e9:.1f} GB free"
    if torch.free < LEAST:
        return Finding(
            "AniDoc device",
            "warning",
            f"{value}; the thriftiest mode takes about {LEAST / 1e9:.1f} GB",
            "Close other programs, or choose a smaller picture or fewer frames in a pass.",
        )
    room = "all fits" if torch.free >= ALL else "parts of the model will come and go"
    return Finding("AniDoc device", "good", f"{value}; {room}")


def _models(environ: dict[str, str], lacks: list[str]) -> Iterator[Finding]:
    root = default_root(environ)
    states = {m.name: state(root, m) for m in MODELS}
    here = [f"{name} ({'own folder' if s == 'own' else s})" for name, s in states.items() if s != "absent"]
    broken = [name for name, s in states.items() if s == "broken"]
    value = f"{', '.join(here) or 'none'} ({root})"
    if broken:
        yield Finding("AniDoc models", "warning", value, f"Get them again: anidoc models get {' '.join(broken)}")
    else:
        yield Finding("AniDoc models", "good", value)
    own = environ.get(OWN_WEIGHTS)
    missing = [m.name for m in MODELS if m.use == "engine" and states[m.name] not in ("ready", "own")]
    if own:
        there = Path(own).is_dir()
        yield Finding(
            "AniDoc weights",
            "good" if there else "warning",
            own if there else f"{own} is no folder",
            "" if there else f"Correct or clear {OWN_WEIGHTS}.",
        )
        if not there:
            lacks.append(f"{OWN_WEIGHTS} names no folder")
    elif missing:
        lacks.append(f"the models {' and '.join(missing)} are missing (anidoc models get)")
