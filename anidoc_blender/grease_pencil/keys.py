"""A Grease Pencil drawing that the artist has already filled, as the key of the drawing it colours."""

from dataclasses import replace
from typing import Any

import numpy as np

from ...backend.contracts.drawing import FILL, Strokes
from ...backend.contracts.errors import AniDocError
from .chosen import Choice
from .exposures import Seen, at_frame
from .materials import MaterialTable
from .picture import Reader
from .strokes import LINES, read_local


def lines_at(reader: Reader, frame: int) -> Seen:
    """The drawing seen at ``frame``, exactly as the walk through the shot reads it."""
    with at_frame(reader, frame) as motion:
        look = reader.look(frame, motion)
        return Seen(frame, reader.lines(look), (look.view.width, look.view.height))


class NoFills(AniDocError):
    """The drawing at ``frame`` cannot be a key."""

    def __init__(self, frame: int) -> None:
        super().__init__(
            f"The drawing at frame {frame} has no filled shapes, so it cannot be a key.",
            "Fill it with Grease Pencil fills whose materials show a fill, or choose another frame or a picture.",
        )


def require_fills(scene: Any, frame: int) -> None:
    """Raise ``NoFills`` where nothing is filled at ``frame``."""
    try:
        fills_at(Reader(scene.name, Choice()), frame)
    except NoFills:
        raise
    except AniDocError:  # no camera yet, for example: then the file's own data must do
        if all(fills is None for fills, _ in _all_starts(scene, frame)):
            raise NoFills(frame) from None


def fills_at(reader: Reader, frame: int) -> Strokes:
    """What is filled at ``frame``. Raises ``NoFills`` where nothing is, or another ``AniDocError``.

    Fills are looked for on every visible layer of the chosen objects (colour often lies on a layer of its own that
    is not part of the line art), and where these hold none, on every visible Grease Pencil object.
    """
    with at_frame(reader, frame) as motion:
        for choice in (replace(reader.choice, objects=_objects(reader.choice), layers=()), Choice()):
            fills = reader.fills(reader.look(frame, motion, choice))
            if len(fills):
                return fills
    raise NoFills(frame)


def fills_held_from(scene: Any, frame: int) -> int | None:
    """The frame whose fills are still held at ``frame`` while newer lines are seen there; None where they fit.

    Fills on a layer of their own stay visible until that layer's next key, so a drawing that nobody has filled may
    look filled from far away: with the colours of an earlier one, at that one's places.
    """
    starts = _all_starts(scene, frame)
    with_both = [(fills, lines) for fills, lines in starts if fills is not None and lines is not None]
    if not with_both:  # lines and colours may be objects of their own
        fills = [f for f, _ in starts if f is not None]
        lines = [n for _, n in starts if n is not None]
        with_both = [(max(fills), max(lines))] if fills and lines else []
    if any(fills >= lines for fills, lines in with_both):
        return None
    return max((fills for fills, _ in with_both), default=None)


def _all_starts(scene: Any, frame: int) -> list[tuple[int | None, int | None]]:
    return [_starts(ob, frame) for ob in scene.objects if ob.type == "GREASEPENCIL" and not ob.hide_render]


def _starts(ob: Any, frame: int) -> tuple[int | None, int | None]:
    """The newest keyframes whose fills, and whose lines, are seen at ``frame``; None where there are none."""
    slots = MaterialTable().slots(ob.material_slots)
    found: dict[int, int] = {}
    for layer in ob.data.layers:
        key = None if layer.hide else layer.get_frame_at(frame)
        if key is None:
            continue
        roles = int(np.bitwise_or.reduce(read_local(key.drawing, slots, 0)[0].role, initial=0))
        for role in (FILL, LINES):
            if roles & role:
                found[role] = max(key.frame_number, found.get(role, key.frame_number))
    return found.get(FILL), found.get(LINES)


def _objects(choice: Choice) -> tuple[str, ...]:
    return choice.objects or tuple(dict.fromkeys(ob for ob, _ in choice.layers))
