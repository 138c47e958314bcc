"""System libraries that Blender expects on Linux: found out by loading them, named by the package that brings them."""

import ctypes
import sys

from . import processes, system
from .environments import ROOT, Stop

IMPORT = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
}
"""Shared library: Debian package. ``import bpy`` fails without these (seen with ldd on the 4.5, 5.0 and 5.2 wheels)."""

DRAW = ("libegl1", "libgl1-mesa-dri")
"""Debian packages. Blender ends at once when it draws Grease Pencil without a display and EGL cannot start."""

_EGL_PLATFORM_SURFACELESS = 0x31DD  # EGL_MESA_platform_surfaceless
_PROBE = f"""
import ctypes, sys
egl = ctypes.CDLL("libEGL.so.1")
egl.eglGetPlatformDisplay.restype = ctypes.c_void_p
egl.eglGetPlatformDisplay.argtypes = [ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p]
egl.eglInitialize.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
display = egl.eglGetPlatformDisplay({_EGL_PLATFORM_SURFACELESS}, None, None)
sys.exit(0 if display and egl.eglInitialize(display, None, None) else 1)
"""


def provide(drawing: bool) -> None:
    """Blender can be imported and, with ``drawing``, draw Grease Pencil without a display; or ``Stop`` says what to install.

    Windows and macOS bring all of this along.
    """
    missing = _missing(drawing)
    if not missing:
        return
    if system.install(missing):
        missing = _missing(drawing)
    if missing:
        raise Stop(
            f"Blender cannot run on this machine without system libraries. "
            f"On Debian and Ubuntu: sudo apt-get install {' '.join(missing)}"
        )


def _missing(drawing: bool) -> list[str]:
    if not sys.platform.startswith("linux"):
        return []
    packages = [package for library, package in IMPORT.items() if not _loads(library)]
    if drawing and processes.run([sys.executable, "-c", _PROBE], ROOT, 60, quiet=True)[0]:
        packages += DRAW
    return packages


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
