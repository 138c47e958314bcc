"""What ``anidoc inbetween`` wrote to its folder before: drawings of a longer run must not stay among those of a shorter one."""

import json
import logging
from hashlib import sha256
from pathlib import Path

from ..contracts.files import write_bytes
from .jobs import HIDDEN

LIST = f"{HIDDEN}/between.json"
"""Which pictures the last run left, and the sha256 of each."""

_LOG = logging.getLogger(__name__)


def settle(out: Path, written: list[str]) -> list[str]:
    """Remove what an earlier run wrote to ``out`` and this one did not, and note what it wrote: paths below ``out``, with ``/``.

    Returns those that stay because somebody has changed them since. Files that no run wrote are never touched.
    """
    changed, listed = [], _listed(out)
    for name, before in listed.items():
        path = out / name
        if name in written or not path.is_file():
            continue
        if _hash(path) != before:
            changed.append(name)
            continue
        try:
            path.unlink()
        except OSError as problem:  # held open by a viewer on Windows
            _LOG.info("%s stays: %s", path, problem)
            changed.append(name)
    for folder in {Path(name).parent for name in listed}:
        if (out / folder).is_dir() and not any((out / folder).iterdir()):
            (out / folder).rmdir()
    now = {name: _hash(out / name) for name in written if (out / name).is_file()}
    write_bytes(out / LIST, (json.dumps(now, indent=1) + "\n").encode(), durable=False)
    return changed


def _listed(out: Path) -> dict[str, str]:
    """Names that a run may have written, in case somebody has put other ones into the list."""
    try:
        data = json.loads((out / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    ours = {}
    for name, before in data.items() if isinstance(data, dict) else ():
        folder, _, file = name.partition("/")
        if (
            folder in ("line", "color", "separated")
            and file.removesuffix(".png").isdecimal()
            and isinstance(before, str)
        ):
            ours[name] = before
    return ours


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
