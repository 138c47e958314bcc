"""``anidoc inbetween``: two scanned drawings in, the drawings between them out, coloured where the ends are.

Its form is fixed, because other programs call it: OUT/line/0001.png and so on, OUT/color/0001.png beside them.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..contracts.errors import AniDocError
from .anidoc_options import anidoc_options, declare_anidoc, engine_group

if TYPE_CHECKING:
    from ..inbetween.raster import Ends


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.usage = "anidoc inbetween --from A.png --to B.png --count N --out DIR [options]"
    parser.epilog = (
        "for example:\n  anidoc inbetween --from a.png --to b.png --count 3 --out between"
        " --from-color a-coloured.png --to-color b-coloured.png"
    )
    add = parser.add_argument
    add("--from", dest="first", required=True, type=Path, metavar="A.png", help="the first key: dark lines on white")
    add("--to", dest="last", required=True, type=Path, metavar="B.png", help="the second key, of the same size")
    add("--count", type=int, metavar="N", help="how many drawings between them (not needed with --chart)")
    add("--out", required=True, type=Path, metavar="DIR", help="where they go: DIR/line and DIR/color")
    add(
        "--from-color",
        dest="first_colour",
        type=Path,
        metavar="A.png",
        help="the first key, coloured: then the drawings between are coloured, and limbs are told apart better",
    )
    add("--to-color", dest="last_colour", type=Path, metavar="B.png", help="the second key, coloured")
    add(
        "--spacing",
        choices=("linear", "slow-in", "slow-out", "both"),
        default="linear",
        help="how they are spaced: slow-out leaves the first key slowly, slow-in comes slowly to the second "
        "(default: linear, even steps)",
    )
    add(
        "--chart",
        metavar="FRACTIONS",
        help='a spacing chart instead, one fraction for each drawing, for example "0.2 0.5 0.9"',
    )
    group = engine_group(parser)
    group.add_argument(
        "--engine",
        choices=("own", "anidoc"),
        default="own",
        help="anidoc: the paper's model colours what is between, from a reference (default: own, needs no weights)",
    )
    group.add_argument(
        "--reference",
        action="append",
        default=[],
        type=Path,
        metavar="IMG",
        help="a coloured picture of the character; may be given several times",
    )
    declare_anidoc(group, ends=True)


def run(chosen: argparse.Namespace) -> int:
    """Make the in-betweens and write them."""
    import cv2

    from ..contracts.spacing import fractions, read_chart
    from ..inbetween.raster import Ends, check, draw_between
    from ..pictures.write import write_png
    from .jobs import require_writable
    from .show import Count

    if chosen.chart is None and chosen.count is None:
        raise AniDocError(
            "How many drawings shall be made is not said.", "Give --count, or --chart with a fraction for each."
        )
    times = read_chart(chosen.chart) if chosen.chart else fractions(chosen.count, chosen.spacing.replace("-", " "))
    if chosen.count not in (None, len(times)):
        raise AniDocError(
            f"The chart has {_some(len(times), 'fraction')}, and --count says {chosen.count}.",
            "Write one fraction for each.",
        )
    if chosen.engine == "anidoc":
        return _by_the_model(chosen, times)
    _say_what_is_idle(chosen)
    names = chosen.first, chosen.last, chosen.first_colour, chosen.last_colour
    ends = Ends(*(None if path is None else _read(path) for path in names))  # pyright: ignore[reportArgumentType]
    check(ends)
    _require_lines(ends, chosen)
    _doubt(ends, chosen)
    there = (folder for folder in (chosen.out.absolute(), *chosen.out.absolute().parents) if folder.exists())
    require_writable(next(there), "--out")  # the folder itself is made when there is something to put into it
    cv2.setNumThreads(1)  # the same pictures on any machine
    written: list[str] = []
    with Count(len(times), "drawn") as count:
        for number, drawn in enumerate(draw_between(ends, times), 1):
            count(number)
            name = f"{number:04d}.png"
            for folder, picture in (("line", drawn.lines), ("color", drawn.colour), ("separated", drawn.separated)):
                if picture is not None:
                    write_png(chosen.out / folder / name, picture)
                    written.append(f"{folder}/{name}")
    where = " and ".join(str(chosen.out / folder) for folder in dict.fromkeys(n.split("/")[0] for n in written))
    _settle(chosen.out, written)
    print(f"Done: {_some(len(times), 'drawing')} in {where}.")
    return 0


def _settle(out: Path, written: list[str]) -> None:
    """Of an earlier run that made more, nothing stays but what somebody has worked on."""
    from .earlier import settle

    for name in settle(out, written):
        print(f"anidoc: {out / name} is of an earlier run and was changed since; it stays.", file=sys.stderr)


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _say_what_is_idle(chosen: argparse.Namespace) -> None:
    if chosen.reference:
        print("anidoc: without --engine anidoc --reference changes nothing.", file=sys.stderr)
    anidoc_options(chosen)


def _require_lines(ends: "Ends", chosen: argparse.Namespace) -> None:
    from ..runner.colours import require_line_art

    require_line_art(ends.first, str(chosen.first))
    require_line_art(ends.last, str(chosen.last))


def _doubt(ends: "Ends", chosen: argparse.Namespace) -> None:
    """Say what is probably not meant; it is done all the same."""
    import numpy as np

    from ..runner import bare
    from ..runner.colours import require_colour

    first = ends.first, chosen.first, ends.first_colour, chosen.first_colour
    last = ends.last, chosen.last, ends.last_colour, chosen.last_colour
    for drawing, name, picture, path in (first, last):
        if picture is not None:
            try:
                require_colour(picture, str(path), "colour")
            except AniDocError as error:
                print(f"anidoc: {error.sentence}", file=sys.stderr)
            if painted := bare.doubt(drawing, str(name), picture):
                print(f"anidoc: {painted.sentence} {painted.remedy}", file=sys.stderr)
    if np.array_equal(ends.first, ends.last):
        print("anidoc: Both drawings are the same, and so are those between.", file=sys.stderr)
        return
    a, b = ends.first_colour, ends.last_colour
    if a is not None and b is not None and np.array_equal(a, b):
        print("anidoc: Both coloured drawings are the same picture, the drawings are not.", file=sys.stderr)


def _by_the_model(chosen: argparse.Namespace, times) -> int:
    import cv2

    from ..inbetween.raster import Ends, check, check_order, draw_between
    from .sparse import Sparse, written

    ends = Ends(_read(chosen.first), _read(chosen.last))
    check(ends)
    _require_lines(ends, chosen)
    if chosen.first_colour is not None and chosen.last_colour is not None:
        coloured = Ends(ends.first, ends.last, _read(chosen.first_colour), _read(chosen.last_colour))
        check(coloured)
        check_order(coloured)
    sparse = Sparse(chosen, times, ends.first.shape[:2])
    cv2.setNumThreads(1)
    code = sparse.colour(written(chosen.out / "line", draw_between(ends, times)))
    if code == 0:
        _settle(chosen.out, [f"{folder}/{n:04d}.png" for folder in ("line", "color") for n in range(1, len(times) + 1)])
    return code


def _read(path: Path):
    from ..pictures.read import read_picture

    if path.is_dir():
        raise AniDocError(
            f"{path} is a folder; two pictures are needed.", "Give one drawing with --from, one with --to."
        )
    if not path.is_file():
        raise AniDocError(f"The picture {path} is missing.", "Check the path.")
    return read_picture(path.read_bytes(), path.name)
