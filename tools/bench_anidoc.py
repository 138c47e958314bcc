"""dev.py bench-anidoc: builds the AniDoc model at full size with random weights, checks it and times every mode, in one go.

Needs an NVIDIA card to measure anything. Without one it goes the same way with a small model, to show that it runs, and
says what it could not measure. Runs by itself too, wherever torch and diffusers are: python tools/bench_anidoc.py
"""

import argparse
import contextlib
import gc
import importlib.metadata
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools.anidoc_ways import Way, build, prepared, timed  # noqa: E402

FLOOR_TERAFLOP = 25 * 29.41 + 26.5 + 0.69 + 0.33
"""Of a clip of 14 x 512 x 320 in 25 steps with guidance: counted multiplications and additions of the full-size networks."""


@dataclass
class Row:
    """One line of the table.

    seconds    of a whole clip, median; parts: of encoding the reference, sampling and decoding in the last run
    gigabytes  peak of live tensors on the card; reserved: with what torch keeps in hand
    decibel    signal to noise of the latents against the first row's
    same       whether all runs gave the same bits
    first      seconds of the first run, in which kernels are chosen and compiled
    """

    mode: str
    seconds: float | None = None
    parts: tuple[float, float, float] | None = None
    gigabytes: float | None = None
    reserved: float | None = None
    decibel: float | None = None
    same: bool | None = None
    first: float | None = None
    note: str = ""


_LOW = 8 * 10**9
"""Bytes that the low modes are held to."""

WAYS = (
    # What is most worth knowing stands first: time may run out.
    Way("eager, one-token cross attention (as the engine runs)"),
    Way("groups: networks block by block", mode="groups", guess=90),
    Way("groups, held to 8 GB", mode="groups", limit=_LOW, guess=90),
    Way("stages: only the part at work on the card", mode="stages", guess=60),
    Way("deep part every 2nd step", cache_every=2),
    Way("deep part every 3rd step", cache_every=3),
    Way("recorded once, played back", recorded=True, guess=40),
    Way("the same, cuDNN tries its algorithms", recorded=True, autotune=True, guess=60),
    Way("the same, channels last", recorded=True, autotune=True, channels_last=True, guess=60),
    Way("eager, stock cross attention", one_token=False),
    Way("eight: weights in 8 bits, as stages", mode="eight", guess=60),
    Way("eight, held to 8 GB", mode="eight", limit=_LOW, guess=60),
    Way("compiled block by block", compiled="blocks", guess=120),
    Way("compiled whole", compiled="whole", guess=240),
)


