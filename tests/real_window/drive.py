#!/usr/bin/env python3
"""Use the extension in a real Blender as a person does, with mouse and eyes, and say whether everything happened.

    python3 tests/real_window/drive.py --blender /path/to/blender --zip build/anidoc-0.1.0.zip --out build/real-window

Needs Linux, an X11 display (a virtual one will do) that nobody else uses meanwhile, xdotool and ImageMagick; fetches the
Cel environment over the network as the Set up button does. Leaves three pictures, a summary (JSON) and the logs in OUT.
docs/real-window.md tells more. Exit code 0 only if every step did what it should.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hand import TAB, Hand
from screen import Screen
from session import Blender, Failed, Process

SET_UP, COLORIZE, CANCEL, DEMO = "anidoc.set_up", "anidoc.colorize_shot", "anidoc.cancel", "anidoc.add_demo_shot"
PACKAGES = ("numpy", "cv2", "scipy.ndimage", "PIL")
GONE_WITHIN = 5.0
"""Seconds after Blender has quit; the product promises one, a loaded machine is given some more."""


class Drive:
    """The whole visit, step by step; each step's seconds and findings go into the summary."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.out: Path = options.out.resolve()
        self.user = self.out / "user"
        self.blend = self.out / "shot" / "my shot.blend"
        self.steps: list[dict[str, Any]] = []
        self.blender: Blender | None = None
        self.screen: Screen | None = None
        self.hand: Hand | None = None
        self.scene = ""

    # --- helpers -------------------------------------------------------------------------------------------------

    def step(self, name: str, act: Callable[[], Any]) -> None:
        """Run one step; its finding or failure is written down and shown."""
        began = time.monotonic()
        record: dict[str, Any] = {"step": name, "ok": False}
        self.steps.append(record)
        try:
            record["found"] = act()
            record["ok"] = True
        except Failed as problem:
            record["failed"] = str(problem)
            raise
        finally:
            record["seconds"] = round(time.monotonic() - began, 1)
            print(("ok    " if record["ok"] else "FAILED"), f"{record['seconds']:7.1f} s  {name}", flush=True)
            for word in ("found", "failed"):
                if record.get(word) is not None:
                    print(f"                  {json.dumps(record[word])[:600]}", flush=True)

    def ask(self, question: str, **values: Any) -> Any:
        assert self.blender is not None
        return self.blender.ask(question, **values)

    def until(self, what: str, patience: float, look: Callable[[], Any]) -> Any:
        """What ``look`` gives as soon as it gives something."""
        end = time.monotonic() + patience
        while True:
            found = look()
            if found:
                return found
            said = self.ask("said")
            if time.monotonic() > end:
                raise Failed(f"{what}: not within {patience:.0f} s; the panel says {said or 'nothing'}")
            if any(notice.startswith("ERROR") for notice in said):
                raise Failed(f"{what}: the panel says {said}")
            time.sleep(0.2)

    def press(self, operator: str, kind: str = "VIEW_3D") -> list[int]:
        assert self.hand is not None
        return self.hand.press(operator, kind)

    def open_tab(self, kind: str) -> None:
        assert self.hand is not None
        self.hand.open_tab(kind)

    def photograph(self, name: str) -> str:
        assert self.screen is not None
        time.sleep(1.0)  # let the window be drawn
        return self.screen.photograph(self.out / name).name

    # --- the visit -----------------------------------------------------------------------------------------------

    def start(self) -> dict[str, Any]:
        number = 1 + len(list(self.out.glob("blender-*.log")))
        self.blender = Blender(
            self.options.blender,
            self.user,
            self.out / "mailbox",
            self.out / f"blender-{number}.log",
            self.options.display,
            self.options.env_python,
        )
        about = self.ask("about")
        self.ask("prepare")
        self.screen = Screen(self.options.display, self.blender.process.pid)
        self.hand = Hand(self.blender, self.screen)
        if not about["online"]:
            raise Failed("Blender does not allow online access in spite of --online-mode")
        return about

    def install(self) -> list[str]:
        enabled = self.ask("install", zip_file=str(self.options.zip.resolve()))
        if "bl_ext.user_default.anidoc" not in enabled:
            raise Failed(f"the extension is not on after its installation; on are {enabled}")
        return enabled

    def make_shot(self) -> str:
        self.open_tab("VIEW_3D")
        before = self.ask("scene")
        self.press(DEMO)
        made = self.until("another scene is shown after the click", 60, lambda: self.other_scene(before))
        if not self.ask("looks_through_camera"):
            raise Failed("the view in which Add Demo Shot was clicked does not look through the camera")
        self.blend.parent.mkdir(parents=True, exist_ok=True)
        self.ask("save", file=str(self.blend))
        return made

    def other_scene(self, before: str) -> str:
        now = self.ask("scene")
        return now if now != before else ""

    def tab(self) -> dict[str, Any]:
        self.open_tab("VIEW_3D")
        self.ask("looks_through_camera")
        picture = self.photograph("window-1-tab.png")
        self.ask("go_to", frame=7)  # a drawing that nobody filled
        return {"picture": picture}

    def environments(self) -> list[Path]:
        """Interpreters of virtual environments below Blender's user folder that have OpenCV."""
        found = [cfg.parent for cfg in self.user.rglob("pyvenv.cfg")]
        return [place for place in found if any(place.glob("lib/python3*/site-packages/cv2"))]

    def set_up(self) -> dict[str, Any]:
        clicked = self.press(SET_UP)
        began = time.monotonic()
        self.until("something happens after the click on Set up", 30, lambda: self.at_work() or self.ask("said"))
        self.photograph("set-up-running.png")
        self.until("Set up has ended", self.options.patience, self.set_up_ended)
        places = self.environments()
        if len(places) != 1:
            raise Failed(f"one environment was expected below {self.user}, there are {places}")
        python = places[0] / "bin" / "python"
        check = "import sys\nfor name in sys.argv[1:]: __import__(name)\nprint(sys.version.split()[0])"
        done = subprocess.run([str(python), "-c", check, *PACKAGES], capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise Failed(f"the environment does not work: {done.stderr.strip().splitlines()[-1]}")
        self.photograph("set-up-done.png")
        return {
            "clicked": clicked,
            "seconds": round(time.monotonic() - began, 1),
            "environment": str(places[0].relative_to(self.out)),
            "MB": round(sum(f.lstat().st_size for f in places[0].rglob("*")) / 1e6),
            "python": done.stdout.strip(),
            "panel": self.ask("said"),
        }

    def at_work(self) -> list[Process]:
        """The add-on's processes among those below Blender, which starts some of its own when it is online."""
        assert self.blender is not None
        return [process for process in self.blender.watch() if " -m backend" in process.command]

    def set_up_ended(self) -> bool:
        return not self.at_work() and bool(self.environments() or self.ask("said"))

    def own_strips(self) -> list[dict[str, Any]]:
        return [strip for strip in self.ask("strips") if strip["name"].startswith(TAB)]

    def colorize(self) -> dict[str, Any]:
        clicked = self.press(COLORIZE)
        began = time.monotonic()
        pictures: list[Path] = []
        processes = 0

        def look() -> list[dict[str, Any]]:
            nonlocal processes
            assert self.screen is not None
            processes = max(processes, len(self.at_work()))
            pictures.append(self.screen.photograph(self.out / f"colouring-{len(pictures):02d}.png"))
            return self.own_strips()

        strips = self.until("the strip appears", self.options.patience, look)
        took = time.monotonic() - began
        # The fullest picture shows the most: progress, time left and the newest frame.
        fullest = max(pictures, key=lambda picture: picture.stat().st_size)
        (self.out / "window-2-colouring.png").write_bytes(fullest.read_bytes())
        self.photograph("coloured.png")
        if processes == 0:
            raise Failed("no backend process was ever seen")
        return {"clicked": clicked, "seconds": round(took, 1), "strips": self.check(strips), "panel": self.ask("said")}

    def undo(self) -> None:
        """Ctrl+Z takes the strip away, Ctrl+Shift+Z brings it back."""
        assert self.screen is not None
        for key, count in (("ctrl+z", 0), ("ctrl+shift+z", 1)):
            self.screen.point(300, 500)
            self.screen.key(key)
            self.until(f"{key} leaves {count} strips", 30, lambda count=count: len(self.own_strips()) == count)

    def press_again(self) -> dict[str, Any]:
        """Once more, from the sequencer: nothing is drawn anew, and the strip stays the only one."""
        before = self.own_strips()
        files = {file: Path(file).stat().st_mtime_ns for file in before[0]["files"]}
        clicked = self.press(COLORIZE, "SEQUENCE_EDITOR")
        began = time.monotonic()
        self.until("the backend is asked again", 60, self.at_work)
        said = self.until("the panel says that it has ended", self.options.patience, self.ended)
        after = self.check(self.own_strips())
        if {file: Path(file).stat().st_mtime_ns for file in self.own_strips()[0]["files"]} != files:
            raise Failed("pressing again wrote frames anew that were there already")
        return {"clicked": clicked, "seconds": round(time.monotonic() - began, 1), "strips": after, "panel": said}

    def ended(self) -> list[str]:
        """What the panel says once the work is over."""
        return [] if self.ask("working") else self.ask("said")

    def check(self, strips: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One strip, all its files there, with colour in them; in short form for the summary."""
        if len(strips) != 1:
            raise Failed(f"one strip was expected, there are {[strip['name'] for strip in strips]}")
        strip = strips[0]
        if strip["missing"] or not strip["files"]:
            raise Failed(f"the strip {strip['name']} lacks files: {strip['missing'] or 'all of them'}")
        look = self.ask("colours", file=strip["files"][len(strip["files"]) // 2])
        if look["colours"] < 3 or look["opaque"] < 0.01:
            raise Failed(f"the middle frame of the strip is hardly coloured: {look}")
        short = {word: strip[word] for word in ("name", "scene", "first", "last", "channel", "frames")}
        return [{**short, "different files": len(strip["files"]), "middle frame": look}]

    def look_at_strip(self) -> dict[str, Any]:
        shown = self.ask("show_sequencer")
        time.sleep(1.0)
        self.ask("open_sidebar", kind="SEQUENCE_EDITOR")
        self.ask("show_whole_shot")
        strip = self.own_strips()[0]
        if shown["scene"] != strip["scene"]:
            raise Failed(f"the sequencer shows the scene {shown['scene']}, the strip is in {strip['scene']}")
        self.ask("go_to", frame=(strip["first"] + strip["last"]) // 2)
        try:
            self.open_tab("SEQUENCE_EDITOR")
        finally:
            time.sleep(2.0)
            picture = self.photograph("window-3-strip.png")
        return {"picture": picture}

    def quit(self) -> dict[str, Any]:
        """Save, Ctrl+Q, and see that no process stays."""
        assert self.blender is not None and self.screen is not None
        self.ask("save", file=str(self.blend))
        self.blender.watch()
        return self.ctrl_q()

    def ctrl_q(self) -> dict[str, Any]:
        assert self.blender is not None and self.screen is not None
        self.screen.point(300, 300)
        self.screen.key("ctrl+q")
        took = self.blender.wait_end(30)
        code = self.blender.process.returncode
        left = self.blender.left_behind(GONE_WITHIN)
        if left or code:
            raise Failed(f"Blender quit with code {code}; still running: {[process.command for process in left]}")
        return {"seconds": round(took, 1), "processes seen": len(self.blender.seen), "processes left": 0}

    def cancel(self) -> dict[str, Any]:
        """Open a copy of the file that has no frames yet, start colouring, and click Cancel."""
        copy = self.out / "copy" / "copy.blend"
        copy.parent.mkdir()
        copy.write_bytes(self.blend.read_bytes())
        self.start()
        self.ask("load", file=str(copy))
        self.open_tab("SEQUENCE_EDITOR")
        self.press(COLORIZE, "SEQUENCE_EDITOR")
        self.until("the backend starts", 60, self.at_work)
        self.press(CANCEL, "SEQUENCE_EDITOR")
        began = time.monotonic()
        said = self.until("the panel says that it has ended", 30, self.ended)
        if not any("ancelled" in notice for notice in said):
            raise Failed(f"after Cancel the panel says {said}")
        return {"seconds": round(time.monotonic() - began, 1), "panel": said}

    def quit_while_colouring(self) -> dict[str, Any]:
        """Start colouring again and quit as soon as the backend is at it."""
        self.press(COLORIZE, "SEQUENCE_EDITOR")
        self.until("the backend is at work", 60, lambda: self.ask("working") and self.at_work())
        time.sleep(1.0)
        return self.ctrl_q()

    def run(self) -> bool:
        """All of it; False at the first step that fails."""
        try:
            self.step("start Blender", self.start)
            self.step("install the zip", self.install)
            self.step("click Add Demo Shot, save", self.make_shot)
            self.step("open the tab", self.tab)
            if self.options.env_python is None:
                self.step("click Set up", self.set_up)
            self.step("click Colorize Shot", self.colorize)
            self.step("undo and redo", self.undo)
            self.step("look at the strip in the sequencer", self.look_at_strip)
            self.step("click Colorize Shot again", self.press_again)
            self.step("quit; no process stays", self.quit)
            self.step("start Blender again, colour a copy, click Cancel", self.cancel)
            self.step("quit while colouring; no process stays", self.quit_while_colouring)
        except Failed:
            if self.screen is not None and self.blender is not None and self.blender.process.poll() is None:
                self.screen.photograph(self.out / "failed.png")
            return False
        finally:
            if self.blender is not None:
                self.blender.end()
        return True


def main() -> int:
    """Drive, write OUT/summary.json, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--blender", required=True, metavar="PATH", help="Blender's program, 4.5 or newer")
    parser.add_argument(
        "--zip", required=True, type=Path, metavar="FILE", help="the extension, as dev.py zip builds it"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="an empty or new folder")
    parser.add_argument("--display", default=os.environ.get("DISPLAY", ""), metavar=":N", help="the X11 display")
    parser.add_argument("--env-python", metavar="PATH", help="an interpreter that has the Cel environment: no Set up")
    parser.add_argument("--patience", type=float, default=600, metavar="S", help="seconds for one step (default 600)")
    options = parser.parse_args()
    if not options.display:
        parser.error("no display: give --display or set DISPLAY")
    if not options.zip.is_file():
        parser.error(f"no zip at {options.zip}")
    if options.out.exists() and any(options.out.iterdir()):
        parser.error(f"{options.out} is not empty: the visit starts from a Blender that knows nothing")
    options.out.mkdir(parents=True, exist_ok=True)
    drive = Drive(options)
    passed = drive.run()
    summary = {"passed": passed, "steps": drive.steps}
    (drive.out / "summary.json").write_text(json.dumps(summary, indent=2), encoding="utf-8")
    print(f"{'passed' if passed else 'FAILED'}; {drive.out / 'summary.json'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
