"""How long reading a shot and writing its job hold Blender's main thread. Run in a Blender's Python, from the repository:

    python -m tests.addon.measure_reading [drawings] [strokes] [points]

prints, for a shot where only keys change, one with a steady modifier, and one where the character moves: the longest
and the mean step of our own code (Blender's evaluation of frames left out; in processor time of the main thread, which
other programs do not lengthen, and by the clock), the longest step with Blender's part by the clock, and the whole.
"""

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.blender import leave

import bpy  # isort: skip
import numpy as np  # isort: skip
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil import exposures, picture  # isort: skip
from bl_ext.user_default.anidoc.anidoc_blender.job_writer import write_job  # isort: skip
from bl_ext.user_default.anidoc.anidoc_blender.shot_request import PictureRequest, ShotRequest  # isort: skip

from tests.addon.reading import scenery  # isort: skip


def shot(drawings: int, strokes: int, points: int) -> Any:
    """A character of that many drawings on twos, each of ``strokes`` wavy lines of ``points`` points."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = scenery.stage(1920, 1080, last=2 * drawings)
    layers = [scenery.layer(scenery.pencil(), name) for name in ("Rough", "Body", "Hair", "Face")]
    rng = np.random.default_rng(0)
    along = np.linspace(0, 1, points)
    for n in range(drawings):
        for on in layers:
            mine = strokes // len(layers)
            drawing = on.frames.new(1 + 2 * n).drawing
            drawing.add_strokes([points] * mine)
            start = rng.uniform(-1.5, 1.5, (mine, 1, 2))
            bend = rng.uniform(-1, 1, (mine, 1, 2)) * along[None, :, None] + 0.05 * np.sin(along * 40)[None, :, None]
            at = np.zeros((mine, points, 3), np.float32)
            at[:, :, [0, 2]] = start + bend
            drawing.attributes["position"].data.foreach_set("vector", at.ravel())
            drawing.attributes.new("radius", "FLOAT", "POINT").data.foreach_set(
                "value", rng.uniform(0.005, 0.02, mine * points).astype(np.float32)
            )
            drawing.tag_positions_changed()
    return scene


def measure(scene: Any, folder: Path) -> str:
    """One line of numbers for one press of the button."""
    blenders = np.zeros(2)  # seconds of processor and of clock
    go_to, evaluated = exposures.go_to, picture.evaluated

    def now() -> np.ndarray:
        return np.array([time.thread_time(), time.perf_counter()])

    def timed(call: Any, *given: Any) -> Any:
        begun = now()
        try:
            return call(*given)
        finally:
            blenders[:] += now() - begun

    sheet = scenery.picture(folder / "sheet.png")
    request = ShotRequest(scene.name, folder / "job", references=(PictureRequest(file=str(sheet)),))
    own: list[np.ndarray] = []
    whole: list[float] = []
    exposures.go_to, picture.evaluated = partial(timed, go_to), partial(timed, evaluated)
    try:
        steps = write_job(request)
        done: Any = True
        while done is not None:
            blenders[:], begun = 0, now()
            done = next(steps, None)
            spent = now() - begun
            whole.append(float(spent[1]))
            own.append(spent - blenders)
    finally:
        exposures.go_to, picture.evaluated = go_to, evaluated
    longest, mean = np.max(own, 0) * 1000, np.mean(own, 0) * 1000
    count = len(list((folder / "job" / "drawings").iterdir()))
    return (
        f"{count:4} drawings, {len(own):4} steps; own longest {longest[0]:5.1f} ms processor, {longest[1]:5.1f} ms clock,"
        f" mean {mean[0]:4.1f} / {mean[1]:4.1f} ms; with Blender's longest {max(whole) * 1000:6.1f} ms; all {sum(whole):5.2f} s"
    )


def main() -> None:
    """Measure the three kinds of shots."""
    drawings, strokes, points = (int(a) for a in (*sys.argv[1:], *(200, 120, 60)[len(sys.argv) - 1 :]))
    print(f"Blender {bpy.app.version_string}: {drawings} drawings of {strokes} strokes of {points} points, 1920 x 1080")
    for kind in ("only keys change", "steady modifier", "the character moves"):
        scene = shot(drawings, strokes, points)
        ob = scene.objects["Character"]
        if kind == "steady modifier":
            ob.modifiers.new("Offset", "GREASE_PENCIL_OFFSET").location = (0.1, 0, 0)
        if kind == "the character moves":
            for frame, x in ((1, 0.0), (2 * drawings, 1.0)):
                ob.location.x = x
                ob.keyframe_insert("location", frame=frame)
        with tempfile.TemporaryDirectory() as folder:
            print(f"{kind:20}", measure(scene, Path(folder)))
    leave()


if __name__ == "__main__":
    main()
