"""A second process for one shot: it finds evidence out that the run will ask for, and leaves it in the job folder.

The run tells it what to do, in which order, and never waits for it: what is not there the run finds out itself. So
nothing depends on it but the time a shot takes. It writes evidence, under the same names and with the same bytes as the
run would, and painted frames for the run to take over.
"""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from ..contracts.engine import Order, Where
from ..contracts.errors import AniDocError
from .child import start
from .engines import Engines, known_engines, make_engine
from .folder import sweep
from .memory import keep_memory
from .orphans import Leash, die_with_parent

_LOG = logging.getLogger(__name__)

FEWEST = 8
"""Orders that a process is started for: starting one costs as much as two drawings."""

_FAREWELL = 1.0
"""Seconds to wait for the process to be gone after it was ended."""


def cores() -> int:
    """How many this process may use. The usual variable for it, ``OMP_NUM_THREADS``, holds for us too."""
    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(wanted)) if wanted.isdecimal() and int(wanted) else allowed


class Assistant:
    """The process as the run sees it. Started with the first orders, from the run's own thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._leash = Leash()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def __call__(self, orders: Sequence[Order], where: Where = "only") -> bool:
        """Give it orders, see :meth:`Store.ahead`. False where it does not run."""
        if self._process is None and where == "only" and len(orders) >= FEWEST and cores() >= 2:
            self._start()
        if self._process is None or self._process.poll() is not None:
            return False
        self._lines.put(json.dumps({"where": where, "orders": orders}).encode() + b"\n")
        return True

    def close(self) -> None:
        """End it, whatever it is doing."""
        if self._process is None:
            return
        self._lines.put(None)
        self._process.kill()
        try:
            self._process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            _LOG.warning("process %s does not end", self._process.pid)
        self._process = None
        sweep(self._folder)

    def _start(self) -> None:
        self._process = start(["assistant", str(self._folder)], self._leash, stdout=subprocess.DEVNULL)
        # A process that does not listen must not hold the run up: its pipe may be full.
        threading.Thread(target=self._write, args=(self._process,), daemon=True).start()

    def _write(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        try:
            while (line := self._lines.get()) is not None:
                process.stdin.write(line)
                process.stdin.flush()
            process.stdin.close()
        except OSError as problem:
            _LOG.info("the assistant hears nothing: %s", problem)


def assist(folder: Path, parent: int, engines: Engines | None = None) -> int:
    """The process itself: carry orders out until stdin closes."""
    die_with_parent(parent)
    orders = _Orders()
    listener = threading.Thread(target=_listen, args=(orders,), daemon=True)
    listener.start()
    try:
        _work(folder, orders, known_engines() if engines is None else engines)
    except (AniDocError, OSError) as problem:
        _LOG.info("the assistant does nothing: %s", problem)  # the run meets the same and says so
    listener.join()
    return 0


def _work(folder: Path, orders: "_Orders", engines: Engines) -> None:
    from ..contracts.jobfolder import load_job
    from .inputs import open_drawings
    from .store import EvidenceStore

    job = load_job(folder)
    engine = make_engine(job.engine, engines)
    if not hasattr(engine, "assistant"):
        return
    keep_memory()
    store = EvidenceStore(folder)
    carry_out = engine.assistant(open_drawings(folder, job), job.options, store)  # pyright: ignore[reportAttributeAccessIssue]
    while store.trouble is None:
        order = orders.take()
        try:
            carry_out(order)
        except AniDocError as problem:
            _LOG.info("left to the run: %s: %s", order, problem)


class _Orders:
    """Orders that are not begun."""

    def __init__(self) -> None:
        self._orders: deque[Order] = deque()
        self._change = threading.Condition()

    def add(self, orders: Sequence[Order], where: Where) -> None:
        with self._change:
            before, after = (() if where != "last" else self._orders), (() if where != "first" else self._orders)
            self._orders = deque([*before, *orders, *after])
            self._change.notify()

    def take(self) -> Order:
        with self._change:
            while not self._orders:
                self._change.wait()
            return self._orders.popleft()


def _listen(orders: _Orders) -> None:
    for line in sys.stdin.buffer:
        said = json.loads(line)
        orders.add([tuple(order) for order in said["orders"]], said["where"])
    os._exit(0)  # at any moment: whatever is being written has a temporary name
