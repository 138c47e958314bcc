"""A real Blender, as a Python module, with the add-on enabled from this checkout. Import it before bpy.

Blender's user folder is a temporary one, with this checkout linked into it as the installed extension. The add-on's
modules are then ``bl_ext.user_default.anidoc.…``; import them under that name, so that there is one copy of each class.
"""

import atexit
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADDON = "bl_ext.user_default.anidoc"

_PREFIX = "anidoc-blender-"


def _sweep() -> None:
    """Delete the user folders of test processes that were killed: each is named after its process."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        number = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if number.isdigit() and os.name == "posix" and not _lives(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True


_sweep()
RESOURCES = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
"""Blender's user folder of this process; deleted at its end."""
os.environ["BLENDER_USER_RESOURCES"] = str(RESOURCES)


def _link_extension() -> None:
    place = RESOURCES / "extensions" / "user_default" / "anidoc"
    place.parent.mkdir(parents=True)
    try:
        place.symlink_to(ROOT, target_is_directory=True)
    except OSError:  # Windows allows links only to developers and administrators
        apart = shutil.ignore_patterns(".*", "build", "dist", "docs", "tests", "tools", "__pycache__")
        shutil.copytree(ROOT, place, ignore=apart)


_link_extension()

import bpy  # noqa: E402, I001  (reads its folders when imported, and makes addon_utils importable)
import addon_utils  # noqa: E402

addon_utils.modules_refresh()
_module = addon_utils.enable(ADDON, default_set=True)
if _module is None:
    raise RuntimeError(f"Blender {bpy.app.version_string} could not enable the add-on; the lines above say why")


@pytest.fixture(autouse=True)
def empty_file() -> Iterator[None]:
    """Each test starts from an empty file and leaves none of its data to the next."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    yield
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


@pytest.fixture(scope="session")
def backend_python() -> str:
    """The interpreter that has the Cel environment's packages: ANIDOC_PYTHON, else this checkout's .venv."""
    scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    chosen = os.environ.get("ANIDOC_PYTHON") or str(ROOT / ".venv" / scripts)
    assert Path(chosen).exists(), f"no interpreter at {chosen}; run python3 dev.py test"
    return chosen


def leave() -> None:
    """Switch the add-on off while the interpreter is whole, and delete the user folder."""
    if addon_utils.check(ADDON)[1]:
        addon_utils.disable(ADDON)
    sys.stdout.flush()
    shutil.rmtree(RESOURCES, ignore_errors=True)


def end(status: int) -> None:
    """The last act of a test process, after pytest has reported.

    The module of Blender 4.5 shuts Blender down only when Python lets go of its last reference to bpy. Where a test
    leaves one, the thread that closes the sound device lives on, and the process waits for it in ``exit()`` for ever
    (seen with gdb: ``delayed_close_thread_run``, ``~GlobalState``). The program Blender is not affected: it shuts
    itself down before Python ends.
    """
    leave()
    if bpy.app.version < (5, 0):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


atexit.register(leave)
if threading.current_thread() is threading.main_thread():
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # whoever ends us (``timeout``) has us clean up as Ctrl-C does
