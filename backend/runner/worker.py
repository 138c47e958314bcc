"""The worker: runs one job after the other and keeps the engines loaded. It belongs to ``anidoc serve`` and dies with it."""

import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..contracts.messages import LONGEST_LINE, Cancel, Finished, Message, Problem, Submit, decode
from .engines import incomplete
from .orphans import die_with_parent
from .stdio import Speaker, claim_stdout


def work(parent: int) -> int:
    """Read Submit and Cancel from stdin, run jobs, tell on stdout; leave at once when stdin closes."""
    die_with_parent(parent)
    speak = Speaker(claim_stdout())
    orders: queue.SimpleQueue[Submit] = queue.SimpleQueue()
    cancelled: set[str] = set()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders, cancelled), daemon=True).start()

    tell = _telling(speak)
    try:
        from .run import run_and_tell  # numpy and OpenCV, loaded while nobody waits
    except ImportError as problem:
        while True:
            _refuse(orders.get(), problem, tell)
    _warm_up()
    while True:
        order = orders.get()
        run_and_tell(Path(order.folder), tell, name=order.job, stop=lambda order=order: order.job in cancelled)


def _listen(lines: BinaryIO, orders: "queue.SimpleQueue[Submit]", cancelled: set[str]) -> None:
    while line := lines.readline(LONGEST_LINE):
        message = decode(line)
        if isinstance(message, Submit):
            cancelled.discard(message.job)  # a late Cancel of an earlier job with this name
            orders.put(message)
        elif isinstance(message, Cancel):
            cancelled.add(message.job)
    os._exit(0)  # at any moment: whatever is being written has a temporary name


def _refuse(order: Submit, problem: ImportError, tell: Callable[[Message], None]) -> None:
    """Answer a job where the environment lacks what every job needs."""
    error = incomplete(problem)
    tell(Problem(order.job, error.sentence, error.remedy, detail=error.detail))
    tell(Finished(order.job, "failed"))


def _telling(speak: Speaker) -> Callable[[Message], None]:
    def tell(message: Message) -> None:
        try:
            speak(message)
        except OSError:
            os._exit(0)  # the owner has gone

    return tell


def _warm_up() -> None:
    """Import the usual engine before the first job asks for it."""
    from .engines import ENGINES, make_engine

    try:
        make_engine("cel", ENGINES)
    except Exception as problem:  # the first job will say so in a sentence
        print(f"the cel engine does not load: {problem!r}", file=sys.stderr)
