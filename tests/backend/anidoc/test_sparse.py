"""The sparse mode: two drawings, a reference, and nothing between them; points on their way, and the command."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from backend.anidoc.clip import ShotClip
from backend.anidoc.engine import AniDocEngine
from backend.anidoc.fit import Fit, fit
from backend.anidoc.sparse import MOST, find_sparse, times_of
from backend.cli.main import main
from backend.contracts.drawing import LINE, Drawing, Strokes
from backend.contracts.engine import Frame, Step, Trouble
from backend.contracts.errors import AniDocError, DrawingError
from backend.contracts.options import Diffusion, Options
from backend.contracts.shot import Exposure, Key, Reference, Shot
from tests.support.jobs import anidoc
from tests.support.memory import Memory

WIDE, HIGH = 160, 120


def doll(x: int, coloured: bool = False) -> np.ndarray:
    """A round head with a square hat, ``x`` px to the right: (120, 160, 4) uint8."""
    picture = np.full((HIGH, WIDE, 3), 255, np.uint8)
    if coloured:
        cv2.circle(picture, (50 + x, 70), 30, (240, 200, 160), -1)
        cv2.rectangle(picture, (30 + x, 20), (70 + x, 45), (60, 60, 200), -1)
    cv2.circle(picture, (50 + x, 70), 30, (0, 0, 0), 2)
    cv2.rectangle(picture, (30 + x, 20), (70 + x, 45), (0, 0, 0), 2)
    return np.dstack([picture, np.full((HIGH, WIDE), 255, np.uint8)])


class Ends:
    """Drawings of which only the first and the last may be looked at."""

    def __init__(self, first: Drawing, last: Drawing, count: int) -> None:
        self._first, self._last, self._count = first, last, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Drawing:
        if number not in (0, self._count - 1):
            raise DrawingError("Nobody drew this one.")
        return self._last if number else self._first


def shot_of(first: Drawing, last: Drawing, count: int = 5, **more) -> Shot:
    ids = tuple(f"{n:08x}" for n in range(count))
    return Shot("shot", WIDE, HIGH, ids, Ends(first, last, count), **more)  # pyright: ignore[reportArgumentType]


def pictures(**more) -> Shot:
    """The doll walks 24 px; its reference is the first drawing, coloured."""
    drawings = (Drawing("00000000", "a", line_art=doll(0)), Drawing("00000004", "b", line_art=doll(24)))
    return shot_of(*drawings, **{"references": (Reference("sheet", doll(0, True)),), **more})


def clip_of(shot: Shot, sketches, heat: bool = False) -> tuple[ShotClip, Fit]:
    made = fit(WIDE, HIGH, (512, 320))
    clip = ShotClip(made.model[1], made.model[0], [made.to_model(doll(0, True)[..., :3])], heat=heat)
    for sketch in sketches:
        clip.add(made.to_model(sketch))
    clip.drawn = np.array([True, *[False] * (len(sketches) - 2), True])
    return clip, made


def points(shot: Shot, clip: ShotClip, made, spacing=()) -> list:
    steps = find_sparse(shot, clip, made, shot.ids, spacing=spacing)
    found = [said for said in steps if not isinstance(said, Step)]
    return list(found[-1])


def blank() -> np.ndarray:
    return np.full((HIGH, WIDE), 255, np.uint8)


def test_points_go_straight_from_the_first_to_the_last_drawing():
    shot = pictures()
    clip, made = clip_of(shot, [doll(0)[..., 0], blank(), blank(), blank(), doll(24)[..., 0]])
    (found,) = points(shot, clip, made)
    assert 0 < len(found) <= MOST and found.tracks.visible.all()
    way = found.tracks.points[-1] - found.tracks.points[0]
    assert np.abs(way - (24 * made.scale[0], 0)).max() < 4  # the doll's own way, in the model's px
    assert np.allclose(found.tracks.points[2], found.tracks.points[0] + way / 2, atol=1e-3)


def test_a_key_at_either_end_gives_points_and_spacing_is_the_shots():
    for drawing, end in (("00000000", 0), ("00000004", -1)):
        exposures = tuple(Exposure(f, 1, f"{n:08x}") for n, f in enumerate((1, 2, 3, 5, 9)))
        shot = pictures(keys=(Key(drawing, picture=doll(0, True)),), references=(), exposures=exposures)
        assert times_of(shot, shot.ids).tolist() == [0, 0.125, 0.25, 0.5, 1]
        clip, made = clip_of(shot, [doll(0)[..., 0], blank(), blank(), blank(), doll(24)[..., 0]])
        (found,) = points(shot, clip, made)
        t = found.tracks.points
        assert np.array_equal(t[end], found.reference)
        assert np.allclose(t[3], (t[0] + t[-1]) / 2, atol=1e-3)


def test_a_spacing_chart_moves_the_points_and_a_key_from_elsewhere_is_matched_like_a_reference():
    exposures = tuple(Exposure(f, 1, f"{n:08x}") for n, f in enumerate((1, 2, 3, 4, 5)))
    shot = pictures(keys=(Key("99999999", picture=doll(0, True)),), references=(), exposures=exposures)
    chart = ((2, 0.6), (3, 0.7), (4, 0.9))
    assert times_of(shot, shot.ids, chart).tolist() == [0, 0.6, 0.7, 0.9, 1]
    clip, made = clip_of(shot, [doll(0)[..., 0], blank(), blank(), blank(), doll(24)[..., 0]])
    (found,) = points(shot, clip, made, chart)
    way = found.tracks.points - found.tracks.points[0]
    assert len(found) and np.allclose(way[1], 0.6 * way[-1], atol=1e-3)


def limb(angle: float) -> Strokes:
    """A bar with a notch that turns about its end, as a stroke."""
    shape = np.array([[0, -6], [60, -6], [60, 0], [70, 0], [70, 6], [0, 6]], np.float32)
    sides = [np.linspace(a, b, 12, endpoint=False) for a, b in zip(shape, np.roll(shape, -1, 0), strict=True)]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    at = (np.concatenate(sides) @ turn.T + (70, 60)).astype(np.float32)
    n = len(at)
    return Strokes(
        at, np.full(n, 1.2, np.float32), np.ones(n, np.float32), np.array([0, n], np.int32), np.zeros(1, np.int32),
        np.zeros(1, np.int32), np.array([True]), np.full(1, LINE, np.uint8), np.array([1], np.int64),
    )  # fmt: skip


def drawn(strokes: Strokes) -> np.ndarray:
    picture = blank()
    cv2.polylines(picture, [np.round(strokes.points).astype(np.int32)], True, 0, 2)
    return picture


def test_where_drawings_have_strokes_points_go_round_as_the_in_betweens_do():
    strokes = [limb(0.0), limb(-1.2)]
    first, last = (Drawing(f"0000000{n}", "", strokes=s) for n, s in zip((0, 2), strokes, strict=True))
    shot = shot_of(first, last, 3, keys=(Key("00000000", picture=doll(0, True)),))
    clip, made = clip_of(shot, [drawn(strokes[0]), blank(), drawn(strokes[1])])
    (found,) = points(shot, clip, made)
    joint = made.points(np.array([69.5, 59.5]))
    far = np.linalg.norm(found.tracks.points - joint, axis=2)
    outer = far[0] > 0.6 * far[0].max()
    assert outer.any()
    straight = np.linalg.norm((found.tracks.points[0] + found.tracks.points[-1]) / 2 - joint, axis=1)
    middle = far[1]
    # Half way round a point is as far from the joint as before; half way along the chord it is nearer.
    assert (np.abs(middle - far[0])[outer] < 0.4 * (far[0] - straight)[outer]).all()


def test_points_are_heat_maps_or_single_pixels_and_the_middle_has_no_sketch():
    shot = pictures()
    sketches = [doll(0)[..., 0], blank(), blank(), blank(), doll(24)[..., 0]]
    lit = []
    for heat in (True, False):
        clip, made = clip_of(shot, sketches, heat)
        clip.correspondences = points(shot, clip, made)
        condition = clip.condition(0, 5)
        assert not condition[1:4, :3].any() and condition[0, :3].any() and condition[4, :3].any()
        lit.append((condition[:, 4] > 0).mean(axis=(1, 2)))
    assert (lit[0] > 20 * lit[1]).all() and (lit[1] > 0).all()


def test_only_the_two_ends_are_looked_at_and_a_long_way_is_refused(weights):
    asked = Diffusion(steps=1, width=64, height=64, drawn="ends")
    events = list(AniDocEngine(weights).frames(pictures(), Options(anidoc=asked), Memory()))
    frames = [e for e in events if isinstance(e, Frame) and e.final]
    assert len(frames) == 5 and frames[2].paint().shape == (HIGH, WIDE, 4)
    key = replace(pictures(), ids=(*pictures().ids, "99999999"), keys=(Key("99999999", picture=doll(0, True)),))
    key = replace(key, exposures=tuple(Exposure(n + 1, 1, f"{n:08x}") for n in range(5)), references=())
    events = list(AniDocEngine(weights).frames(key, Options(anidoc=asked), Memory()))
    assert [e.drawing for e in events if isinstance(e, Frame) and e.final] == list(key.ids[:5])
    assert not [e for e in events if isinstance(e, Trouble)]
    same = replace(pictures(), exposures=(Exposure(1, 1, "00000000"), Exposure(2, 1, "00000000")))
    with pytest.raises(AniDocError, match="are the same"):
        list(AniDocEngine(weights).frames(same, Options(anidoc=asked), Memory()))
    with pytest.raises(AniDocError, match="it takes 2 to 4"):
        list(AniDocEngine(weights).frames(pictures(), Options(anidoc=replace(asked, length=4)), Memory()))


def test_the_command_colours_between_two_drawings(weights, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ANIDOC_WEIGHTS", "")  # what --weights sets in this process is taken back afterwards
    for name, picture in (("a", doll(0)), ("b", doll(24)), ("ref", doll(8, True))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA))
    ends = ["inbetween", "--engine", "anidoc", "--from", tmp_path / "a.png", "--to", tmp_path / "b.png"]
    ends += ["--out", tmp_path / "out", "--weights", weights, "--size", "64x64", "--steps", "1"]
    given = ["--reference", tmp_path / "ref.png"]
    for more, sentence in (
        (["--count", "2"], "nothing to take"),
        ([*given, "--count", "20"], "12 in-betweens in one pass"),
    ):
        assert main([str(word) for word in (*ends, *more)]) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out" / "line").exists()
    done = anidoc(*ends, *given, "--count", "2", "--chart", "0.2 0.7", "--background", "cut", timeout=280)
    assert done.returncode == 0, done.stderr
    for number in (1, 2):
        lines = cv2.imread(str(tmp_path / "out" / "line" / f"{number:04d}.png"), -1)
        colour = cv2.imread(str(tmp_path / "out" / "color" / f"{number:04d}.png"), -1)
        assert lines is not None and colour is not None and colour.shape == (HIGH, WIDE, 4)
        assert colour[2, 2, 3] == 0 and colour[70, 60, 3] == 255  # cut out by the lines our in-betweens drew
    assert not (tmp_path / "out" / "color" / "0003.png").exists()
    job = json.loads((tmp_path / "out" / ".anidoc" / "job.json").read_text())
    assert job["options"]["anidoc"]["drawn"] == "ends" and [e["frame"] for e in job["exposures"]] == [1, 201, 701, 1001]
