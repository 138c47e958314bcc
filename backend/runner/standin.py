"""A scriptable engine that exists only so that runs and the protocol can be tested; never offered to users.

It is known only where the environment variable ANIDOC_STAND_IN is 1. The script is the shot's layer names, each
``WORD`` or ``WORD VALUE``; N counts drawings from 0:

    sleep S      each drawing takes S seconds            evidence     keep evidence for each drawing, as a real engine does
    early        show every frame early first            sketch       leave sketches
    broken N     drawing N cannot be coloured            raise N      a mistake in the engine while it is at drawing N
    paint N      a mistake while drawing N is painted     memory N     memory runs out at drawing N
    print N      libraries print to stdout at drawing N  exit N, kill N, fault N     the process dies at drawing N
    forever N    a step that never ends                  hold N       the same, deaf: Python's lock is held
"""

import ctypes
import hashlib
import os
import signal
import sys
import time
from collections.abc import Iterator

import numpy as np

from ..contracts.drawing import Drawing
from ..contracts.engine import Event, Frame, Step, Store, Trouble
from ..contracts.errors import AniDocError
from ..contracts.options import Options
from ..contracts.shot import Shot


class StandIn:
    """Paints each drawing in one colour that depends on it and on the drawing before it."""

    name = "standin"

    def frames(self, shot: Shot, options: Options, store: Store) -> Iterator[Event]:
        """Follow the script."""
        script = [(*line.split(), "")[:2] for line in shot.layers]
        words = {word for word, _ in script}
        pause = sum(float(value) for word, value in script if word == "sleep")
        before = np.zeros(3, np.uint8)
        for n, name in enumerate(shot.ids):
            yield Step(n, len(shot.ids), "standing in")
            for word, value in script:
                if value == str(n):
                    _mischief(word)
            time.sleep(pause)
            if ("broken", str(n)) in script:
                yield Trouble(name, f"Drawing {n} is broken.", "Draw it again.")
                continue
            try:
                mean = _seen(shot, n, store if "evidence" in words else None)
            except AniDocError as problem:
                yield Trouble(name, problem.sentence, problem.remedy)
                continue
            colour, before = np.array([*((mean ^ before) | 1), 255], np.uint8), mean
            recipe = hashlib.sha256(f"standin {shot.width} {shot.height} {options}".encode() + colour.tobytes())

            def paint(n=n, colour=colour, name=name) -> np.ndarray:
                _note(shot.name, name)
                if ("paint", str(n)) in script:
                    raise RuntimeError("scripted")
                return np.broadcast_to(colour, (shot.height, shot.width, 4)).copy()

            def sketch() -> np.ndarray:
                return np.full((shot.height, shot.width), 255, np.uint8)

            if "early" in words:
                yield Frame(name, "early" if n % 2 else recipe.hexdigest(), paint, final=False)
            yield Frame(name, recipe.hexdigest(), paint, sketch=sketch if "sketch" in words else None)
        yield Step(len(shot.ids), len(shot.ids))


def _seen(shot: Shot, n: int, store: Store | None) -> np.ndarray:
    """Three bytes that stand for what is on drawing ``n``."""
    key = f"seen 1 {shot.ids[n]}"
    kept = store.load(key) if store else None
    if kept is not None:
        return kept["mean"]
    drawing: Drawing = shot.drawings[n]
    data = drawing.line_art if drawing.strokes is None else drawing.strokes.points
    mean = np.frombuffer(hashlib.sha256(np.ascontiguousarray(data).tobytes()).digest()[:3], np.uint8)
    if store:
        store.save(key, {"mean": mean, "labels": np.zeros((64, 64), np.int32)})
    return mean


def _note(shot: str, drawing: str) -> None:
    """Leave a line for each picture painted in the file that ANIDOC_STAND_IN_LOG names: was any painted twice?"""
    log = os.environ.get("ANIDOC_STAND_IN_LOG")
    if log:
        handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{shot} {drawing}\n".encode())
        os.close(handle)


def _mischief(word: str) -> None:
    if word == "raise":
        raise RuntimeError("scripted")
    if word == "memory":
        raise MemoryError
    if word == "print":
        print("a library speaks", flush=True)
        os.write(1, b"a library speaks past Python\n")
        os.system("echo a program speaks")  # noqa: S605, S607 a fixed text: what a child process prints
    if word == "exit":
        os._exit(3)
    if word == "kill":
        os.kill(os.getpid(), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    if word == "fault":
        ctypes.string_at(0)
    while word == "forever":
        time.sleep(1)
    if word == "hold":
        ctypes.PyDLL(None).sleep(600)  # a PyDLL call keeps Python's lock: no thread of this process runs meanwhile
