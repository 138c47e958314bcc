"""``anidoc inbetween``: its fixed form, palette-exact colours, and a sentence for what cannot be done."""

import cv2
import numpy as np
import pytest

from backend.contracts.errors import AniDocError
from backend.contracts.spacing import fractions, frames_between, read_chart
from backend.lineart.sketch import read_sketch
from backend.pictures.read import read_picture
from tests.support.jobs import anidoc

RED, BLUE = (40, 30, 220), (220, 90, 20)


def scene(x: int) -> tuple[np.ndarray, np.ndarray]:
    """A box with a disc on it at ``x``: lines, and colours (BGR) on white."""
    lines, colour = np.full((160, 240), 255, np.uint8), np.full((160, 240, 3), 255, np.uint8)
    cv2.rectangle(colour, (x, 70), (x + 60, 130), BLUE, -1)
    cv2.rectangle(lines, (x, 70), (x + 60, 130), 0, 2)
    cv2.circle(colour, (x + 30, 50), 20, RED, -1)
    cv2.circle(lines, (x + 30, 50), 20, 0, 2)
    return lines, colour


@pytest.fixture
def ends(tmp_path):
    """Two keys 40 px apart."""
    for name, x in (("a", 50), ("b", 90)):
        for kind, picture in zip(("line", "color"), scene(x), strict=True):
            cv2.imwrite(str(tmp_path / f"{name}-{kind}.png"), picture)
    return tmp_path


def test_lines_and_colours_stand_half_way(ends):
    done = anidoc("inbetween", "--from", ends / "a-line.png", "--to", ends / "b-line.png", "--count", "1", "--out",
                  ends / "out", "--from-color", ends / "a-color.png", "--to-color", ends / "b-color.png")  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = cv2.imread(str(ends / "out" / "line" / "0001.png"), cv2.IMREAD_UNCHANGED)
    true, colour = scene(70)
    assert made is not None
    assert made.shape == true.shape and set(np.unique(made)) == {0, 255}
    away = cv2.distanceTransform((true > 0).astype(np.uint8), cv2.DIST_L2, 5)
    assert (away[made == 0] <= 2).mean() > 0.95
    painted = cv2.imread(str(ends / "out" / "color" / "0001.png"), cv2.IMREAD_UNCHANGED)
    assert painted is not None
    assert painted.shape == (160, 240, 4)
    seen = {tuple(int(v) for v in c) for c in np.unique(painted.reshape(-1, 4), axis=0)}
    assert seen <= {(*RED, 255), (*BLUE, 255), (0, 0, 0, 0)}
    paper = np.where(painted[..., 3:] > 0, painted[..., :3], 255)
    assert (paper == colour).all(2).mean() > 0.97


def test_lines_without_colours_stand_half_way_too_and_none_is_drawn_twice(ends):
    done = anidoc("inbetween", "--from", ends / "a-line.png", "--to", ends / "b-line.png", "--count", "1", "--out",
                  ends / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = cv2.imread(str(ends / "out" / "line" / "0001.png"), cv2.IMREAD_UNCHANGED)
    assert made is not None and not (ends / "out" / "color").exists()
    true, _ = scene(70)
    away = cv2.distanceTransform((true > 0).astype(np.uint8), cv2.DIST_L2, 5)
    assert (away[made == 0] <= 2).mean() > 0.95
    assert 0.9 < (made == 0).sum() / (true == 0).sum() < 1.1


def test_separation_lines_keep_their_colour_so_that_colouring_knows_them(ends):
    for name, x in (("a", 50), ("b", 90)):
        picture = cv2.cvtColor(scene(x)[0], cv2.COLOR_GRAY2BGR)
        cv2.line(picture, (x + 20, 74), (x + 20, 126), RED, 2)
        cv2.imwrite(str(ends / f"{name}-marked.png"), picture)
    done = anidoc("inbetween", "--from", ends / "a-marked.png", "--to", ends / "b-marked.png", "--count", "1", "--out",
                  ends / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    line = cv2.imread(str(ends / "out" / "line" / "0001.png"), cv2.IMREAD_UNCHANGED)
    assert line is not None and line.ndim == 2 and set(np.unique(line).tolist()) == {0, 255}
    made = read_picture((ends / "out" / "separated" / "0001.png").read_bytes(), "made")
    assert np.array_equal(line == 0, (made[..., :3] < 255).any(2))
    sketch = read_sketch(made)
    assert sketch.separation is not None
    rows, columns = np.nonzero(sketch.separation)
    assert 88 <= np.median(columns) <= 92 and np.ptp(rows) > 45
    assert {tuple(int(v) for v in c) for c in made[rows, columns, :3]} == {RED[::-1]}
    black = (made[..., :3] == 0).all(2)
    assert black.sum() > 5 * len(rows) and (made[~black & (sketch.separation == 0)] == 255).all()


def test_black_lines_on_yellow_paper_stay_black(ends):
    for name in "ab":
        page = cv2.imread(str(ends / f"{name}-line.png"), cv2.IMREAD_GRAYSCALE)
        assert page is not None
        soft = cv2.GaussianBlur(page, (5, 5), 0)[..., None] / 255
        cv2.imwrite(str(ends / f"{name}-aged.png"), (soft * (150, 225, 240)).astype(np.uint8))
    done = anidoc("inbetween", "--from", ends / "a-aged.png", "--to", ends / "b-aged.png", "--count", "1", "--out",
                  ends / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = cv2.imread(str(ends / "out" / "line" / "0001.png"), cv2.IMREAD_UNCHANGED)
    assert made is not None and made.ndim == 2 and set(np.unique(made)) == {0, 255}


def test_what_cannot_be_done_is_a_sentence(ends):
    def ask(*more):
        return anidoc("inbetween", "--to", ends / "b-line.png", "--out", ends / "out", *more)

    missing = ask("--from", ends / "none.png", "--count", "1")
    assert missing.returncode == 2 and "none.png is missing" in missing.stderr
    assert "0 in-betweens cannot be made" in ask("--from", ends / "a-line.png", "--count", "0").stderr
    one = ask("--from", ends / "a-line.png", "--count", "1", "--from-color", ends / "a-color.png")
    assert "Only one end is coloured" in one.stderr
    cv2.imwrite(str(ends / "white.png"), np.full((160, 240), 255, np.uint8))
    assert "no lines on the first drawing" in ask("--from", ends / "white.png", "--count", "1").stderr
    cv2.imwrite(str(ends / "small.png"), np.zeros((9, 9), np.uint8))
    assert "differ in size" in ask("--from", ends / "small.png", "--count", "1").stderr
    assert not (ends / "out").exists()


def test_spacing_is_what_animators_mean_by_it():
    assert fractions(3) == (0.25, 0.5, 0.75)
    assert fractions(1, "slow out") == (0.25,) and fractions(1, "slow in") == (0.75,)
    assert fractions(3, "both") == pytest.approx((0.15625, 0.5, 0.84375))
    assert read_chart("1/3 0.5; 0.9") == pytest.approx((1 / 3, 0.5, 0.9))
    assert frames_between(1, 9, step=2) == (3, 5, 7) and frames_between(1, 9, count=1) == (5,)
    for chart in ("", "0.5 0.5", "0 0.5", "half", "1/0"):
        with pytest.raises(AniDocError):
            read_chart(chart)
    with pytest.raises(AniDocError):
        frames_between(1, 3, count=4)
