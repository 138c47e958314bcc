"""``anidoc sketch``: binarized line art from coloured pictures, files of the same names."""

import argparse
import json
from pathlib import Path

from ..contracts.errors import AniDocError
from .main import ALL_DONE, COULD_NOT_RUN, SOME_FAILED


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add = parser.add_argument
    add("--frames", required=True, type=Path, metavar="DIR", help="coloured pictures")
    add("--out", required=True, type=Path, metavar="DIR", help="where the line art goes, as PNG")
    add("--threshold", type=int, default=200, metavar="0-255", help="lighter than this is paper (default: 200)")
    add("--width", type=int, default=2, metavar="PX", help="width of lines at the edges of flats (default: 2)")
    add("--no-edges", action="store_true", help="drawn lines only, not the edges of flats")
    add("--json", action="store_true", help="print one JSON object a picture and a summary")


def run(chosen: argparse.Namespace) -> int:
    """Extract from every picture; 0 all, 1 some could not be read, 2 none."""
    from ..lineart.extract import Extract, extract
    from ..pictures.read import read_picture
    from ..pictures.write import write_png
    from ..runner.stdio import claim_stdout
    from .colorize import output_name
    from .finish import opened
    from .run import end_politely
    from .sketches import find_sketches

    end_politely()
    if not 0 < chosen.threshold < 256 or not 0 < chosen.width < 64:
        raise AniDocError("The threshold goes from 1 to 255, the width from 1 to 63 px.", "Leave them out.")
    try:
        pictures = find_sketches(chosen.frames)
    except AniDocError as error:
        raise AniDocError(f"There are no pictures in {chosen.frames}.", "Give their folder with --frames.") from error
    if lost := next((p for p in pictures if (chosen.out / output_name(p.name)).resolve() == p.resolve()), None):
        raise AniDocError(f"The result would overwrite {lost}.", "Choose another folder with --out.")
    out = claim_stdout() if chosen.json else None

    def say(line: dict) -> None:
        if out is not None:
            out.write((json.dumps(line) + "\n").encode())

    asked = Extract(chosen.threshold, not chosen.no_edges, chosen.width)
    files, problems = [], []
    for path in pictures:
        try:
            art = extract(opened(path, read_picture), asked)
        except AniDocError as error:
            problems.append({"name": path.name, "sentence": error.sentence, "remedy": error.remedy})
            say({"type": "problem", **problems[-1]})
            if out is None:
                print(f"anidoc: {error}")
            continue
        file = chosen.out / output_name(path.name)
        write_png(file, art)
        files.append({"name": path.name, "file": str(file)})
        say({"type": "frame", **files[-1], "done": len(files), "total": len(pictures)})
    say({"type": "summary", "job": "sketch", "outcome": "done" if files else "failed", "problems": problems}
        | {"out": str(chosen.out), "frames": files})  # fmt: skip
    if out is None:
        print(f"Line art of {len(files)} pictures is in {chosen.out}.")
    return (SOME_FAILED if problems else ALL_DONE) if files else COULD_NOT_RUN
