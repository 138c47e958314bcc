"""In-betweens on disk: what the add-on asks for in a folder, and what the backend leaves there.

``tween.json`` names the keys in order and when between them drawings are wanted; ``keys/N.npz`` holds each key,
``fills/N.npz`` its fills if it has any, ``between/N-M.npz`` the M-th drawing of the N-th pair, ``result.json`` how it ended.
"""

import io
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .check import entries, record, text, whole
from .drawing import Strokes
from .errors import AniDocError, DrawingError, JobError
from .files import inside, write_bytes
from .jobfolder import LARGEST_DRAWING, strokes_from_bytes, strokes_to_bytes

FORMAT = "anidoc-tween"
FORMAT_VERSION = 1
REQUEST_FILE, RESULT_FILE = "tween.json", "result.json"

MOST_KEYS = 2000
"""Keys of a shot."""

MOST_COLOURS = 1024
"""Colours of all keys' fills."""

_AGAIN = "Press In-between again."

_KINDS = {
    "points": np.float32, "depth": np.float32, "radius": np.float32, "opacity": np.float32, "offsets": np.int32,
    "key": np.int8, "stroke": np.int32, "point": np.int32,
}  # fmt: skip


@dataclass(frozen=True)
class TweenRequest:
    """In-betweens of consecutive keys.

    height, width  px of the flat picture that the keys' points lie in
    frames         (K,) the frame of each key
    times          for each pair of keys when its in-betweens stand, fractions of the way
    pins           for each pair: points of its first key that are points of its second, ((x, y), (x, y)) px
    colours        8-bit sRGB of the fills, by number
    further        the frame of each filled drawing beside the keys that keys take colours from; numbered on after the keys
    """

    height: int
    width: int
    frames: tuple[int, ...]
    times: tuple[tuple[float, ...], ...]
    pins: tuple[tuple[tuple[tuple[float, float], tuple[float, float]], ...], ...] = ()
    colours: tuple[tuple[int, int, int], ...] = ()
    further: tuple[int, ...] = ()


@dataclass(frozen=True)
class FlatKey:
    """A key drawing laid flat: strokes in px, and how far each point lies off the plane, ``depth`` (N,) float32 px.

    fills: what is filled at the key's frame, bottom to top, on any layer, as closed strokes in the same px whose ``material``
    is a number of ``TweenRequest.colours``; None where nothing is.
    """

    strokes: Strokes
    depth: np.ndarray = field(repr=False)
    fills: Strokes | None = None


@dataclass(frozen=True)
class Between:
    """An in-between: N points in S strokes.

    points (N, 2), depth (N,), radius (N,) float32 px; opacity (N,) float32 0..1; offsets (S + 1,) int32
    key (S,) int8: 0 the stroke comes from the first key, 1 from the second; stroke (S,) int32 which of its strokes;
    point (N,) int32 which of its points
    """

    points: np.ndarray
    depth: np.ndarray
    radius: np.ndarray
    opacity: np.ndarray
    offsets: np.ndarray
    key: np.ndarray
    stroke: np.ndarray
    point: np.ndarray


def save_request(folder: Path, request: TweenRequest, keys: list[FlatKey]) -> None:
    """Write what is asked for, ``keys`` and after them the further drawings; ``tween.json`` last."""
    for n, key in enumerate(keys):
        write_bytes(folder / "keys" / f"{n}.npz", strokes_to_bytes(key.strokes), durable=False)
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(key.depth, np.float32), allow_pickle=False)
        write_bytes(folder / "keys" / f"{n}.npy", buffer.getvalue(), durable=False)
        if key.fills is not None:
            write_bytes(folder / "fills" / f"{n}.npz", strokes_to_bytes(key.fills), durable=False)
    data = {"format": FORMAT, "version": FORMAT_VERSION, **asdict(request)}
    write_bytes(folder / REQUEST_FILE, (json.dumps(data, indent=1) + "\n").encode(), durable=False)


def load_request(folder: Path) -> TweenRequest:
    """Read and check ``tween.json``. Raises ``JobError``."""
    data = _json(folder, REQUEST_FILE)
    frames, further = (
        tuple(whole({"frame": f}, "frame", -(2**20), 2**20) for f in entries(data, name, MOST_KEYS))
        for name in ("frames", "further")
    )
    times = tuple(tuple(float(t) for t in pair) for pair in entries(data, "times", MOST_KEYS))
    pins = tuple(
        tuple(((float(a[0]), float(a[1])), (float(b[0]), float(b[1]))) for a, b in pair)
        for pair in entries(data, "pins", MOST_KEYS)
    )
    if len(frames) < 2 or len(times) != len(frames) - 1 or any(not 0 < t < 1 for pair in times for t in pair):
        raise JobError("The request for in-betweens does not fit together.", _AGAIN)
    colours = tuple(_colour(given) for given in entries(data, "colours", MOST_COLOURS))
    height, width = (whole(data, name, 1, 2**16) for name in ("height", "width"))
    return TweenRequest(height, width, frames, times, pins, colours, further)


