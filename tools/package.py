"""dev.py zip and repository: the extension's zip, built and checked by Blender's own tool from the wheel."""

import shutil
import tomllib
from pathlib import Path

from . import processes
from .environments import ROOT, Stop, python_of, say, set_up_blender

BUILDER = "5.2"
"""The Blender whose tool builds: the newest knows the rules of the older ones."""

ZIPS = ROOT / "build"
REPOSITORY = ROOT / "build" / "repository"


def build_zip() -> int:
    """Leave build/anidoc-VERSION.zip."""
    say(f"the extension: {zip_file().relative_to(ROOT)}")
    return 0


def build_repository() -> int:
    """Leave build/repository, to be put on any web server or a shared disk."""
    shutil.rmtree(REPOSITORY, ignore_errors=True)
    say(f"the repository: {repository(zip_file(), REPOSITORY).relative_to(ROOT)}")
    return 0


def repository(extension: Path, folder: Path) -> Path:
    """Lay a built zip out as a static extension repository; the index.json that Blender is given the address of."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(extension, folder)
    _blender_ext("server-generate", "--repo-dir", folder, "--html")
    return folder / "index.json"


def zip_file(folder: Path = ZIPS, source: Path = ROOT) -> Path:
    """Build and validate the zip of the checkout ``source`` in ``folder``. Raises ``Stop`` where Blender's tool finds a fault."""
    manifest = tomllib.loads((source / "blender_manifest.toml").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{manifest['id']}-{manifest['version']}.zip"
    part = target.with_suffix(".part.zip")
    _blender_ext("build", "--source-dir", source, "--output-filepath", part, "--valid-tags", valid_tags())
    _blender_ext("validate", part, "--valid-tags", valid_tags())
    part.replace(target)
    return target


def _blender() -> Path:
    site = set_up_blender(BUILDER)
    found = sorted(site.glob(f"**/site-packages/bpy/{BUILDER}"))
    if not found:
        raise Stop(f"Blender {BUILDER} is not in {site}. Delete that folder and run the command again.")
    return found[0]


def valid_tags() -> Path:
    """Blender's own list of the tags an extension may carry."""
    return _blender() / "scripts" / "modules" / "_bpy_internal" / "extensions" / "tags.py"


def _blender_ext(*arguments: str | Path) -> None:
    tool = _blender() / "scripts" / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
    code, output = processes.run([python_of(set_up_blender(BUILDER)), tool, *arguments], ROOT, 300, quiet=True)
    if code:
        raise Stop(f"Blender's extension tool refuses ({arguments[0]}):\n{output.strip()}")
