"""Scores say what an artist would count; and they are those of the benchmark's own scorer, to the digit."""

import importlib.util
from dataclasses import astuple

import cv2
import numpy as np
import pytest

from backend.contracts.errors import AniDocError
from backend.evaluation.clips import find_clips
from backend.evaluation.scores import medians, score
from tests.support.bench import COAT, SHOE, SKIN, open_bench, write_clip


@pytest.fixture
def clip(tmp_path):
    write_clip(tmp_path / "doll")
    (found,) = find_clips(tmp_path)
    return found


def opaque(picture: np.ndarray) -> np.ndarray:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def test_the_truth_itself_scores_full_marks(clip):
    found = score(clip, "key", lambda n: opaque(clip.truth(n)))
    assert (found.acc, found.acc_t, found.pix_acc, found.exact) == (100, 100, 100, 100)
    assert found.flicker == 0 and found.colours == 3


def test_one_wrong_part_of_five_is_a_fifth(clip):
    def blue_shoe(number: int) -> np.ndarray:
        picture = clip.truth(number)
        picture[140:181, 55:79][(picture[140:181, 55:79] == SHOE).all(2)] = COAT
        return opaque(picture)

    assert score(clip, "key", blue_shoe).acc == 80


def test_a_part_that_changes_its_colour_flickers(clip):
    def blinking(number: int) -> np.ndarray:
        picture = clip.truth(number)
        picture[(picture == SKIN).all(2)] = (250, 210 - 60 * (number % 2), 180)
        return opaque(picture)

    assert 1 < score(clip, "sheet", blinking).flicker < 20


def test_nothing_drawn_scores_nothing(clip):
    found = score(clip, "sheet", lambda n: np.zeros((200, 160, 4), np.uint8))
    assert found.acc == 0 and found.exact == 0


def test_given_drawings_are_not_scored(clip):
    judged = {}
    score(clip, "ends", lambda n: opaque(clip.truth(n)), judged)
    assert list(judged) == [1]


def test_medians_are_those_of_numpy():
    random = np.random.default_rng(3)
    values, labels = random.normal(size=(500, 3)).astype(np.float32), random.integers(0, 9, 500)
    labels[labels == 4] = 5
    found = medians(values, labels, 9)
    for k in (0, 5, 8):
        assert (found[k] == np.median(values[labels == k], axis=0)).all()
    assert np.isnan(found[4]).all()


def test_an_incomplete_clip_is_told_in_a_sentence(tmp_path):
    folder = write_clip(tmp_path / "doll")
    (folder / "regions" / "0002.png").unlink()
    with pytest.raises(AniDocError, match=r"doll lacks regions/0002\.png"):
        find_clips(tmp_path)
    with pytest.raises(AniDocError, match="no clip cat"):
        find_clips(tmp_path, ["cat"])


@pytest.mark.parametrize("name", ["lottie_girl_jump", "ga_cat_walk"])
@pytest.mark.parametrize("task", ["key", "ends", "sheet"])
def test_the_scores_are_those_of_the_benchmarks_own_scorer(tmp_path, name, task):
    bench = open_bench()
    spec = importlib.util.spec_from_file_location("bench_score", bench / "score.py")
    assert spec is not None and spec.loader is not None
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    (clip,) = find_clips(bench, [name])
    random = np.random.default_rng(1)
    predictions = {}
    for number, file in enumerate(clip.names):
        # Wrong in many ways: moved, partly repainted, partly transparent.
        picture = opaque(np.roll(clip.truth(number), (3, -2), (0, 1)))
        y, x = random.integers(0, picture.shape[0] - 60), random.integers(0, picture.shape[1] - 60)
        picture[y : y + 60, x : x + 60] = (*random.integers(0, 255, 3), random.integers(0, 256))
        predictions[number] = picture
        cv2.imwrite(str(tmp_path / file), cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA))
    expected = theirs.score_clip(clip.folder, tmp_path, task)
    found = score(clip, task, predictions.__getitem__)
    wanted = [expected[k] for k in ("Acc", "AccT", "PixAcc", "Flicker", "Exact", "Colours")]
    assert [f"{v:.6f}" for v in astuple(found)] == [f"{v:.6f}" for v in wanted]
