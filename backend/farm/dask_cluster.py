"""A batch on a Dask cluster: the scheduler places shots on workers that see the same shared folder; we wait for the ends.

Dask is optional (requirements/farm.txt). A worker that dies loses its shots to the others, which go on from the finished
drawings; a shot that takes three workers down with it is given up.
"""

import queue
import time
import uuid
from pathlib import Path
from typing import Any

from ..contracts.batch import ShotResult
from ..contracts.errors import AniDocError
from ..version import VERSION
from . import dask_task
from .cancelling import ask
from .hand import Outcome
from .local import Desk, Errand, Told

PATIENCE = 30.0
"""Seconds to find the scheduler, and then its first worker."""

FAREWELL = 5.0
"""Seconds that shots at work get to stop when the batch is interrupted."""

_GONE = "Look at the cluster and run the batch again; what is finished is kept."


def run_dask(address: str, todo: list[Errand], told: Told, *, gpu: bool = False, wait: float = 3600.0) -> bool:
    """Run the shots on the cluster with this scheduler; ``told`` as in ``run_local``. False where it was interrupted.

    ``gpu``: each shot takes one of the resource GPU, which workers are started with. Raises ``AniDocError``.
    """
    client = _client(address)
    try:
        _check_workers(client, gpu)
        return _Run(client, Desk(todo, wait), told, {"GPU": 1} if gpu else None).run()
    finally:
        client.close(timeout=5)


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as problem:
        raise AniDocError(
            "The Dask library is not installed here.", "Install what requirements/farm.txt lists.", repr(problem)
        ) from problem
    try:
        return Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as problem:
        raise AniDocError(
            f"There is no Dask scheduler at {address}.", "Start one with: dask scheduler", str(problem)
        ) from problem


def _check_workers(client: Any, gpu: bool) -> None:
    """There are workers, they have this AniDoc, and a GPU where one is wanted. Raises ``AniDocError``."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        has = client.run(dask_task.version)
    except TimeoutError as problem:
        raise AniDocError("The Dask cluster has no workers.", "Start some with: dask worker ADDRESS") from problem
    except Exception as problem:  # whatever a worker's import raised, as it came over the wire
        raise AniDocError(
            "The Dask workers cannot load AniDoc.", "Start them in an environment that has it.", repr(problem)
        ) from problem
    others = {where: v for where, v in has.items() if v != VERSION}
    if others:
        where, v = next(iter(others.items()))
        raise AniDocError(f"The Dask worker {where} has AniDoc {v}; this is {VERSION}.", "Use one version everywhere.")
    if gpu:
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        if not any(w.get("resources", {}).get("GPU") for w in workers):
            raise AniDocError(
                "No Dask worker says that it has a GPU.",
                "Start those that do with: dask worker ADDRESS --resources GPU=1",
            )


class _Run:
    """One batch on a cluster."""

    def __init__(self, client: Any, desk: Desk, told: Told, resources: dict[str, int] | None) -> None:
        self._client, self._desk, self._told, self._resources = client, desk, told, resources
        self._name = uuid.uuid4().hex[:8]
        self._out: dict[str, tuple[Errand, Any]] = {}
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._count = 0

    def run(self) -> bool:
        """Submit what can be begun, take what has ended, until there is neither."""
        try:
            while not self._desk.over() or not self._desk.results.empty():
                self._submit()
                self._take(0.1)
                self._tell()
            return True
        except KeyboardInterrupt:
            self._interrupt()
            return False

    def _submit(self) -> None:
        while (errand := self._desk.poll()) is not None:
            self._count += 1
            key = f"anidoc-{self._name}-{self._count}"
            future = self._client.submit(
                dask_task.run_shot,
                str(errand.folder),
                errand.name,
                errand.known,
                str(errand.heed or ""),
                errand.join,
                key=key,
                pure=False,
                resources=self._resources,
            )
            self._out[key] = (errand, future)
            future.add_done_callback(lambda f: self._ended.put(f.key))

    def _take(self, patience: float) -> None:
        try:
            while True:
                key = self._ended.get(timeout=patience)
                patience = 0.0
                errand, future = self._out.pop(key)
                self._desk.give(errand, self._outcome(errand, future))
        except queue.Empty:
            pass

    def _tell(self) -> None:
        while not self._desk.results.empty():
            self._told(*self._desk.results.get())

    def _outcome(self, errand: Errand, future: Any) -> Outcome:
        """What a finished task brought; a task that Dask gave up becomes a sentence."""
        try:
            said = future.result(timeout=10)
            return Outcome(ShotResult(**said["result"]), said["busy"], said["died"])
        except Exception as problem:
            kind = type(problem).__name__
            if kind == "KilledWorker":
                sentence = "Every worker that took this shot died, most likely because memory ran out."
                remedy = "Look at the workers' logs; what is finished is kept."
            else:
                sentence, remedy = f"The Dask cluster gave this shot up ({kind}).", _GONE
            return Outcome(ShotResult(errand.name, str(errand.folder), "failed", sentence=sentence, remedy=remedy))

    def _interrupt(self) -> None:
        """Ask the shots at work to stop, take what ends soon, and leave the rest."""
        self._desk.stop()
        for errand, _ in self._out.values():
            try:
                ask(Path(errand.folder))
            except AniDocError:
                continue
        end = time.monotonic() + FAREWELL
        while self._out and time.monotonic() < end:
            self._take(0.1)
        self._client.cancel([future for _, future in self._out.values()], force=True)
        self._tell()
