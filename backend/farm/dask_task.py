"""What runs on a Dask worker: one shot in a process of its own, which can be cancelled and keeps the engine loaded.

Only paths and words travel. Each of the worker's threads has its own process; Linux ends it with the thread, everywhere
it ends when the worker does, because its stdin closes.
"""

import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..version import VERSION
from .hand import Hand

_here = threading.local()


def run_shot(folder: str, name: str, known: str, heed: str = "", join: bool = False) -> dict[str, Any]:
    """Colour the shot in ``folder``, a path that this machine sees too; gives an ``Outcome`` as plain data."""
    if not hasattr(_here, "hand"):
        _here.hand = Hand()
    outcome = _here.hand.run(Path(folder), name=name, known=known, heed=Path(heed) if heed else None, join=join)
    return {"result": asdict(outcome.result), "busy": outcome.busy, "died": outcome.died}


def version() -> str:
    """Which AniDoc this worker has."""
    return VERSION
