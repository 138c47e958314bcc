"""The documents hold together: every link leads somewhere, and they name commands that exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def anchors(path: Path) -> set[str]:
    """The anchors that a Markdown page's headings make."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {link}; no such heading"


def test_every_dev_command_in_the_documents_exists():
    said = subprocess.run(
        [sys.executable, "dev.py", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    named = {c for page in DOCUMENTS for c in re.findall(r"python3 dev\.py ([a-z]+)", page.read_text(encoding="utf-8"))}
    assert {"demo", "test"} <= named
    for command in named:
        assert re.search(rf"^    {command}\b", said, re.MULTILINE), f"dev.py has no command {command}"


def test_make_knows_the_same_commands():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in ("demo", "test", "lock", "zip", "clean"):
        assert re.search(rf"^\.PHONY:.*\b{command}\b", makefile, re.MULTILINE)
