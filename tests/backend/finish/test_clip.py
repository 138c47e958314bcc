"""Cel finish on pictures whose true colours are known: soft, noisy and drifted videos become the artist's flats."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from backend.contracts.errors import AniDocError
from backend.demo.shot import demo_shot
from backend.evaluation.degraded import Damage, finished, spoiled
from backend.evaluation.generated import coloured, line_art, true_flats, true_regions
from backend.finish.clip import Failed, Finish, Finished, Pair, finish

WIDTH, HEIGHT = 640, 400
RED, BLUE, DARK, CREAM = (200, 40, 50, 255), (40, 70, 190, 255), (120, 20, 40, 255), (250, 240, 210, 255)
SOFT = Damage(320, 200, noise=8)


def over_white(picture):
    alpha = picture[..., 3:] / 255
    return np.rint(picture[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def drawn(grey):
    return np.dstack([grey] * 3 + [np.full_like(grey, 255)])


@pytest.fixture(scope="module")
def walk():
    """Three drawings of the demo's character: pictures, sketches, flats and regions."""
    shot = demo_shot(3, WIDTH, HEIGHT)
    each = shot.drawings
    return {
        "truth": [coloured(shot, d) for d in each],
        "sketches": [drawn(line_art(shot, d)) for d in each],
        "flats": [true_flats(shot, d) for d in each],
        "regions": [true_regions(shot, d) for d in each],
        "key": true_flats(shot, each[0]),
    }


def right_regions(result, flats, regions):
    """The part of the regions whose commonest colour is the true one."""
    right = total = 0
    for region in range(1, int(regions.max()) + 1):
        here = regions == region
        true = flats[here][0]
        values, counts = np.unique(result[here], axis=0, return_counts=True)
        right += bool((values[counts.argmax()] == true).all())
        total += 1
    return right / total


@pytest.mark.parametrize(
    ("damage", "most"),
    [
        (SOFT, 0.93),
        (Damage(320, 200, noise=16), 0.9),
        (Damage(320, 200, noise=4, drift=1.0), 0.93),
        (Damage(512, 320, noise=4, wobble=6), 0.93),
        (Damage(320, 200, noise=6, blur=0.8), 0.75),
    ],
    ids=["noise 8", "noise 16", "drifted", "wobbling", "blurred"],
)
def test_a_soft_noisy_video_becomes_the_artists_flats(walk, damage, most):
    frames = spoiled([over_white(t) for t in walk["truth"]], damage)
    results = finished(frames, walk["sketches"], walk["key"], Finish(lines="omit"))
    known = {tuple(c) for c in np.unique(walk["key"].reshape(-1, 4), axis=0).tolist()}
    for result, flats, regions in zip(results, walk["flats"], walk["regions"], strict=True):
        assert {tuple(c) for c in np.unique(result.reshape(-1, 4), axis=0).tolist()} <= known
        assert right_regions(result, flats, regions) >= most
        outside = cv2.erode((flats[..., 3] == 0).astype(np.uint8), np.ones((9, 9))) > 0
        assert (result[outside] == 0).mean() > 0.99, "the background is transparent"


def box(tone=False, shift=0, eye=False):
    """A box of red on white; with a darker lower half that no line marks, or with a white eye. Picture and sketch."""
    colour = np.full((120, 160, 4), 255, np.uint8)
    line = np.full((120, 160), 255, np.uint8)
    corner, other = (30 + shift, 20), (120 + shift, 100)
    cv2.rectangle(colour, corner, other, RED, -1)
    if tone:
        cv2.rectangle(colour, (30 + shift, 64), other, DARK, -1)
    cv2.rectangle(line, corner, other, 0, 2)
    if eye:
        cv2.circle(colour, (60, 45), 10, (255, 255, 255, 255), -1)
        cv2.circle(line, (60, 45), 10, 0, 2)
    return colour, drawn(line)


def run(frames, sketches, references, asked=None):
    pairs = [Pair(str(n), lambda f=f: f, lambda s=s: s) for n, (f, s) in enumerate(zip(frames, sketches, strict=True))]
    results = []
    for result in finish(pairs, references, asked):
        assert isinstance(result, Finished), result
        results.append(result)
    return results


GRAINY = Damage(80, 60, noise=8)


def soft(pictures, damage=GRAINY):
    return [cv2.cvtColor(p, cv2.COLOR_RGB2RGBA) for p in spoiled([p[..., :3] for p in pictures], damage)]


def test_a_tone_edge_that_no_line_marks_is_kept_and_exact():
    pictures, sketches = zip(*(box(tone=True, shift=s) for s in (0, 4, 8)), strict=True)
    for n, result in enumerate(run(soft(pictures), sketches, [pictures[0]], Finish(lines="omit"))):
        assert tuple(result.picture[40, 70]) == RED and tuple(result.picture[85, 70]) == DARK
        inside = result.picture[24:96, 36 + 4 * n : 114 + 4 * n]
        true = pictures[n][24:96, 36 + 4 * n : 114 + 4 * n]
        assert (inside == true).all(2).mean() > 0.93


