"""A folder with keys from Blender: make its in-betweens and leave them there."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..contracts.errors import AniDocError
from ..contracts.tween import Between, load_key, load_request, save_between, save_result
from .apart import Apart, matched, moved_shapes
from .assemble import carried, offsets_of, parts
from .move import read_ahead
from .seams import joined_pairs
from .unfilled import flats_of_all


def run(folder: Path) -> None:
    """Make all in-betweens that ``tween.json`` asks for; how it ended stands in ``result.json``."""
    try:
        _run(folder)
    except AniDocError as error:
        save_result(folder, error)
        raise
    except (OSError, ValueError, json.JSONDecodeError) as problem:
        error = AniDocError("The in-betweens could not be made.", "Press In-between again.", repr(problem))
        save_result(folder, error)
        raise error from problem
    save_result(folder)


def _run(folder: Path) -> None:
    read_ahead()
    request = load_request(folder)
    size = request.height, request.width
    colours = np.array(request.colours, np.uint8).reshape(-1, 3)
    frames = request.frames + request.further
    keys = [load_key(folder, n, len(colours)) for n in range(len(frames))]
    flats = flats_of_all(keys, frames, colours, size)
    pins = request.pins or ((),) * len(request.times)
    found: list[Apart] = []
    for n in range(len(request.times)):
        try:
            found.append(matched((keys[n], keys[n + 1]), (flats[n], flats[n + 1]), size, pins[n], colours))
        except AniDocError as error:
            where = f"Between frame {request.frames[n]} and frame {request.frames[n + 1]}: {error.sentence}"
            raise AniDocError(where, error.remedy, error.detail) from error
    for n, pair in enumerate(joined_pairs([one.pair for one in found], request.frames)):
        for m, time in enumerate(request.times[n]):
            save_between(folder, n, m, _between(replace(found[n], pair=pair), time))


def _between(apart: Apart, time: float) -> Between:
    """Filled shapes first, then the lines that are not their edges."""
    pair, lines = apart.pair, apart.lines
    both = parts(pair, time)
    drawn = Between(
        points=np.concatenate([p.points for p in both]),
        depth=carried(pair, both, lines[0].key.depth, lines[1].key.depth, time),
        radius=carried(pair, both, pair.first.radius, pair.last.radius, time),
        opacity=np.clip(carried(pair, both, pair.first.opacity, pair.last.opacity, time), 0, 1),
        offsets=offsets_of(both),
        key=np.repeat(np.array([0, 1], np.int8), [len(p.source) for p in both]),
        stroke=np.concatenate([k.strokes[p.source] for k, p in zip(lines, both, strict=True)]).astype(np.int32),
        point=np.concatenate([k.points[p.rows] for k, p in zip(lines, both, strict=True)]).astype(np.int32),
    )
    if apart.shapes is None or not any(len(k.strokes) for k in apart.shapes):
        return drawn
    drawn = _without(drawn, (apart.shapes[0].strokes, apart.shapes[1].strokes))
    side, part = moved_shapes(apart, time)
    picked = apart.shapes[side]
    shapes = Between(
        points=part.points,
        depth=picked.key.depth,
        radius=picked.key.strokes.radius,
        opacity=picked.key.strokes.opacity,
        offsets=part.offsets,
        key=np.full(len(part.source), side, np.int8),
        stroke=picked.strokes.astype(np.int32),
        point=picked.points.astype(np.int32),
    )
    arrays = {name: np.concatenate([getattr(shapes, name), getattr(drawn, name)]) for name in vars(drawn)}
    offsets = np.concatenate([shapes.offsets, drawn.offsets[1:] + shapes.offsets[-1]]).astype(np.int32)
    return Between(**{**arrays, "offsets": offsets})


def _without(drawn: Between, strokes: tuple[np.ndarray, np.ndarray]) -> Between:
    """What is drawn, less what comes from these ``strokes`` of the first and the second key."""
    keep = ~np.where(drawn.key == 0, np.isin(drawn.stroke, strokes[0]), np.isin(drawn.stroke, strokes[1]))
    sizes = np.diff(drawn.offsets)
    rows = np.repeat(keep, sizes)
    return Between(
        points=drawn.points[rows],
        depth=drawn.depth[rows],
        radius=drawn.radius[rows],
        opacity=drawn.opacity[rows],
        offsets=np.concatenate([[0], np.cumsum(sizes[keep])]).astype(np.int32),
        key=drawn.key[keep],
        stroke=drawn.stroke[keep],
        point=drawn.point[rows],
    )
