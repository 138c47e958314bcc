"""A folder of keys written by a stranger, as docs/inbetween-folder.md describes it: `anidoc breakdowns` fills it."""

import json

import numpy as np
import pytest

from tests.support.jobs import anidoc

STROKES = {"radius": np.float32, "opacity": np.float32}
OF_A_STROKE = {"layer": np.int32, "material": np.int32, "cyclic": bool, "role": np.uint8, "ids": np.int64}


def write_key(folder, number: int, lines: list[np.ndarray], depth: float) -> None:
    """Lines of (n, 2) px as ``keys/NUMBER.npz`` with nothing but NumPy."""
    (folder / "keys").mkdir(exist_ok=True)
    points = np.concatenate(lines).astype(np.float32)
    arrays = {"points": points, "offsets": np.cumsum([0, *map(len, lines)]).astype(np.int32)}
    arrays |= {name: np.ones(len(points), kind) for name, kind in STROKES.items()}
    arrays |= {name: np.zeros(len(lines), kind) for name, kind in OF_A_STROKE.items()}
    np.savez(folder / "keys" / f"{number}.npz", **arrays)  # pyright: ignore[reportArgumentType]
    np.save(folder / "keys" / f"{number}.npy", np.full(len(points), depth, np.float32))


@pytest.fixture
def folder(tmp_path):
    """Two keys: a zigzag and a bar that slide by 40 px and away from the plane by 8 px."""
    x = np.linspace(0, 200, 60)
    lines = [np.column_stack([100 + x, 100 + 30 * np.abs((x / 50) % 2 - 1)]), np.column_stack([100 + x, 260 + 0 * x])]
    write_key(tmp_path, 0, lines, 0)
    write_key(tmp_path, 1, [line + (40, 0) for line in lines], 8)
    asked = {"format": "anidoc-tween", "version": 1, "height": 400, "width": 500}
    asked |= {"frames": [1, 5], "times": [[0.25, 0.5]], "pins": []}
    (tmp_path / "tween.json").write_text(json.dumps(asked))
    return tmp_path


def test_a_folder_written_by_hand_is_filled(folder):
    done = anidoc("breakdowns", folder)
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "result.json").read_text())["good"] is True
    for number, time in enumerate((0.25, 0.5)):
        made = np.load(folder / "between" / f"0-{number}.npz", allow_pickle=False)
        start = np.load(folder / "keys" / "0.npz", allow_pickle=False)["points"]
        assert made["points"] == pytest.approx(start + (40 * time, 0), abs=0.3)  # corners
        assert made["depth"] == pytest.approx(8 * time, abs=0.01)
        assert made["offsets"].tolist() == [0, 60, 120] and made["key"].tolist() == [0, 0]
        assert made["stroke"].tolist() == [0, 1] and made["point"].tolist() == list(range(120))


def test_what_is_wrong_with_it_stands_in_the_folder(folder):
    asked = json.loads((folder / "tween.json").read_text())
    (folder / "tween.json").write_text(json.dumps(asked | {"times": [[1.5]]}))
    assert anidoc("breakdowns", folder).returncode != 0
    said = json.loads((folder / "result.json").read_text())
    assert said["good"] is False and "does not fit together" in said["sentence"] and said["remedy"]
