"""Runs inside a Blender of its own: installs the zip, looks around, switches it off and on, and takes it away again.

    BLENDER_USER_RESOURCES=EMPTY python visit.py ZIP

Prints one line of JSON with what it saw; judging is left to test_install.py.
"""

import json
import sys
from pathlib import Path

import bpy  # first: it makes addon_utils importable

import addon_utils  # isort: skip

ADDON = "bl_ext.user_default.anidoc"
REPOSITORY = "user_default"


def traces() -> dict:
    """What of us is known to Blender at this moment."""
    handlers = [function for name in dir(bpy.app.handlers) for function in _list(getattr(bpy.app.handlers, name))]
    return {
        "classes": sorted(name for name in dir(bpy.types) if name.startswith("ANIDOC_")),
        "properties": sorted(
            f"{kind.__name__}.{name}"
            for kind in (bpy.types.Scene, bpy.types.WindowManager, bpy.types.Object, bpy.types.Material)
            for name in dir(kind)
            if "anidoc" in name.lower()
        ),
        "handlers": sorted(f.__qualname__ for f in handlers if (getattr(f, "__module__", "") or "").startswith(ADDON)),
        "modules": sorted(name for name in sys.modules if name.startswith(ADDON))[:1],
    }


def _list(value) -> list:
    return list(value) if isinstance(value, list) else []


def visit(zip_file: str) -> dict:
    """Everything in turn."""
    seen = {"blender": bpy.app.version_string, "before": traces()}
    result = bpy.ops.extensions.package_install_files(filepath=zip_file, repo=REPOSITORY, enable_on_install=True)
    seen["install"] = sorted(result)
    known = bpy.context.preferences.addons.get(ADDON)
    seen["enabled"] = known is not None
    seen["preferences"] = type(known.preferences).__name__ if known else None
    folder = Path(bpy.utils.extension_path_user(ADDON, create=True))
    seen["user_folder"] = {"exists": folder.is_dir(), "path": str(folder)}
    (folder / "left behind.txt").write_text("by the artist's work", encoding="utf-8")
    seen["operators"] = sorted(dir(bpy.ops.anidoc))  # pyright: ignore[reportAttributeAccessIssue]
    seen["on"] = traces()
    addon_utils.disable(ADDON, default_set=True)
    seen["off"] = traces()
    addon_utils.enable(ADDON, default_set=True)
    seen["on_again"] = traces()
    repository = next(i for i, r in enumerate(bpy.context.preferences.extensions.repos) if r.module == REPOSITORY)
    result = bpy.ops.extensions.package_uninstall(repo_index=repository, pkg_id="anidoc")
    seen["uninstall"] = sorted(result)
    seen["gone"] = traces()
    place = Path(bpy.context.preferences.extensions.repos[repository].directory)
    seen["left"] = sorted(p.name for p in place.iterdir() if p.name != ".blender_ext")
    seen["user_folder_left"] = folder.exists()
    return seen


if __name__ == "__main__":
    print("VISIT " + json.dumps(visit(sys.argv[1])), flush=True)
