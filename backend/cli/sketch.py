"""``anidoc sketch``: binarized line art from coloured pictures, files of the same names."""

import argparse
import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..contracts.errors import AniDocError
from .main import ALL_DONE, COULD_NOT_RUN, SOME_FAILED

if TYPE_CHECKING:  # it takes a while to load, which `anidoc --help` need not wait for
    import numpy as np

EXTRACTORS = ("own", "informative", "anime", "hed", "pidinet")
"""Ways to find lines. All but the first are networks whose weights `anidoc models` fetches."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add = parser.add_argument
    add("--frames", required=True, type=Path, metavar="DIR", help="coloured pictures")
    add("--out", required=True, type=Path, metavar="DIR", help="where the line art goes, as PNG")
    add("--extractor", default="own", metavar="NAME", help=f"{', '.join(EXTRACTORS)} (default: own, without weights)")
    add("--models", type=Path, metavar="DIR", help="where models are kept (default: as for anidoc models)")
    add("--threshold", type=int, default=200, metavar="0-255", help="lighter than this is paper (default: 200)")
    add("--width", type=int, default=2, metavar="PX", help="width of lines at the edges of flats (default: 2)")
    add("--no-edges", action="store_true", help="drawn lines only, not the edges of flats")
    add("--json", action="store_true", help="print one JSON object a picture and a summary")


def run(chosen: argparse.Namespace) -> int:
    """Extract from every picture; 0 all, 1 some could not be read, 2 none."""
    from ..pictures.read import read_picture
    from ..pictures.write import write_png
    from ..runner.stdio import claim_stdout
    from .colorize import output_name
    from .finish import opened
    from .run import end_politely
    from .show import Count
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

    extract = _extractor(chosen)
    files, problems = [], []
    with Count(len(pictures), "finding lines", out is None) as count:
        for number, path in enumerate(pictures):
            count(number)
            try:
                art = extract(opened(path, read_picture))
            except AniDocError as error:
                problems.append({"name": path.name, "sentence": error.sentence, "remedy": error.remedy})
                say({"type": "problem", **problems[-1]})
                if out is None:
                    count.clear()
                    print(f"anidoc: {error}")
                continue
            file = chosen.out / output_name(path.name)
            write_png(file, art)
            files.append({"name": path.name, "file": str(file)})
            say({"type": "frame", **files[-1], "done": len(files), "total": len(pictures)})
    say({"type": "summary", "job": "sketch", "outcome": "done" if files else "failed", "problems": problems}
        | {"extractor": chosen.extractor, "out": str(chosen.out), "frames": files})  # fmt: skip
    if out is None:
        print(f"Line art of {len(files)} pictures is in {chosen.out}.")
    return (SOME_FAILED if problems else ALL_DONE) if files else COULD_NOT_RUN


def _extractor(chosen: argparse.Namespace) -> Callable[["np.ndarray"], "np.ndarray"]:
    """From a picture to binarized lines. Raises ``AniDocError`` where the network or its weights are not here."""
    from ..lineart.extract import Extract, binarized, extract

    if chosen.extractor == "own":
        asked = Extract(chosen.threshold, not chosen.no_edges, chosen.width)
        return lambda picture: extract(picture, asked)
    if chosen.extractor not in EXTRACTORS:
        raise AniDocError(f"There is no extractor called {chosen.extractor}.", f"There are: {', '.join(EXTRACTORS)}.")
    if lacking := next((library for library in ("torch", "kornia") if not find_spec(library)), None):
        raise AniDocError(
            f"This environment cannot run the extractor {chosen.extractor}: it has no {lacking}.",
            "Set up the AniDoc environment, or leave --extractor out.",
        )
    from ..correspondence.load import model_file
    from ..setup.models import default_root

    root = chosen.models or default_root()
    model_file(root, f"lines-{chosen.extractor}")  # says so at once where it is missing: torch takes long to load
    from ..extractors.load import build_extractor

    network = build_extractor(chosen.extractor, root)
    return lambda picture: binarized(network.strength(picture), chosen.threshold)
