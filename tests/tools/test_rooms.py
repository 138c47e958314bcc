"""The rooms stay apart: who may import whom, and what every file owes its reader."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
STDLIB = set(sys.stdlib_module_names)
BLENDERS_OWN = {"bpy", "bpy_extras", "mathutils", "gpu", "blf", "addon_utils", "bl_ext", "idprop", "_cycles"}


def files(room: str) -> list[Path]:
    return sorted(path for path in (ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, relative ones resolved against the checkout."""
    package = list(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{name.name}" for name in node.names)


def outsiders(room: str, allowed: set[str]) -> set[str]:
    """``file: module`` for each import of a package that is neither standard library nor ours nor allowed."""
    ours = {"backend", "anidoc_blender"}
    return {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(room)
        for name in imports(path)
        if name.split(".")[0] not in STDLIB | allowed | ours
    }


def reaching(room: str, allowed: tuple[str, ...]) -> set[str]:
    """``file: module`` for each import of our own code outside ``allowed``."""
    return {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(room)
        for name in imports(path)
        if name.split(".")[0] in ("backend", "anidoc_blender") and not name.startswith(allowed)
    }


def test_contracts_need_numpy_and_nothing_else():
    assert outsiders("backend/contracts", {"numpy"}) == set()
    assert reaching("backend/contracts", ("backend.contracts",)) == set()


def test_the_add_on_needs_blender_and_numpy_and_nothing_else():
    assert outsiders("anidoc_blender", {"numpy", *BLENDERS_OWN}) == set()


def test_the_add_on_reaches_no_engine():
    doors = ("backend.contracts", "backend.setup", "backend.version", "backend.demo", "anidoc_blender")
    assert reaching("anidoc_blender", doors) == set()


def test_the_add_on_starts_no_threads_and_opens_no_sockets():
    forbidden = {"threading", "_thread", "socket", "asyncio", "urllib", "http", "concurrent", "ensurepip", "pip"}
    found = {f"{p.relative_to(ROOT)}: {n}" for p in files("anidoc_blender") for n in imports(p)}
    assert {entry for entry in found if entry.split(": ")[1].split(".")[0] in forbidden} == set()


def test_the_backend_knows_no_blender():
    found = {f"{p.relative_to(ROOT)}: {n}" for p in files("backend") for n in imports(p)}
    blender = BLENDERS_OWN | {"anidoc_blender"}
    assert {entry for entry in found if entry.split(": ")[1].split(".")[0] in blender} == set()


def test_the_engine_knows_no_jobs_files_or_processes():
    assert reaching("backend/cel", ("backend.contracts", "backend.lineart", "backend.cel")) == set()
    assert reaching("backend/lineart", ("backend.contracts", "backend.lineart")) == set()
    for room in ("backend/cel", "backend/lineart"):
        found = {f"{p.relative_to(ROOT)}: {n}" for p in files(room) for n in imports(p)}
        assert {
            e for e in found if e.split(": ")[1].split(".")[0] in {"subprocess", "os", "shutil", "tempfile"}
        } == set()


def test_torch_stays_in_the_rooms_that_need_it():
    heavy = {"torch", "diffusers", "transformers", "safetensors", "kornia", "accelerate"}
    found = {p.relative_to(ROOT).parts[1] for p in files("backend") for n in imports(p) if n.split(".")[0] in heavy}
    assert found <= {"anidoc", "correspondence", "extractors", "finish", "models", "setup", "training"}


def test_the_anidoc_engine_knows_no_jobs_or_processes():
    rooms = ("contracts", "lineart", "anidoc", "correspondence", "extractors", "finish", "inbetween.tween")
    rooms += ("cel.engine", "cel.paper", "setup.models")
    assert reaching("backend/anidoc", tuple(f"backend.{room}" for room in rooms)) == set()
    found = {f"{p.relative_to(ROOT)}: {n}" for p in files("backend/anidoc") for n in imports(p)}
    assert {e for e in found if e.split(": ")[1].split(".")[0] in {"subprocess", "shutil", "tempfile"}} == set()


def test_in_betweens_know_strokes_and_pictures_and_no_jobs_or_processes():
    rooms = ("contracts", "lineart", "cel.palette", "cel.posterize", "cel.engine", "inbetween")
    assert reaching("backend/inbetween", tuple(f"backend.{room}" for room in rooms)) == set()
    assert outsiders("backend/inbetween", {"numpy", "scipy", "cv2"}) == set()
    found = {f"{p.relative_to(ROOT)}: {n}" for p in files("backend/inbetween") for n in imports(p)}
    away = {"subprocess", "os", "shutil", "tempfile"}
    assert {e for e in found if e.split(": ")[1].split(".")[0] in away} == set()


def test_the_farm_drives_the_runner_and_knows_no_engine():
    doors = ("backend.contracts", "backend.runner", "backend.pictures", "backend.version", "backend.farm")
    assert reaching("backend/farm", doors) == set()
    outside = outsiders("backend/farm", {"numpy", "cv2"})
    assert {entry.split(": ")[0] for entry in outside} <= {"backend/farm/dask_cluster.py"}


def test_nothing_is_unpickled_and_nothing_evaluated():
    for path in [*files("backend"), *files("anidoc_blender"), *files("tools")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert not calls & {"eval", "exec", "__import__"}, path
        assert not {n.split(".")[0] for n in imports(path)} & {"pickle", "marshal", "shelve"}, path


@pytest.mark.parametrize("room", ["backend", "anidoc_blender", "tools", "tests"])
def test_every_file_says_what_it_is_for_and_stays_short(room):
    for path in files(room):
        text = path.read_text(encoding="utf-8")
        assert not text or ast.get_docstring(ast.parse(text)), f"{path.relative_to(ROOT)} does not say what it is for"
        assert text.count("\n") <= LONGEST_FILE, f"{path.relative_to(ROOT)} is longer than {LONGEST_FILE} lines"
