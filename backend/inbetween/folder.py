"""A folder with keys from Blender: make its in-betweens and leave them there."""

import json
from pathlib import Path

import numpy as np

from ..contracts.errors import AniDocError
from ..contracts.tween import Between, FlatKey, load_key, load_request, save_between, save_result
from .assemble import carried, offsets_of, parts
from .move import read_ahead
from .seams import joined_pairs
from .tween import Pair, match_pair


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
    keys = [load_key(folder, n) for n in range(len(request.frames))]
    pins = request.pins or ((),) * len(request.times)
    pairs: list[Pair] = []
    for n in range(len(request.times)):
        try:
            pairs.append(match_pair(keys[n].strokes, keys[n + 1].strokes, size, pins[n]))
        except AniDocError as error:
            where = f"Between frame {request.frames[n]} and frame {request.frames[n + 1]}: {error.sentence}"
            raise AniDocError(where, error.remedy, error.detail) from error
    for n, pair in enumerate(joined_pairs(pairs, request.frames)):
        for m, time in enumerate(request.times[n]):
            save_between(folder, n, m, _between(pair, keys[n], keys[n + 1], time))


def _between(pair: Pair, first: FlatKey, last: FlatKey, time: float) -> Between:
    both = parts(pair, time)
    return Between(
        points=np.concatenate([p.points for p in both]),
        depth=carried(pair, both, first.depth, last.depth, time),
        radius=carried(pair, both, pair.first.radius, pair.last.radius, time),
        opacity=np.clip(carried(pair, both, pair.first.opacity, pair.last.opacity, time), 0, 1),
        offsets=offsets_of(both),
        key=np.repeat(np.array([0, 1], np.int8), [len(p.source) for p in both]),
        stroke=np.concatenate([p.source for p in both]).astype(np.int32),
        point=np.concatenate([p.rows for p in both]).astype(np.int32),
    )
