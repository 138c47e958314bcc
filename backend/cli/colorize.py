"""``anidoc colorize``: a folder of sketches in, a folder of coloured pictures of the same names out.

Its form is fixed, because other programs call it. Inside it writes a job folder (``--work``) and runs that, so that it
skips what is done, goes on after a kill, and can be looked into.
"""

import argparse
import json
import os
import sys
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..contracts.errors import AniDocError
from ..contracts.files import write_bytes
from ..contracts.job import WIDEST_GAP
from ..contracts.messages import Doubt, Finished, FrameReady, Message, Problem, encode
from .anidoc_options import anidoc_options, declare_anidoc, engine_group
from .jobs import HIDDEN
from .run import end_politely, exit_code
from .show import Show


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.usage = "anidoc colorize --sketches DIR (--key NAME=IMG | --reference IMG)... --out DIR [options]"
    parser.epilog = (
        "for example:\n  anidoc colorize --sketches lines --key 0001.png=coloured.png --out coloured\n"
        "  anidoc contact coloured    # then: all of them on one picture, doubtful regions outlined"
    )
    add = parser.add_argument
    add("--sketches", required=True, type=Path, metavar="DIR", help="pictures of dark lines on white or transparency")
    add(
        "--key",
        action="append",
        default=[],
        metavar="NAME=IMG",
        help="IMG is the coloured version of the sketch with file name NAME, of its size; may be given several times",
    )
    add(
        "--reference",
        action="append",
        default=[],
        type=Path,
        metavar="IMG",
        help="a coloured picture of the character, any pose and size; may be given several times",
    )
    add("--out", required=True, type=Path, metavar="DIR", help="where the coloured pictures go")
    add(
        "--lines", choices=("keep", "omit"), default="keep", help="whether the lines stay in the result (default: keep)"
    )
    add("--gap", type=float, metavar="PX", help="close openings in the lines up to this wide (default: chosen for you)")
    add("--no-shading", action="store_true", help="leave out tone edges of the key that no line marks")
    add("--work", type=Path, metavar="DIR", help="where the job is kept (default: OUT/.anidoc)")
    add("--json", action="store_true", help="print messages and a summary, one JSON object a line")
    group = engine_group(parser)
    group.add_argument("--engine", default="cel", metavar="NAME", help="cel or anidoc (default: cel, needs no weights)")
    declare_anidoc(group)


def run(chosen: argparse.Namespace) -> int:
    """Write the job, run it, put the frames where they belong."""
    from ..runner.run import run_and_tell
    from ..runner.stdio import claim_stdout
    from .sketches import Request, write_sketch_job

    end_politely()
    out = claim_stdout() if chosen.json else None
    sketches = {path.name for path in chosen.sketches.iterdir()} if chosen.sketches.is_dir() else set()
    try:
        if chosen.gap is not None and not 0 <= chosen.gap <= WIDEST_GAP:
            raise AniDocError(
                f"--gap {chosen.gap:g} is no width.", f"Give 0 to {WIDEST_GAP:.0f} pixels, or leave it out."
            )
        request = Request(
            sketches=chosen.sketches,
            references=tuple(chosen.reference),
            keys=tuple(split_key(k, sketches) for k in chosen.key),
            out=chosen.out,
            work=chosen.work or chosen.out / HIDDEN,
            engine=chosen.engine,
            lines=chosen.lines,
            gap=chosen.gap,
            shading=not chosen.no_shading,
            anidoc=anidoc_options(chosen),
        )
        names = write_sketch_job(request)
    except AniDocError as error:
        if out is None:
            raise
        end = Finished("colorize", "failed")
        for line in (
            encode(Problem("colorize", error.sentence, error.remedy, detail=error.detail)),
            encode(end),
            summary_line(end, chosen.out, [], []),
        ):
            out.write(line.encode())
        raise
    show = Show(verbose=chosen.verbose, where=str(chosen.out)) if out is None else None
    placing = Placing(request.work, request.out, names, show, out)
    end = run_and_tell(request.work, placing, name="colorize")
    return exit_code(end, placing.broke_off)


def split_key(text: str, sketches: Collection[str] = ()) -> tuple[str, Path]:
    """``NAME=IMG`` at the first equals sign before which the name of a sketch stands; at the first of all where none does.
    Raises ``AniDocError``."""
    parts = text.split("=")
    ways = [("=".join(parts[:n]), "=".join(parts[n:])) for n in range(1, len(parts))]
    ways = [way for way in ways if all(way)]
    if not ways:
        raise AniDocError(f"--key {text} is not of the form NAME=IMG.", "For example: --key 0001.png=colours/0001.png")
    name, image = next((way for way in ways if way[0] in sketches), ways[0])
    return name, Path(image)


class Placing:
    """Puts each final frame at FOLDER/NAME as it comes, and passes the news on to the person or the program."""

    def __init__(
        self, work: Path, folder: Path, names: dict[str, list[str]], show: Show | None, out: Any = None
    ) -> None:
        """``work``: the job folder; ``names``: of the files that each drawing becomes; ``out``: a stream for JSON lines."""
        self._work, self._folder, self._names, self._show, self._out = work, folder, names, show, out
        self._frames: list[dict] = []
        self._failed: list[dict] = []
        self.broke_off = False

    def __call__(self, message: Message) -> None:
        if isinstance(message, FrameReady) and message.final:
            self._place(message)
        elif isinstance(message, Problem):
            self.broke_off |= not message.drawing
            for name in self._names.get(message.drawing, []):
                self._failed.append({"name": name, "sentence": message.sentence, "remedy": message.remedy})
        elif isinstance(message, Doubt):
            message = self._as_options(message)
        if self._show is not None:
            self._show(message)
        elif self._out is not None:
            self._write(encode(message))
            if isinstance(message, Finished):
                self._write(summary_line(message, self._folder, self._frames, self._failed))

    def _as_options(self, doubt: Doubt) -> Doubt:
        """With the options of this command as its remedy; where stdout is for a program, it is said on stderr, too."""
        if not doubt.key:
            remedy = doubt.remedy
        elif doubt.drawing:
            remedy = f"If that is not meant, give it as --key {self._names[doubt.drawing][0]}={doubt.key}."
        else:
            remedy = "If it is no coloured version of just that drawing, give it with --reference."
        if self._out is not None:
            print(f"anidoc: {doubt.sentence} {remedy}", file=sys.stderr)
        return replace(doubt, remedy=remedy)

    def _write(self, line: str) -> None:
        try:
            self._out.write(line.encode())
        except BrokenPipeError:
            self._out = open(os.devnull, "wb")  # noqa: SIM115, PTH123  the reader has left; the work goes on

    def _place(self, message: FrameReady) -> None:
        data = (self._work / message.path).read_bytes()
        for name in self._names[message.drawing]:
            path = self._folder / output_name(name)
            if not (path.is_file() and path.read_bytes() == data):
                write_bytes(path, data, durable=False)
            self._frames.append({"name": name, "file": str(path)})


def summary_line(end: Finished, out: Path, frames: list[dict], problems: list[dict]) -> str:
    """The last line of ``--json``: what came of each sketch."""
    data = {**asdict(end), "type": "summary", "out": str(out), "frames": frames, "problems": problems}
    return json.dumps(data) + "\n"


def output_name(sketch: str) -> str:
    """The name of a sketch's coloured picture: the same, and .png where the sketch was of another kind."""
    return sketch if sketch.lower().endswith(".png") else f"{Path(sketch).stem}.png"
