"""A whole clip: learn what its colours look like, then colour frame by frame with the neighbours' help."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..cel.look import look_at
from ..cel.paint import enlarge, paint
from ..cel.palette import Palette
from ..contracts.drawing import Drawing
from ..contracts.errors import AniDocError, DrawingError
from ..contracts.options import Lines as LineOption
from ..lineart.lines import Lines, read_lines
from .bleed import without_bleeding
from .evidence import ink_at
from .expected import Expected, expect, first_flats, own_palette, reference_palette
from .seen import Seen, region_colours, see, with_ink
from .steady import Link, held_by, lend, link
from .tones import colour
from .votes import vote

LEARN = 8
"""Frames, spread over the clip, from which its noise, drift of colour and lines are learned."""


@dataclass(frozen=True)
class Finish:
    """What is asked for. ``gap`` px of openings closed, None: chosen; ``shading``: tones that no line marks are kept."""

    lines: LineOption = "keep"
    gap: float | None = None
    shading: bool = True
    steady: bool = True


@dataclass(frozen=True)
class Pair:
    """A frame of the video and its drawing, read when asked for: () -> (H, W, 4) uint8 sRGB straight alpha."""

    name: str
    frame: Callable[[], np.ndarray]
    sketch: Callable[[], np.ndarray]


@dataclass(frozen=True)
class Failed:
    """A pair that could not be finished, and why."""

    name: str
    error: AniDocError


@dataclass(frozen=True)
class Finished:
    """A finished frame: (H, W, 4) uint8 sRGB straight alpha at the drawing's size."""

    name: str
    picture: np.ndarray


@dataclass
class _At:
    """One frame in work."""

    name: str
    lines: Lines
    seen: Seen
    votes: np.ndarray
    own: np.ndarray
    back: Link | None = None


def finish(
    pairs: Sequence[Pair], references: Sequence[np.ndarray], asked: Finish | None = None
) -> Iterator[Finished | Failed]:
    """Finish a clip, in order. References are (H, W, 4) uint8 sRGB; none: the palette is taken from the video.

    A frame needs its own drawing and the one after it; at most three are in memory. Raises ``AniDocError`` where no
    frame can be read or the references hold no colour.
    """
    asked = asked or Finish()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # flow depends on the number of threads; the same clip must give the same bytes
    try:
        palette, expected = learn(pairs, references, asked)
        yield from _run(pairs, palette, expected, asked)
    finally:
        cv2.setNumThreads(threads)


def learn(pairs: Sequence[Pair], references: Sequence[np.ndarray], asked: Finish) -> tuple[Palette, Expected]:
    """The palette, and what its colours look like in this video, from a few frames of it."""
    count = min(LEARN, len(pairs))
    sample, first = [], None
    for at in dict.fromkeys(int((n + 0.5) * len(pairs) / count) for n in range(count)):
        try:
            sample.append(_look(pairs[at], asked)[1])
        except AniDocError as error:
            first = first or error
    if not sample:
        raise first or AniDocError("There is nothing to finish.", "Give frames and sketches of the same names.")
    palette = reference_palette(references) if references else own_palette(sample)
    if len(palette) < 2:
        raise AniDocError(
            "No colour was found in the references." if references else "No colour was found in the frames.",
            "A colour counts where it covers at least 25 connected pixels; flat fills without texture work best.",
        )
    return palette, expect(sample, palette, references)


def _look(pair: Pair, asked: Finish) -> tuple[Lines, Seen]:
    art = pair.sketch()
    height, width = art.shape[:2]
    lines = read_lines(Drawing(pair.name, pair.name, line_art=art), (), height, width, asked.gap)
    return lines, see(pair.frame(), look_at(lines))


def _run(pairs: Sequence[Pair], palette: Palette, expected: Expected, asked: Finish) -> Iterator[Finished | Failed]:
    waiting: deque[_At] = deque()
    before: tuple[_At, np.ndarray] | None = None
    failed: list[Failed] = []
    for pair in (*pairs, None):
        if pair is not None:
            try:
                lines, seen = _look(pair, asked)
            except (DrawingError, AniDocError) as error:
                failed.append(Failed(pair.name, error))
                continue
            own = region_colours(seen)
            seen, votes = _voted(with_ink(seen, first_flats(own, expected)), expected)
            new = _At(pair.name, lines, seen, votes, own)
            if asked.steady and waiting and waiting[-1].seen.look.labels.shape == seen.look.labels.shape:
                new.back = _linked(waiting[-1], new)
            waiting.append(new)
        while len(waiting) > 1 or (pair is None and waiting):
            now = waiting.popleft()
            index = _colour(now, before, waiting[0] if waiting else None, expected, asked)
            full = enlarge(index, now.seen.look, now.lines, len(palette))
            yield Finished(now.name, paint(full, now.lines, palette, asked.lines))
            before = (now, index)
        yield from failed
        failed.clear()


def _voted(seen: Seen, expected: Expected) -> tuple[Seen, np.ndarray]:
    """The frame without its colours' bleeding, and what its regions vote."""
    votes = vote(seen, expected)
    if expected.soft <= 0:
        return seen, votes
    flats = expected.colours[votes.argmin(1)]
    sharp = without_bleeding(seen, flats, ink_at(seen.lined, expected), expected.ink, expected.soft)
    return sharp, vote(sharp, expected)


def _linked(a: _At, b: _At) -> Link:
    return link((a.seen.depth, b.seen.depth), (a.seen.look.labels, b.seen.look.labels), (a.own, b.own))


def _colour(
    now: _At, before: tuple[_At, np.ndarray] | None, after: _At | None, expected: Expected, asked: Finish
) -> np.ndarray:
    votes, held = now.votes.copy(), None
    if before is not None and now.back is not None:
        votes += lend(before[0].votes, votes, now.back.pairs)
        held = held_by(before[1], now.seen.look.labels, now.back)
    if after is not None and after.back is not None:
        votes += lend(after.votes, votes, after.back.pairs[:, ::-1])
    return colour(now.seen, expected, votes, held, asked.shading)
