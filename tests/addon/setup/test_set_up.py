"""The environment: made and removed by the real set-up program, which fetches from the index this computer is set to."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import commands, folders, messages, task
from bl_ext.user_default.anidoc.anidoc_blender.client import life
from bl_ext.user_default.anidoc.anidoc_blender.setup import environment, work
from bl_ext.user_default.anidoc.backend.setup import environment as disk
from bl_ext.user_default.anidoc.backend.setup import install, steps

from tests.support.shots import ROOT, children, make_shot, pump, wait_until


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No interpreter from outside, a clean folder, nothing left afterwards."""
    monkeypatch.delenv("ANIDOC_PYTHON", raising=False)
    bpy.context.preferences.system.use_online_access = True
    environment.look()
    yield
    life.leave_nothing()
    assert wait_until(lambda: not children()), children()
    bpy.context.preferences.system.use_online_access = False
    install.delete(folders.environment_folder())
    messages.show()


def test_the_state_is_read_from_the_disk(tmp_path):
    lock, folder = tmp_path / "lock.txt", tmp_path / "cel"
    lock.write_text("numpy==1\n")
    assert disk.state(folder, lock) == "absent"
    folder.mkdir()
    disk.write_marker(folder, disk.Marker())
    assert disk.state(folder, lock) == "half"
    disk.write_marker(folder, disk.Marker("e1", disk.lock_hash(lock), "3.11.7", 5))
    assert disk.state(folder, lock) == "broken"
    python = disk.interpreter(folder / "e1")
    python.parent.mkdir(parents=True)
    python.touch()
    assert disk.state(folder, lock) == "ready"
    assert disk.current_interpreter(folder) == python
    lock.write_text("numpy==2\n")
    assert disk.state(folder, lock) == "outdated"


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"format": "other"}', '{"format": "anidoc-environment", "version": 1}']
)
def test_a_marker_that_is_not_ours_counts_as_none(tmp_path, content):
    (tmp_path / disk.MARKER).write_text(content)
    assert disk.read_marker(tmp_path) is None


def test_a_marker_cannot_name_a_folder_elsewhere(tmp_path):
    for name in ("../../etc", "/usr", "e1/../..", "C:", "e99999"):
        data = {"format": disk.FORMAT, "version": 1, "environment": name, "lock": "", "python": "", "disk": 0}
        (tmp_path / disk.MARKER).write_text(json.dumps(data))
        assert disk.read_marker(tmp_path) is None


def test_line_endings_do_not_make_an_environment_outdated(tmp_path):
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"numpy==1\nscipy==2\n")
    two.write_bytes(b"numpy==1\r\nscipy==2\r\n")
    assert disk.lock_hash(one) == disk.lock_hash(two)


def test_offline_is_respected_with_a_sentence_and_a_button():
    bpy.context.preferences.system.use_online_access = False
    with pytest.raises(RuntimeError, match="Allow Online Access"):
        bpy.ops.anidoc.set_up()
    assert messages.board[0].button == "anidoc.allow_online"
    assert not folders.environment_folder().exists()


def test_without_a_window_the_command_that_sets_up_is_named(capsys, tmp_path):
    assert commands.run(["batch", "a.blend", "--report", str(tmp_path / "report")]) == 2
    said = "is not set up yet. Set it up with: blender --online-mode --command anidoc set-up"
    assert said in capsys.readouterr().err
    bpy.context.preferences.system.use_online_access = False
    assert commands.run(["set-up"]) == 2
    assert "set to stay offline" in (told := capsys.readouterr().err) and "blender --online-mode" in told


def test_the_command_sets_up_as_the_button_does(monkeypatch, capsys):
    """The doing is played here; further down the button does it for good."""

    def made():
        yield task.Status("Fetching")
        return [messages.Notice("The colouring environment is ready.")]

    monkeypatch.setattr(work, "make", made)
    assert commands.run(["set-up"]) == 0
    assert "Downloads 140 MB" in (said := capsys.readouterr().out) and "environment is ready." in said


def test_without_an_environment_colorize_says_so():
    make_shot()
    with pytest.raises(RuntimeError, match=r"not set up yet\. Press Set up"):
        bpy.ops.anidoc.colorize_shot()
    assert messages.board[0].button == "anidoc.set_up"