def test_without_shading_a_region_has_one_colour():
    picture, sketch = box(tone=True)
    (result,) = run(soft([picture]), [sketch], [picture], Finish(lines="omit", shading=False))
    assert len(np.unique(result.picture[30:90, 40:110].reshape(-1, 4), axis=0)) == 1


def test_noise_alone_makes_no_tones():
    picture, sketch = box()
    near = np.zeros((20, 20, 4), np.uint8)
    near[:] = (206, 52, 58, 255)
    (result,) = run(soft([picture], Damage(80, 60, noise=14)), [sketch], [picture, near], Finish(lines="omit"))
    assert len(np.unique(result.picture[30:90, 40:110].reshape(-1, 4), axis=0)) == 1


def test_white_paint_inside_is_opaque_and_the_paper_around_is_not():
    picture, sketch = box(eye=True)
    (result,) = run(soft([picture]), [sketch], [picture], Finish(lines="omit"))
    assert tuple(result.picture[45, 60]) == (255, 255, 255, 255)
    assert (result.picture[5, :, 3] == 0).all()


def test_a_background_that_the_model_painted_is_cut_away():
    picture, sketch = box()
    painted = picture.copy()
    painted[(picture[..., :3] == 255).all(2)] = (90, 140, 120, 255)
    (result,) = run(soft([painted]), [sketch], [picture], Finish(lines="omit"))
    assert (result.picture[5, :, 3] == 0).all() and tuple(result.picture[60, 75]) == RED


def test_a_scene_painted_up_to_the_edge_stays_whole():
    scene, sketch = box()
    scene[(scene[..., :3] == 255).all(2)] = CREAM
    (result,) = run(soft([scene]), [sketch], [scene], Finish(lines="omit"))
    assert (result.picture[..., 3] == 255).all() and tuple(result.picture[5, 5]) == CREAM


def test_frames_of_any_size_fit_the_sketch():
    picture, sketch = box()
    small = cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)
    large = cv2.resize(picture, (500, 300), interpolation=cv2.INTER_LINEAR)
    for frame in (small, large):
        (result,) = run([frame], [sketch], [picture])
        assert result.picture.shape == sketch.shape and tuple(result.picture[60, 75]) == RED


def test_a_frames_own_transparency_is_background():
    picture, sketch = box()
    clear = picture.copy()
    clear[(picture[..., :3] == 255).all(2)] = 0
    (result,) = run([clear], [sketch], [picture], Finish(lines="omit"))
    assert (result.picture[5, :, 3] == 0).all() and tuple(result.picture[60, 75]) == RED


def test_without_reference_the_videos_own_colours_are_used():
    picture, sketch = box(tone=False)
    results = run(soft([picture] * 3), [sketch] * 3, [], Finish(lines="omit"))
    seen = {tuple(r.picture[60, 75].tolist()) for r in results}
    assert len(seen) == 1
    assert np.abs(np.array(seen.pop(), int) - RED).max() <= 6


def test_a_broken_frame_is_named_and_the_others_are_finished():
    picture, sketch = box()

    def broken():
        raise AniDocError("b is damaged.")

    pairs = [Pair("a", lambda: picture, lambda: sketch), Pair("b", broken, lambda: sketch)]
    pairs.append(Pair("c", lambda: picture, lambda: sketch))
    results = {r.name: r for r in finish(pairs, [picture])}
    assert isinstance(results["b"], Failed) and results["b"].error.sentence == "b is damaged."
    assert isinstance(results["a"], Finished) and isinstance(results["c"], Finished)


def test_where_the_video_cannot_decide_neighbouring_drawings_do():
    """Two near tones, and so much noise that frames alone flip between them."""
    picture, sketch = box()
    small = np.full((120, 160, 4), 255, np.uint8)
    cv2.rectangle(small, (30, 20), (120, 100), (204, 46, 55, 255), -1)
    frames = soft([picture] * 12, Damage(160, 120, noise=4, wobble=14))
    alone = run(frames, [sketch] * 12, [picture, small], Finish(lines="omit", steady=False))
    held = run(frames, [sketch] * 12, [picture, small], Finish(lines="omit"))

    def flips(results):
        colours = [tuple(r.picture[60, 75].tolist()) for r in results]
        return sum(a != b for a, b in pairwise(colours))

    assert flips(alone) > 0, "the test must be hard enough"
    assert flips(held) < flips(alone)


def test_references_without_colour_are_a_sentence():
    picture, sketch = box()
    with pytest.raises(AniDocError, match="No colour was found in the references"):
        run([picture], [sketch], [np.full((20, 20, 4), 255, np.uint8)])


def test_blank_black_tiny_and_unequal_drawings_come_out_at_their_size():
    picture, sketch = box()
    white, black, small = np.full_like(sketch, 255), sketch.copy(), sketch[:60, :80].copy()
    black[..., :3] = 0
    for drawings in ([white], [black], [sketch[:1, :1]], [sketch, small, sketch]):
        results = run([picture] * len(drawings), drawings, [picture])
        assert [r.picture.shape for r in results] == [d.shape for d in drawings]
    with pytest.raises(AniDocError, match="No colour was found in the frames"):
        run([white], [white], [])
    with pytest.raises(AniDocError, match="nothing to finish"):
        run([], [], [picture])
