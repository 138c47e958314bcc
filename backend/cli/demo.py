"""``anidoc demo``: a shot of our own in a real headless Blender, coloured by the real button, as a film to look at."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

from ..contracts.errors import AniDocError
from .jobs import require_writable
from .main import ALL_DONE, COULD_NOT_RUN
from .run import end_politely

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the add-on: the checkout, or an installed extension."""

EXTENSION = ("__init__.py", "blender_manifest.toml", "anidoc_blender", "backend", "requirements")
"""What of it Blender needs."""

LONGEST = 1500.0
"""Seconds after which Blender is given up: a slow machine without a graphics card needs about two minutes."""

SAY = "AniDoc: "
"""What lines for people begin with, among those that Blender prints."""

RESULT_FILE = "demo.json"
"""What the Blender side leaves: where its files lie, or the sentence why not."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("anidoc-demo"),
        metavar="DIR",
        help="folder for the results (default: anidoc-demo)",
    )
    parser.add_argument(
        "--blender",
        type=Path,
        metavar="PROGRAM",
        help="a Blender, or a Python that has the bpy module (default: looks for one)",
    )
    parser.add_argument("--drawings", type=int, default=24, metavar="N", help="how many, on twos (default: 24, a loop)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which character (default: 0, Robin)")


def run(chosen: argparse.Namespace) -> int:
    """Make the shot in Blender, colour it there, then make the film, the GIF and the contact sheet."""
    end_politely()
    if not 1 <= chosen.drawings <= 240:
        raise AniDocError(f"{chosen.drawings} drawings cannot be made.", "Ask for 1 to 240.")
    blender = find_blender(chosen.blender)
    out = chosen.out.resolve()
    require_writable(out, "--out")
    print(f"Starting {blender} ...", flush=True)
    report = in_blender(blender, out, chosen.drawings, chosen.seed, chosen.verbose)

    from ..demo.shot import demo_shot
    from ..evaluation.film import make_film

    print("  making the film, the GIF and the contact sheet", flush=True)
    shot = demo_shot(chosen.drawings, seed=chosen.seed)
    frames = [Path(name) for name in report["frames"]]
    made = make_film(out, shot, frames)
    print(f"Done: {len(shot.drawings)} drawings, {len(frames)} frames, coloured in {report['seconds']:.0f} s.")
    for label, path in {"Blender file": Path(report["blend"]), **made}.items():
        print(f"  {label:14} {path}")
    return ALL_DONE if all(path.exists() for path in made.values()) else COULD_NOT_RUN


def find_blender(wanted: Path | None) -> Path:
    """The Blender to run: the one asked for, the newest of the checkout's own, or the one on the path."""
    if wanted is not None:
        found = wanted if wanted.exists() else Path(shutil.which(str(wanted)) or "")
        if not found.is_file():
            raise AniDocError(f"There is no Blender at {wanted}.", "Give --blender the path of a Blender program.")
        return found.absolute()
    own = [path for name in ("bin/python", "Scripts/python.exe") for path in ROOT.glob(f".venv-bpy/*/{name}")]
    if own:
        return max(own, key=lambda path: [int(n) for n in path.parents[1].name.split(".") if n.isdigit()])
    on_path = shutil.which("blender")
    if on_path is None:
        raise AniDocError(
            "No Blender was found.", "Give --blender the path of Blender 4.5 or newer, or of a Python that has bpy."
        )
    return Path(on_path)


def command_for(blender: Path, arguments: list[str]) -> list[str]:
    """How to run the Blender side: as a script of a Python that has bpy, or in Blender's background."""
    script = str(ROOT / "anidoc_blender" / "demo" / "headless.py")
    if blender.stem.lower().startswith("python"):
        # -P: the script's own folder holds an operator.py, which must not hide Python's.
        return [str(blender), "-P", script, "--", *arguments]
    return [
        str(blender),
        "--background",
        "--factory-startup",
        "--python-exit-code",
        "1",
        "--python",
        script,
        "--",
        *arguments,
    ]


def in_blender(blender: Path, out: Path, drawings: int, seed: int, verbose: bool) -> dict:
    """Run the Blender side with a user folder of its own. Raises ``AniDocError`` with Blender's sentence."""
    if not (ROOT / "blender_manifest.toml").is_file():
        raise AniDocError("The add-on's files are not beside this command.", "Run the demo from a checkout of AniDoc.")
    result = out / RESULT_FILE
    result.unlink(missing_ok=True)
    log = out / "blender.log"
    with tempfile.TemporaryDirectory(prefix="anidoc-demo-") as resources:
        install(Path(resources))
        environment = {
            **os.environ,
            "BLENDER_USER_RESOURCES": resources,
            "ANIDOC_PYTHON": sys.executable,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        environment.pop("PYTHONPATH", None)
        command = command_for(blender, [str(out), str(drawings), str(seed), str(result)])
        with log.open("wb") as sink:
            try:
                code = follow(command, environment, sink, verbose)
            except subprocess.TimeoutExpired as problem:
                raise AniDocError(
                    f"Blender did not finish within {LONGEST / 60:.0f} minutes.", f"Look into {log}.", str(problem)
                ) from problem
            except OSError as problem:
                raise AniDocError(
                    f"{blender} cannot be started.", "Give --blender the path of a Blender program.", str(problem)
                ) from problem
    return read_result(result, log, code)


def follow(command: list[str], environment: dict[str, str], log: BinaryIO, verbose: bool = False) -> int:
    """Run Blender and pass on what is meant for people; all it says goes to ``log``. Returns its exit code."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    assert process.stdout is not None
    limit = threading.Timer(LONGEST, process.kill)
    limit.start()
    try:
        for line in process.stdout:
            log.write(line)
            log.flush()
            text = line.decode("utf-8", "replace").rstrip()
            if text.startswith(SAY) or verbose:
                print(f"  {text.removeprefix(SAY)}", flush=True)
        code = process.wait()
        if limit.finished.is_set():
            raise subprocess.TimeoutExpired(command, LONGEST)
        return code
    finally:
        limit.cancel()
        process.kill()
        process.wait()


def install(resources: Path) -> None:
    """Put a copy of the add-on where a Blender with this user folder finds it."""
    target = resources / "extensions" / "user_default" / "anidoc"
    target.mkdir(parents=True)
    for name in EXTENSION:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, target / name)


def read_result(result: Path, log: Path, code: int) -> dict:
    """What the Blender side left. Raises ``AniDocError`` where it failed or died."""
    try:
        report = json.loads(result.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.is_file() else ""
        raise AniDocError(
            f"Blender ended (exit code {code}) before the demo was done.", f"Look into {log}.", tail
        ) from problem
    if "problem" in report:
        raise AniDocError(report["problem"], report.get("remedy", ""), report.get("detail", ""))
    return report
