"""Spacing as animators write it: where between two keys each in-between stands, and on which frames."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from .errors import AniDocError

Spacing = Literal["linear", "slow in", "slow out", "both", "chart"]
"""``slow out`` leaves the first key slowly, ``slow in`` comes slowly to rest in the second, ``both`` does both."""

MOST = 500
"""In-betweens of one pair of keys."""


def fractions(count: int, spacing: Spacing = "linear", chart: Sequence[float] = ()) -> tuple[float, ...]:
    """Where ``count`` in-betweens stand on the way, 0 the first key, 1 the second; ``chart`` gives them itself.

    Raises ``AniDocError`` for a number of drawings or a chart that makes no sense.
    """
    if spacing == "chart":
        return check_chart(chart)
    if not 1 <= count <= MOST:
        raise AniDocError(f"{count} in-betweens cannot be made.", f"Ask for 1 to {MOST}.")
    return tuple(eased(n / (count + 1), spacing) for n in range(1, count + 1))


def eased(time: float, spacing: Spacing) -> float:
    """The fraction of the way at ``time`` 0..1 of the stretch: quadratic at one end, cubic (3 t^2 - 2 t^3) at both."""
    if spacing == "slow out":
        return time * time
    if spacing == "slow in":
        return 1 - (1 - time) ** 2
    if spacing == "both":
        return time * time * (3 - 2 * time)
    return time


def check_chart(chart: Sequence[float]) -> tuple[float, ...]:
    """A spacing chart as fractions in rising order, each between the keys. Raises ``AniDocError``."""
    values = tuple(float(v) for v in chart)
    if not 1 <= len(values) <= MOST:
        raise AniDocError(
            "The spacing chart is empty.", "Write a fraction for each in-between, for example 0.25, 0.5, 0.8."
        )
    rising = all(a < b for a, b in pairwise(values))
    if not all(0 < v < 1 for v in values) or not rising:
        raise AniDocError(
            "The spacing chart does not rise from the first key to the second.",
            "Write fractions between 0 and 1, each larger than the one before, for example 0.25, 0.5, 0.8.",
        )
    return values


def read_chart(text: str) -> tuple[float, ...]:
    """A chart as people type it: "0.25, 0.5 0.8" or "1/3 2/3". Raises ``AniDocError``."""
    values = []
    for word in text.replace(",", " ").replace(";", " ").split():
        above, slash, below = word.partition("/")
        try:
            values.append(float(above) / (float(below) if slash else 1.0))
        except (ValueError, ZeroDivisionError) as problem:
            raise AniDocError(
                f"{word!r} in the spacing chart is not a fraction.", "Write for example 0.25, 0.5, 0.8."
            ) from problem
    return check_chart(values)


def frames_between(first: int, last: int, count: int | None = None, step: int | None = None) -> tuple[int, ...]:
    """The frames of the in-betweens: on every ``step`` frames (ones, twos, threes), or ``count`` evenly spread.

    Raises ``AniDocError`` where there is no room.
    """
    room = last - first - 1
    if step is not None:
        found = tuple(range(first + step, last, step))
    else:
        wanted = count or 0
        found = tuple(first + round((last - first) * n / (wanted + 1)) for n in range(1, wanted + 1))
        found = found if len(set(found)) == wanted and wanted <= room else ()
    if not found:
        raise AniDocError(
            f"There is no room for that between frame {first} and frame {last}.",
            "Move the keys apart, or ask for fewer in-betweens.",
        )
    return found
