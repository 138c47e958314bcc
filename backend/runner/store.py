"""Evidence on disk: what an engine found out about a drawing, kept from run to run in ``work/evidence``.

A file that is torn, foreign or damaged counts as absent: the engine finds the same out again.
"""

import hashlib
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ..contracts.engine import Order
from ..contracts.errors import AniDocError
from ..contracts.files import write_bytes
from ..contracts.jobfolder import WORK

_LOG = logging.getLogger(__name__)

EVIDENCE = f"{WORK}/evidence"
_KEY = "__key__"
"""Name of the member that repeats the key, so that a file under another's name is not believed."""
_LEVEL = 1
"""zlib's fastest. Evidence is written once a drawing, and label maps shrink 50 times even so."""
_LARGEST = 2**30
"""Bytes of one drawing's evidence, unpacked."""
_WORTH_HELP = 4
"""Pieces of evidence that a run has to find out before it is helped: a run that only checks needs nobody."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip file knows: the same evidence gives the same bytes."""


class EvidenceStore:
    """The ``Store`` of a job folder. Knows what was asked for and whether anything was new, for pruning."""

    def __init__(self, folder: Path, help_with: Callable[[Sequence[Order]], None] = lambda orders: None) -> None:
        self._folder = folder / EVIDENCE
        self._help_with = help_with
        self._orders: Sequence[Order] = ()
        self.trouble: AniDocError | None = None
        """Why evidence could not be written: reason to end the run, even if the engine takes it for a drawing's fault."""
        self._used: set[str] = set()
        self._saved = 0

    def ahead(self, orders: Sequence[Order]) -> None:
        """Have evidence found out by the process beside this one, once there is enough to do."""
        self._orders = orders
        if self._saved >= _WORTH_HELP:
            self._help_with(orders)

    def load(self, key: str) -> dict[str, np.ndarray] | None:
        """The arrays under ``key``; None where there are none or they cannot be trusted."""
        path = self._path(key)
        self._used.add(path.name)
        try:
            return _unpack(path, key)
        except FileNotFoundError:
            return None
        except Exception as problem:
            # Whatever is wrong with the file (numpy, zip and zlib raise a dozen kinds), the remedy is the same.
            _LOG.info("evidence %s is not used: %r", path.name, problem)
            return None

    def save(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep ``arrays`` under ``key``. Raises ``AniDocError`` where the disk is full."""
        path = self._path(key)
        self._used.add(path.name)
        self._saved += 1
        try:
            write_bytes(path, _pack(key, arrays), durable=False)
        except AniDocError as problem:
            self.trouble = problem
            raise
        if self._saved == _WORTH_HELP:
            self._help_with(self._orders)

    def prune(self) -> int:
        """After a whole run that found something new: forget what it did not ask for. Returns how many files went.

        A run that only checked forgets nothing: an engine may not need its evidence to see that all is well.
        """
        if not self._saved or not self._folder.is_dir():
            return 0
        stale = [p for p in self._folder.glob("*.npz") if p.name not in self._used]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _path(self, key: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9_-]+", "_", key)[:40]
        return self._folder / f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:20]}.npz"


def _pack(key: str, arrays: Mapping[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as pack:
        for name, array in {_KEY: np.frombuffer(key.encode(), np.uint8), **arrays}.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
            about = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            about.compress_type = zipfile.ZIP_DEFLATED
            pack.writestr(about, member.getbuffer(), compresslevel=_LEVEL)
    return buffer.getvalue()


def _unpack(path: Path, key: str) -> dict[str, np.ndarray] | None:
    with zipfile.ZipFile(path) as pack:
        if sum(i.file_size for i in pack.infolist()) > _LARGEST:
            raise zlib.error("larger than any evidence")
        arrays = {}
        for about in pack.infolist():
            with pack.open(about) as member:
                arrays[about.filename.removesuffix(".npy")] = np.lib.format.read_array(member, allow_pickle=False)
                if member.read(1):  # reading to the end makes zipfile try the checksum
                    raise zlib.error("more than an array")
    if bytes(arrays.pop(_KEY)) != key.encode():
        raise zlib.error("another key's evidence")
    return arrays
