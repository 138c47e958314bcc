"""Line art from coloured pictures: drawn lines are found, unlined edges become lines, noise does not."""

import cv2
import numpy as np

from backend.demo.shot import demo_shot
from backend.evaluation.generated import coloured, line_art
from backend.lineart.extract import Extract, extract
from backend.pictures.read import read_picture
from backend.pictures.write import write_png
from tests.support.jobs import anidoc


def agreement(found, true, px=2.0):
    """Precision and recall of line pixels within ``px``."""
    to_true, to_found = (
        cv2.distanceTransform(np.where(a, 0, 1).astype(np.uint8), cv2.DIST_L2, 5) for a in (true, found)
    )
    return (to_true[found] <= px).mean(), (to_found[true] <= px).mean()


def test_the_demos_lines_are_found_again():
    shot = demo_shot(1, 960, 540)
    picture = coloured(shot, shot.drawings[0])
    precision, recall = agreement(extract(picture) == 0, line_art(shot, shot.drawings[0]) < 128)
    assert precision > 0.85 and recall > 0.85


def flats():
    picture = np.full((120, 160, 3), 255, np.uint8)
    cv2.rectangle(picture, (30, 20), (120, 100), (200, 60, 60), -1)
    cv2.rectangle(picture, (30, 60), (120, 100), (150, 40, 60), -1)
    return picture


def test_edges_of_flats_become_lines_two_px_wide():
    lines = extract(flats())
    assert set(np.unique(lines)) == {0, 255}
    assert (lines[57:63, 70] == 0).any() and (lines[80, 27:34] == 0).sum() == 2
    assert (lines[30:55, 40:110] == 255).all()
    assert (extract(flats(), Extract(edges=False)) == 0).mean() < 0.005, "only corners may be taken for thin"


def test_noise_makes_few_lines():
    noisy = np.clip(flats() + np.random.default_rng(0).normal(0, 5, (120, 160, 3)), 0, 255).astype(np.uint8)
    assert (extract(noisy)[30:55, 40:110] == 0).mean() < 0.01


def test_the_command_keeps_names_and_refuses_to_overwrite(tmp_path):
    picture = np.dstack([flats(), np.full((120, 160), 255, np.uint8)])
    for n in (1, 2):
        write_png(tmp_path / "in" / f"{n:04d}.png", picture)
    done = anidoc("sketch", "--frames", tmp_path / "in", "--out", tmp_path / "out")
    assert done.returncode == 0 and sorted(p.name for p in (tmp_path / "out").iterdir()) == ["0001.png", "0002.png"]
    written = read_picture((tmp_path / "out" / "0001.png").read_bytes(), "0001.png")
    assert set(np.unique(written[..., :3])) == {0, 255}
    done = anidoc("sketch", "--frames", tmp_path / "in", "--out", tmp_path / "in")
    assert done.returncode == 2 and "would overwrite" in done.stderr