def main() -> int:
    """Measure, print a table, and leave it in the folder ``--out`` after every row. Exit code 1 if a check failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    folder = ROOT / "build" / "bench-anidoc"
    parser.add_argument("--out", type=Path, default=folder, metavar="DIR", help="leave anidoc.json and .md there")
    parser.add_argument("--parity", type=Path, default=ROOT.parent / "shared" / "parity", help="recorded arrays")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument(
        "--minutes", type=float, default=9.0, help="begin nothing that would not end in time (default: 9)"
    )
    parser.add_argument("--only", help="ways whose name holds this text")
    chosen = parser.parse_args()
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    began = time.monotonic()

    def left() -> float:
        return 60 * chosen.minutes - (time.monotonic() - began)

    import torch

    card = torch.cuda.is_available()
    frames, height, width, steps = (14, 320, 512, chosen.steps) if card else (4, 64, 64, min(chosen.steps, 2))
    found = Found(facts(), f"{frames} frames of {width} x {height}, {steps} steps", card, folder=chosen.out)
    print(found.heading(), flush=True)
    first = None
    for way in WAYS:
        if chosen.only and chosen.only not in way.name and found.rows:
            continue
        if not card and (way.mode != "full" or way.compiled or way.recorded or way.autotune):
            row = Row(way.name, note="not measured: needs an NVIDIA card")
        elif card and found.rows and left() < way.guess:
            row = Row(way.name, note=f"not measured: {max(0, left()):.0f} s were left")
        else:
            row, made = measure(way, card, frames, height, width, steps)
            tidy(card)
            if made is not None:
                first = made if first is None else first
                row.decibel = decibel(made, first)
                if bool((made != made).any()):
                    row.note, found.failed = "gives what is not a number", True
        found.rows.append(row)
        print(line(row), flush=True)
        found.write()
        if len(found.rows) == _PARITY_AFTER:
            check_parity(chosen.parity, found)
    if len(found.rows) < _PARITY_AFTER:
        check_parity(chosen.parity, found)
    found.said += unsaid(card, found.rows, frames, steps)
    found.write()
    print("\n".join(["", found.parity, *found.said]))
    return int(found.failed)


_PARITY_AFTER = 3
"""Rows after which the check against recorded arrays is made, on the processor."""


def facts() -> dict[str, str]:
    """What it was measured on."""
    import datetime

    import torch

    about = {"date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")}
    about |= {"torch": torch.__version__, "python": platform.python_version(), "machine": platform.machine()}
    about["card"] = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    for name in ("diffusers", "transformers"):
        with contextlib.suppress(Exception):
            about[name] = importlib.metadata.version(name)
    return about


@dataclass
class Found:
    """All that was measured so far."""

    facts: dict[str, str]
    size: str
    card: bool
    rows: list[Row] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    parity: str = "parity: not checked yet"
    failed: bool = False
    folder: Path | None = None

    def heading(self) -> str:
        """What the table is of, and its first lines."""
        of = "full-size networks, random weights, bf16" if self.card else "a small model on the processor"
        about = ", ".join(f"{k} {v}" for k, v in self.facts.items())
        names = "| way | a clip | encode, sample, decode | peak | with spare | against the first | same bits | first run | |"
        return f"{of}; {self.size}; {about}\n\n{names}\n|" + "---|" * 9

    def write(self) -> None:
        """Leave the table and the numbers; a folder that cannot be written costs no measurement."""
        if self.folder is None:
            return
        text = "\n".join([self.heading(), *map(line, self.rows), "", self.parity, *self.said]) + "\n"
        data = {**self.facts, "size": self.size, "full_size": self.card, "rows": [asdict(r) for r in self.rows]}
        data |= {"parity": self.parity, "said": self.said}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, content in (("anidoc.md", text), ("anidoc.json", json.dumps(data, indent=1) + "\n")):
                part = self.folder / f"{name}.part"
                part.write_text(content, encoding="utf-8")
                part.replace(self.folder / name)
        except OSError as problem:
            print(f"The table could not be written: {problem}", flush=True)


def unsaid(card: bool, rows: list[Row], frames: int, steps: int) -> Iterator[str]:
    """What the numbers mean, and what they do not say."""
    import torch

    if not card and torch.version.cuda is None and shutil.which("nvidia-smi"):
        yield "There is an NVIDIA card, but this torch is a build for processors: run tools/bench_anidoc.py with another."
    if not card:
        yield "No card was used: the seconds above are of a small model on a processor and say nothing about the full size."
        yield "Not measured: seconds a clip, memory on a card, compiled networks, memory modes, half precision."
        return
    exact = [r.seconds for r in rows if r.seconds and "every" not in r.mode and "eight" not in r.mode]
    if exact and steps == 25 and frames == 14:
        best = min(exact)
        yield f"fastest: {best:.2f} s a clip, {FLOOR_TERAFLOP / best:.0f} TFLOP/s of {FLOOR_TERAFLOP:.0f} TFLOP counted"
    yield "The weights are random: what caching and 8 bits do to a picture must be judged on the published ones."


def check_parity(folder: Path, found: Found) -> None:
    """Hold the small recorded weights against their recorded arrays, in 32 bits on the processor."""
    if not (folder / "open" / "index.json").is_file():
        found.parity = "parity: not checked, the recorded arrays are not here (--parity FOLDER)"
        return
    try:
        from backend.anidoc.folders import find_folders
        from backend.anidoc.parity import compare, read_cases
        from backend.anidoc.pipeline import AniDocPipeline
        from backend.anidoc.weights import load_networks

        pipeline = AniDocPipeline.of(load_networks(find_folders(folder / "weights")))
        stages = [stage for case in read_cases(folder / "open") for stage in compare(case, pipeline)]
    except Exception as problem:  # what it costs is the check, not the measurements
        found.parity, found.failed = f"parity: could not be checked: {problem!r}"[:300], True
        return
    over = [stage for stage in stages if not stage.passed]
    worst = "".join(f"; {s.case} {s.name}: {s.difference:.3g} of {s.limit:.3g}" for s in over[:9])
    found.parity = f"parity on the processor: {len(stages)} stages, {len(over)} over their limit{worst}"
    found.failed |= bool(over) or not stages


def tidy(card: bool) -> None:
    """Leave nothing of a way behind for the next one's memory."""
    import torch

    gc.collect()
    if card:
        with contextlib.suppress(Exception):
            torch._dynamo.reset()
        torch.backends.cudnn.benchmark = False
        torch.cuda.set_per_process_memory_fraction(1.0)
        gc.collect()
        torch.cuda.empty_cache()


