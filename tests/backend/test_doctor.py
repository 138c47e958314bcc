"""The doctor's findings, with stand-ins for the machines we do not have."""

import json
import sys
from collections import namedtuple

import pytest

from backend.setup import doctor, doctor_anidoc
from backend.setup.doctor_anidoc import NEEDED, Torch, examine_anidoc
from backend.setup.environment import Marker, interpreter, write_marker


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the driver's program")
def test_a_gpu_is_named_where_the_driver_says_so(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA RTX 4090, 24564 MiB, 560.1'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    gpu = next(f for f in doctor.examine() if f.name == "GPU")
    assert gpu.grade == "good" and "RTX 4090" in gpu.value


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the driver's program")
def test_a_driver_that_fails_or_hangs_is_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_PATIENCE", 0.3)
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for script in ("exit 9", "exec sleep 30"):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        gpu = next(f for f in doctor.examine() if f.name == "GPU")
        assert gpu.grade == "good" and "needs none" in gpu.value


def test_little_room_is_a_warning_with_a_remedy(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage(1, 1, 10**9))
    monkeypatch.setattr(doctor, "memory_bytes", lambda: 2 * 10**9)
    found = {f.name: f for f in doctor.examine()}
    for name in ("Disk, home", "Disk, temporary", "Memory"):
        assert found[name].grade == "warning" and found[name].remedy


def test_a_disk_that_is_gone_is_a_warning(monkeypatch):
    def gone(folder):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(doctor.shutil, "disk_usage", gone)
    assert {f.grade for f in doctor.examine() if f.name.startswith("Disk")} == {"warning"}


def test_the_systems_own_python_is_a_warning(monkeypatch):
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert next(f for f in doctor.examine() if f.name == "Environment").grade == "warning"


def test_sizes_count_files_not_links(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(bytes(1000))
    (tmp_path / "link").symlink_to(tmp_path / "a" / "file")
    assert doctor.folder_bytes(tmp_path) == 1000


def anidoc_findings(monkeypatch, root, torch: Torch | None, **environ: str):
    """By name, for a machine whose Python with torch says ``torch``; None: there is none."""
    monkeypatch.setattr(doctor_anidoc, "ask", lambda python: torch)
    monkeypatch.setattr(doctor_anidoc.importlib.util, "find_spec", lambda name: None)
    named = {"ANIDOC_TORCH_PYTHON": "/there/python"} if torch else {}
    found = examine_anidoc({"ANIDOC_MODELS": str(root), **named, **environ}, prefix=str(root / "cel" / "e1"))
    return {f.name: f for f in found}


WHOLE = {name: "1.0" for name in NEEDED}


def test_without_its_environment_the_anidoc_engine_cannot_run_and_nothing_is_bad(tmp_path, monkeypatch):
    found = anidoc_findings(monkeypatch, tmp_path, None)
    assert {f.grade for f in found.values()} == {"good"}
    said = found["AniDoc engine"].value
    assert "not set up" in said and "svd and anidoc are missing" in said
    assert "Set up AniDoc" in found["AniDoc environment"].remedy


@pytest.mark.parametrize(
    ("torch", "grade", "words"),
    [
        (Torch(WHOLE), "good", "processor (torch's CPU build)"),
        (Torch(WHOLE, built="12.8"), "warning", "sees no card"),
        (Torch(WHOLE, "Card X", 70 * 10**9, 80 * 10**9, "12.8"), "good", "70.0 of 80.0 GB free; all fits"),
        (Torch(WHOLE, "Card X", 6 * 10**9, 8 * 10**9, "12.8"), "good", "come and go"),
        (Torch(WHOLE, "Card X", 2 * 10**9, 8 * 10**9, "12.8"), "warning", "thriftiest mode"),
    ],
)
def test_the_device_that_torch_sees_is_named(tmp_path, monkeypatch, torch, grade, words):
    found = anidoc_findings(monkeypatch, tmp_path, torch, ANIDOC_WEIGHTS=str(tmp_path))
    assert found["AniDoc device"].grade == grade and words in found["AniDoc device"].value
    assert "can run here" in found["AniDoc engine"].value


@pytest.mark.parametrize("torch", [Torch(problem="libcudart is missing"), Torch({"torch": "2.13.0"})])
def test_a_broken_anidoc_environment_is_a_warning(tmp_path, monkeypatch, torch):
    found = anidoc_findings(monkeypatch, tmp_path, torch, ANIDOC_WEIGHTS=str(tmp_path / "gone"))
    assert found["AniDoc environment"].grade == "warning" and "Repair" in found["AniDoc environment"].remedy
    said = found["AniDoc engine"].value
    assert "does not work" in said and "names no folder" in said


def test_models_that_are_here_are_named_with_their_state(tmp_path, monkeypatch):
    (tmp_path / "sd-2-1").mkdir()
    (tmp_path / "sd-2-1" / "weights.part").write_bytes(b"half")
    marker = {"format": "anidoc-model", "version": 1, "source": "", "commit": "", "licence": "", "files": {}}
    (tmp_path / "u2net").mkdir()
    (tmp_path / "u2net" / "anidoc-model.json").write_text(json.dumps(marker))
    models = anidoc_findings(monkeypatch, tmp_path, None)["AniDoc models"]
    assert "sd-2-1 (part)" in models.value and "u2net (broken)" in models.value and models.grade == "warning"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for a Python")
def test_the_environment_beside_the_one_at_work_is_asked(tmp_path, monkeypatch):
    python = interpreter(tmp_path / "anidoc" / "e2")
    python.parent.mkdir(parents=True)
    write_marker(tmp_path / "anidoc", Marker("e2"))
    for script, words in ((f"echo '{json.dumps({'versions': WHOLE})}'", "torch 1.0"), ("echo no", "something else"),
                          ("echo Boom >&2; exit 3", "Boom"), ("exit 9", "ended with 9")):  # fmt: skip
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
        found = {f.name: f for f in examine_anidoc({"ANIDOC_MODELS": str(tmp_path)}, str(tmp_path / "cel" / "e1"))}
        assert words in found["AniDoc environment"].value


def test_a_python_that_is_not_there_is_said(tmp_path):
    found = {f.name: f for f in examine_anidoc({"ANIDOC_MODELS": str(tmp_path), "ANIDOC_TORCH_PYTHON": "/no/python"})}
    assert found["AniDoc environment"].grade == "warning" and "No such file" in found["AniDoc environment"].value
