"""Close shots cut from known clips: every picture is cut alike, and regions keep their numbers."""

from pathlib import Path

import cv2
import numpy as np

from backend.evaluation.clips import find_clips
from backend.evaluation.close_shots import write_close


def test_lines_colours_and_regions_of_a_clip_are_cut_alike(tmp_path: Path) -> None:
    clip = tmp_path / "clips" / "one"
    line = np.full((100, 200), 255, np.uint8)
    cv2.rectangle(line, (40, 20), (80, 90), 0, 2)
    regions = np.full((100, 200), 1000, np.uint16)
    regions[line < 128] = 0
    regions[24:88, 44:78] = 1001
    colour = np.where((regions == 1001)[..., None], np.array([30, 60, 200], np.uint8), np.uint8(255))
    pictures: dict[str, np.ndarray] = {"line": line, "color": colour, "regions": regions}
    for kind, picture in pictures.items():
        (clip / kind).mkdir(parents=True)
        for name in ("0001.png", "0002.png"):
            cv2.imwrite(str(clip / kind / name), picture)
    cv2.imwrite(str(clip / "ref.png"), colour)
    write_close(find_clips(tmp_path / "clips")[0], tmp_path / "out" / "one")
    (cut,) = find_clips(tmp_path / "out")
    assert cut.names == ("0001.png", "0002.png")
    shown, numbers = cut.truth(1), cut.regions(1)
    assert shown.shape[:2] == numbers.shape
    assert shown.shape[0] < 100 and shown.shape[1] < 200
    assert numbers.max() == 1001
    assert (shown[numbers == 1001] == (200, 60, 30)).all()
    assert (numbers[-1] == 1001).any(), "the lower edge cuts the figure off"
