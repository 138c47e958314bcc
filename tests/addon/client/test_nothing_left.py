"""Nothing is left behind: by switching the add-on off, by quitting, by killing Blender in the middle of a job."""

import os
import subprocess
import sys
import time
from pathlib import Path

import addon_utils
import bpy
import pytest

from tests.support.blender import ADDON
from tests.support.shots import ROOT, fake_python, processes_mentioning, wait_until

BLENDER = '''
"""A Blender of its own: presses Colorize Shot and turns the timer, as a window would, until it is told to stop."""
import sys, time
sys.path.insert(0, {root!r})
from tests.support.blender import ADDON
import bpy
from tests.support.shots import make_shot, part
bpy.ops.wm.save_as_mainfile(filepath={blend!r})
scene = make_shot(frames=tuple(range(1, 40)), end=40)
task = part("anidoc_blender.task")
request = part("anidoc_blender.request").request_of(scene)
task.start("Colorize Shot", part("anidoc_blender.colorize").colour_shot(request, "Scene"), "Scene")
end = time.monotonic() + 60
while task._tick() is not None and time.monotonic() < end:
    if task.current().status.preview:
        print("COLOURING", flush=True)
        if {quit!r}:
            break
    time.sleep(0.02)
'''


def blender(tmp_path: Path, python: str, leave: bool) -> subprocess.Popen:
    """Start it and wait until it colours."""
    script = tmp_path / "blender.py"
    script.write_text(BLENDER.format(root=str(ROOT), blend=str(tmp_path / "shot.blend"), quit=leave))
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"ANIDOC_PYTHON": python, "TMPDIR": str(tmp_path)},
    )
    said = ""
    for line in process.stdout:
        said += line
        if "COLOURING" in line:
            return process
    raise AssertionError(said)


def test_killing_blender_in_the_middle_leaves_no_process(tmp_path):
    """The fake backend obeys what the real one does: it leaves when its stdin closes."""
    process = blender(tmp_path, str(fake_python(tmp_path, "slow")), leave=False)
    before = [p for p in processes_mentioning("fake_backend.py") if _parent(p) == process.pid]
    assert before
    process.kill()
    process.wait()
    assert wait_until(lambda: not any(Path(f"/proc/{p}/cmdline").exists() for p in before), 3)


def test_killing_blender_with_a_real_backend_leaves_no_process(tmp_path, backend_python):
    process = blender(tmp_path, backend_python, leave=False)
    family = _descendants(process.pid)
    assert family
    process.kill()
    process.wait()
    assert wait_until(lambda: not [p for p in family if _alive(p)], 3), [p for p in family if _alive(p)]


def test_quitting_blender_in_the_middle_leaves_no_process_and_does_not_hang(tmp_path):
    process = blender(tmp_path, str(fake_python(tmp_path, "slow")), leave=True)
    family = _descendants(process.pid)
    began = time.monotonic()
    process.wait(timeout=20)
    assert time.monotonic() - began < 15
    assert wait_until(lambda: not [p for p in family if _alive(p)], 3)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return -1


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def _descendants(pid: int) -> list[int]:
    everyone = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]
    found = {pid}
    while more := {p for p in everyone if _parent(p) in found} - found:
        found |= more
    return sorted(found - {pid})


def registered() -> dict:
    """What an add-on can leave in Blender."""
    on = bpy.app.handlers
    handlers = [n for n in dir(on) if isinstance(getattr(on, n), list)]
    return {
        "types": sorted(n for n in dir(bpy.types) if "ANIDOC" in n.upper()),
        "operators": sorted(dir(bpy.ops.anidoc)),
        "scene": hasattr(bpy.types.Scene, "anidoc"),
        "material": hasattr(bpy.types.Material, "anidoc"),
        "handlers": [f for n in handlers for f in getattr(on, n) if "anidoc" in getattr(f, "__module__", "")],
    }


def test_switching_off_and_on_leaves_nothing_registered():
    assert registered()["scene"] and registered()["types"]
    addon_utils.disable(ADDON)
    try:
        off = registered()
        assert off == {"types": [], "operators": [], "scene": False, "material": False, "handlers": []}
    finally:
        addon_utils.enable(ADDON, default_set=True)
    again = registered()
    assert again["scene"] and len(again["handlers"]) == 5


def test_switching_off_in_the_middle_ends_the_work(tmp_path, monkeypatch):
    from tests.support.shots import make_shot, part

    monkeypatch.setenv("ANIDOC_PYTHON", str(fake_python(tmp_path, "slow")))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    scene = make_shot()
    task = part("anidoc_blender.task")
    asked = part("anidoc_blender.request").request_of(scene)
    task.start("Colorize Shot", part("anidoc_blender.colorize").colour_shot(asked, "Scene"), "Scene")
    task._tick()
    tick = task._tick
    assert bpy.app.timers.is_registered(tick)
    family = _descendants(os.getpid())
    assert family
    addon_utils.disable(ADDON)
    try:
        assert not bpy.app.timers.is_registered(tick)
        assert wait_until(lambda: not [p for p in family if _alive(p)], 3)
    finally:
        addon_utils.enable(ADDON, default_set=True)


def test_a_part_that_fails_to_register_takes_the_others_back(monkeypatch):
    from tests.support.shots import part

    package = part("anidoc_blender")
    addon_utils.disable(ADDON)
    try:
        last = package._modules()[-1]
        monkeypatch.setattr(last, "register", lambda: (_ for _ in ()).throw(ValueError("broken")))
        with pytest.raises(ValueError, match="broken"):
            package.register()
        monkeypatch.undo()
        assert registered()["types"] == [] and not registered()["scene"]
    finally:
        addon_utils.enable(ADDON, default_set=True)