def _colour(given: Any) -> tuple[int, int, int]:
    levels = [whole({"colour": level}, "colour", 0, 255) for level in entries({"colour": given}, "colour", 3)]
    if len(levels) != 3:
        raise JobError("A colour of the request for in-betweens is not red, green and blue.", _AGAIN)
    return levels[0], levels[1], levels[2]


def load_key(folder: Path, number: int, colours: int = 0) -> FlatKey:
    """Key ``number``, and its fills of so many ``colours``. Raises ``AniDocError``."""
    strokes = strokes_from_bytes(inside(folder, f"keys/{number}.npz").read_bytes(), f"key {number + 1}")
    depth = np.load(inside(folder, f"keys/{number}.npy"), allow_pickle=False)
    if depth.shape != (len(strokes.points),) or not np.isfinite(depth).all():
        raise DrawingError(f"The key drawing {number + 1} is damaged.", _AGAIN)
    return FlatKey(strokes, depth.astype(np.float32), _fills(folder, number, colours))


def _fills(folder: Path, number: int, colours: int) -> Strokes | None:
    path = inside(folder, f"fills/{number}.npz")
    if not path.is_file():
        return None
    fills = strokes_from_bytes(path.read_bytes(), f"fills of key {number + 1}")
    if ((fills.material < 0) | (fills.material >= colours)).any():
        raise DrawingError(f"The fills of the key drawing {number + 1} have colours that are not in the list.", _AGAIN)
    return fills


def save_between(folder: Path, pair: int, number: int, between: Between) -> None:
    """Write the in-between ``number`` of ``pair``, both counted from 0."""
    buffer = io.BytesIO()
    arrays = {name: np.ascontiguousarray(getattr(between, name), kind) for name, kind in _KINDS.items()}
    np.savez_compressed(buffer, **arrays)  # pyright: ignore[reportArgumentType]
    write_bytes(folder / "between" / f"{pair}-{number}.npz", buffer.getvalue(), durable=False)


def load_between(folder: Path, pair: int, number: int) -> Between:
    """Read an in-between. Raises ``DrawingError`` where it is not exactly the documented arrays."""
    broken = DrawingError("An in-between on disk is damaged.", _AGAIN)
    try:
        data = inside(folder, f"between/{pair}-{number}.npz").read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            if sum(i.file_size for i in pack.infolist()) > LARGEST_DRAWING:
                raise broken
        with np.load(io.BytesIO(data), allow_pickle=False) as pack:
            out = Between(**{name: pack[name] for name in _KINDS})
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        raise broken from problem
    n, s = len(out.radius), len(out.key)
    shapes = {"points": (n, 2), "offsets": (s + 1,), "key": (s,), "stroke": (s,)}
    fits = all(getattr(out, k).shape == shapes.get(k, (n,)) and getattr(out, k).dtype == t for k, t in _KINDS.items())
    if not fits or out.offsets[0] != 0 or out.offsets[-1] != n or (np.diff(out.offsets) < 0).any():
        raise broken
    return out


def save_result(folder: Path, error: AniDocError | None = None) -> None:
    """Say how it ended."""
    words = {} if error is None else {"sentence": error.sentence, "remedy": error.remedy}
    data = {"format": FORMAT, "version": FORMAT_VERSION, "good": error is None, **words}
    write_bytes(folder / RESULT_FILE, (json.dumps(data) + "\n").encode(), durable=False)


def load_result(folder: Path) -> AniDocError | None:
    """None where it went well, else what went wrong. Raises ``JobError`` where nothing was said."""
    data = _json(folder, RESULT_FILE)
    if data.get("good") is True:
        return None
    return AniDocError(text(data, "sentence", 2000), text(data, "remedy", 2000))


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        data = record(json.loads(inside(folder, name).read_text(encoding="utf-8")), name)
    except (OSError, ValueError) as problem:
        raise JobError("The in-betweens' folder cannot be read.", _AGAIN, str(problem)) from problem
    if data.get("format") != FORMAT or data.get("version") != FORMAT_VERSION:
        raise JobError("The in-betweens' folder is of another AniDoc version.", _AGAIN)
    return data
