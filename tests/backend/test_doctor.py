"""The doctor's findings, with stand-ins for the machines we do not have."""

import sys
from collections import namedtuple

import pytest

from backend.setup import doctor


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
