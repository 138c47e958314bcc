"""Joining the ranges of a shot: what they found out goes to the shot's own folder, where the whole shot is then run.

Evidence goes under its own name, which says all it depends on; frames as offers, which the run keeps only where it would
paint the same itself. See ranges.py.
"""

import contextlib
import json
import os
import shutil
from pathlib import Path

from ..contracts.errors import AniDocError
from ..contracts.files import cannot_write, inside, put_in_place
from ..contracts.jobfolder import FRAMES, WORK, load_job
from ..contracts.report import load_report
from ..runner.ledger import JOURNAL, frame_file
from ..runner.lock import locked
from ..runner.store import EVIDENCE, SUFFIX

RANGES = f"{WORK}/ranges"


def same_file(source: Path, target: Path) -> None:
    """Let ``target`` be the file ``source``: by a second name where the disk can, else by a copy. Missing ones stay missing."""
    with contextlib.suppress(OSError):
        if target.samefile(source):
            return
    part = target.with_name(f"{target.name[:40]}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            os.link(source, part)
        except FileNotFoundError:
            return
        except OSError:
            shutil.copyfile(source, part)
        put_in_place(part, target)
    except OSError as problem:
        raise cannot_write(target, problem) from problem


def gather(folder: Path) -> int:
    """Hand what the ranges found out to the shot's own folder; gives how many frames they offer.

    Raises ``JobBusy`` where another run is at work in the shot's folder, ``AniDocError`` where the disk is full.
    """
    job = load_job(folder)
    offered = 0
    with locked(folder):
        there = {p.name for p in (folder / FRAMES).glob("*.png")}
        wanted = {d.id for d in job.drawings if f"{d.id}.png" not in there}
        for place in sorted(inside(folder, RANGES).glob("*-*")):
            for file in (place / EVIDENCE).glob(f"*{SUFFIX}"):
                if not (folder / EVIDENCE / file.name).exists():
                    same_file(file, inside(folder, f"{EVIDENCE}/{file.name}"))
            offered += _offer(folder, place, wanted)
    return offered


def _offer(folder: Path, place: Path, wanted: set[str]) -> int:
    """Put a range's frames where the shot's would be, and into its journal, which the run believes only by sha256."""
    try:
        frames = [c for c in load_report(place).coloured if c.drawing in wanted]
    except AniDocError:
        return 0
    first, _, last = place.name.partition("-")
    own = {d.id for d in load_job(folder).drawings[int(first) - 1 : int(last)]}
    lines = []
    for frame in frames:
        if frame.drawing in own and (place / frame_file(frame.drawing)).is_file():
            same_file(inside(place, frame_file(frame.drawing)), inside(folder, frame_file(frame.drawing)))
            lines.append(json.dumps([frame.drawing, frame.recipe, frame.sha256]))
    if lines:
        journal = inside(folder, JOURNAL)
        try:
            with journal.open("ab") as f:
                f.write(("\n" + "\n".join(lines) + "\n").encode())
        except OSError as problem:
            raise cannot_write(journal, problem) from problem
    return len(lines)


def put_away(folder: Path) -> None:
    """The shot is done: its ranges have nothing more to give."""
    shutil.rmtree(folder / RANGES, ignore_errors=True)
