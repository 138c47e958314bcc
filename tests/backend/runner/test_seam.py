"""Where runner and Cel engine meet: whatever strokes pass the runner's check, the engine ends each in a frame or a sentence."""

import dataclasses

import numpy as np
import pytest

from backend.contracts.drawing import Strokes
from backend.contracts.jobfolder import save_job
from backend.contracts.messages import Problem
from backend.runner.run import run_and_tell
from tests.support.jobs import frames_of, make_job, put_drawing, result_of


def scribble(dice: np.random.Generator) -> Strokes:
    """Strokes nobody would draw: points, nothing, far away, as wide as the picture, all in one place."""
    lengths = [int(dice.choice([0, 1, 2, 3, 5, 40])) for _ in range(dice.integers(0, 8))]
    n, s = sum(lengths), len(lengths)
    points = (dice.normal(0, 1, (n, 2)) * dice.choice([1, 50, 100, 1e4, 1e6])).clip(-1e6, 1e6).astype(np.float32)
    if dice.random() < 0.2:
        points[:] = 30
    return Strokes(
        points=points,
        radius=(dice.random(n) * dice.choice([0, 1, 5, 200, 16_384])).astype(np.float32),
        opacity=(dice.random(n) * dice.choice([0, 1])).astype(np.float32),
        offsets=np.array([0, *np.cumsum(lengths)], np.int32),
        layer=dice.integers(0, 3, s).astype(np.int32),
        material=dice.integers(0, 2, s).astype(np.int32),
        cyclic=dice.random(s) < 0.5,
        role=dice.integers(0, 8, s).astype(np.uint8),
        ids=dice.integers(-1, 4, s).astype(np.int64),
    )


@pytest.mark.parametrize("seed", range(4))
def test_any_scribble_is_coloured_or_reported(tmp_path, seed):
    dice = np.random.default_rng(seed)
    job = make_job(tmp_path, (30, 34), engine="cel")
    more = {d.id: d for d in (put_drawing(tmp_path, scribble(dice), f"scribble {n}") for n in range(8))}
    save_job(tmp_path, dataclasses.replace(job, drawings=(*job.drawings, *more.values())))
    said = []
    end = run_and_tell(tmp_path, said.append)
    assert end.outcome == "done" and end.coloured + end.failed == len(job.drawings) + len(more)
    assert not [m for m in said if isinstance(m, Problem) and "mistake" in m.remedy]


def test_when_one_drawing_is_redrawn_the_frames_before_it_stay(tmp_path):
    make_job(tmp_path, range(30, 42), engine="cel")
    run_and_tell(tmp_path, lambda m: None)
    before = frames_of(tmp_path)
    times = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "frames").iterdir()}
    make_job(tmp_path, [*range(30, 36), 36.5, *range(37, 42)], engine="cel")
    run_and_tell(tmp_path, lambda m: None)
    same = [p.name for p in (tmp_path / "frames").iterdir() if times.get(p.name) == p.stat().st_mtime_ns]
    assert len(frames_of(tmp_path)) == 13 and before.items() <= frames_of(tmp_path).items()
    assert len(same) >= 7, "those before the redrawn one, and its old frame"


def test_two_whole_runs_in_two_places_give_the_same_bytes(tmp_path):
    for name in ("a", "b c"):
        make_job(tmp_path / name, range(30, 36), engine="cel")
        run_and_tell(tmp_path / name, lambda m: None)
    assert result_of(tmp_path / "a") == result_of(tmp_path / "b c")
