"""The mouse, the keys and the camera of a person in front of one window: xdotool and ImageMagick's import, X11 only."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from session import Failed

SETTLE = 0.05
"""Seconds between two things the hand does; less, and a window drawn in software loses one of them."""


class Screen:
    """The first visible window of a process; positions are pixels from that window's top left."""

    def __init__(self, display: str, pid: int, patience: float = 60.0) -> None:
        missing = [tool for tool in ("xdotool", "import") if shutil.which(tool) is None]
        if missing:
            raise Failed(f"not installed: {', '.join(missing)} (packages xdotool and imagemagick)")
        self.environment = dict(os.environ, DISPLAY=display)
        until = time.monotonic() + patience
        while True:
            found = self._run("xdotool", "search", "--onlyvisible", "--pid", str(pid), check=False).split()
            if found:
                self.window = found[-1]
                return
            if time.monotonic() > until:
                raise Failed(f"process {pid} shows no window on {display} after {patience:.0f} s")
            time.sleep(0.3)

    def _run(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(words, capture_output=True, text=True, env=self.environment, timeout=60)
        if check and done.returncode:
            raise Failed(f"{words[0]} {words[1]} failed: {done.stderr.strip()}")
        return done.stdout

    def point(self, x: float, y: float) -> None:
        """Move the mouse there in two steps: Blender compares two events to see that the mouse has entered a button."""
        for dx in (3, 0):
            self._run("xdotool", "mousemove", "--window", self.window, str(round(x) + dx), str(round(y)))
            time.sleep(SETTLE)

    def click(self, x: float, y: float) -> None:
        """A left click."""
        self.point(x, y)
        time.sleep(0.3)
        for act in ("mousedown", "mouseup"):
            self._run("xdotool", act, "1")
            time.sleep(0.15)

    def scroll_down(self, steps: int = 3) -> None:
        """Turn the wheel where the mouse is."""
        self._run("xdotool", "click", "--repeat", str(steps), "--delay", "60", "5")

    def key(self, name: str) -> None:
        """Press and release, as xdotool names it: ``ctrl+c``."""
        self._run("xdotool", "key", "--clearmodifiers", name)

    def photograph(self, file: Path) -> Path:
        """The window as it stands on the screen (Blender's own screenshot operator gives black in software GL)."""
        self._run("import", "-window", self.window, str(file))
        return file
