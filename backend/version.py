"""The one version number: it stands in the extension's manifest and is read from there."""

import tomllib
from pathlib import Path

MANIFEST = Path(__file__).parent.parent / "blender_manifest.toml"


def read_version() -> str:
    """The version as semver text, e.g. ``0.1.0``.

    The manifest lies beside this package in a checkout and in the installed extension; a wheel built
    from the project carries the same number in its metadata instead.
    """
    if MANIFEST.is_file():
        return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["version"]
    from importlib import metadata  # slow to import, and rarely needed

    return metadata.version("anidoc-blender")


VERSION = read_version()
