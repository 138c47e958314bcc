"""How long one press of Colorize Shot holds Blender's main thread, tick by tick, from the press to the placed strips.

    python -m tests.addon.measure_ticks [drawings] [--fake]

in a Blender's Python, from the repository. It builds the demo's walking character with that many drawings on twos (200)
at 1920 x 1080, presses the button and turns the task as Blender's timer does, with the real backend (the interpreter in
ANIDOC_PYTHON, else this checkout's .venv; ``--fake``: one that paints every drawing in one colour at once). For each phase
it prints the ticks, and mean and longest tick and longest single step of our own code: processor time of the main thread,
which other programs do not lengthen, and the clock. Blender's evaluation of frames is left out and printed by itself;
beside each tick a fraction of a millisecond of arithmetic is timed too, to tell what a busy machine adds to any of them.
The press is repeated: the second finds everything done.
"""

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.blender import ROOT, leave

import bpy  # isort: skip
import numpy as np  # isort: skip

from tests.support.shots import fake_python, part  # isort: skip

task = part("anidoc_blender.task")
exposures, picture = part("anidoc_blender.grease_pencil.exposures"), part("anidoc_blender.grease_pencil.picture")


def now() -> np.ndarray:
    """Seconds of this thread's processor, and of the clock."""
    return np.array([time.thread_time(), time.perf_counter()])


def control() -> np.ndarray:
    """Milliseconds that a short piece of mere arithmetic takes beside each tick: what the machine adds by itself."""
    begun = now()
    sum(range(20_000))
    return (now() - begun) * 1000


class Watch:
    """Times what it is told to time, by phase."""

    def __init__(self) -> None:
        self.blenders = np.zeros(2)
        self.ticks: dict[str, list[np.ndarray]] = {}
        self.steps: dict[str, list[np.ndarray]] = {}
        self.evaluation: dict[str, list[float]] = {}
        self.control: list[np.ndarray] = []

    def blender(self, call: Callable[..., Any], *given: Any) -> Any:
        """Blender's own work, at our wish."""
        begun = now()
        try:
            return call(*given)
        finally:
            self.blenders += now() - begun

    def own(self, into: dict[str, list[np.ndarray]], call: Callable[..., Any], *given: Any) -> Any:
        """Ours, under the name of what the task says it does before and after."""
        before, blenders, begun = doing(), self.blenders.copy(), now()
        try:
            return call(*given)
        finally:
            spent, theirs = now() - begun, self.blenders - blenders
            phase = " > ".join(dict.fromkeys((before, doing())))
            into.setdefault(phase, []).append((spent - theirs) * 1000)
            self.evaluation.setdefault(phase, []).append(theirs[1] * 1000)


def doing() -> str:
    """What the panel would say; each drawing is written right after it was read."""
    current = task.current()
    return current.status.doing.replace("Writing", "Reading") if current else "end"


class Rubbish:
    """Python's own garbage collection, the longest of which falls into some tick."""

    def __init__(self) -> None:
        self.longest, self._begun = 0.0, 0.0
        gc.callbacks.append(self)

    def __call__(self, phase: str, told: dict[str, int]) -> None:
        if phase == "start":
            self._begun = time.thread_time()
        else:
            self.longest = max(self.longest, (time.thread_time() - self._begun) * 1000)


def as_in_a_window() -> None:
    """The backend stays warm after the press, and finished frames are shown."""
    part("anidoc_blender.client.life").let_idle = lambda: None
    part("anidoc_blender.previews")._seen = lambda: True


def build(drawings: int) -> Any:
    """The demo's shot with one drawing filled as key, at which the scene stands."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    part("anidoc_blender.demo.build").build_demo_scene(scene, count=drawings, width=1920, height=1080)
    bpy.ops.anidoc.use_drawing_as_key()
    return scene


def press(scene: Any, watch: Watch) -> float:
    """What a press in a window does, and all ticks after it; the seconds until the strips stood there."""
    folders, colorize = part("anidoc_blender.folders"), part("anidoc_blender.colorize")

    def button() -> None:
        request = part("anidoc_blender.request").request_of(scene)
        task.start("Colorize Shot", colorize.colour_shot(request, folders.shot_name(scene)), scene.name)

    began = time.monotonic()
    watch.own(watch.ticks, button)
    turn, go_to, evaluated = task._turn, exposures.go_to, picture.evaluated
    exposures.go_to, picture.evaluated = partial(watch.blender, go_to), partial(watch.blender, evaluated)
    task._turn = partial(watch.own, watch.steps, turn)
    try:
        pause = task.SOON
        while pause is not None:
            time.sleep(pause)
            pause = watch.own(watch.ticks, task._tick)
            watch.control.append(control())
    finally:
        exposures.go_to, picture.evaluated, task._turn = go_to, evaluated, turn
    return time.monotonic() - began


def table(watch: Watch) -> None:
    """Print it."""
    print(f"{'':44}{'ticks':>7}  {'mean processor/clock':>22}  {'longest processor/clock':>24}  {'longest step':>14}")
    for phase, rows in [*watch.ticks.items(), ("all", [tick for ticks in watch.ticks.values() for tick in ticks])]:
        mean, longest = np.mean(rows, 0), np.max(rows, 0)
        steps = watch.steps.get(phase, [np.zeros(2)])
        step = np.max(steps, 0)
        print(
            f"{phase:44}{len(rows):7}  {mean[0]:9.1f} / {mean[1]:5.1f} ms  {longest[0]:11.1f} / {longest[1]:5.1f} ms"
            f"  {step[0]:6.1f} / {step[1]:5.1f}"
        )
    mean, longest = np.mean(watch.control, 0), np.max(watch.control, 0)
    print(
        f"{'(mere arithmetic beside each tick)':44}{len(watch.control):7}  {mean[0]:9.1f} / {mean[1]:5.1f} ms"
        f"  {longest[0]:11.1f} / {longest[1]:5.1f} ms"
    )
    print(f"Blender's own evaluation, longest in one tick: {max(max(v) for v in watch.evaluation.values()):.1f} ms")


def main() -> None:
    """Two presses on one shot."""
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    drawings = numbers[0] if numbers else 200
    with tempfile.TemporaryDirectory() as folder:
        if "--fake" in sys.argv:
            os.environ["ANIDOC_PYTHON"] = str(fake_python(Path(folder), "colour"))
        else:
            os.environ.setdefault("ANIDOC_PYTHON", str(ROOT / ".venv/bin/python"))
        scene = build(drawings)
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "shot.blend"))
        print(f"Blender {bpy.app.version_string}: {drawings} drawings, 1920 x 1080")
        as_in_a_window()
        rubbish = Rubbish()
        for which in ("first press", "second press, nothing changed"):
            watch = Watch()
            seconds = press(scene, watch)
            print(f"\n{which}: {seconds:.1f} s; {part('anidoc_blender.messages').board[0]}")
            table(watch)
        print(f"longest garbage collection: {rubbish.longest:.1f} ms processor")
    leave()


if __name__ == "__main__":
    main()
