"""``anidoc inbetween --engine anidoc``: the paper's sparse mode. The model colours what lies between two drawings.

It is shown the two drawings and nothing between them. The lines that our own in-betweens put there are for people, for
cutting out and for the finish.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..contracts.drawing import file_id
from ..contracts.errors import AniDocError
from ..contracts.files import write_bytes
from ..contracts.job import DrawingFile, Job, KeyFile, ReferenceFile
from ..contracts.jobfolder import save_job
from ..contracts.options import Options
from ..contracts.shot import Exposure
from .anidoc_options import anidoc_options
from .jobs import HIDDEN, require_writable

_FINE = 1000
"""Frames that the way between two drawings is long in the job: it carries the spacing."""


class Sparse:
    """One way between two drawings as a job of the AniDoc engine."""

    def __init__(self, chosen: argparse.Namespace, times: Sequence[float], size: tuple[int, int]) -> None:
        """``size`` (height, width) px of the drawings. Raises ``AniDocError`` before anything is written."""
        self._chosen, self._times, self._size = chosen, times, size
        chosen.ends = True
        self._options = anidoc_options(chosen)
        assert self._options is not None
        if len(times) + 2 > self._options.length:
            raise AniDocError(
                f"The AniDoc engine draws {self._options.length - 2} in-betweens in one pass; {len(times)} are asked for.",
                "Ask for fewer, or for a longer pass with --length (the published weights were trained on 14).",
            )
        if not (chosen.reference or chosen.first_colour or chosen.last_colour):
            raise AniDocError(
                "There is nothing to take colours from.", "Give --reference IMG, or --from-color or --to-color."
            )
        for path in (*chosen.reference, chosen.first_colour, chosen.last_colour):
            if path is not None and not path.is_file():
                raise AniDocError(f"The picture {path} is missing.", "Check the path of the reference or colour.")
        _require_engine()
        require_writable(chosen.out, "--out")
        self._work = chosen.out / HIDDEN

    def colour(self, lines: Sequence[Path]) -> int:
        """Colour, with ``lines`` the pictures of the in-betweens; returns the exit code."""
        from ..runner.run import run_and_tell
        from .colorize import Placing
        from .run import end_politely, exit_code
        from .show import Show

        end_politely()
        names = self._write(lines)
        placing = Placing(self._work, self._chosen.out / "color", names, Show(where=str(self._chosen.out / "color")))
        end = run_and_tell(self._work, placing, name="inbetween")
        return exit_code(end, placing.broke_off)

    def _write(self, lines: Sequence[Path]) -> dict[str, list[str]]:
        """The job; returns the names of the in-betweens' pictures by drawing id."""
        chosen = self._chosen
        pictures = [chosen.first, *lines, chosen.last]
        ids = [f"{n:08x}" for n in range(len(pictures))]
        frames = [1 + round(_FINE * time) for time in (0.0, *self._times, 1.0)]
        last = zip(frames, [*frames[1:], frames[-1] + 1], ids, strict=True)
        keys = ((ids[0], chosen.first_colour), (ids[-1], chosen.last_colour))
        job = Job(
            name=f"{chosen.first.stem} to {chosen.last.stem}"[:500],
            width=self._size[1],
            height=self._size[0],
            drawings=tuple(
                DrawingFile(i, self._put("drawings", p), p.name[:500]) for i, p in zip(ids, pictures, strict=True)
            ),
            exposures=tuple(Exposure(a, max(1, b - a), i) for a, b, i in last),
            references=tuple(ReferenceFile(self._put("references", p), str(p)[:500]) for p in chosen.reference),
            keys=tuple(KeyFile(i, self._put("keys", p), str(p)[:500]) for i, p in keys if p is not None),
            engine="anidoc",
            options=Options(anidoc=self._options),
        )
        save_job(self._work, job)
        return {i: [f"{n:04d}.png"] if 0 < n < len(ids) - 1 else [] for n, i in enumerate(ids)}

    def _put(self, folder: str, source: Path) -> str:
        data = source.read_bytes()
        name = f"{folder}/{file_id(data)}{source.suffix.lower()}"
        write_bytes(self._work / name, data, durable=False)
        return name


def _require_engine() -> None:
    """Raise ``AniDocError``, as the run would, where a library or the weights are missing: before any line is drawn."""
    from ..anidoc.installed import weights
    from ..runner.engines import known_engines, make_engine

    make_engine("anidoc", known_engines())
    weights().identity()


def written(out: Path, pictures: Iterator) -> list[Path]:
    """Write the lines of in-betweens (``Drawn``) as they come; returns where."""
    from ..pictures.write import write_png

    paths = []
    for number, drawn in enumerate(pictures, 1):
        path = out / f"{number:04d}.png"
        write_png(path, drawn.lines)
        paths.append(path)
    return paths
