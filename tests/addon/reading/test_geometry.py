"""What must hold for any strokes: nothing lost that is seen, nothing kept that is no number, curves bend with their points."""

import numpy as np
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.curves import (
    BEZIER,
    CATMULL_ROM,
    NURBS,
    POLY,
    Controls,
    evaluate,
)
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.projection import View
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.strokes import Local, project
from bl_ext.user_default.anidoc.anidoc_blender.source.pictures import safe_name
from bl_ext.user_default.anidoc.backend.contracts.drawing import FILL, LINE
from bl_ext.user_default.anidoc.backend.contracts.job import _FILE  # the one rule for names in a job
from bl_ext.user_default.anidoc.backend.contracts.jobfolder import strokes_from_bytes, strokes_to_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))

sizes = st.lists(st.integers(1, 9), min_size=1, max_size=6)
seeds = st.integers(0, 2**32 - 1)


def offsets(counts):
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def flat_view(width=100, height=80):
    """10 px to a unit, seen from the front without perspective: nothing lies behind it."""
    matrix = np.array([[0.2, 0, 0, -1], [0, 0, 0.25, -1], [0, 0, 0, 0], [0, 0, 0, 1]], float)
    return View(matrix, width, height, np.array([0, -1, 0]), False)


def local(counts, rng, broken=0.0):
    n, s = sum(counts), len(counts)
    points = rng.uniform(-2, 12, (n, 3))
    bad = rng.random(n) < broken
    points[bad, rng.integers(0, 3, bad.sum())] = rng.choice([np.nan, np.inf, -np.inf, 1e30], bad.sum())
    return Local(
        points=points,
        radius=rng.uniform(0, 1, n),
        opacity=rng.uniform(0.1, 1, n),
        offsets=offsets(counts),
        material=np.arange(s),
        cyclic=rng.random(s) < 0.5,
        role=rng.choice(np.array([LINE, FILL, LINE | FILL], np.uint8), s),
        ids=np.arange(s, dtype=np.int64),
        fill_opacity=np.ones(s),
        group=np.zeros(s, np.int32),
    ), bad


@quick
@given(sizes, seeds, st.floats(0, 1))
def test_what_is_projected_can_always_be_written_and_read(counts, seed, broken):
    strokes, bad = local(counts, np.random.default_rng(seed), broken)
    seen, dropped = project(strokes, np.eye(4), 1.0, flat_view(), 0, 1.0)
    assert dropped == bad.sum()
    again = strokes_from_bytes(strokes_to_bytes(seen), "drawing")
    assert np.array_equal(again.points, seen.points)
    assert len(seen.points) == (~bad).sum()
    assert (np.diff(seen.offsets) > 0).all()


@quick
@given(sizes, seeds, st.floats(0, 1))
def test_a_break_never_joins_what_was_apart(counts, seed, broken):
    strokes, bad = local(counts, np.random.default_rng(seed), broken)
    seen, _ = project(strokes, np.eye(4), 1.0, flat_view(), 0, 1.0)
    owner = np.repeat(np.arange(len(counts)), counts)
    places = np.flatnonzero(~bad)
    for s in range(len(seen)):
        mine = places[seen.of(s)]
        assert len(set(owner[mine])) == 1 and seen.ids[s] == owner[mine[0]]
        if seen.role[s] & LINE:
            assert (np.diff(mine) == 1).all()
            assert not seen.cyclic[s] or not bad[owner == owner[mine[0]]].any()


def controls(counts, rng):
    n, s = sum(counts), len(counts)
    return Controls(
        offsets=offsets(counts),
        curve_type=rng.choice([POLY, BEZIER, NURBS, CATMULL_ROM], s),
        cyclic=rng.random(s) < 0.5,
        resolution=rng.integers(1, 9, s),
        order=rng.integers(2, 7, s),
        knots=rng.integers(0, 5, s),
        left=rng.normal(size=(n, 3)),
        right=rng.normal(size=(n, 3)),
        weight=rng.uniform(0.1, 3, n),
    )


@quick
@given(sizes, seeds)
def test_a_curve_moves_and_turns_with_its_points(counts, seed):
    rng = np.random.default_rng(seed)
    given_controls, points, radius = (
        controls(counts, rng),
        rng.normal(size=(sum(counts), 3)),
        rng.random((sum(counts), 1)),
    )
    turn, move = rng.normal(size=(3, 3)), rng.normal(size=3)
    moved = Controls(
        **vars(given_controls) | {side: getattr(given_controls, side) @ turn + move for side in ("left", "right")}
    )
    one, carried, where = evaluate(given_controls, points, radius)
    other, _, _ = evaluate(moved, points @ turn + move, radius)
    assert np.allclose(one @ turn + move, other)
    assert len(where) == len(counts) + 1 and where[-1] == len(one) == len(carried)
    assert (np.diff(where) > 0).all()


@quick
@given(sizes, seeds)
def test_the_radius_of_bezier_and_nurbs_stays_between_its_points(counts, seed):
    rng = np.random.default_rng(seed)
    given_controls, radius = controls(counts, rng), rng.random((sum(counts), 1))
    _, carried, where = evaluate(given_controls, np.zeros((sum(counts), 3)), radius)
    for s, kind in enumerate(given_controls.curve_type):
        if kind != CATMULL_ROM:
            own = radius[given_controls.offsets[s] : given_controls.offsets[s + 1]]
            got = carried[where[s] : where[s + 1]]
            assert got.min() >= own.min() - 1e-9 and got.max() <= own.max() + 1e-9


@quick
@given(st.text(max_size=300), st.sampled_from([".png", ".jpg", ""]))
def test_any_name_becomes_one_that_a_job_may_hold(name, suffix):
    name = name.encode("utf-8", "ignore").decode()
    made = safe_name(name, suffix, set())
    assert _FILE.fullmatch(f"references/{made}") and made.strip(". ")
    assert len(made.encode()) <= 105
