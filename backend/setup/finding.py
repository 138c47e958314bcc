"""One line of the doctor's report."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal["good", "warning", "bad"]


@dataclass(frozen=True)
class Finding:
    """``bad`` means that colouring does not work; ``remedy`` says what to do."""

    name: str
    grade: Grade
    value: str
    remedy: str = ""
