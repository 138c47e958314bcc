"""The zip holds the add-on, the backend and their locks, and nothing of the workshop."""

import re
import zipfile
from pathlib import Path, PurePosixPath

from tools.package import zip_file

ROOT = Path(__file__).parents[2]
AT_THE_ROOT = {"__init__.py", "blender_manifest.toml", "LICENSE", "CHANGELOG.md"}
LOCKS = {f"requirements/{name}.txt" for name in ("anidoc", "cel", "farm", "torch", "torch-cpu", "uv")}
MOST_BYTES = 2_000_000
"""Code and locks; anything larger has got in by mistake (a picture, an environment, a shot)."""


def names(extension: Path) -> set[str]:
    with zipfile.ZipFile(extension) as pack:
        return {name for name in pack.namelist() if not name.endswith("/")}


def sources() -> set[str]:
    """Every Python file of the two packages, an engine's arrays and a farm's job type, as the checkout has them."""
    kinds = ("*.py", "*.npz", "*.js")
    files = [path for room in ("anidoc_blender", "backend") for kind in kinds for path in (ROOT / room).rglob(kind)]
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_it_holds_exactly_what_a_user_needs(extension):
    held = names(extension)
    assert held - sources() - LOCKS - AT_THE_ROOT == set()
    assert held >= LOCKS | AT_THE_ROOT | sources()
    assert "backend/cli/main.py" in held and "anidoc_blender/__init__.py" in held


def test_what_commands_leave_in_a_checkout_is_not_packed(extension, tmp_path):
    for name in names(extension):
        (tmp_path / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkout" / name).write_bytes((ROOT / name).read_bytes())
    for name in (
        "contact-sheet.png",
        "evaluation/index.html",
        "coloured/.anidoc/job.json",
        "backend/__pycache__/main.pyc",
    ):
        (tmp_path / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkout" / name).write_bytes(b"left")
    assert names(zip_file(tmp_path / "zip", tmp_path / "checkout")) == names(extension)


def test_documents_in_it_link_to_nothing_that_is_not_in_it(extension):
    held = names(extension)
    with zipfile.ZipFile(extension) as pack:
        for page in (name for name in held if name.endswith(".md")):
            links = re.findall(r"\]\(([^)\s#]+)", pack.read(page).decode())
            assert {link for link in links if "://" not in link} <= held, page


def test_it_is_small(extension):
    assert extension.stat().st_size < MOST_BYTES


def test_no_path_is_long_enough_to_break_on_windows(extension):
    # 260 characters with the drive, the user's name and Blender's extension folder before it
    assert max(len(name) for name in names(extension)) <= 100


def test_names_differ_by_more_than_case(extension):
    held = names(extension)
    assert len({name.lower() for name in held}) == len(held)
    assert all(PurePosixPath(name).parts[0] != ".." and not name.startswith("/") for name in held)


def test_the_lock_in_the_zip_names_no_host_and_pins_every_file(extension):
    with zipfile.ZipFile(extension) as pack:
        for lock in LOCKS:
            lines = pack.read(lock).decode().splitlines()
            assert not any("://" in line for line in lines)
            pinned = [line for line in lines if line and line[0] not in " #"]
            assert pinned and all("==" in line for line in pinned)
            assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)