def test_before_set_up_a_press_also_tells_what_else_is_missing():
    scene = make_shot()
    scene.anidoc.references.clear()
    scene.camera = None
    with pytest.raises(RuntimeError, match=r"Press Set up\. There is no reference.* has no camera\."):
        bpy.ops.anidoc.colorize_shot()
    assert [n.button for n in messages.board] == ["anidoc.set_up", "anidoc.add_reference", ""]
    assert "has no camera" in messages.board[2].sentence


def test_an_own_python_that_is_gone_is_named(monkeypatch, tmp_path):
    bpy.context.preferences.addons[folders.ADDON].preferences.interpreter = str(tmp_path / "nothing")
    make_shot()
    with pytest.raises(RuntimeError, match=r"There is no Python at .*nothing"):
        bpy.ops.anidoc.colorize_shot()
    bpy.context.preferences.addons[folders.ADDON].preferences.interpreter = ""


def test_sizes_are_stated_before_the_download():
    assert work.what_it_takes() == "Downloads 140 MB once and takes 370 MB on disk (650 MB while it works)."


def test_set_up_makes_an_environment_that_works_and_remove_takes_it_away(tmp_path):
    """The real thing: Blender's Python, pip, uv and the hash-locked packages, then a real backend, then removal."""
    assert bpy.ops.anidoc.set_up() == {"FINISHED"}
    found = environment.seen()
    assert found.state == "ready" and found.disk_bytes <= 450_000_000
    folder = folders.environment_folder()
    assert sorted(p.name for p in folder.iterdir()) == [disk.MARKER, "e1"]
    make_shot()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}
    assert bpy.ops.anidoc.remove_environment() == {"FINISHED"}
    assert not folder.exists() and environment.seen().state == "absent"


def test_a_repair_lets_the_old_environment_work_until_the_new_one_does(tmp_path, monkeypatch):
    """pip and uv are played here: ``_run`` only makes the folders they would make."""
    folder, lock = tmp_path / "cel", tmp_path / "lock.txt"
    lock.write_text("numpy==2\n")
    folder.mkdir()
    disk.write_marker(folder, disk.Marker("e1", "an old lock", "3.11", 1))
    (folder / "e1").mkdir()
    told = []

    def played(setup, doing, command):
        told.append((doing, disk.read_marker(folder).environment))
        if "venv" in command:
            Path(command[-1]).mkdir()
        return ""

    monkeypatch.setattr(install.Setup, "_run", played)
    install.Setup(folder, print, lambda: False, print).make(lock, lock)
    assert {working for _, working in told} == {"e1"}
    marker = disk.read_marker(folder)
    assert (marker.environment, marker.lock) == ("e2", disk.lock_hash(lock))
    assert sorted(p.name for p in folder.iterdir()) == [disk.MARKER, "e2"]


def test_cancel_stops_the_set_up_and_takes_back_what_it_made():
    task.start("Set up", work.make())
    assert wait_until(lambda: bool(task._tick()) and task.current().status.doing.startswith("Fetching"), 60)
    began = time.monotonic()
    task.cancel()
    notices = pump()
    assert notices[0].sentence == "Set-up was cancelled."
    assert time.monotonic() - began < 3
    left = {p.name for p in folders.environment_folder().iterdir()}
    assert left <= {disk.MARKER, "cache"}
    assert environment.seen().state == "half"


def test_loading_a_file_stops_the_set_up():
    task.start("Set up", work.make())
    assert wait_until(lambda: bool(task._tick()) and task.current().status.done > 0, 60)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert wait_until(lambda: not children())


def program(folder, *arguments, lines: bytes | None = None, **variables):
    """Run the set-up program to its end; returns its messages. Its stdin stays open unless ``lines`` are given."""
    process = subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", "backend.setup.install", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    if lines is not None:
        out, _ = process.communicate(lines, timeout=60)
    else:
        out = process.stdout.read()
        process.communicate(timeout=60)
    return [json.loads(line) for line in out.splitlines()]


