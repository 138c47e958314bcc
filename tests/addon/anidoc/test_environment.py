"""AniDoc's environment beside Cel's: which build of torch, what is said before, how it is made and removed. uv is played here."""

from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import folders, messages
from bl_ext.user_default.anidoc.anidoc_blender.setup import environment, work
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError
from bl_ext.user_default.anidoc.backend.setup import environment as disk
from bl_ext.user_default.anidoc.backend.setup import install, recipes, torch_build

LOCKS = [folders.ROOT / name for name in recipes.recipe("anidoc").locks]
UV = folders.ROOT / recipes.UV_LOCK


def test_the_build_of_torch_follows_the_driver():
    assert recipes.torch_build(True, "linux") == recipes.torch_build(True, "win32") == "auto"
    assert recipes.torch_build(False, "linux") == "cpu"
    assert recipes.torch_build(False, "win32") == recipes.torch_build(False, "darwin") == "index"


def test_a_driver_is_told_by_its_files(tmp_path):
    assert not recipes.nvidia_driver("linux", tmp_path)
    (tmp_path / "proc/driver/nvidia").mkdir(parents=True)
    (tmp_path / "proc/driver/nvidia/version").touch()
    assert recipes.nvidia_driver("linux", tmp_path)
    assert not recipes.nvidia_driver("win32", tmp_path, {"SYSTEMROOT": str(tmp_path)})
    (tmp_path / "System32").mkdir()
    (tmp_path / "System32" / "nvcuda.dll").touch()
    assert recipes.nvidia_driver("win32", tmp_path, {"SYSTEMROOT": str(tmp_path)})


def test_offline_is_respected():
    with pytest.raises(RuntimeError, match="Allow Online Access"):
        bpy.ops.anidoc.set_up_anidoc()
    assert messages.board[0].button == "anidoc.allow_online"
    assert not folders.environment_folder("anidoc").exists()


def test_sizes_free_disk_and_build_are_said_before(monkeypatch):
    monkeypatch.setattr(environment, "recipe", lambda name: recipes.anidoc("cpu"))
    environment.look(environment.ANIDOC)
    said = work.what_it_takes(environment.ANIDOC)
    assert "GB on disk" in said and "are free" in said and "build for the processor" in said
    monkeypatch.setattr(environment, "recipe", lambda name: recipes.anidoc("auto"))
    environment.look(environment.ANIDOC)
    assert "about 8.0 GB on disk" in work.what_it_takes(environment.ANIDOC)


class Played(install.Setup):
    """Makes the folders that pip and uv would make, and remembers what they were asked."""

    def _run(self, doing: str, command: list[str]) -> str:
        said.append((doing, command))
        if "venv" in command:
            python = disk.interpreter(Path(command[-1]))
            python.parent.mkdir(parents=True)
            python.touch()
        if "--no-index" in command and fails:
            raise AniDocError("It does not lie there.")
        return ":env:.find-links='/wheels'\n" if "config" in command else ""


said: list = []
fails: list = []


@pytest.fixture
def played(tmp_path):
    said.clear()
    fails.clear()

    def make(build):
        return Played(tmp_path / "anidoc", print, lambda: False, print, environ={}, recipe=recipes.anidoc(build))

    return make


def torch_commands() -> list[str]:
    return [" ".join(command[2:]) for doing, command in said if doing.startswith("Fetching torch")]


def test_it_is_made_beside_cels_and_known_again(played, tmp_path, monkeypatch):
    monkeypatch.setattr(torch_build, "cpu_build_is_locked", lambda: True)
    fails.append(True)
    played("cpu").make(LOCKS[0], UV, *LOCKS[1:])
    first, second = torch_commands()
    assert "--require-hashes" in first and "--no-index" in first
    assert "--require-hashes" in second and "--torch-backend cpu" in second
    assert ("Checking", "torch") in [(doing, "torch") for doing, command in said if "import numpy" in command[-1]]
    folder = tmp_path / "anidoc"
    assert disk.read_marker(folder).torch == "cpu"
    assert disk.state(folder, *LOCKS) == "ready" and disk.state(folder, LOCKS[0]) == "outdated"


def test_for_a_card_uv_chooses_the_build_and_the_version_is_pinned(played):
    played("auto").make(LOCKS[0], UV, *LOCKS[1:])
    (command,) = torch_commands()
    assert "--torch-backend auto" in command and command.endswith("torch==2.13.0")
    assert "--no-deps" not in command  # CUDA's libraries come along


def test_where_the_ordinary_index_has_it_it_is_taken_by_hash(played):
    played("index").make(LOCKS[0], UV, *LOCKS[1:])
    (command,) = torch_commands()
    assert "--require-hashes" in command and command.endswith("torch.txt") and "--torch-backend" not in command


def test_too_little_space_is_said_first(played, monkeypatch):
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10**9}))
    with pytest.raises(AniDocError, match=r"1000 MB are free, 11566 MB are needed"):
        played("auto").make(LOCKS[0], UV, *LOCKS[1:])
    assert not said


def test_remove_takes_away_anidocs_and_leaves_cels(tmp_path):
    for name in ("cel", "anidoc"):
        folder = folders.environment_folder(name)
        folder.mkdir(parents=True)
        disk.write_marker(folder, disk.Marker("e1", "another lock", "3.11", 5))
        disk.interpreter(folder / "e1").parent.mkdir(parents=True)
        disk.interpreter(folder / "e1").touch()
    for kind in environment.KINDS:
        assert environment.look(kind).state == "outdated"
    assert bpy.ops.anidoc.remove_anidoc() == {"FINISHED"}
    assert not folders.environment_folder("anidoc").exists()
    assert folders.environment_folder("cel").is_dir()
    assert bpy.ops.anidoc.remove_environment() == {"FINISHED"}
