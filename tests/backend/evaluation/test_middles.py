"""In-betweens scored: a middle drawing that its artist did not put half way is told from one that is drawn wrong."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.evaluation.clips import find_clips
from backend.evaluation.middles import HALF, TIMES, lines_apart, middles, scored_middle
from backend.pictures.write import encode_png

BLUE = (40, 80, 200)


def slid(folder: Path, places: tuple[int, ...]) -> None:
    """A clip in which a blue square with a black outline slides from place to place, px."""
    for number, x in enumerate(places, 1):
        lines = np.full((120, 200), 255, np.uint8)
        cv2.rectangle(lines, (x, 40), (x + 40, 80), 0, 2)
        colour = np.full((120, 200, 4), 255, np.uint8)
        colour[41:80, x + 1 : x + 40, :3] = BLUE
        colour[lines == 0, :3] = 0
        regions = np.ones((120, 200), np.uint8)
        regions[41:80, x + 1 : x + 40] = 2
        regions[lines == 0] = 0
        for kind, picture in (("line", lines), ("color", colour), ("regions", regions)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            (folder / kind / f"{number:04}.png").write_bytes(encode_png(picture))


@pytest.mark.parametrize(("middle", "best"), [(60, 0.5), (84, 0.8)])
def test_the_best_time_is_where_the_artist_put_the_drawing(tmp_path, middle, best):
    slid(tmp_path / "slid", (20, middle, 100))
    (clip,) = find_clips(tmp_path)
    assert middles(clip) == [1]
    scores = scored_middle(clip, 1, "line")
    found = int(np.argmin([s.cd for s in scores]))
    assert TIMES[found] == best
    assert scores[found].f1 > 98 and scores[found].acc == 100
    assert best == 0.5 or (scores[HALF].cd > 10 * scores[found].cd and scores[HALF].f1 < 60)


def test_a_clip_in_which_nothing_moves_asks_for_nothing(tmp_path):
    slid(tmp_path / "still", (20, 20, 20))
    assert middles(find_clips(tmp_path)[0]) == []


def test_lines_a_px_beside_are_right_and_lines_missing_are_not():
    true = np.zeros((100, 100), bool)
    true[50, 20:80] = True
    cd, f1 = lines_apart(np.roll(true, 1, 0), true)
    assert f1 == 100 and cd == pytest.approx(1e5 * 120 / (1e4 * np.hypot(100, 100)))
    assert lines_apart(np.zeros_like(true), true)[1] == 0