def test_the_program_leaves_when_blender_is_gone(tmp_path):
    began = time.monotonic()
    said = program(tmp_path, "make", str(tmp_path / "cel"), "x.txt", "y.txt", lines=b"")
    assert said[-1]["outcome"] == "cancelled"
    assert time.monotonic() - began < 5


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    mine = tmp_path / "cel"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    for verb in (["make", str(mine), "x", "y"], ["remove", str(mine)]):
        said = program(tmp_path, *verb)
        assert said[-1]["outcome"] == "failed"
        assert "AniDoc" in said[-2]["sentence"]
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_removing_follows_no_link(tmp_path):
    precious, folder = tmp_path / "precious", tmp_path / "cel"
    precious.mkdir()
    (precious / "drawing.png").write_text("x")
    folder.mkdir()
    disk.write_marker(folder, disk.Marker("e1"))
    (folder / "e1").symlink_to(precious, target_is_directory=True)
    (folder / "e2").mkdir()
    (folder / "e2" / "link").symlink_to(precious, target_is_directory=True)
    assert program(tmp_path, "remove", str(folder))[-1]["outcome"] == "done"
    assert not folder.exists()
    assert (precious / "drawing.png").exists()


def test_a_link_in_the_folders_place_is_not_followed(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    disk.write_marker(real, disk.Marker("e1"))
    (real / "e1").mkdir()
    link = tmp_path / "cel"
    link.symlink_to(real, target_is_directory=True)
    assert program(tmp_path, "remove", str(link))[-1]["outcome"] == "failed"
    assert (real / "e1").is_dir()


@pytest.mark.parametrize("relative", [False, True], ids=["full paths", "relative paths"])
def test_a_failed_download_is_a_sentence_and_what_worked_before_still_works(tmp_path, relative):
    """The index is a port where nobody listens."""
    folder, requirements = tmp_path / "cel", ROOT / "requirements"
    given = (folder, requirements / "cel.txt", requirements / "uv.txt")
    folder.mkdir()
    disk.write_marker(folder, disk.Marker("e1", "old", "3.11", 1))
    disk.interpreter(folder / "e1").parent.mkdir(parents=True)
    disk.interpreter(folder / "e1").touch()
    nowhere = "http://127.0.0.1:9/simple"
    said = program(
        tmp_path,
        "make",
        *(os.path.relpath(path, tmp_path) if relative else str(path) for path in given),
        PIP_INDEX_URL=nowhere,
        PIP_EXTRA_INDEX_URL="",
        PIP_RETRIES="1",
        PIP_CONFIG_FILE=os.devnull,
        PIP_NO_CACHE_DIR="1",
    )
    assert said[-1]["outcome"] == "failed"
    assert said[-2]["sentence"].startswith("The packages could not be downloaded"), said[-2]
    assert disk.read_marker(folder).environment == "e1"
    assert {p.name for p in folder.iterdir()} == {disk.MARKER, "e1"}


def test_too_little_space_is_said_before_anything_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: _Usage())
    setup = install.Setup(tmp_path / "cel", print, lambda: False, print)
    with pytest.raises(Exception, match="There is not enough space: 100 MB are free, 650 MB are needed"):
        setup.make(ROOT / "requirements" / "cel.txt", ROOT / "requirements" / "uv.txt")


class _Usage:
    free = 100 * 10**6


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not what this version"),
        ("error: No space left on device (os error 28)", "disk is full"),
        ("Temporary failure in name resolution", "no connection"),
        ("error: Access is denied. (os error 5)", "may not write"),
        ("No module named ensurepip", "its venv or pip part is missing"),
        ("numpy has no wheels with a matching Python ABI tag", "no ready-made packages"),
        ("invalid peer certificate: UnknownIssuer", "not trusted"),
        ("something nobody has seen", "failed (code 3)"),
    ],
)
def test_what_pip_and_uv_say_becomes_a_sentence(said, sentence):
    assert sentence in steps.explain(said, 3).sentence


def test_windows_paths_are_measured_before_the_download():
    usual = r"C:\Users\somebody\AppData\Roaming\Blender Foundation\Blender\5.2\extensions\.user\user_default\anidoc\cel"
    assert install.fits_windows(usual, long_paths=False)
    assert not install.fits_windows("C:\\" + "x" * 150, long_paths=False)
    assert install.fits_windows("C:\\" + "x" * 150, long_paths=True)


def test_the_interpreter_lies_where_windows_puts_it():
    assert disk.interpreter(Path("e1"), "win32") == Path("e1/Scripts/python.exe")


def test_blenders_own_python_is_found_when_blender_itself_is_the_executable(monkeypatch, tmp_path):
    assert environment.blender_python().name.startswith("python")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "blender"))
    assert environment.blender_python().name.startswith("python")
