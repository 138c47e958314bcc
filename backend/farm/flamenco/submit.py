"""Handing a batch to a Flamenco Manager: the list of shots goes onto the shared folder, the job to the Manager's API.

Flamenco's API: POST /api/v3/jobs with a SubmittedJob; tags by GET /api/v3/worker-mgt/tags; the job types that the
Manager knows by GET /api/v3/jobs/types.
"""

import json
import platform
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...contracts.errors import AniDocError
from ...contracts.files import write_bytes
from ..jobs import absolute

JOB_TYPE = "anidoc-colorize"
"""Flamenco names a job type after its script, with dashes for underscores."""

SCRIPT = Path(__file__).with_name("anidoc_colorize.js")
LIST_FILE = "shots.txt"

PATIENCE = 20.0
"""Seconds for an answer of the Manager."""

_LARGEST = 2**24
"""Bytes of an answer."""


def submit(
    manager: str,
    jobs: Sequence[Path],
    report: Path,
    *,
    title: str = "",
    tag: str = "",
    chunk: int = 4,
    device: str = "any",
) -> str:
    """Submit the job folders; gives a sentence with the job's id. Raises ``AniDocError``.

    ``report`` has to lie on the storage that the workers share; the list of shots is written there.
    """
    if not jobs:
        raise AniDocError("There are no shots to submit.", "Tick some shots, or give job folders.")
    base = _base(manager)
    types = _ask(f"{base}/api/v3/jobs/types").get("job_types", [])
    if JOB_TYPE not in [t.get("name") for t in types if isinstance(t, dict)]:
        raise AniDocError(
            "This Flamenco Manager does not know AniDoc's job type yet.",
            f"Copy {SCRIPT.name} into the folder scripts beside its program and restart it: {SCRIPT}",
        )
    place = absolute(report)
    write_bytes(place / LIST_FILE, "".join(f"{job}\n" for job in jobs).encode(), durable=False)
    job: dict[str, Any] = {
        "name": title or f"AniDoc, {len(jobs)} shots",
        "type": JOB_TYPE,
        "priority": 50,
        "submitter_platform": {"Darwin": "darwin", "Windows": "windows"}.get(platform.system(), "linux"),
        "settings": {
            "list": (place / LIST_FILE).as_posix(),
            "shots": len(jobs),
            "report": place.as_posix(),
            "chunk_size": chunk,
            "device": device,
        },
        "metadata": {"project": "AniDoc"},
    }
    if tag:
        job["worker_tag"] = _tag(base, tag)
    told = _ask(f"{base}/api/v3/jobs", job)
    return f"Submitted {len(jobs)} shots to Flamenco as job {str(told.get('id', ''))[:60]}: {base}/app/jobs"


def _base(manager: str) -> str:
    parts = urllib.parse.urlsplit(manager if "://" in manager else f"http://{manager}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AniDocError(f"{manager} is no address of a Flamenco Manager.", "It looks like flamenco.studio:8080.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _tag(base: str, name: str) -> str:
    """The id of the worker tag called ``name``."""
    tags = [t for t in _ask(f"{base}/api/v3/worker-mgt/tags").get("tags") or [] if isinstance(t, dict)]
    for tag in tags:
        if tag.get("name") == name:
            return str(tag.get("id"))
    known = ", ".join(str(t.get("name")) for t in tags) or "none"
    raise AniDocError(f"This Flamenco Manager has no worker tag {name!r}.", f"It has: {known}.")


def _ask(url: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """The Manager's answer as an object. Raises ``AniDocError``."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 checked by _base
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            said = json.loads(answer.read(_LARGEST))
    except urllib.error.HTTPError as problem:
        reason = _reason(problem)
        raise AniDocError(f"The Flamenco Manager refused: {reason}", "See its own pages for more.") from problem
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "reason", problem)
        raise AniDocError(
            f"The Flamenco Manager at {url.partition('/api/')[0]} does not answer ({reason}).",
            "Check its address, and whether it runs.",
        ) from problem
    return said if isinstance(said, dict) else {}


def _reason(problem: urllib.error.HTTPError) -> str:
    try:
        said = json.loads(problem.read(10_000))
        return str(said["message"])[:300]
    except (OSError, ValueError, KeyError, TypeError):
        return f"{problem.code} {problem.reason}"
