"""The reference's background, taken off before anything is matched: paper at its edge, or by a matte."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from backend.anidoc.background import figures
from backend.anidoc.fit import fit
from backend.anidoc.installed import matte
from backend.anidoc.pictures import reference_pictures
from backend.contracts.errors import AniDocError
from backend.contracts.options import ReferenceBackground
from backend.contracts.shot import Reference, Shot
from tests.support.memory import Memory


def reference(paper=(250, 240, 200)) -> Reference:
    """A ring of red on paper: paper shows through its middle, too."""
    picture = np.full((80, 100, 4), (*paper, 255), np.uint8)
    cv2.circle(picture, (50, 40), 30, (0, 0, 0, 255), -1)
    cv2.circle(picture, (50, 40), 28, (200, 30, 30, 255), -1)
    cv2.circle(picture, (50, 40), 8, (*paper, 255), -1)
    return Reference("sheet", picture)


class Half:
    """A matte that takes the right half for the figure, and counts how often it is asked."""

    asked = 0

    def of(self, picture):
        self.asked += 1
        found = np.zeros(picture.shape[:2], np.float32)
        found[:, picture.shape[1] // 2 :] = 1
        return found


def never():
    raise AssertionError("no network is needed")


def test_paper_at_the_edge_is_taken_off_and_enclosed_paper_stays():
    (cut,), kept = figures([reference()], "cut", Memory(), never)
    alpha = cut.picture[..., 3]
    assert not kept and alpha[2, 2] == 0 and alpha[40, 25] == 255 and alpha[40, 50] == 255
    assert np.array_equal(cut.picture[..., :3], reference().picture[..., :3])
    shown = reference_pictures(Shot("", 100, 80, (), ()), [cut], fit(100, 80, (64, 64)))[0]
    assert (shown[0, 0] == 255).all()  # what the model and the matcher see


def test_nothing_is_taken_off_unasked_or_where_somebody_has_cut_the_figure_out():
    clear = reference()
    clear.picture[:10, :, 3] = 0
    cases: tuple[tuple[Reference, ReferenceBackground], ...] = (
        (reference(), "keep"), (clear, "cut"), (clear, "matte"),
    )  # fmt: skip
    for given, how in cases:
        (same,), kept = figures([given], how, Memory(), never)
        assert same is given and not kept


def test_a_scene_keeps_its_background_and_is_named():
    scene = reference()
    scene.picture[..., :3] = np.random.default_rng(0).integers(0, 255, (80, 100, 3))
    (same,), kept = figures([scene], "cut", Memory(), never)
    assert same is scene and kept == ["sheet"]
    blank = replace(scene, picture=np.full((80, 100, 4), 255, np.uint8))
    assert figures([blank], "cut", Memory(), never)[1] == ["sheet"]


def test_a_matte_is_found_once_for_each_picture():
    half, store = Half(), Memory()
    for _ in range(2):
        (cut,), _ = figures([reference()], "matte", store, lambda: half)
        assert cut.picture[40, 20, 3] == 0 and cut.picture[40, 70, 3] == 255
    assert half.asked == 1 and len(store) == 1


def test_without_u2net_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("ANIDOC_MODELS", str(tmp_path))
    with pytest.raises(AniDocError, match="U-2-Net is not on this computer"):
        matte()
