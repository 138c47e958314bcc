"""Which machine is at work in a job folder, for shared disks whose locks do not reach from machine to machine.

The operating system's lock (lock.py) settles everything on one machine, and on shared disks that carry locks. Where
they do not, the holder also leaves a claim: its machine, and a count that it raises every few seconds. Another machine
believes in the claim's death only when the count has stood still for long enough by its own clock, so that it does not
matter whether the two clocks agree.
"""

import contextlib
import json
import logging
import os
import platform
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..contracts.errors import JobBusy
from ..contracts.files import cannot_write, inside

_LOG = logging.getLogger(__name__)

CLAIM_FILE = "run.claim"

BEAT = 10.0
"""Seconds between two signs of life."""
PATIENCE = 90.0
"""Seconds without one after which a machine counts as gone. Network disks may show files a minute late."""

_LARGEST = 4096
"""Bytes of a claim. It is rewritten in place, because network disks show that sooner than a new file of the name."""


def _this_machine() -> str:
    """An id that two machines never share, nor one machine before and after a restart, where that can be known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{uuid.getnode():012x} {platform.node()}"


MACHINE, HOST = _this_machine(), platform.node()


@dataclass(frozen=True)
class Found:
    """A claim as it was read. ``data`` changes with every sign of life."""

    data: bytes
    machine: str = ""
    host: str = ""
    process: int = 0
    token: str = ""


def read_claim(folder: Path) -> Found | None:
    """The claim that lies in the folder, or None where there is none."""
    try:
        with inside(folder, CLAIM_FILE).open("rb") as f:
            data = f.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as problem:
        return Found(repr(problem.errno).encode())
    try:
        said = json.loads(data)
        return Found(data, str(said["machine"]), str(said["host"])[:100], int(said["process"]), str(said["token"]))
    except (ValueError, KeyError, TypeError):
        return Found(data)  # being written just now, or another's: it is given the same patience


class Claim:
    """Our own claim. ``lost`` becomes true where the folder is gone or another machine took it over, taking us for dead."""

    def __init__(self, path: Path, handle: int, machine: str) -> None:
        self._path, self._handle, self._machine = path, handle, machine
        self._token, self._count, self._missing = uuid.uuid4().hex, 0, 0
        self.lost = False
        self.beat()

    def beat(self) -> None:
        """Give a sign of life, and look whether the claim is still ours."""
        self._count += 1
        said = {"machine": self._machine, "host": HOST, "process": os.getpid(), "token": self._token}
        data = json.dumps({**said, "count": f"{self._count:016}"}).encode()
        try:
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, data)
        except OSError as problem:
            _LOG.warning("no sign of life could be given: %s", problem)
        if self._count > 1:
            found = read_claim(self._path.parent)
            self._missing = self._missing + 1 if found is None else 0
            taken = found is not None and found.token not in ("", self._token)
            self.lost = taken or self._missing > 1  # once: somebody looks at it closely and puts it back

    def release(self) -> None:
        """The run is over."""
        found = read_claim(self._path.parent)
        if found is not None and found.token == self._token:
            with contextlib.suppress(OSError):
                self._path.unlink()
        os.close(self._handle)


@contextmanager
def claimed(
    folder: Path, *, locks: bool = True, machine: str = MACHINE, beat: float = BEAT, watch: "Watch | None" = None
) -> Iterator[Claim]:
    """Claim the folder for this machine. Raises ``JobBusy`` where another machine has it.

    ``locks``: the caller holds the operating system's lock, so an older claim of this machine is a dead run's.
    """
    path = inside(folder, CLAIM_FILE)
    claim = Claim(path, _take(folder, path, locks, machine, watch), machine)
    over = threading.Event()

    def live() -> None:
        while not over.wait(beat):
            claim.beat()

    threading.Thread(target=live, daemon=True, name="claim").start()
    try:
        yield claim
    finally:
        over.set()
        claim.release()


def _take(folder: Path, path: Path, locks: bool, machine: str, watch: "Watch | None") -> int:
    while True:
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            return os.open(path, flags, 0o666)
        except FileExistsError:
            pass
        except OSError as problem:
            raise cannot_write(path, problem) from problem
        found = read_claim(folder)
        if found is None:
            continue
        ours = found.machine == machine and (locks or not _lives(found.process))
        if not ours and not (watch is not None and watch.is_dead(folder)):
            raise JobBusy(
                f"Another run is at work in this job folder, on {found.host or 'another machine'}.",
                "Wait until it has finished, or cancel it.",
                str(folder),
            )
        bury(folder, found)


def bury(folder: Path, dead: Found) -> bool:
    """Take a dead run's claim away; False where it was not the one that lay there. Of two that try, one succeeds."""
    path = inside(folder, CLAIM_FILE)
    aside = path.with_name(f"{CLAIM_FILE}.{uuid.uuid4().hex}.part")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise cannot_write(path, problem) from problem
    try:
        with aside.open("rb") as f:
            taken = f.read(_LARGEST)
        if taken == dead.data:
            return True
        with contextlib.suppress(OSError):  # a living one's after all: give it back, unless the next has come already
            os.link(aside, path)
        return False
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()


def _lives(process: int) -> bool:
    """Whether a process of this machine lives; where that cannot be told, it does."""
    if process == os.getpid() or os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


class Watch:
    """Looks at other machines' claims again and again, and knows which of them are dead."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE) -> None:
        self._clock, self._patience = clock, patience
        self._seen: dict[Path, tuple[bytes, float]] = {}

    def is_dead(self, folder: Path) -> bool:
        """Whether the claim in the folder has given no sign of life for long enough. Ask again every few seconds."""
        found = read_claim(folder)
        if found is None:
            self._seen.pop(folder, None)
            return False
        before = self._seen.get(folder)
        if before is None or before[0] != found.data:
            self._seen[folder] = (found.data, self._clock())
            return False
        return self._clock() - before[1] >= self._patience

    def bury_dead(self, folder: Path) -> bool:
        """Free a folder whose claim is dead; whether it was."""
        found = read_claim(folder)
        return found is not None and self.is_dead(folder) and bury(folder, found)
