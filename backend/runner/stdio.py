"""stdout belongs to the protocol: whatever libraries print, in Python or in C, goes to stderr instead."""

import os
import sys
import threading
from typing import BinaryIO

from ..contracts.messages import Message, encode


def claim_stdout() -> BinaryIO:
    """Take stdout for ourselves and point everybody else's at stderr. Returns where the protocol is written."""
    sys.stdout.flush()
    ours = os.dup(1)
    try:
        os.dup2(2, 1)
    except OSError:  # started without stderr: what libraries print goes nowhere
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    sys.stdout = sys.stderr
    return os.fdopen(ours, "wb", buffering=0)


class Speaker:
    """Writes messages, a line each, whole even when several threads speak."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._lock = out, threading.Lock()

    def __call__(self, message: Message) -> None:
        """Send ``message``. Raises ``OSError`` where nobody listens any more."""
        line = memoryview(encode(message).encode())
        with self._lock:
            while line:
                line = line[self._out.write(line) or 0 :]
