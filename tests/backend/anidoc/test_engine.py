"""The engine behind the command line, in processes of its own: frames, second press, cancel, finish, background."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest

from backend.anidoc.clip import ShotClip, best_references
from backend.anidoc.correspond import find_points
from backend.anidoc.engine import AniDocEngine
from backend.anidoc.fit import fit
from backend.contracts.correspondence import Correspondence, Tracks
from backend.contracts.engine import Frame, Step, Trouble
from backend.contracts.errors import AniDocError
from backend.contracts.job import Job
from backend.contracts.options import Diffusion, Options
from backend.contracts.shot import Reference, Shot
from backend.runner.inputs import Drawing
from tests.support.jobs import anidoc, environment
from tests.support.memory import Memory

SIZE = ["--size", "64x64", "--steps", "2"]


def doll(x: int, coloured: bool = False) -> np.ndarray:
    """A round head with a square hat, ``x`` px to the right: (120, 160, 3) uint8."""
    picture = np.full((120, 160, 3), 255, np.uint8)
    if coloured:
        cv2.circle(picture, (50 + x, 70), 30, (240, 200, 160), -1)
        cv2.rectangle(picture, (30 + x, 20), (70 + x, 45), (60, 60, 200), -1)
    cv2.circle(picture, (50 + x, 70), 30, (0, 0, 0), 2)
    cv2.rectangle(picture, (30 + x, 20), (70 + x, 45), (0, 0, 0), 2)
    return picture


@pytest.fixture
def shot_folder(tmp_path):
    """Three sketches and a reference."""
    (tmp_path / "sketches").mkdir()
    for n in range(3):
        cv2.imwrite(str(tmp_path / "sketches" / f"{n:04d}.png"), doll(10 * n))
    cv2.imwrite(str(tmp_path / "ref.png"), doll(0, True)[..., ::-1])
    return tmp_path


def colorize(folder, weights, *more, out="out", **options):
    arguments = ["--sketches", folder / "sketches", "--reference", folder / "ref.png", "--out", folder / out]
    return anidoc(
        "colorize", "--engine", "anidoc", "--weights", weights, *arguments, *SIZE, *more, timeout=200, **options
    )


def shot_of(pictures, references=1) -> Shot:
    rgba = [np.dstack([p, np.full(p.shape[:2], 255, np.uint8)]) for p in pictures]
    drawings = tuple(Drawing(f"{n:08x}", f"drawing {n}", line_art=p) for n, p in enumerate(rgba))
    coloured = np.dstack([doll(0, True), np.full((120, 160), 255, np.uint8)])
    given = tuple(Reference(f"sheet {n}", coloured) for n in range(references))
    return Shot("shot", 160, 120, tuple(d.id for d in drawings), drawings, references=given)


def small(**more) -> Options:
    return Options(anidoc=Diffusion(steps=2, width=64, height=64, **more))


def test_a_folder_of_sketches_is_coloured_and_a_second_call_keeps_it(shot_folder, weights):
    done = colorize(shot_folder, weights, "--json")
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said[-1]["coloured"] == 3 and any("processor" in m.get("doing", "") for m in said)
    assert any(m["type"] == "frame" and not m["final"] for m in said)  # shown while it is made
    job = json.loads((shot_folder / "out" / ".anidoc" / "job.json").read_text())
    assert job["options"]["anidoc"]["seed"] == 42
    first = {n: (shot_folder / "out" / f"{n:04d}.png").read_bytes() for n in range(3)}
    assert cv2.imread(str(shot_folder / "out" / "0001.png"), -1).shape == (120, 160, 4)
    again = json.loads(colorize(shot_folder, weights, "--json").stdout.splitlines()[-1])
    assert again["kept"] == 3
    assert colorize(shot_folder, weights, out="other").returncode == 0
    assert {n: (shot_folder / "other" / f"{n:04d}.png").read_bytes() for n in range(3)} == first


def test_cancel_ends_the_process_in_the_middle_of_a_step(shot_folder, weights):
    arguments = ["--sketches", shot_folder / "sketches", "--reference", shot_folder / "ref.png"]
    arguments += ["--out", shot_folder / "out", "--engine", "anidoc", "--weights", weights, "--steps", "900", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "backend", "colorize", *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "colouring with AniDoc" in line:
                break
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        rest = process.communicate(timeout=60)[0]
    finally:
        process.kill()
    assert process.returncode == 130 and '"outcome": "cancelled"' in rest
    assert time.monotonic() - asked < 30  # one step on a busy machine


def test_without_weights_it_says_what_to_give(shot_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("ANIDOC_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("ANIDOC_WEIGHTS", raising=False)
    done = colorize(shot_folder, tmp_path / "none")
    assert done.returncode == 2 and "no folder" in done.stderr
    with pytest.raises(AniDocError, match="no weights"):
        list(AniDocEngine().frames(shot_of([doll(0)]), Options(), Memory()))


def test_numbers_that_cannot_be_are_refused(shot_folder, weights):
    done = colorize(shot_folder, weights, "--length", "1")
    assert done.returncode == 2 and "cannot work with these numbers" in done.stderr


def test_a_broken_drawing_is_told_and_the_others_are_coloured(weights):
    shot = shot_of([doll(0), doll(10)[:50], doll(20)])
    events = list(AniDocEngine(weights).frames(shot, small(), Memory()))
    assert [e.drawing for e in events if isinstance(e, Trouble)] == [shot.ids[1]]
    final = [e for e in events if isinstance(e, Frame) and e.final]
    assert [e.drawing for e in final] == [shot.ids[0], shot.ids[2]]
    assert final[0].paint().shape == (120, 160, 4)


def test_steps_go_up_and_nothing_is_sampled_twice(weights):
    store, engine, shot = Memory(), AniDocEngine(weights), shot_of([doll(0), doll(10)])
    first = list(engine.frames(shot, small(), store))
    steps = [e.done for e in first if isinstance(e, Step) and e.doing.startswith("colouring")]
    assert steps == sorted(steps) and len(steps) == 2
    again = list(engine.frames(shot, small(), store))
    assert not any(isinstance(e, Step) and e.doing.startswith("colouring") for e in again)
    recipes = [[e.recipe for e in events if isinstance(e, Frame) and e.final] for events in (first, again)]
    assert recipes[0] == recipes[1]
    other = list(engine.frames(shot, small(seed=1), store))
    assert not set(recipes[0]) & {e.recipe for e in other if isinstance(e, Frame) and e.final}


def test_the_figure_can_be_cut_out_along_its_lines(weights):
    shot = shot_of([doll(0)])
    kept, cut = (
        next(
            e
            for e in AniDocEngine(weights).frames(shot, small(background=b), Memory())
            if isinstance(e, Frame) and e.final
        )
        for b in ("keep", "cut")
    )
    assert (kept.paint()[..., 3] == 255).all()
    alpha = cut.paint()[..., 3]
    assert alpha[5, 5] == 0 and alpha[70, 50] == 255 and alpha[30, 50] == 255


def test_the_result_can_be_finished_into_flats(weights):
    shot = shot_of([doll(0), doll(10)])
    events = AniDocEngine(weights).frames(shot, small(finish=True), Memory())
    for frame in [e for e in events if isinstance(e, Frame) and e.final]:
        picture = frame.paint()
        inside = picture[60:80, 40:60] if frame.drawing == shot.ids[0] else picture[60:80, 50:70]
        assert len(np.unique(inside.reshape(-1, 4), axis=0)) == 1  # one flat colour between the lines


def clip_of(pictures, references, **more) -> tuple[ShotClip, object]:
    made = fit(160, 120, (512, 320))
    clip = ShotClip(made.model[1], made.model[0], references, **more)
    for picture in pictures:
        clip.add(made.to_model(picture[..., 0]))
    return clip, made


def test_a_still_shot_keeps_its_points_and_as_released_has_none():
    shot = shot_of([doll(0)] * 5)
    for release, expected in ((None, True), (1, False)):
        made = fit(160, 120, (512, 320))
        reference = made.to_model(doll(0, True))
        clip, _ = clip_of([doll(0)] * 5, [reference], release=release)
        for said in find_points(shot, clip, made, shot.ids):
            if not isinstance(said, Step):
                clip.correspondences = said
        assert len(clip.correspondences[0]) > 3
        condition = clip.condition(0, 5)
        assert bool(condition[:, 3].any()) == bool(condition[:, 4].any()) == expected


def test_each_frame_takes_its_colours_from_the_reference_that_is_seen_in_it():
    def seen(which, frames):
        visible = np.zeros((6, 2), bool)
        visible[frames] = True
        return Correspondence(
            np.zeros((2, 2), np.float32), Tracks(np.zeros((6, 2, 2), np.float32), visible), which=which
        )

    found = [seen(0, slice(0, 2)), seen(1, slice(3, 6))]
    assert best_references(found, 6, 2).tolist() in ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1])
    assert best_references([], 3, 2).tolist() == [0, 0, 0]


def fish(x: int, coloured: bool = False) -> np.ndarray:
    """Nothing like the doll: a long body with a tail and a fin, (120, 160, 3) uint8."""
    picture = np.full((120, 160, 3), 255, np.uint8)
    body, tail = ((70 + x, 60), (45, 20), 0, 0, 360), np.array([[25 + x, 60], [2 + x, 35], [2 + x, 85]], np.int32)
    if coloured:
        cv2.ellipse(picture, *body, (90, 180, 90), -1)
        cv2.fillPoly(picture, [tail], (30, 90, 200))
    cv2.ellipse(picture, *body, (0, 0, 0), 2)
    cv2.polylines(picture, [tail], True, (0, 0, 0), 2)
    cv2.circle(picture, (95 + x, 55), 5, (0, 0, 0), 2)
    return picture


def test_each_range_of_a_shot_takes_its_colours_from_the_reference_that_is_like_it():
    drawings = [doll(0), doll(4), doll(8), fish(0), fish(4), fish(8)]
    shot = shot_of(drawings)
    coloured = [np.dstack([made(0, True), np.full((120, 160), 255, np.uint8)]) for made in (fish, doll)]
    shot = replace(shot, references=tuple(Reference(f"sheet {n}", c) for n, c in enumerate(coloured)))
    made = fit(160, 120, (512, 320))
    clip, _ = clip_of(drawings, [made.to_model(c[..., :3]) for c in coloured])
    found = next(said for said in reversed(list(find_points(shot, clip, made, shot.ids))) if not isinstance(said, Step))
    clip.correspondences, clip.reference = found, best_references(found, 6, 2)
    assert clip.reference.tolist() == [1, 1, 1, 0, 0, 0]
    condition = clip.condition(0, 6)
    assert all(condition[n, 3].any() and condition[n, 4].any() for n in range(6))


def test_two_references_are_shown_each_in_its_frames():
    made = fit(160, 120, (512, 320))
    red, blue = (np.full((made.model[1], made.model[0], 3), c, np.uint8) for c in ((255, 0, 0), (0, 0, 255)))
    clip, _ = clip_of([doll(0)] * 4, [red, blue])
    clip.reference = np.array([0, 0, 1, 1])
    condition = clip.condition(1, 3)
    assert condition[0, 5].min() == 1 and condition[1, 7].min() == 1 and condition[1, 5].max() == -1


def test_the_job_keeps_the_settings():
    job = Job("", 9, 9, engine="anidoc", options=Options(anidoc=Diffusion(seed=7)))
    assert job.options.anidoc == Diffusion(seed=7)
