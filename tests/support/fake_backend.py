"""A backend that speaks the protocol and paints every drawing in one colour, so that its client can be tried on its own.

python fake_backend.py MODE          see the functions below for the modes
"""

import json
import queue
import struct
import subprocess
import sys
import threading
import time
import tomllib
import zlib
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))["version"]
COLOUR = (200, 30, 60, 255)


def say(kind: str, **fields: object) -> None:
    """One message on stdout."""
    sys.stdout.write(json.dumps({"type": kind, **fields}) + "\n")
    sys.stdout.flush()


def hello(version: str = VERSION) -> None:
    """The first line."""
    say("hello", protocol=1, version=version, python="3", engines=["cel"])


_lines: queue.Queue[str] = queue.Queue()
_aside: list[dict] = []


def listen() -> None:
    """Read stdin beside the work, so that Cancel is heard in the middle of it."""
    for line in sys.stdin:
        _lines.put(line)
    _lines.put("")


def heard() -> dict:
    """The next message; the process ends when there will be no more."""
    if _aside:
        return _aside.pop(0)
    line = _lines.get()
    if not line:
        sys.exit(0)
    return json.loads(line)


def asked_to_cancel() -> bool:
    """Whether Cancel has come meanwhile; other messages wait for their turn."""
    while not _lines.empty():
        message = heard()
        if message["type"] == "cancel":
            return True
        _aside.append(message)
    return False


def png(width: int, height: int, colour: tuple[int, int, int, int]) -> bytes:
    """A picture of one colour."""
    row = b"\0" + bytes(colour) * width

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")
    )


def colour_job(message: dict, pause: float, failing: int = -1) -> None:
    """Paint each drawing of the job; the one with number ``failing`` is reported as broken."""
    folder, job = Path(message["folder"]), message["job"]
    data = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    (folder / "frames").mkdir(exist_ok=True)
    coloured, failed = [], []
    for i, drawing in enumerate(data["drawings"]):
        time.sleep(pause)
        if pause and asked_to_cancel():
            say("finished", job=job, outcome="cancelled", coloured=len(coloured), failed=0, seconds=0.1)
            return
        if i == failing:
            say("problem", job=job, sentence="The drawing is damaged.", remedy="Draw it anew.", drawing=drawing["id"])
            failed.append({"drawing": drawing["id"], "sentence": "The drawing is damaged.", "remedy": "Draw it anew."})
            continue
        file = f"frames/{drawing['id']}.png"
        content = png(data["width"], data["height"], COLOUR)
        (folder / file).write_bytes(content)
        coloured.append(
            {
                "drawing": drawing["id"],
                "file": file,
                "sha256": sha256(content).hexdigest(),
                "recipe": "1",
                "confidence": None,
            }
        )
        say("frame", job=job, drawing=drawing["id"], path=file, final=True)
        say("progress", job=job, done=i + 1, total=len(data["drawings"]), seconds_left=1.5, doing="Colouring")
    report = {
        "format": "anidoc-report",
        "version": 1,
        "outcome": "done",
        "width": data["width"],
        "height": data["height"],
        "coloured": coloured,
        "failed": failed,
        "exposures": data["exposures"],
    }
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    say("finished", job=job, outcome="done", coloured=len(coloured), failed=len(failed), seconds=0.1)


def colour(pause: float = 0.0, failing: int = -1) -> None:
    """Colours every job at once."""
    hello()
    while True:
        message = heard()
        if message["type"] == "submit":
            colour_job(message, pause, failing)


def slow() -> None:
    """Takes half a second a drawing and obeys Cancel."""
    colour(pause=0.5)


def one_broken() -> None:
    """Cannot colour the second drawing."""
    colour(failing=1)


def deaf() -> None:
    """Neither works nor answers."""
    hello()
    while True:
        heard()


def dies() -> None:
    """Says something on stderr and ends with code 7 once it has a job."""
    hello()
    heard()
    print("Something terrible happened", file=sys.stderr)
    sys.exit(7)


def no_packages() -> None:
    """Ends the way Python does when a package is missing."""
    import a_package_that_nobody_has  # noqa: F401  # pyright: ignore[reportMissingImports]


def other_version() -> None:
    """Is of another AniDoc."""
    hello("99.0.0")
    heard()


def banner() -> None:
    """A start-up script prints before the first message; then it colours."""
    print("Welcome to this studio!", flush=True)
    colour()


def garbage() -> None:
    """Prints something that is no message in the middle."""
    hello()
    heard()
    print("Traceback (most recent call last): no, not really", flush=True)
    heard()


def chatty() -> None:
    """Says 20,000 things at once and 2 MB on stderr."""
    hello()
    job = heard()["job"]
    sys.stderr.write("x" * 2_000_000)
    for i in range(20_000):
        sys.stdout.write(json.dumps({"type": "progress", "job": job, "done": i, "total": 20_000, "doing": "é"}) + "\n")
    say("finished", job=job, outcome="done", coloured=1, failed=0, seconds=1)
    heard()


def with_child() -> None:
    """Starts a process of its own, says its number on stderr, and ignores that stdin closes."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    print("child", child.pid, file=sys.stderr, flush=True)
    hello()
    while True:
        time.sleep(1)


MODES = {
    f.__name__: f
    for f in (colour, slow, one_broken, deaf, dies, no_packages, other_version, banner, garbage, chatty, with_child)
}

if __name__ == "__main__":
    threading.Thread(target=listen, daemon=True).start()
    MODES[sys.argv[1]]()
