"""Painting and writing frames beside the engine: one thread, so that the next drawing is solved meanwhile."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

WAITING = 2
"""Frames that may wait to be painted: more would only hold memory, since the engine is the slower of the two."""


class Painting:
    """Does pieces of work in the order they come, on one thread of its own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painting")
        self._work: deque[Future[None]] = deque()

    def do(self, work: Callable[[], None]) -> None:
        """Queue a piece of work. Waits while ``WAITING`` others do; raises what an earlier piece raised."""
        while len(self._work) >= WAITING or (self._work and self._work[0].done()):
            self._work.popleft().result()
        self._work.append(self._thread.submit(work))

    def finish(self) -> None:
        """Wait for all of it; raises what a piece raised."""
        while self._work:
            self._work.popleft().result()
        self._thread.shutdown()

    def abandon(self) -> None:
        """Drop what waits, and wait for the piece at work."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._work.clear()
