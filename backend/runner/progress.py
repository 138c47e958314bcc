"""How long it will still take, said only when it can be said honestly."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 30.0
"""Seconds of work that the pace is measured over: long enough to be calm, short enough to follow a change of step."""
FIRST_WORD = 2.0
"""Seconds before the first estimate; earlier ones are mostly start-up."""


class Pace:
    """A moving estimate of the seconds left. ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        self._start = clock()

    def seconds_left(self, done: int, total: int) -> float | None:
        """Seconds until ``total`` at the pace of the last half minute; None until there is one."""
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] < now - WINDOW:
            self._seen.popleft()
        if done >= total:
            return 0.0
        (then, before), elapsed = self._seen[0], now - self._seen[0][0]
        if now - self._start < FIRST_WORD or elapsed <= 0 or done <= before or then == now:
            return None
        return (total - done) * elapsed / (done - before)
