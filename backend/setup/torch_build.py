"""Fetching torch into a new AniDoc environment: the build that fits the machine, which a lock file cannot choose."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ..contracts.errors import AniDocError
from .recipes import TorchBuild, cpu_build_is_locked

Run = Callable[[str, list[str]], str]

_DOING = "Fetching torch"


def fetch_torch(
    run: Run,
    uv: str,
    python: Path,
    build: TorchBuild,
    locks: Sequence[Path],
    places: list[str],
    environ: dict[str, str],
) -> None:
    """Install torch into the environment of ``python``. ``locks``: the ordinary index's builds, and the CPU build.

    cpu    from a place where the user's pip looks for wheels, if it lies there; else from torch's own index
    auto   from torch's own index, the build that uv finds to fit the driver, with CUDA's libraries; pinned by version
    index  from the ordinary index, by hash
    Only ready-made wheels are taken. Raises ``AniDocError``.
    """
    install = [uv, "pip", "install", "--python", str(python), "--no-build"]
    by_hash = ["--no-deps", "--require-hashes", "--requirement"]
    index, cpu = map(str, locks)
    if build == "index":
        run(_DOING, [*install, *by_hash, index])
    elif build == "auto":
        run(f"{_DOING} and CUDA", [*install, "--torch-backend", "auto", version_in(Path(index))])
    elif cpu_build_is_locked():
        if places:
            environ["UV_FIND_LINKS"] = ",".join(places)
            try:
                run(_DOING, [*install, *by_hash, cpu, "--no-index"])
                return
            except AniDocError:  # it does not lie there; the log has what uv said
                environ.pop("UV_FIND_LINKS")
        run(_DOING, [*install, *by_hash, cpu, "--torch-backend", "cpu"])
    else:
        run(_DOING, [*install, "--no-deps", "--torch-backend", "cpu", version_in(Path(index))])


def version_in(lock: Path) -> str:
    """The requirement in a lock file without its hashes: ``torch==2.13.0``."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return next(line.partition(" ")[0] for line in lines if line.startswith("torch=="))