def measure(way: Way, card: bool, frames: int, height: int, width: int, steps: int):
    """The row, and the latents (1, N, 4, h, w) on the processor; None where it did not fit. Never raises."""
    import torch

    row = Row(way.name)
    made = None
    before = torch.cuda.memory_allocated() if card else 0
    try:
        pipeline = build(card)
        clip = prepared(pipeline, way, frames, height, width)
        if card:
            if way.limit:
                torch.cuda.empty_cache()
                whole = torch.cuda.get_device_properties(0).total_memory
                torch.cuda.set_per_process_memory_fraction(way.limit / whole)
            _, row.first, _ = timed(pipeline, way, clip, steps, card)  # kernels are chosen and compiled
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        seconds, same = [], True
        for _ in range(3 if card else 2):
            again, taken, row.parts = timed(pipeline, way, clip, steps, card)
            same &= made is None or torch.equal(again, made)
            made = again
            seconds.append(taken)
        row.seconds, row.same = sorted(seconds)[len(seconds) // 2], same
        if card:
            row.gigabytes = (torch.cuda.max_memory_allocated() - before) / 1e9
            row.reserved = torch.cuda.max_memory_reserved() / 1e9
            if before > 50e6:
                row.note = f"{before / 1e9:.2f} GB of another way were still there"
    except torch.cuda.OutOfMemoryError:
        row.note = "out of memory"
    except Exception as problem:  # one way that fails must not cost the others' measurements
        row.note = f"failed: {type(problem).__name__}: {' '.join(str(problem).split())[:200]}".replace("|", "/")
    return row, made


def decibel(made, first) -> float | None:
    """Signal to noise of latents against the first way's, dB; None where they are equal."""
    noise = float(((made - first) ** 2).mean())
    signal = float((first**2).mean())
    if noise == 0 or signal == 0:
        return None
    from math import log10

    return 10 * log10(signal / noise)


def line(row: Row) -> str:
    """A row of a Markdown table."""
    cells = [
        row.mode,
        "" if row.seconds is None else f"{row.seconds:.2f} s",
        "" if row.parts is None else ", ".join(f"{p:.2f}" for p in row.parts),
        "" if row.gigabytes is None else f"{row.gigabytes:.1f} GB",
        "" if row.reserved is None else f"{row.reserved:.1f} GB",
        "" if row.decibel is None else f"{row.decibel:.1f} dB",
        "" if row.same is None else "yes" if row.same else "no",
        "" if row.first is None else f"{row.first:.0f} s",
        row.note,
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
