"""``anidoc contact JOB``: one picture of a coloured shot, with what the engine is not sure of outlined, what is left open hatched."""

import argparse
from pathlib import Path

from ..contracts.files import cannot_write
from .jobs import HIDDEN
from .main import ALL_DONE


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add = parser.add_argument
    add("job", type=Path, metavar="JOB", help="a job folder, or a folder that `anidoc colorize` wrote pictures to")
    add(
        "--out",
        type=Path,
        default=Path("contact-sheet.png"),
        metavar="FILE",
        help="the picture (default: ./contact-sheet.png)",
    )


def run(chosen: argparse.Namespace) -> int:
    """Make the sheet of what the last run left."""
    from ..contracts.jobfolder import JOB_FILE
    from ..evaluation.contact import contact_sheet
    from ..evaluation.film import save_picture

    hidden = chosen.job / HIDDEN
    folder = hidden if not (chosen.job / JOB_FILE).exists() and (hidden / JOB_FILE).exists() else chosen.job
    picture = contact_sheet(folder)
    try:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        save_picture(chosen.out, picture)
    except OSError as problem:
        raise cannot_write(chosen.out, problem) from problem
    print(f"The contact sheet is {chosen.out}.")
    return ALL_DONE
