"""``anidoc finish``: a soft coloured video and its line art in, crisp flats of the reference's palette out.

Its form is fixed, because other programs call it. It works on the frames of any program, not only on our own.
"""

import argparse
import difflib
import json
import time
from pathlib import Path

import numpy as np

from ..contracts.errors import AniDocError
from .main import ALL_DONE, COULD_NOT_RUN, SOME_FAILED


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add = parser.add_argument
    add("--frames", required=True, type=Path, metavar="DIR", help="the coloured video as pictures, of any size")
    add("--sketches", required=True, type=Path, metavar="DIR", help="the line art, files of the same names")
    add(
        "--reference",
        action="append",
        default=[],
        type=Path,
        metavar="IMG",
        help="a picture in the character's true colours; may be given several times (default: the video's own colours)",
    )
    add("--out", required=True, type=Path, metavar="DIR", help="where the finished pictures go")
    add(
        "--lines", choices=("keep", "omit"), default="keep", help="whether the lines stay in the result (default: keep)"
    )
    add("--gap", type=float, metavar="PX", help="close openings in the lines up to this wide (default: chosen for you)")
    add("--no-shading", action="store_true", help="one colour a region, even where the video shows two")
    add("--no-steady", action="store_true", help="each frame for itself: nearer to the video, may flicker")
    add("--json", action="store_true", help="print one JSON object a frame and a summary")


def run(chosen: argparse.Namespace) -> int:
    """Finish every frame that has a sketch; 0 all, 1 some could not be, 2 none."""
    from ..finish.clip import Failed, Finish, Pair, finish
    from ..pictures.read import read_picture, read_sheet
    from ..pictures.write import write_png
    from ..runner.stdio import claim_stdout
    from .colorize import output_name
    from .run import end_politely
    from .show import Count

    end_politely()
    out = claim_stdout() if chosen.json else None

    def say(line: dict) -> None:
        if out is not None:
            out.write((json.dumps(line) + "\n").encode())

    began = time.monotonic()
    named, alone = match(chosen.frames, chosen.sketches, chosen.out, chosen.reference)
    references = [opened(path, read_sheet) for path in chosen.reference]
    pairs = [Pair(s.name, lambda f=f: opened(f, read_picture), lambda s=s: opened(s, read_picture)) for f, s in named]
    frames: list[dict] = []
    problems = [{"name": p.name, "sentence": f"{p.name} has no sketch of its name.", "remedy": ""} for p in alone]
    asked = Finish(chosen.lines, chosen.gap, not chosen.no_shading, not chosen.no_steady)
    with Count(len(pairs), "finishing", out is None) as count:
        for number, result in enumerate(finish(pairs, references, asked), 1):
            count(number)
            if isinstance(result, Failed):
                count.clear()
                problem = {"name": result.name, "sentence": result.error.sentence, "remedy": result.error.remedy}
                problems.append(problem)
                say({"type": "problem", **problem})
                _tell(f"anidoc: {result.error}", out)
                continue
            path = chosen.out / output_name(result.name)
            write_png(path, result.picture)
            frames.append({"name": result.name, "file": str(path)})
            say({"type": "frame", **frames[-1], "done": len(frames), "total": len(pairs)})
    seconds = round(time.monotonic() - began, 1)
    outcome = "done" if frames else "failed"
    say(
        {"type": "summary", "job": "finish", "outcome": outcome, "finished": len(frames), "failed": len(problems)}
        | {"seconds": seconds, "out": str(chosen.out), "frames": frames, "problems": problems}
    )
    left = f", {len(problems)} could not be" if problems else ""
    _tell(f"{len(frames)} frames finished{left}, {seconds} s. They are in {chosen.out}.", out)
    if not frames:
        return COULD_NOT_RUN
    return SOME_FAILED if problems else ALL_DONE


def _tell(sentence: str, out) -> None:
    if out is None:
        print(sentence, flush=True)


def opened(path: Path, reader) -> np.ndarray:
    """A picture file as ``reader(bytes, name)`` reads it. Raises ``AniDocError``."""
    from ..pictures.read import LARGEST_FILE

    try:
        if path.stat().st_size > LARGEST_FILE:
            raise AniDocError(f"{path} is larger than {LARGEST_FILE // 2**20} MB.", "Save it as PNG.")
        return reader(path.read_bytes(), path.name)
    except OSError as problem:
        raise AniDocError(f"{path} cannot be read ({problem.strerror}).", "Check its permissions.") from problem


def match(
    frames: Path, sketches: Path, out: Path, references: list[Path]
) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """Frames and sketches of the same names, in the sketches' order, and frames without a sketch. Raises ``AniDocError``.

    The ending may differ (0001.jpg and 0001.png). A sketch without a frame is no mistake: a video may be shorter.
    """
    from .colorize import output_name
    from .sketches import find_sketches

    drawn = find_sketches(sketches)
    try:
        shown = find_sketches(frames)
    except AniDocError as error:
        raise AniDocError(f"There are no coloured frames in {frames}.", "Give their folder with --frames.") from error
    of_name = {p.name: p for p in shown}
    of_stem = {p.stem: p for p in shown}
    pairs = [(f, s) for s in drawn if (f := of_name.get(s.name) or of_stem.get(s.stem)) is not None]
    if not pairs:
        near = difflib.get_close_matches(shown[0].name, [p.name for p in drawn], 1)
        hint = f"Frames are called like {shown[0].name}, sketches like {(near or [drawn[0].name])[0]}."
        raise AniDocError("No frame has the name of a sketch.", f"{hint} Rename one of them.")
    written = {(out / output_name(s.name)).resolve() for _, s in pairs}
    read = [*shown, *drawn, *references]
    if lost := next((p for p in read if p.resolve() in written), None):
        raise AniDocError(f"The result would overwrite {lost}.", "Choose another folder with --out.")
    for path in references:
        if not path.is_file():
            raise AniDocError(f"The picture {path} is missing.", "Check the path of the reference.")
    used = {f for f, _ in pairs}
    return pairs, [p for p in shown if p not in used]
