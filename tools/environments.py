"""The environments: uv, .venv (backend, developer's tools), .venv-anidoc and one .venv-bpy/X.Y for each supported Blender.

Everything is installed from the hash-locked files in requirements/. A finished environment remembers the hash of
its lock, so that the second time costs nothing.
"""

import ast
import hashlib
import os
import shutil
import sys
import tomllib
from pathlib import Path

from . import processes, system
from .processes import ROOT

LOCKS = ROOT / "requirements"
MAIN = ROOT / ".venv"
ANIDOC = ROOT / ".venv-anidoc"
"""Torch and what the AniDoc engine needs beside it."""
BLENDER_ENVIRONMENTS = ROOT / ".venv-bpy"
_INSTALLER = ROOT / ".uv"

BLENDERS = {"4.5": "3.11", "5.0": "3.11", "5.2": "3.13"}
"""Blender as a Python module, and the only Python each was built for."""

ANIDOC_PYTHON = "3.11"
"""The Python of the AniDoc environment: the one that Blender 4.5 and 5.0 bring along."""

NEWEST_PYTHON = (3, 14)
"""The locked packages of .venv have wheels from Python 3.11 up to this one."""

_MINUTES = 60.0
_BINARIES, _EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
_STAMP, _PROJECT_STAMP = "anidoc-lock", "anidoc-project"


class Stop(Exception):
    """A step cannot go on; the text says why and what to do, for a person at a terminal."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"== {text}", flush=True)


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / _BINARIES / f"python{_EXE}"


def command_of(environment: Path, name: str) -> Path:
    """A command installed in an environment."""
    return environment / _BINARIES / f"{name}{_EXE}"


def blender_environment(version: str) -> Path:
    """The folder with Blender ``version`` as a Python module."""
    return BLENDER_ENVIRONMENTS / version


def set_up_all(blenders: list[str] | None = None) -> int:
    """Everything that the tests need."""
    versions = list(blenders or BLENDERS)
    for version in versions:  # a Python that is missing is said before gigabytes are fetched
        if not _current(blender_environment(version), _stamp(_blender_lock(version).read_bytes())):
            find_python(BLENDERS[version], f"Blender {version}")
    set_up_main()
    for version in versions:
        set_up_blender(version)
    return 0


def set_up_main() -> Path:
    """Make or bring up to date .venv, with the project itself in it, so that .venv/bin/anidoc is this checkout."""
    lock = LOCKS / "dev.txt"
    packages = _stamp(lock.read_bytes())
    project = _stamp(lock.read_bytes(), _project())
    if not _current(MAIN, packages):
        say("setting up .venv (backend and developer's tools)")
        _sync(MAIN, lock, _any_python())
        _remember(MAIN, packages)
    if not _current(MAIN, project, _PROJECT_STAMP) or not command_of(MAIN, "anidoc").is_file():
        install = [_uv(), "pip", "install", "--quiet", "--python", python_of(MAIN), "--no-deps", "--no-build-isolation"]
        _must([*install, "--offline", "--editable", ROOT], "The project itself could not be installed into .venv")
        _must([python_of(MAIN), "-m", "compileall", "-q", ROOT / "backend"], "The project itself could not be compiled")
        _remember(MAIN, project, _PROJECT_STAMP)
    return MAIN


def _project() -> bytes:
    """What an installed project depends on: its name, commands and version, not the settings of tools."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return repr((data["project"], data["build-system"], (ROOT / "blender_manifest.toml").read_bytes())).encode()


def set_up_anidoc() -> Path:
    """Make or bring up to date .venv-anidoc: the locked packages, and the CPU build of torch."""
    lock = LOCKS / "anidoc-dev.txt"
    torch = LOCKS / ("torch-cpu.txt" if sys.platform == "linux" else "torch.txt")
    stamp = _stamp(lock.read_bytes(), torch.read_bytes())
    if not _current(ANIDOC, stamp):
        python = find_python(ANIDOC_PYTHON, "The AniDoc environment")
        say("setting up .venv-anidoc (torch for the AniDoc engine, about 1.3 GB)")
        _sync(ANIDOC, lock, python)
        _install_torch(ANIDOC, torch)
        _remember(ANIDOC, stamp)
    return ANIDOC


