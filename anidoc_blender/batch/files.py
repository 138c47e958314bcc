"""Whole .blend files, one after the other, in a Blender without a window: open, colour, render, save, report."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from ...backend.contracts.batch import Batch, ShotResult, save_batch
from ...backend.contracts.errors import AniDocError
from .. import task
from ..client import life
from ..setup import environment
from .queue import Line, Queue
from .state import ticked
from .work import colour_lines, lines_for, make_page

Say = Callable[[str], None]

SET_UP = "blender --online-mode --command anidoc set-up"
"""What Set up is in a shell."""


def batch_files(
    files: Sequence[Path],
    scenes: Sequence[str],
    place: Path,
    *,
    render: bool = False,
    save: bool = False,
    say: Say = print,
) -> bool:
    """Run the shots of ``files``; whether all are done. Raises ``AniDocError`` where nothing can be run at all.

    ``scenes``: names, or none for the ticked ones. ``place``: the folder of the report, kept up to date shot by shot.
    """
    refusal = environment.why_none()
    if refusal is not None:
        # There is no button to press here.
        by_command = refusal.button == environment.CEL.button
        raise AniDocError(refusal.sentence, f"Set it up with: {SET_UP}") if by_command else refusal
    results: list[ShotResult] = []
    title = ", ".join(file.name for file in files[:3]) + (" and more" if len(files) > 3 else "")
    save_batch(place, Batch((), title=title))
    seconds = 0.0
    with life.hold():
        for file in [f.absolute() for f in files]:  # before the first file is opened: Blender may change folders
            queue = _Noted(place, _lines(file, scenes, render), title=title)
            queue.before, queue.say = tuple(results), say
            for line in queue.lines:
                if line.result.outcome == "failed":
                    say(_told(line.result))
            queue.save()
            task.run("Batch", colour_lines(queue))
            if save and any(line.result.outcome == "done" for line in queue.lines):
                _save(file, queue)
            results += [line.result for line in queue.lines]
            seconds += queue.batch().seconds
    batch = Batch(tuple(results), round(seconds, 3), title)
    save_batch(place, batch)
    page = _finish(make_page(place))
    say(f"{batch.spoken()}. The report: {page or place}")
    return bool(results) and batch.count("done") == len(results)


class _Noted(Queue):
    """A file's queue that says each result, and writes it behind those of the files before."""

    before: tuple[ShotResult, ...] = ()
    say: Say = staticmethod(print)

    def end(self, line: Line, result: ShotResult) -> None:
        super().end(line, result)
        self.say(_told(result))

    def save(self) -> None:
        batch = self.batch()
        save_batch(self.place, replace(batch, shots=(*self.before, *batch.shots)))


def _told(shot: ShotResult) -> str:
    where = f"{Path(shot.file).name}, {shot.scene or shot.name}"
    if shot.outcome == "done":
        return f"{where}: done, {shot.coloured} drawings, {shot.new} new, {shot.seconds:.1f} s"
    return f"{where}: {shot.outcome}. {shot.sentence} {shot.remedy}".rstrip()


def _lines(file: Path, scenes: Sequence[str], render: bool) -> list[Line]:
    """The lines of a file, which is open afterwards; a file that does not open is one failed line."""
    broken = ShotResult(file.stem, file=str(file), outcome="failed")
    if not file.is_file():
        return [Line(replace(broken, sentence=f"There is no file {file}.", remedy="Check its path."))]
    try:
        bpy.ops.wm.open_mainfile(filepath=str(file), load_ui=False)
    except RuntimeError as problem:
        why = str(problem).strip().removeprefix("Error: ").splitlines()[0]
        return [Line(replace(broken, sentence=f"{file.name} does not open: {why}", remedy="Open it in a window."))]
    if scenes:
        lines = lines_for([bpy.data.scenes[name] for name in scenes if name in bpy.data.scenes], str(file))
        missing = [name for name in scenes if name not in bpy.data.scenes]
    else:
        settled: list[Any] = [s for s in bpy.data.scenes if s.anidoc.references]  # pyright: ignore
        lines, missing = lines_for(ticked() or settled, str(file)), []
    if render:
        for line in lines:
            settings: Any = bpy.data.scenes[line.scene]
            if settings.anidoc_batch.render == "NO":
                line.render = "PNG"
    for name in missing:
        sentence = f"{file.name} has no scene {name}."
        lines.append(Line(replace(broken, name=name, scene=name, sentence=sentence, remedy="Check its name.")))
    if not lines:
        remedy = "Tick scenes in the Batch panel and save the file, or give --scenes."
        return [Line(replace(broken, sentence=f"No scene of {file.name} is ticked or has a reference.", remedy=remedy))]
    return lines


def _save(file: Path, queue: Queue) -> None:
    try:
        bpy.ops.wm.save_mainfile()
    except RuntimeError as problem:
        why = str(problem).strip().removeprefix("Error: ").splitlines()[0]
        for line in queue.lines:
            if line.result.outcome == "done":
                sentence = f"Its frames are there, but {file.name} could not be saved: {why}"
                line.result = replace(line.result, outcome="failed", sentence=sentence, remedy="Save it by hand.")


def _finish(work: Any) -> Path | None:
    """Take a generator's steps to the end."""
    found: list[Path | None] = []

    def kept() -> task.Work:
        found.append((yield from work))
        return []

    try:
        task.run("Report", kept())
    except AniDocError:
        return None
    return found[0] if found else None
