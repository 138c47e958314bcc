"""The benchmark: every row is left at once, and a way that fails costs only its own row."""

import json
import sys

import pytest
import torch

from tools import bench_anidoc
from tools.bench_anidoc import WAYS, Found, Row, check_parity, line, measure


def test_a_way_that_fails_is_a_row_with_the_reason(monkeypatch):
    def broken(card):
        raise RuntimeError("no | kernel\nfor this")

    monkeypatch.setattr(bench_anidoc, "build", broken)
    row, made = measure(WAYS[0], False, 2, 64, 64, 1)
    assert made is None and row.note == "failed: RuntimeError: no / kernel for this"
    assert line(row).count("|") == 10


def test_without_a_card_it_leaves_the_table_and_says_what_is_not_measured(tmp_path, monkeypatch, capsys):
    seen = []

    def quick(way, card, frames, height, width, steps):
        seen.append((way.name, (tmp_path / "out" / "anidoc.md").read_text() if seen else ""))
        return Row(way.name, 0.5, (0.1, 0.3, 0.1), same=True), torch.ones(1, frames, 4, 8, 8) * len(seen)

    if torch.cuda.is_available():
        pytest.skip("there is a card")
    monkeypatch.setattr(bench_anidoc, "measure", quick)
    monkeypatch.setattr(sys, "argv", ["bench", "--out", str(tmp_path / "out"), "--parity", str(tmp_path)])
    assert bench_anidoc.main() == 0
    assert len(seen) > 2 and seen[0][0] in seen[1][1]  # the first row lay there before the second was begun
    table = (tmp_path / "out" / "anidoc.md").read_text()
    assert table.count("not measured: needs an NVIDIA card") == len(WAYS) - len(seen)
    assert "Not measured: seconds a clip" in table and "recorded arrays are not here" in table
    data = json.loads((tmp_path / "out" / "anidoc.json").read_text())
    assert data["card"] == "none" and len(data["rows"]) == len(WAYS) and data["date"].endswith("UTC")
    assert "a small model on the processor" in capsys.readouterr().out


def test_broken_recorded_arrays_cost_the_check_and_are_said(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "index.json").write_text("{}")
    found = Found({}, "", False)
    check_parity(tmp_path, found)
    assert found.failed and "could not be checked" in found.parity
