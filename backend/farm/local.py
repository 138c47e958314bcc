"""A batch on this machine: workers with the engines loaded take shots from one queue. Several machines may share a batch."""

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..contracts.batch import ShotResult
from ..runner.claim import Watch
from .cancelling import word
from .hand import Hand, Outcome
from .jobs import called

MOST_TRIES = 2
"""A shot whose process broke off is begun once more; what it had finished is kept. Twice is no accident."""

AGAIN = 3.0
"""Seconds until a shot that another run holds is looked at again."""

Told = Callable[[int, ShotResult], None]


@dataclass(frozen=True)
class Errand:
    """A shot to be run. ``after``: numbers of errands that have to end first. ``new``: pictures of earlier tries.

    ``join``: it was cut into ranges, which are those. ``heed``: the folder whose request to cancel counts, where another.
    """

    number: int
    folder: Path
    name: str = ""
    known: str = ""
    tries: int = 1
    after: tuple[int, ...] = ()
    busy_since: float | None = None
    new: int = 0
    join: bool = False
    heed: Path | None = None


def errands(folders: Iterable[Path]) -> list[Errand]:
    """Shots in the order they are asked for."""
    return [Errand(n, folder, called(folder), word(folder)) for n, folder in enumerate(folders)]


class Desk:
    """Hands out errands to any number of threads and takes back what came of them."""

    def __init__(self, todo: list[Errand], wait: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._todo, self._later = deque(todo), list[tuple[float, Errand]]()
        self._open = {e.number for e in todo}
        self._out, self._wait, self._clock = 0, wait, clock
        self._watch = Watch()
        self._change = threading.Condition()
        self.stopping = False
        self.results: queue.SimpleQueue[tuple[int, ShotResult]] = queue.SimpleQueue()

    def take(self) -> Errand | None:
        """The next errand, waiting for one; None when there will be none."""
        with self._change:
            while not self.over():
                ready = self.poll()
                if ready is not None:
                    return ready
                self._change.wait(0.2)
            self._change.notify_all()
            return None

    def over(self) -> bool:
        """Whether there is nothing more to hand out, now or later."""
        return self.stopping or not (self._todo or self._later or self._out)

    def poll(self) -> Errand | None:
        """An errand that can be begun now, without waiting for one."""
        with self._change:
            now = self._clock()
            self._todo.extend(e for when, e in self._later if when <= now)
            self._later = [(when, e) for when, e in self._later if when > now]
            ready = next((e for e in self._todo if not self._open & set(e.after)), None)
            if ready is not None and not self.stopping:
                self._todo.remove(ready)
                self._out += 1
                return ready
            return None

    def give(self, errand: Errand, outcome: Outcome) -> None:
        """What came of an errand: a result, or a reason to try again."""
        with self._change:
            self._out -= 1
            again = self._again(errand, outcome)
            if again is not None and not self.stopping:
                self._later.append(again)
            else:
                self._open.discard(errand.number)
                new = errand.new + outcome.result.new
                self.results.put((errand.number, replace(outcome.result, tries=errand.tries, new=new)))
            self._change.notify_all()

    def _again(self, errand: Errand, outcome: Outcome) -> tuple[float, Errand] | None:
        now = self._clock()
        if outcome.busy:
            since = now if errand.busy_since is None else errand.busy_since
            freed = self._watch.bury_dead(errand.folder)
            if now - since < self._wait or freed:
                return now + (0 if freed else AGAIN), replace(errand, busy_since=since)
        elif outcome.died and errand.tries < MOST_TRIES:
            new = errand.new + outcome.result.new
            return now, replace(errand, tries=errand.tries + 1, busy_since=None, new=new)
        return None

    def stop(self) -> None:
        """Hand out nothing more."""
        with self._change:
            self.stopping = True
            self._change.notify_all()


def run_local(
    todo: list[Errand],
    told: Told,
    *,
    workers: int = 1,
    threads: int = 0,
    wait: float = 3600.0,
    log: BinaryIO | None = None,
) -> bool:
    """Run the shots; ``told(number, result)`` hears of each end, on this thread. False where it was interrupted.

    ``threads``: processor cores for each worker, 0: shared evenly. ``wait``: seconds to wait for a shot that
    another run holds.
    """
    desk = Desk(todo, wait)
    number = max(1, min(workers, len(todo)))
    staff = [threading.Thread(target=_work, args=(desk, log, cores), daemon=True) for cores in _shares(number, threads)]
    for thread in staff:
        thread.start()
    whole = True
    while any(t.is_alive() for t in staff) or not desk.results.empty():
        try:
            told(*desk.results.get(timeout=0.1))
        except queue.Empty:
            continue
        except KeyboardInterrupt:
            whole = False
            desk.stop()
    return whole


def _work(desk: Desk, log: BinaryIO | None, cores: set[int] | None) -> None:
    """A worker's life. Linux ties its process to this thread, so that neither outlives the batch."""
    hand = Hand(log=log, cores=cores)
    try:
        hand.warm_up()
        while (errand := desk.take()) is not None:
            desk.give(errand, attempt(hand, errand, lambda: desk.stopping))
    finally:
        hand.close()


def attempt(hand: Hand, errand: Errand, stop: Callable[[], bool]) -> Outcome:
    """One errand. A fault of ours becomes a result, so that the batch goes on."""
    try:
        return hand.run(
            errand.folder, name=errand.name, known=errand.known, stop=stop, heed=errand.heed, join=errand.join
        )
    except Exception as problem:
        hand.close()
        sentence = f"The shot could not be run ({type(problem).__name__}: {problem})."
        result = ShotResult(errand.name, str(errand.folder), "failed", sentence=sentence)
        return Outcome(result)


def _shares(workers: int, threads: int) -> list[set[int] | None]:
    """Cores for each worker, ``threads`` each, in turn; None: all."""
    if not hasattr(os, "sched_getaffinity") or (threads < 1 and workers == 1):
        return [None] * workers
    ours = sorted(os.sched_getaffinity(0))
    # A worker that has two cores starts a second process for each shot: together they would get in each other's way.
    threads = threads or max(1, len(ours) // workers)
    return [{ours[(n * threads + k) % len(ours)] for k in range(threads)} for n in range(workers)]
