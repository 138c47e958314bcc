"""Evidence on disk: what an engine found out about a drawing, kept from run to run in ``work/evidence``.

A file that is torn, foreign or damaged counts as absent: the engine finds the same out again.
"""

import hashlib
import json
import logging
import math
import os
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from io import FileIO
from pathlib import Path

import numpy as np

from ..contracts.engine import Order, Where
from ..contracts.errors import AniDocError
from ..contracts.files import write_bytes
from ..contracts.jobfolder import WORK
from . import painted

_LOG = logging.getLogger(__name__)

EVIDENCE = f"{WORK}/evidence"
_WORTH_HELP = 4
"""Pieces of evidence that a run has to find out before it is helped: a run that only checks needs nobody. Where nothing was
ever found out it is helped at once."""
_SUM = 4
"""Bytes of the checksum."""
_ALIGNED = 16
"""Bytes: a complex number's size, the largest kept."""
_KINDS = "biufc"
"""NumPy's letters for truth values, whole numbers, fractions and complex numbers."""
SUFFIX = ".arrays"


Helper = Callable[[Sequence[Order], Where], bool]
"""Takes orders and says whether somebody carries them out."""


def _nobody(orders: Sequence[Order], where: Where) -> bool:
    return False


class EvidenceStore:
    """The ``Store`` of a job folder. Knows what was asked for and whether anything was new, for pruning."""

    def __init__(self, folder: Path, help_with: Helper = _nobody) -> None:
        self._folder = folder / EVIDENCE
        self._help_with = help_with
        self._root = folder
        self._orders: Sequence[Order] = ()
        self.trouble: AniDocError | None = None
        """Why evidence could not be written: reason to end the run, even if the engine takes it for a drawing's fault."""
        self._used: set[str] = set()
        self._saved = 0
        self._new = not self._folder.is_dir()

    def ahead(self, orders: Sequence[Order], where: Where = "only") -> bool:
        """Have evidence found out by the process beside this one, once there is enough to do."""
        if where == "only":
            self._orders = orders
        return (self._new or self._saved >= _WORTH_HELP) and self._help_with(orders, where)

    def leave(self, recipe: str, picture: np.ndarray, sketch: np.ndarray) -> None:
        """Leave a painted frame for the run to take over."""
        painted.leave(self._root, recipe, picture, sketch)

    def is_left(self, recipe: str) -> bool:
        """Whether a painted frame lies there."""
        return painted.is_left(self._root, recipe)

    def load(self, key: str) -> dict[str, np.ndarray] | None:
        """The arrays under ``key``; None where there are none or they cannot be trusted."""
        name = _file_name(key)
        self._used.add(name)
        try:
            return _unpack(_contents(f"{self._folder}{os.sep}{name}"), key)
        except FileNotFoundError:
            return None
        except Exception as problem:
            # Whatever is wrong with the file (numpy and json raise a dozen kinds), the remedy is the same.
            _LOG.info("evidence %s is not used: %r", name, problem)
            return None

    def save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep ``arrays`` under ``key``. Raises ``AniDocError`` where the disk is full."""
        name = _file_name(key)
        self._used.add(name)
        self._saved += 1
        try:
            write_bytes(self._folder / name, _pack(key, arrays), durable=False)
        except AniDocError as problem:
            self.trouble = problem
            raise
        if self._saved == _WORTH_HELP and not self._new:
            self._help_with(self._orders, "only")

    def prune(self) -> int:
        """After a whole run that found something new: forget what it did not ask for. Returns how many files went.

        A run that only checked forgets nothing: an engine may not need its evidence to see that all is well.
        """
        if not self._saved or not self._folder.is_dir():
            return 0
        stale = [p for p in self._folder.glob(f"*{SUFFIX}") if p.name not in self._used]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)


@lru_cache(256)
def _file_name(key: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9_-]+", "_", key)[:40]
    return f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:20]}{SUFFIX}"


def _pack(key: str, arrays: Mapping[str, np.ndarray]) -> bytes:
    """One line of JSON (key, then name, type and shape of each array), the arrays' bytes, and a checksum of it all.

    Nothing is packed: who keeps arrays knows how to make them small, and they are read many times.
    """
    plain = {name: np.asarray(array) for name, array in arrays.items()}
    if any(array.dtype.kind not in _KINDS for array in plain.values()):
        raise ValueError("objects are no evidence, only plain numbers")
    about = [[name, array.dtype.str, array.shape] for name, array in plain.items()]
    head = json.dumps([key, about]).encode() + b"\n"
    whole = b"".join([_padded(head), *(_padded(array.tobytes()) for array in plain.values())])
    return whole + zlib.crc32(whole).to_bytes(_SUM, "little")


def _contents(path: str) -> bytearray:
    """The bytes of a file, to be written to: arrays lie in them."""
    with FileIO(path) as file:
        data = bytearray(os.fstat(file.fileno()).st_size)
        read = file.readinto(data)
    return data if read == len(data) else data[:read]


def _padded(data: bytes) -> bytes:
    """Filled up, so that every array begins where its numbers can be read in one go."""
    return data + b"\0" * (-len(data) % _ALIGNED)


def _unpack(data: bytearray, key: str) -> dict[str, np.ndarray]:
    end = len(data) - _SUM
    if end < 0 or zlib.crc32(memoryview(data)[:end]) != int.from_bytes(data[end:], "little"):
        raise ValueError("not whole")
    head = data.index(b"\n") + 1
    named, about = json.loads(data[:head])
    if named != key:
        raise ValueError("another key's evidence")
    arrays, at = {}, head + -head % _ALIGNED
    for name, kind, shape in about:
        dtype, count = np.dtype(kind), math.prod(shape)
        if dtype.kind not in _KINDS:
            raise ValueError("not plain numbers")
        arrays[name] = np.frombuffer(data, dtype, count, at).reshape(shape)
        length = count * dtype.itemsize
        at += length + -length % _ALIGNED
    return arrays
