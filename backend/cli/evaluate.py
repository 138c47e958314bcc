"""``anidoc evaluate``: colour clips whose colours are known, say how many regions are right, and show where not.

Predictions are kept as OUT/TASK/CLIP/NAME.png, so that other scorers can be run on them; OUT/index.html shows them.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..contracts.errors import AniDocError
from ..contracts.messages import FrameReady, Message, Problem
from .main import ALL_DONE, SOME_FAILED

if TYPE_CHECKING:
    from ..evaluation.clips import Clip, LineArt, Task
    from ..evaluation.page import Shown


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add = parser.add_argument
    add("bench", type=Path, metavar="BENCH", help="a folder of clips: each has color, line, regions and ref.png")
    add("--task", choices=("key", "ends", "sheet", "all"), default="all", help="what is given (default: all, in turn)")
    add(
        "--lines",
        choices=("line", "line_loose"),
        default="line",
        help="which line art is coloured; clips without it are left out (default: line)",
    )
    add("--clips", nargs="+", default=[], metavar="CLIP", help="these clips only")
    add("--with-sheet", action="store_true", help="give ref.png beside the keys as well")
    add("--engine", default="cel", help="which engine colours (default: cel)")
    add("--no-shading", action="store_true", help="leave out tone edges of the key that no line marks")
    add(
        "--out",
        type=Path,
        default=Path("evaluation"),
        metavar="DIR",
        help="where pictures and page go (default: ./evaluation)",
    )
    add("--json", action="store_true", help="print the scores as one JSON object")


def run(chosen: argparse.Namespace) -> int:
    """Colour, score, print, and write the page."""
    from ..evaluation.clips import TASKS, find_clips
    from ..evaluation.page import table, write_page

    clips = find_clips(chosen.bench, chosen.clips)
    usable = [clip for clip in clips if clip.has(chosen.lines)]
    if not usable:
        raise AniDocError(f"No clip in {chosen.bench} has {chosen.lines} art.", "Leave --lines out.")
    missing = len(clips) - len(usable)
    if missing and not chosen.json:
        print(f"{missing} clip{'s have' if missing > 1 else ' has'} no {chosen.lines}, left out.", file=sys.stderr)
    tasks = TASKS if chosen.task == "all" else (chosen.task,)
    if "sheet" in tasks and (bare := next((c.name for c in usable if not c.references), None)):
        raise AniDocError(f"The clip {bare} has no ref.png.", "Choose another task, or other clips with --clips.")
    runs: dict[str, list[Shown]] = {}
    problems: list[str] = []
    for task in tasks:
        name = run_name(task, chosen.lines, chosen.with_sheet)
        shown = []
        for clip in usable:
            _progress(chosen, f"{name}: {clip.name}")
            shown.append(_evaluated(clip, task, name, chosen, problems.append))
        _progress(chosen, "")
        runs[name] = shown
        if not chosen.json:
            print(f"{name}\n{table([(s.clip, s.scores) for s in shown])}\n", flush=True)
    write_page(chosen.out / "index.html", runs)
    if chosen.json:
        print(json.dumps(as_json(runs, chosen.out, problems), indent=1))
    else:
        print(f"The pictures are in {chosen.out / 'index.html'}.")
    for problem in problems:
        print(f"anidoc: {problem}", file=sys.stderr)
    return SOME_FAILED if problems else ALL_DONE


def run_name(task: str, lines: str, with_sheet: bool) -> str:
    """What a run is called, on the page and as a folder: ``key``, ``sheet-line_loose``, ``ends-with-sheet``."""
    return task + ("-with-sheet" if with_sheet and task != "sheet" else "") + ("" if lines == "line" else f"-{lines}")


def as_json(runs: "dict[str, list[Shown]]", out: Path, problems: list[str]) -> dict:
    """Scores by run and clip, and the mean of each run."""
    from ..evaluation.page import mean

    return {
        "out": str(out),
        "runs": {
            name: {"clips": {s.clip: asdict(s.scores) for s in shown}, "mean": asdict(mean(s.scores for s in shown))}
            for name, shown in runs.items()
        },
        "problems": problems,
    }


def _progress(chosen: argparse.Namespace, text: str) -> None:
    if sys.stderr.isatty() and not chosen.json:
        print(f"\r{text:60}\r" if text else f"\r{'':60}\r", end="", file=sys.stderr, flush=True)


def _evaluated(
    clip: "Clip", task: "Task", name: str, chosen: argparse.Namespace, complain: Callable[[str], None]
) -> "Shown":
    """Colour a clip, keep the pictures, judge them."""
    from ..evaluation.clips import read
    from ..evaluation.page import Shown, error_picture, strip, write_strip
    from ..evaluation.scores import Judged, score
    from ..lineart.white import over_white

    folder = chosen.out / name / clip.name
    _colour(clip, task, folder, chosen, complain)

    def predicted(number: int):
        return read(folder / clip.names[number])

    judged: dict[int, Judged] = {}
    scores = score(clip, task, predicted, judged)
    strips = []
    for number, file in enumerate(clip.names):
        verdict = judged.get(number)
        error = error_picture(clip.regions(number), verdict, clip.inked(number))
        shown = Path("pictures") / name / clip.name / file
        write_strip(chosen.out / shown, strip(clip.truth(number), over_white(predicted(number)), error))
        caption = f"{Path(file).stem}: given"
        if verdict is not None:
            wrong, scored = int((~verdict.right[verdict.size > 0]).sum()), int((verdict.size > 0).sum())
            caption = f"{Path(file).stem}: {wrong} of {scored} regions wrong"
        strips.append((quote(shown.as_posix()), caption))
    return Shown(clip.name, scores, strips)


def _colour(
    clip: "Clip", task: "Task", folder: Path, chosen: argparse.Namespace, complain: Callable[[str], None]
) -> None:
    """Put the coloured drawings of a clip into ``folder``; a drawing that could not be coloured stays white."""
    import numpy as np

    from ..pictures.write import write_png
    from ..runner.run import run_and_tell
    from .sketches import Request, write_sketch_job

    lines: LineArt = chosen.lines
    with tempfile.TemporaryDirectory(prefix="anidoc-") as work:
        request = Request(
            sketches=clip.folder / lines,
            references=clip.references if task == "sheet" or chosen.with_sheet else (),
            keys=_keys(clip, task, lines),
            out=folder,
            work=Path(work),
            engine=chosen.engine,
            shading=not chosen.no_shading,
        )
        names = write_sketch_job(request)
        done: set[str] = set()

        def take(message: Message) -> None:
            if isinstance(message, FrameReady) and message.final:
                data = (Path(work) / message.path).read_bytes()
                for name in names[message.drawing]:
                    folder.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(data)
                    done.add(name)
            elif isinstance(message, Problem):
                complain(f"{clip.name}: {message.sentence} {message.remedy}".rstrip())

        run_and_tell(Path(work), take, name=clip.name)
        for number, name in enumerate(clip.names):
            if name not in done:
                write_png(folder / name, np.full((*clip.truth(number).shape[:2], 4), 255, np.uint8))


def _keys(clip: "Clip", task: "Task", lines: "LineArt") -> tuple[tuple[str, Path], ...]:
    """The given drawings with their colours; of equal drawings the first."""
    found: dict[bytes, tuple[str, Path]] = {}
    for number in clip.given(task):
        name = clip.names[number]
        found.setdefault((clip.folder / lines / name).read_bytes(), (name, clip.folder / "color" / name))
    return tuple(found.values())
