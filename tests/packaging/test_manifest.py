"""Rules of the manifest that Blender's validator accepts silently when they are broken."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tools.package import valid_tags

ROOT = Path(__file__).parents[2]
MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))

REQUIRED = {
    *("schema_version", "id", "version", "name", "tagline", "maintainer", "type"),
    *("blender_version_min", "license"),
}
OPTIONAL = {"blender_version_max", "website", "copyright", "permissions", "tags", "platforms", "wheels", "build"}
LONGEST_TEXT = 64
"""Characters of a tagline or of a permission's reason."""


def test_every_key_is_one_that_blender_reads():
    assert set(MANIFEST) >= REQUIRED
    assert set(MANIFEST) - REQUIRED - OPTIONAL == set()
    assert set(MANIFEST["build"]) in ({"paths"}, {"paths_exclude_pattern"})


def test_it_is_free_software_under_the_add_on_licence():
    assert MANIFEST["license"] == ["SPDX:GPL-3.0-or-later"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text and "Version 3, 29 June 2007" in text and "END OF TERMS" in text


def test_names_and_versions_have_the_right_form():
    assert MANIFEST["id"] == "anidoc" and MANIFEST["id"].isidentifier()
    assert "blender" not in MANIFEST["name"].lower()
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?", MANIFEST["version"])
    assert MANIFEST["schema_version"] == "1.0.0" and MANIFEST["type"] == "add-on"
    assert MANIFEST["blender_version_min"] == "4.5.0"
    assert all(re.fullmatch(r"\d{4}(-\d{4})? .+", line) for line in MANIFEST["copyright"])


@pytest.mark.parametrize("text", [MANIFEST["tagline"], *MANIFEST["permissions"].values()])
def test_sentences_are_short_and_end_without_punctuation(text):
    assert 0 < len(text) <= LONGEST_TEXT
    assert text[-1].isalnum() or text[-1] in ")]"


def test_permissions_are_those_that_the_code_uses():
    assert set(MANIFEST["permissions"]) == {"files", "network"}


def test_tags_are_on_blenders_list():
    tree = ast.parse(valid_tags().read_text(encoding="utf-8"))
    lists = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert MANIFEST["tags"] and set(MANIFEST["tags"]) <= lists["addons"]


def test_no_wheel_goes_into_blenders_python():
    assert "wheels" not in MANIFEST


def test_the_version_stands_in_the_manifest_only():
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    holders = [
        path.relative_to(ROOT).as_posix()
        for room in ("anidoc_blender", "backend")
        for path in (ROOT / room).rglob("*.py")
        if f'"{MANIFEST["version"]}"' in path.read_text(encoding="utf-8")
    ]
    assert holders == []