def _install_torch(environment: Path, lock: Path) -> None:
    """The CPU build: from where the user's pip looks for wheels, if one lies there; else from its index.

    On Linux that is torch's own index, because the ordinary one has only builds with several gigabytes of CUDA.
    """
    install = [_uv(), "pip", "install", "--python", python_of(environment), "--no-deps", "--require-hashes"]
    install += ["--only-binary", ":all:", "--requirement", lock]
    places = _pip_find_links()
    if places:
        local = {"UV_FIND_LINKS": ",".join(places)}
        code, _ = processes.run([*install, "--no-index"], ROOT, 30 * _MINUTES, local, quiet=True)
        if code == 0:
            return
    backend = ["--torch-backend", "cpu"] if sys.platform == "linux" else []
    _must([*install, *backend], "The CPU build of torch could not be installed")


def _pip_find_links() -> list[str]:
    """Where the user's pip looks for wheels beside its index. uv does not read pip's configuration."""
    code, output = processes.run(
        [python_of(_INSTALLER), "-m", "pip", "config", "list"], ROOT, 1 * _MINUTES, {"PIP_NO_COLOR": "1"}, quiet=True
    )
    places: list[str] = []
    for line in output.splitlines() if code == 0 else []:
        key, equals, value = line.partition("=")
        if equals and key.endswith(".find-links"):
            places += str(ast.literal_eval(value)).split()
    return list(dict.fromkeys(places))


def set_up_blender(version: str) -> Path:
    """Make or bring up to date .venv-bpy/``version``."""
    environment, lock = blender_environment(version), _blender_lock(version)
    stamp = _stamp(lock.read_bytes())
    if not _current(environment, stamp):
        python = find_python(BLENDERS[version], f"Blender {version}")
        say(f"setting up .venv-bpy/{version} (Blender {version} as a Python module, about 1 GB)")
        _sync(environment, lock, python)
        _remember(environment, stamp)
    return environment


def _blender_lock(version: str) -> Path:
    return LOCKS / f"bpy-{version}.txt"


def find_python(version: str, purpose: str, download: bool = True) -> Path:
    """An interpreter of exactly ``version`` ("3.13"): this one, one that uv finds, pyenv's, or one that uv fetches."""
    own = _own_python()
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        return own
    found = _uv_find(version) or _pyenv_find(version)
    if found:
        return found
    if download:
        say(f"fetching Python {version} (for {purpose})")
        processes.run([_uv(), "python", "install", "--no-bin", version], ROOT, 10 * _MINUTES)
        found = _uv_find(version)
        if found:
            return found
    raise Stop(
        f"{purpose} needs Python {version}, and this machine has none. "
        f"Install it (from your system, pyenv or python.org) and run the command again."
    )


def lock(upgrade: bool) -> int:
    """Write every requirements/NAME.txt from NAME.in: all versions pinned, all files by hash, no host names."""
    for source in sorted(LOCKS.glob("*.in")):
        version = BLENDERS.get(source.stem.removeprefix("bpy-"))
        target = source.with_suffix(".txt").name
        which = ["--python-version", version] if version else ["--universal", "--python-version", "3.11"]
        if source.stem.startswith("anidoc"):  # torch and its CUDA come apart, by torch.txt
            which += ["--excludes", "torch.exclude"]
        elif source.stem == "torch":
            which += ["--no-deps", "--no-annotate"]
        command = [_uv(), "pip", "compile", source.name, "--output-file", target, *which, "--generate-hashes"]
        command += ["--no-emit-find-links", "--custom-compile-command", "python3 dev.py lock", "--quiet"]
        _must([*command, *(["--upgrade"] if upgrade else [])], f"{source.name} could not be locked", LOCKS)
        text = (LOCKS / target).read_text(encoding="utf-8")
        if "://" in text:
            raise Stop(f"requirements/{target} names a host. Take the line out of the compile options, not by hand.")
        say(f"requirements/{target}")
    return 0


