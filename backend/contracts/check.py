"""Taking values out of untrusted JSON: each wrong type or size becomes a sentence."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import JobError

T = TypeVar("T")


def record(value: Any, what: str) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise JobError(f"In the job, {what} should be an object and is {_kind(value)}.")
    return value


def entries(data: dict[str, Any], name: str, most: int) -> list[Any]:
    """A JSON array of at most ``most`` values; absent counts as empty."""
    value = data.get(name, [])
    if not isinstance(value, list):
        raise JobError(f"In the job, {name} should be a list and is {_kind(value)}.")
    if len(value) > most:
        raise JobError(f"In the job, {name} holds {len(value)} entries; at most {most} are allowed.")
    return value


def text(data: dict[str, Any], name: str, longest: int) -> str:
    """A JSON string of at most ``longest`` characters."""
    value = data.get(name)
    if not isinstance(value, str):
        raise JobError(f"In the job, {name} should be text and is {_kind(value)}.")
    if len(value) > longest:
        raise JobError(f"In the job, {name} is longer than {longest} characters.")
    return value


def whole(data: dict[str, Any], name: str, least: int, most: int) -> int:
    """A whole number in ``least..most``."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise JobError(f"In the job, {name} should be a whole number and is {_kind(value)}.")
    if not least <= value <= most:
        raise JobError(f"In the job, {name} is {value}; it can be {least} to {most}.")
    return value


def number(data: dict[str, Any], name: str, least: float, most: float) -> float:
    """A finite number in ``least..most``."""
    value = data.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise JobError(f"In the job, {name} should be a number and is {_kind(value)}.")
    if not math.isfinite(value) or not least <= value <= most:
        raise JobError(f"In the job, {name} is {value}; it can be {least} to {most}.")
    return float(value)


def boolean(data: dict[str, Any], name: str, default: bool) -> bool:
    """True or false; absent counts as ``default``."""
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise JobError(f"In the job, {name} should be true or false and is {_kind(value)}.")
    return value


def optional(data: dict[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    """What ``read`` makes of the value, or None where it is absent or null."""
    value = data.get(name)
    return None if value is None else read(value)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "missing"}
    return names.get(type(value), "a number")
