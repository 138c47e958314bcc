"""kill -9 of Blender at random moments of a real Colorize Shot: no process stays, nothing is torn, the next press loses nothing."""

import os
import random
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from bl_ext.user_default.anidoc.backend.contracts.jobfolder import load_job, strokes_from_bytes

from tests.support.blender import ROOT
from tests.support.shots import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

DRAWINGS, KILLS = 8, 5

BLENDER = """
import sys
sys.path.insert(0, {root!r})
from tests.support.blender import end
import bpy
from tests.support.shots import part
what, *blends = sys.argv[1:]
if what == "build":
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    part("anidoc_blender.demo.build").build_demo_scene(bpy.context.scene, {drawings}, width=640, height=360)
    bpy.ops.anidoc.use_drawing_as_key()
    bpy.ops.wm.save_as_mainfile(filepath=blends.pop(0))
    bpy.ops.wm.save_as_mainfile(filepath=blends[0])
for blend in blends:
    bpy.ops.wm.open_mainfile(filepath=blend)
    assert bpy.ops.anidoc.colorize_shot() == {{"FINISHED"}}
    bpy.ops.wm.save_mainfile()
    assert len(bpy.context.scene.sequence_editor.strips) == 1
end(0)
"""
"""A Blender of its own: opens files and presses the button in each; asked to, it first builds the demo's shot."""


class Blender:
    """One such Blender. All processes that come of it are known by ``mark``, which they inherit."""

    def __init__(self, folder: Path, python: str, what: str, *blends: Path) -> None:
        self.mark = uuid.uuid4().hex
        script = folder / "blender.py"
        script.write_text(BLENDER.format(root=str(ROOT), drawings=DRAWINGS))
        self.log = folder / f"{self.mark}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(script), what, *map(str, blends)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"ANIDOC_PYTHON": python, "TMPDIR": str(folder), "ANIDOC_TEST": self.mark},
            )

    def finish(self) -> None:
        """Wait for its end."""
        assert self.process.wait(timeout=120) == 0, self.log.read_text()

    def family(self) -> list[int]:
        """Its processes that live, itself among them."""
        mark, found = f"ANIDOC_TEST={self.mark}".encode(), []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:  # ended meanwhile, or somebody else's
                continue
        return found


def job_of(blend: Path) -> Path:
    return blend.parent / "anidoc" / blend.stem / "Scene"


def results(blend: Path) -> dict[str, bytes]:
    """What a press leaves for the artist and for the next press, by path."""
    folder = job_of(blend)
    files = [*folder.glob("*/*.png"), *folder.glob("*/*.npz"), folder / "job.json", folder / "report.json"]
    return {str(f.relative_to(folder)): f.read_bytes() for f in files if f.is_file()}


def done(blend: Path) -> int:
    """Drawings written and frames painted so far."""
    folder = job_of(blend)
    return len(list(folder.glob("drawings/*.npz"))) + len(list(folder.glob("frames/*.png")))


def kill_at(blender: Blender, blend: Path, files: int, pause: float) -> list[int]:
    """Kill it once so many files are there and a moment more; its processes at that moment's beginning."""
    until, family = time.monotonic() + 60, blender.family()
    while done(blend) < files or len(family) < 2:
        assert blender.process.poll() is None and time.monotonic() < until, blender.log.read_text()
        time.sleep(0.002)
        family = blender.family()
    time.sleep(pause)
    blender.process.kill()
    blender.process.wait()
    return family


def test_a_blender_killed_at_random_moments_leaves_nothing_running_and_nothing_torn(tmp_path, backend_python):
    original, undisturbed = tmp_path / "shot.blend", tmp_path / "undisturbed" / "shot.blend"
    undisturbed.parent.mkdir()
    Blender(tmp_path, backend_python, "build", original, undisturbed).finish()
    whole = results(undisturbed)
    blends = [tmp_path / str(n) / "shot.blend" for n in range(KILLS)]
    for blend in blends:
        blend.parent.mkdir()
        shutil.copy(original, blend)
    assert len([name for name in whole if name.startswith("frames/")]) == DRAWINGS

    moments = random.Random(5)
    stopped_inside = 0
    for n, blend in enumerate(blends):
        files = moments.randrange(n * 2 * DRAWINGS // KILLS, (n + 1) * 2 * DRAWINGS // KILLS)
        blender = Blender(tmp_path, backend_python, "press", blend)
        family = kill_at(blender, blend, files, moments.uniform(0, 0.03))
        assert len(family) > 1, "the backend lived"
        assert wait_until(lambda blender=blender: not blender.family(), 3), blender.family()
        found = results(blend)
        stopped_inside += found.keys() < whole.keys()
        for name, data in found.items():
            if name == "job.json":
                assert len(load_job(job_of(blend)).drawings) == DRAWINGS
            elif name.endswith(".npz"):
                strokes_from_bytes(data, name)
            assert data == whole[name], f"{name} is whole"
    assert stopped_inside >= KILLS - 1, "the kills should come while there is work"

    for part in [part for blend in blends for part in job_of(blend).rglob("*.part")]:
        os.utime(part, (0, 0))  # as if it were the next day
    again = Blender(tmp_path, backend_python, "press", *blends)
    again.finish()
    assert not again.family()
    for blend in blends:
        assert results(blend) == whole
        assert not list(job_of(blend).rglob("*.part"))
