"""The hand: it opens the add-on's tab and presses its buttons, knowing neither the tabs' order nor the panel's layout."""

import time
from typing import Any

from screen import Screen
from session import Blender, Failed

TAB = "AniDoc"
COLUMNS = (0.6, 0.25, 0.85)
"""Where across the tab buttons are looked for, as parts of its width: rows may hold several."""


class Hand:
    """``kind`` is the editor whose sidebar is meant: VIEW_3D or SEQUENCE_EDITOR; the largest one in the window."""

    def __init__(self, blender: Blender, screen: Screen) -> None:
        self.ask, self.screen = blender.ask, screen

    def open_tab(self, kind: str) -> dict[str, Any]:
        """Open the sidebar and click down its tabs until ours is open."""
        self._wait_for_sidebar(kind)
        look = self.ask("sidebar", kind=kind)
        if look["tab"] == TAB:
            return look
        box, scale = look["box"], look["scale"]
        x = box["x"] + box["width"] - 9 * scale  # the tabs stand at the right edge, about 20 units wide
        for y in range(int(box["y"] + 20 * scale), box["y"] + box["height"], int(24 * scale)):
            self.screen.click(x, y)
            time.sleep(0.3)
            look = self.ask("sidebar", kind=kind)
            if look["tab"] == TAB:
                return look
        raise Failed(f"no tab {TAB} in the sidebar: clicking down the tabs ended at '{look['tab']}'")

    def find_button(self, operator: str, kind: str) -> tuple[float, float]:
        """Where on the open tab the operator's button is: Ctrl+C over a button copies the call that it makes."""
        for _ in range(4):
            look = self.ask("sidebar", kind=kind)
            box, scale = look["box"], look["scale"]
            for part in COLUMNS:
                found = self._probe(operator, box, box["x"] + (box["width"] - 20 * scale) * part, scale)
                if found is not None:
                    return found
            self.screen.point(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            self.screen.scroll_down(5)
            time.sleep(1.0)
        raise Failed(f"no button on the tab {TAB} calls {operator}")

    def _probe(self, operator: str, box: dict[str, int], x: float, scale: float) -> tuple[float, float] | None:
        """Go down one column of the tab in steps of half a button; the middle of the button when it is there."""
        self.ask("take_clipboard")
        hits: list[int] = []
        for y in range(int(box["y"] + 8 * scale), int(box["y"] + box["height"] - 4), int(9 * scale)):
            self.screen.point(x, y)
            self.screen.key("ctrl+c")
            if f"bpy.ops.{operator}(" in self.ask("take_clipboard"):
                hits.append(y)
            elif hits:
                break
        return (x, hits[len(hits) // 2]) if hits else None

    def press(self, operator: str, kind: str) -> list[int]:
        """Find the operator's button and click it."""
        x, y = self.find_button(operator, kind)
        self.screen.click(x, y)
        self.screen.point(x - 400, y)  # the tooltip would stand in the picture
        return [round(x), round(y)]

    def _wait_for_sidebar(self, kind: str) -> None:
        until = time.monotonic() + 30
        while not self.ask("open_sidebar", kind=kind):
            if time.monotonic() > until:
                raise Failed("the sidebar does not open")
            time.sleep(0.2)
