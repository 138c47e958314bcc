"""Generated clips have the benchmark's form, and their sheets show what a studio's sheet shows."""

import json

import numpy as np
import pytest

from backend.demo.design import design_from_seed
from backend.evaluation.clips import find_clips
from backend.evaluation.model_sheets import LAYOUTS, TINT, design_sheet
from backend.evaluation.scores import score
from backend.evaluation.shots import FIRST, write_shots
from backend.evaluation.tumbles import tumble
from backend.training import limbs
from backend.training.sheets import KEPT_APART, training_seeds


def test_a_generated_clip_can_be_evaluated(tmp_path):
    (name,) = write_shots(tmp_path, range(FIRST, FIRST + 1), 2, ("column",))
    (clip,) = find_clips(tmp_path)
    assert clip.name == name and len(clip.names) == 2 and len(clip.references) == 1
    assert json.loads((clip.folder / "meta.json").read_text())["seed"] == FIRST
    assert int(clip.regions(0).max()) > 40

    def truth(number: int) -> np.ndarray:
        picture = clip.truth(number)
        return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])

    assert score(clip, "key", truth).acc == 100


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sheet_shows_its_characters_colours(layout):
    sheet = design_sheet(FIRST + 3, layout, size=50)
    assert (sheet[..., 3] == 255).all()
    shown = {tuple(c) for c in np.unique(sheet[..., :3].reshape(-1, 3), axis=0).tolist()}
    colours = design_from_seed(FIRST + 3).colours
    assert {colours["Coat"], colours["Hair"], colours["Skin"]} <= shown
    assert tuple(sheet[0, 0, :3]) == (TINT if layout == "framed" else (255, 255, 255))


def test_nothing_is_fitted_on_what_is_measured():
    assert len(training_seeds(300)) == 300
    assert not set(training_seeds(300)) & set(KEPT_APART)
    assert not set(limbs.training_seeds(200)) & set(KEPT_APART)
    assert FIRST in KEPT_APART and FIRST + 500 in KEPT_APART


def test_a_tumbling_figure_turns_and_keeps_its_parts():
    shot = tumble(303, 5)
    parts = [[flat.part for flat in drawing.flats] for drawing in shot.drawings]
    assert all(sorted(p) == sorted(parts[0]) for p in parts)
    faces = [next(f.polygon for f in d.flats if f.part == "face") for d in (shot.drawings[0], shot.drawings[4])]
    before, after = (face[0] - face.mean(0) for face in faces)
    assert before @ after < 0.9 * np.linalg.norm(before) * np.linalg.norm(after)
