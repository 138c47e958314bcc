"""A Grease Pencil drawing that the artist has already filled, as the key of the drawing it colours."""

from dataclasses import replace

from ...backend.contracts.drawing import Strokes
from ...backend.contracts.errors import AniDocError
from .chosen import Choice
from .exposures import Seen, at_frame
from .picture import Reader


def lines_at(reader: Reader, frame: int) -> Seen:
    """The drawing seen at ``frame``, exactly as the walk through the shot reads it."""
    with at_frame(reader, frame) as motion:
        look = reader.look(frame, motion)
        return Seen(frame, reader.lines(look), (look.view.width, look.view.height))


def fills_at(reader: Reader, frame: int) -> Strokes:
    """What is filled at ``frame``. Raises ``AniDocError`` where nothing is.

    Fills are looked for on every visible layer of the chosen objects (colour often lies on a layer of its own that
    is not part of the line art), and where these hold none, on every visible Grease Pencil object.
    """
    with at_frame(reader, frame) as motion:
        for choice in (replace(reader.choice, objects=_objects(reader.choice), layers=()), Choice()):
            fills = reader.fills(reader.look(frame, motion, choice))
            if len(fills):
                return fills
    raise AniDocError(
        f"The drawing at frame {frame} has no filled shapes, so it cannot be a key.",
        "Fill it with Grease Pencil fills whose materials show a fill, or choose another frame or a picture.",
    )


def _objects(choice: Choice) -> tuple[str, ...]:
    return choice.objects or tuple(dict.fromkeys(ob for ob, _ in choice.layers))
