"""What the panel tells the artist: one plain sentence, what to do next, and where possible the button that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from ..backend.contracts.errors import AniDocError

Level = Literal["INFO", "WARNING", "ERROR"]
T = TypeVar("T")


@dataclass(frozen=True)
class Notice:
    """One message. ``button`` is the identifier of an operator that is the remedy, e.g. ``anidoc.set_up``."""

    sentence: str
    remedy: str = ""
    button: str = ""
    level: Level = "INFO"
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class Refusal(AniDocError):
    """Why an operator does not start, with the operator that puts it right."""

    def __init__(self, sentence: str, remedy: str = "", button: str = "", detail: str = "") -> None:
        super().__init__(sentence, remedy, detail)
        self.button = button
        self.also: tuple[AniDocError, ...] = ()


class Refusals:
    """Gathers why something cannot start, so that the artist learns all of it at one press.

    refusals = Refusals()
    folder = refusals.gather(job_folder, scene)  # None where it refuses
    refusals.speak()                             # raises the first one, which carries the others
    """

    def __init__(self) -> None:
        self.found: list[AniDocError] = []

    def gather(self, read: Callable[..., T], *arguments: Any) -> T | None:
        """What ``read`` gives, or None."""
        try:
            return read(*arguments)
        except AniDocError as error:
            self.found += [error, *getattr(error, "also", ())]
            return None

    def speak(self) -> None:
        """Raise ``Refusal`` if anything was refused."""
        if self.found:
            first = self.found[0]
            refusal = Refusal(first.sentence, first.remedy, getattr(first, "button", ""), first.detail)
            refusal.also = tuple(self.found[1:])
            raise refusal


def notices_of(error: AniDocError) -> list[Notice]:
    """An error, and those it carries, as messages."""
    errors = (error, *getattr(error, "also", ()))
    return [Notice(e.sentence, e.remedy, getattr(e, "button", ""), "ERROR", e.detail) for e in errors]


board: list[Notice] = []
"""The messages of the last job, most important first. Lives as long as Blender; not part of any file."""


def show(*notices: Notice) -> None:
    """Put these on the board instead of what stood there."""
    board[:] = notices
