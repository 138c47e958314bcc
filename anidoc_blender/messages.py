"""What the panel tells the artist: one plain sentence, what to do next, and where possible the button that does it."""

from dataclasses import dataclass
from typing import Literal

from ..backend.contracts.errors import AniDocError

Level = Literal["INFO", "WARNING", "ERROR"]


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


def notice_of(error: AniDocError) -> Notice:
    """An error as a message."""
    return Notice(error.sentence, error.remedy, getattr(error, "button", ""), "ERROR", error.detail)


board: list[Notice] = []
"""The messages of the last job, most important first. Lives as long as Blender; not part of any file."""


def show(*notices: Notice) -> None:
    """Put these on the board instead of what stood there."""
    board[:] = notices