def _uv() -> Path:
    """The locked uv, installed on first use into .uv."""
    lock = LOCKS / "uv.txt"
    stamp = _stamp(lock.read_bytes())
    uv = command_of(_INSTALLER, "uv")
    if _current(_INSTALLER, stamp):
        return uv
    say("setting up .uv (the installer)")
    make = [_own_python(), "-m", "venv", "--clear", _INSTALLER]
    code, output = processes.run(make, ROOT, 5 * _MINUTES, quiet=True)
    part = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if code and system.install([part]):  # Debian and Ubuntu split venv off
        code, output = processes.run(make, ROOT, 5 * _MINUTES, quiet=True)
    if code:
        shutil.rmtree(_INSTALLER, ignore_errors=True)
        raise Stop(
            f"{output.strip()}\n\nThis Python cannot make a virtual environment. "
            f"On Debian and Ubuntu install the missing part with: sudo apt-get install {part}"
        )
    _must(
        [python_of(_INSTALLER), "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
        + ["-r", lock],
        "The installer uv could not be fetched",
    )
    _remember(_INSTALLER, stamp)
    return uv


def _sync(environment: Path, lock: Path, python: Path) -> None:
    """The environment holds exactly what the lock says."""
    moved = _recorded(environment)[:1] not in ([], [str(ROOT)])
    for stamp in (_STAMP, _PROJECT_STAMP):
        (environment / stamp).unlink(missing_ok=True)
    if moved or not _works(environment):
        _must([_uv(), "venv", "--quiet", "--clear", "--no-project", "--python", python, environment], "No environment")
    # Compiled once: where Python is told to write no bytecode, every process would compile NumPy anew, 0.2 s each.
    sync = [_uv(), "pip", "sync", "--python", python_of(environment), "--compile-bytecode", "--require-hashes"]
    _must([*sync, "--only-binary", ":all:", lock], f"The packages in {lock.relative_to(ROOT)} could not be installed")


def _must(command: list, otherwise: str, cwd: Path = ROOT) -> None:
    code, _ = processes.run(command, cwd, 30 * _MINUTES)
    if code:
        raise Stop(
            f"{otherwise}; the lines above say why. If the network failed, run the command again: what was fetched is kept."
        )


def _own_python() -> Path:
    """The interpreter under the one that runs: also right when dev.py runs inside an environment."""
    return Path(getattr(sys, "_base_executable", "") or sys.executable)


def _any_python() -> Path:
    if sys.version_info[:2] <= NEWEST_PYTHON:
        return _own_python()
    return find_python("3.13", "AniDoc's backend")


def _uv_find(version: str) -> Path | None:
    command = [_uv(), "python", "find", "--quiet", "--system", "--no-project", "--no-python-downloads", version]
    code, output = processes.run(command, ROOT, 1 * _MINUTES, quiet=True)
    path = Path(output.strip())
    return path if code == 0 and output.strip() and path.is_file() else None


def _pyenv_find(version: str) -> Path | None:
    roots = [os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv")]
    pyenv = shutil.which("pyenv")
    if pyenv:
        roots.insert(0, processes.run([pyenv, "root"], ROOT, 1 * _MINUTES, quiet=True)[1].strip())
    for root in filter(None, roots):
        for home in sorted((Path(root) / "versions").glob(f"{version}.*"), key=_natural, reverse=True):
            for python in (home / "bin" / "python3", home / "python.exe"):
                if python.is_file() and processes.run([python, "-c", ""], ROOT, 1 * _MINUTES, quiet=True)[0] == 0:
                    return python
    return None


def _natural(path: Path) -> list[int]:
    return [int(part) if part.isdigit() else -1 for part in path.name.split(".")]


def _works(environment: Path) -> bool:
    """Whether the environment has an interpreter that starts (its base may have been uninstalled)."""
    python = python_of(environment)
    return python.is_file() and processes.run([python, "-c", ""], ROOT, 1 * _MINUTES, quiet=True)[0] == 0


def _stamp(*contents: bytes) -> list[str]:
    """Where the checkout lies (commands in an environment hold their own path: a moved one is made anew) and what is in it."""
    h = hashlib.sha256()
    for content in contents:
        h.update(content)
    return [str(ROOT), h.hexdigest()]


def _recorded(environment: Path, name: str = _STAMP) -> list[str]:
    try:
        return (environment / name).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _current(environment: Path, stamp: list[str], name: str = _STAMP) -> bool:
    return _recorded(environment, name) == stamp and python_of(environment).exists()


def _remember(environment: Path, stamp: list[str], name: str = _STAMP) -> None:
    part = environment / f"{name}.part"
    part.write_text("\n".join(stamp) + "\n", encoding="utf-8")
    part.replace(environment / name)
