"""The set-up program: makes or removes an environment, run by Blender's own Python in a process of its own.

    python -m backend.setup.install make   FOLDER REQUIREMENTS UV_REQUIREMENTS
    python -m backend.setup.install make   FOLDER REQUIREMENTS UV_REQUIREMENTS TORCH TORCH_CPU   with torch, for AniDoc
    python -m backend.setup.install remove FOLDER

It speaks the backend's protocol (Hello, Progress, Problem, Finished on stdout; Cancel or the end of stdin stops it) and
needs the standard library only. No host is named here: pip and uv use the index the computer is set to.
"""

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contracts.errors import AniDocError
from ..contracts.files import cannot_write
from ..contracts.messages import PROTOCOL, Cancel, Finished, Hello, Message, Problem, Progress, decode, encode
from ..version import VERSION
from .environment import Marker, interpreter, lock_hash, next_name, read_marker, require_ours, write_marker
from .recipes import CEL, Recipe, recipe
from .steps import Cancelled, run_command
from .torch_build import fetch_torch

JOB = "set-up"

LONGEST_WINDOWS_PATH = 259


@dataclass
class Setup:
    """One run of the program."""

    folder: Path
    send: Callable[[Message], None]
    asked_to_stop: Callable[[], bool]
    log: Callable[[str], None]
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    recipe: Recipe = CEL
    _looked: float = 0.0

    def make(self, requirements: Path, uv_requirements: Path, *torch_locks: Path) -> None:
        """Make a new environment and let the marker name it; then remove older ones. Nothing working is touched before."""
        self._check_place()
        marker = read_marker(self.folder)
        write_marker(self.folder, marker or Marker())
        self._sweep(keep=marker.environment if marker else "")
        name = next_name(self.folder)
        tools, new = self.folder / "tools", self.folder / name
        self._run("Preparing", [sys.executable, "-I", "-m", "venv", str(tools)])
        tool = interpreter(tools)
        self._run(
            "Fetching the installer",
            [str(tool), "-I", "-m", "pip", "install", "--no-input", "--no-deps", "--only-binary", ":all:"]
            + ["--require-hashes", "--no-cache-dir", "-r", str(uv_requirements)],
        )
        uv = str(tool.with_name("uv.exe" if sys.platform == "win32" else "uv"))
        places = self._take_over_pip_settings(tool)
        self._run("Making the environment", [uv, "venv", "--no-project", "--python", sys.executable, str(new)])
        python = interpreter(new)
        self._run(
            f"Fetching the {self.recipe.packages}",
            [uv, "pip", "sync", "--require-hashes", "--no-build", "--python", str(python), str(requirements)],
        )
        if torch_locks:
            fetch_torch(self._run, uv, python, self.recipe.torch, torch_locks, places, self.environ)
        self._run("Checking", [str(python), "-I", "-c", f"import {', '.join(self.recipe.modules)}"])
        disk = size_of(new)
        version = ".".join(map(str, sys.version_info[:3]))
        lock = lock_hash(requirements, *torch_locks)
        write_marker(self.folder, Marker(name, lock, version, disk, self.recipe.torch))
        self._sweep(keep=name)

    def remove(self) -> None:
        """Delete the folder; the marker goes last, so that a removal that was cut off can be pressed again."""
        require_ours(self.folder)
        self.send(Progress(job=JOB, done=0, total=1, doing="Removing the environment"))
        write_marker(self.folder, Marker())
        self._sweep(keep="")
        left = [p.name for p in self.folder.iterdir() if p.name != "anidoc-environment.json"]
        if left:
            raise AniDocError(
                f"Some files could not be removed, because another program uses them ({', '.join(left[:3])}).",
                "Close other Blenders and press Remove again.",
            )
        delete(self.folder)

    def _check_place(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if read_marker(self.folder) is None and any(self.folder.iterdir()):
            if (self.folder / "anidoc-environment.json").exists():
                # The marker is ours by name but torn or of another version: what it named is made anew.
                write_marker(self.folder, Marker())
            else:
                raise AniDocError(
                    f"The folder {self.folder} holds files that AniDoc did not put there.",
                    "Move them away and press Set up again.",
                )
        free, need = shutil.disk_usage(self.folder).free, self.recipe.meanwhile
        if free < need:
            raise AniDocError(
                f"There is not enough space: {free // 10**6} MB are free, {need // 10**6} MB are needed.",
                f"Free some space on the disk of {self.folder} and press Set up again.",
            )
        if sys.platform == "win32" and not fits_windows(self.folder, _long_paths_enabled(), self.recipe.longest):
            raise AniDocError(
                f"The path {self.folder} is too long for Windows.",
                "Switch long paths on in Windows, or put Blender's user folder in a shorter place.",
            )

    def _run(self, doing: str, command: list[str]) -> str:
        self._tell(doing)
        return run_command(
            command,
            environment=self.environ,
            folder=self.folder,
            log=self.log,
            asked_to_stop=self.asked_to_stop,
            meanwhile=lambda: self._grown(doing),
        )

    def _grown(self, doing: str) -> None:
        """The folder's size is the progress: neither pip nor uv tell theirs to a pipe. Looked at once a second."""
        if time.monotonic() - self._looked > 1.0:
            self._tell(doing)

    def _tell(self, doing: str) -> None:
        done = min(size_of(self.folder), self.recipe.expected - 1)
        self.send(Progress(job=JOB, done=done, total=self.recipe.expected, doing=doing))
        self._looked = time.monotonic()

    def _take_over_pip_settings(self, tool: Path) -> list[str]:
        """uv does not read pip's settings: where a studio has set an index of its own for pip, hand it on.

        Returns the places where pip looks for wheels beside its index.
        """
        self.environ["UV_CACHE_DIR"] = str(self.folder / "cache")
        said = self._run("Preparing", [str(tool), "-I", "-m", "pip", "config", "list"])
        settings = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        for ours, names in (
            ("UV_DEFAULT_INDEX", (":env:.index-url", "global.index-url", "install.index-url")),
            ("SSL_CERT_FILE", (":env:.cert", "global.cert", "install.cert")),
        ):
            found = [settings[name].strip("'\"") for name in names if name in settings]
            if found and ours not in self.environ:
                self.environ[ours] = found[0]
        links = [value.strip("'\"") for name, value in settings.items() if name.endswith(".find-links")]
        return list(dict.fromkeys(place for line in links for place in line.split()))

    def _sweep(self, keep: str) -> None:
        """Delete the installer, its downloads and every environment but ``keep``; what is in use stays until next time."""
        for path in list(self.folder.iterdir()):
            ours = path.name in ("tools", "cache", "output.txt") or (path.name[:1] == "e" and path.name[1:].isdigit())
            if ours and path.name != keep:
                delete(path)

    def clean_after_failure(self) -> None:
        """Take back what a failed or cancelled run has made; the downloads stay, so that the next try is quicker."""
        with contextlib.suppress(OSError, AniDocError):
            marker = read_marker(self.folder)
            keep = marker.environment if marker else ""
            for path in list(self.folder.iterdir()):
                if path.name in ("tools", "output.txt") or (
                    path.name[:1] == "e" and path.name[1:].isdigit() and path.name != keep
                ):
                    delete(path)


def delete(path: Path, platform: str = sys.platform) -> None:
    """Delete a file or a tree; links in it are removed, not followed. What another program holds is left."""
    if path.is_symlink() or path.is_file():
        with contextlib.suppress(OSError):
            path.unlink()
        return
    # The prefix lets Windows delete paths of more than 260 letters.
    shutil.rmtree(f"\\\\?\\{path}" if platform == "win32" else path, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes of the files in a tree; a file with two names (uv's cache) counts once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                facts = os.lstat(os.path.join(root, name))  # noqa: PTH118  (twice as fast over 3,000 files)
                if facts.st_nlink == 1 or (facts.st_dev, facts.st_ino) not in seen:
                    total += facts.st_size
                    seen.add((facts.st_dev, facts.st_ino))
    return total


def fits_windows(folder: Path | str, long_paths: bool, longest: int = CEL.longest) -> bool:
    """Whether an environment in ``folder`` stays within the length of path that Windows allows."""
    return long_paths or len(str(folder)) + longest <= LONGEST_WINDOWS_PATH


def _long_paths_enabled() -> bool:
    import winreg

    registry: Any = winreg
    with contextlib.suppress(OSError):
        key = registry.OpenKey(registry.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem")
        return registry.QueryValueEx(key, "LongPathsEnabled")[0] == 1
    return False


def _watch_stdin(stop: threading.Event) -> None:
    """Set ``stop`` at a Cancel or when stdin closes because Blender is gone."""
    for line in sys.stdin.buffer:
        with contextlib.suppress(ValueError):
            if isinstance(decode(line), Cancel):
                break
    stop.set()


def main(arguments: list[str]) -> int:
    """Run one verb; says everything in messages, the exit code is 0 when it was done."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # stray prints go to the log

    def send(message: Message) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more: the closed stdin stops us
            out.write(encode(message).encode("ascii"))

    def log(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    stop = threading.Event()
    threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()
    send(Hello(protocol=PROTOCOL, version=VERSION, python=sys.version.split()[0]))
    began = time.monotonic()
    verb, folder, *locks = (
        arguments[0],
        *(Path(a).absolute() for a in arguments[1:]),
    )  # steps run in folders of their own
    made = recipe("anidoc") if len(locks) > 2 else CEL
    setup = Setup(folder=folder, send=send, asked_to_stop=stop.is_set, log=log, recipe=made)
    outcome = "failed"
    try:
        if verb == "make":
            setup.make(*locks)
        else:
            setup.remove()
        outcome = "done"
    except Cancelled:
        outcome = "cancelled"
    except AniDocError as error:
        send(Problem(job=JOB, sentence=error.sentence, remedy=error.remedy, detail=error.detail))
    except OSError as problem:
        error = cannot_write(folder, problem)
        send(Problem(job=JOB, sentence=error.sentence, remedy=error.remedy, detail=error.detail))
    if outcome != "done" and verb == "make":
        setup.clean_after_failure()
    send(Finished(job=JOB, outcome=outcome, seconds=round(time.monotonic() - began, 1)))
    return 0 if outcome == "done" else 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # the thread that waits on stdin would hold an ordinary exit up
