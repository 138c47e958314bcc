"""The two environments: what each is made from and how much it takes, and which build of torch fits this machine.

    cel     the Cel engine and everything but the paper's model
    anidoc  the same and torch, beside it in a folder of its own

Standard library only: Blender's Python reads this before there is any environment.
"""

import os
import platform as machine
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

TorchBuild = Literal["", "cpu", "auto", "index"]
"""Which build of torch is taken: none; the CPU build; the one that uv finds to fit the driver; the ordinary index's."""

UV_LOCK = "requirements/uv.txt"
TORCH_LOCK, TORCH_CPU_LOCK = "requirements/torch.txt", "requirements/torch-cpu.txt"

_INSTALLER = 66 * 10**6
"""Bytes of pip and uv while they work."""


@dataclass(frozen=True)
class Recipe:
    """What an environment is made from.

    locks     hash-locked requirements files; their contents are the environment's identity. The first is synced by uv
    modules   imported once before the environment counts
    download, disk  bytes fetched, and on disk afterwards; ``measured``: not an estimate
    packages  what is fetched, in a word for people
    longest   characters of the longest path inside, measured on Linux (113 and 200)
    """

    name: str
    locks: tuple[str, ...]
    modules: tuple[str, ...]
    download: int
    disk: int
    packages: str
    torch: TorchBuild = ""
    measured: bool = True
    longest: int = 120

    @property
    def meanwhile(self) -> int:
        """Bytes on disk while it works: the installer and what was downloaded, beside what is made."""
        return self.disk + 2 * self.download if not self.torch else self.disk + self.download + _INSTALLER

    @property
    def expected(self) -> int:
        """Bytes by which the progress is measured."""
        return self.disk + _INSTALLER


_CEL_MODULES = ("numpy", "scipy", "cv2", "PIL")

CEL = Recipe("cel", ("requirements/cel.txt",), _CEL_MODULES, 140 * 10**6, 370 * 10**6, "colouring packages")
"""Measured on Linux x86-64, Python 3.11. Fetched: OpenCV 62 MB, scipy 35, uv 18, numpy 17, Pillow 7. On disk 369 MB."""

_SIZES: dict[TorchBuild, tuple[int, int, bool]] = {
    "cpu": (390 * 10**6, 1_320 * 10**6, True),
    "index": (390 * 10**6, 1_400 * 10**6, False),
    "auto": (3_500 * 10**6, 8_000 * 10**6, False),
}
"""Bytes (download, disk, measured). CPU: on Linux x86-64, Python 3.11: torch 192 MB, the others 176, uv 18. The builds for NVIDIA cards bring CUDA's libraries
along; theirs is an estimate from the sizes of the published files."""


def anidoc(build: TorchBuild) -> Recipe:
    """The AniDoc environment with this build of torch."""
    download, disk, measured = _SIZES[build]
    locks = ("requirements/anidoc.txt", TORCH_LOCK, TORCH_CPU_LOCK)
    modules = (*_CEL_MODULES, "torch", "diffusers", "transformers", "safetensors", "accelerate", "kornia")
    return Recipe("anidoc", locks, modules, download, disk, "AniDoc engine's packages", build, measured, 205)


def recipe(name: str, platform: str = sys.platform) -> Recipe:
    """The environment called ``name`` for this machine."""
    return CEL if name == "cel" else anidoc(torch_build(nvidia_driver(platform), platform))


def torch_build(nvidia: bool, platform: str = sys.platform) -> TorchBuild:
    """The build for a machine with or without an NVIDIA driver. Only on Linux does the ordinary index lack a CPU build."""
    if nvidia:
        return "auto"
    return "cpu" if platform == "linux" else "index"


def cpu_build_is_locked(platform: str = sys.platform, version: tuple[int, ...] = sys.version_info[:2]) -> bool:
    """Whether requirements/torch-cpu.txt knows the CPU build's hash for this Python; else the version alone is pinned."""
    return platform == "linux" and version == (3, 11) and machine.machine() in ("x86_64", "AMD64")


def nvidia_driver(
    platform: str = sys.platform, root: Path = Path("/"), environ: Mapping[str, str] | None = None
) -> bool:
    """Whether NVIDIA's driver is here, told by its files: no program is started, so that a panel may ask.

    Linux: the driver's entry in /proc, or the library that Windows lends to its Linux (WSL). Windows: its CUDA library.
    """
    environ = os.environ if environ is None else environ
    if platform == "win32":
        return (Path(environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll").is_file()
    if platform == "darwin":
        return False
    return (root / "proc/driver/nvidia/version").is_file() or (root / "usr/lib/wsl/lib/libcuda.so.1").exists()
