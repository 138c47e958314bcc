"""The page: what came of each shot, its contact sheet and its numbers. HTML without scripts, links only to its own files."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path

from ...contracts.batch import PAGE_FILE, Batch, ShotResult, save_batch
from ...contracts.errors import AniDocError
from ...contracts.files import write_bytes
from ...contracts.report import Report, load_report
from ...version import VERSION
from .sheet import leave_sheet

UNSURE = 0.5
"""Confidence below which a drawing is worth a look."""

MOST_SENTENCES = 5
"""Drawings without colours that a shot's entry names; what is more stands in its report.json."""

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #f4f3f0; margin: 2em auto; max-width: 1120px;
       padding: 0 1em }
h1 { font-size: 1.5em; margin: 0 0 .1em } .sum { color: #555; margin: 0 0 1.4em }
table.list { border-collapse: collapse; width: 100%; background: #fff; margin-bottom: 2em }
.list th, .list td { text-align: right; padding: .3em .7em; border-bottom: 1px solid #e4e2dd; vertical-align: top }
.list th { color: #777; font-weight: normal; font-size: .85em } .list .l { text-align: left }
.list td.why { text-align: left; color: #8a1f11 }
section { background: #fff; padding: 1em 1.2em; margin: 0 0 1em; border-left: 6px solid #9a9a9a }
section.done { border-color: #3d8b45 } section.failed { border-color: #c0392b } section.cancelled { border-color: #b88a1c }
section h2 { font-size: 1.1em; margin: 0 } section p { margin: .35em 0 } section img { max-width: 100%; height: auto }
.word { float: right; font-size: .9em } .done .word, td.done { color: #2c7a34 }
.failed .word, td.failed { color: #c0392b } .cancelled .word, td.cancelled { color: #94700f }
.num { color: #555; font-size: .9em } .where { color: #888; font-size: .8em; word-break: break-all }
ul { margin: .3em 0; padding-left: 1.2em } .why { color: #8a1f11 } footer { color: #999; font-size: .8em }
@media print { body { background: #fff } section { break-inside: avoid } }
"""


def leave_page(place: Path, batch: Batch, step: Callable[[int, int], None] = lambda done, total: None) -> Path:
    """Write batch.json, the sheets and index.html into the folder ``place``; gives the page. Raises ``AniDocError``."""
    save_batch(place, batch)
    entries = []
    for n, shot in enumerate(batch.shots):
        step(n, len(batch.shots))
        report = report_of(shot)
        sheet = leave_sheet(Path(shot.folder), report, place) if report is not None else ""
        entries.append((shot, report, sheet))
    page = place / PAGE_FILE
    write_bytes(page, page_text(batch, entries).encode(), durable=False)
    return page


def report_of(shot: ShotResult) -> Report | None:
    """The report that the shot's last run left, where there is one."""
    if not shot.folder:
        return None
    try:
        return load_report(Path(shot.folder))
    except AniDocError:
        return None


Entry = tuple[ShotResult, Report | None, str]


def page_text(batch: Batch, entries: Sequence[Entry]) -> str:
    """The page's text. Names come from anywhere, so everything is escaped."""
    title = html.escape(batch.title or "AniDoc batch")
    rows = "\n".join(_row(n, *entry) for n, entry in enumerate(entries, 1))
    shots = "\n".join(_section(n, *entry) for n, entry in enumerate(entries, 1))
    head = "<th>#</th><th class=l>shot</th><th class=l>result</th><th>coloured</th><th>new</th><th>missing</th>"
    head += "<th>unsure</th><th>frames</th><th>time</th>"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>\n'
        f'<h1>{title}</h1>\n<p class="sum">{html.escape(batch.spoken())}, {spoken_time(batch.seconds)}.</p>\n'
        f'<table class="list"><tr>{head}</tr>\n{rows}\n</table>\n{shots}\n<footer>AniDoc {VERSION}</footer></body></html>\n'
    )


def _row(number: int, shot: ShotResult, report: Report | None, sheet: str) -> str:
    frames = "" if report is None else str(sum(e.duration for e in report.exposures))
    cells = [shot.coloured, shot.new, shot.failed or "", _unsure(report) or "", frames, spoken_time(shot.seconds)]
    numbers = "".join(f"<td>{html.escape(str(c))}</td>" for c in cells)
    link = f'<a href="#shot{number}">{html.escape(shot.name)}</a>'
    return f'<tr><td>{number}</td><td class=l>{link}</td><td class="l {shot.outcome}">{_word(shot)}</td>{numbers}</tr>'


def _section(number: int, shot: ShotResult, report: Report | None, sheet: str) -> str:
    name, missing = html.escape(shot.name), _missing(report)
    parts = [
        f'<section class="{shot.outcome}" id="shot{number}"><span class="word">{_word(shot)}</span><h2>{name}</h2>'
    ]
    if shot.sentence:
        parts.append(f'<p class="why">{html.escape(f"{shot.sentence} {shot.remedy}".strip())}</p>')
    if sheet:
        parts.append(f'<p><img src="{html.escape(sheet)}" alt="coloured drawings of {name}" loading="lazy"></p>')
    parts.append(f'<p class="num">{html.escape(_numbers(shot, report))}</p>')
    if missing:
        parts.append("<ul>" + "".join(f"<li>{html.escape(m)}</li>" for m in missing) + "</ul>")
    where = " · ".join(w for w in (shot.file, shot.scene, shot.folder, shot.render) if w)
    parts.append(f'<p class="where">{html.escape(where)}</p></section>')
    return "\n".join(parts)


def _word(shot: ShotResult) -> str:
    if shot.outcome == "done" and not shot.new:
        return "done before"
    return shot.outcome


def _numbers(shot: ShotResult, report: Report | None) -> str:
    words = [f"{shot.coloured} drawings coloured, {shot.new} of them new" if shot.coloured else "nothing coloured"]
    if shot.failed:
        words.append(f"{shot.failed} without colours")
    if report is not None:
        words.append(f"{report.width} x {report.height} px")
        sure = [c.confidence for c in report.coloured if c.confidence is not None]
        if sure:
            words.append(f"least sure drawing {min(sure):.0%}, {_unsure(report)} below {UNSURE:.0%}")
    words.append(spoken_time(shot.seconds) + (f", {shot.seconds / shot.new:.2f} s a new drawing" if shot.new else ""))
    if shot.tries > 1:
        words.append(f"begun {shot.tries} times")
    if shot.host:
        words.append(f"on {shot.host}")
    return " · ".join(words)


def _unsure(report: Report | None) -> int:
    return 0 if report is None else sum(c.confidence is not None and c.confidence < UNSURE for c in report.coloured)


def _missing(report: Report | None) -> list[str]:
    if report is None:
        return []
    said = [f"{f.sentence} {f.remedy}".strip() for f in report.failed[:MOST_SENTENCES]]
    more = len(report.failed) - len(said)
    return [*said, f"and {more} more"] if more > 0 else said


def spoken_time(seconds: float) -> str:
    """``0.4 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"
