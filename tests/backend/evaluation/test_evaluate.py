"""``anidoc evaluate`` colours a folder of clips, prints their scores and leaves pictures to look at."""

import json
import re

import cv2
import pytest

from tests.support.bench import write_clip
from tests.support.jobs import anidoc


@pytest.fixture
def bench(tmp_path):
    write_clip(tmp_path / "bench" / "doll")
    return tmp_path / "bench"


def test_all_tasks_are_scored_and_shown(bench, tmp_path):
    out = tmp_path / "out"
    done = anidoc("evaluate", str(bench), "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout)["runs"]
    assert list(runs) == ["key", "ends", "sheet"]
    assert runs["key"]["mean"]["acc"] == 100
    assert runs["sheet"]["clips"]["doll"]["exact"] == 100
    page = (out / "index.html").read_text(encoding="utf-8")
    pictures = re.findall(r'src="([^"]+)"', page)
    assert len(pictures) == 9
    for name in pictures:
        picture = cv2.imread(str(out / name))
        assert picture is not None
        assert picture.shape[1] == 3 * 160 + 2 * 12
    for task in runs:
        assert sorted(p.name for p in (out / task / "doll").iterdir()) == ["0001.png", "0002.png", "0003.png"]


def test_a_table_is_printed_for_people(bench, tmp_path):
    done = anidoc("evaluate", str(bench), "--task", "key", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].split() == ["clip", "Acc", "AccT", "PixAcc", "Flicker", "Exact", "Colours"]
    assert lines[2].split()[:2] == ["doll", "100.00"]
    assert lines[3].split()[0] == "MEAN"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lines", "line_loose"), "No clip in"),
        (("--clips", "cat"), "There is no clip cat"),
    ],
)
def test_what_is_not_there_is_said(bench, tmp_path, arguments, sentence):
    done = anidoc("evaluate", str(bench), "--out", str(tmp_path / "out"), *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr and "Traceback" not in done.stderr
