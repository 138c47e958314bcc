"""dev.py clean: takes away what the other steps left, and nothing else."""

import shutil

from .environments import ROOT

BUILT = ("build", "dist", ".pytest_cache", ".ruff_cache", ".hypothesis")
FETCHED = (".venv", ".venv-anidoc", ".venv-bpy", ".uv")


def run(everything: bool) -> int:
    """Delete build output and caches; with ``everything`` the environments as well."""
    for name in BUILT + (FETCHED if everything else ()):
        folder = ROOT / name
        if folder.is_dir() and not folder.is_symlink():
            print(f"deleting {name}")
            shutil.rmtree(folder)
    for cache in [
        p for room in ("anidoc_blender", "backend", "tests", "tools") for p in (ROOT / room).rglob("__pycache__")
    ]:
        shutil.rmtree(cache)
    return 0
