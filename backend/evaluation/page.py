"""The page that shows an evaluation: tables of scores, and every drawing as truth | ours | error."""

import html
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import cv2
import numpy as np

from ..contracts.files import write_bytes
from ..pictures.write import write_png
from .scores import NAMES, Judged, Scores, fitted, mean

TALLEST = 300
"""px. Pictures on the page are no taller."""

RIGHT, WRONG, PAPER, INK = (214, 226, 214), (222, 52, 48), (255, 255, 255), (60, 60, 66)
"""sRGB of regions that got their colour, regions that did not, what is not scored, and lines."""

GAP = 12
"""px between the three pictures."""

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#222;background:#fafaf8}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .8rem;text-align:right}th:first-child,td:first-child{text-align:left}
thead th{border-bottom:2px solid #888}tr.mean td{border-top:1px solid #888;font-weight:600}
figure{display:inline-block;margin:.4rem;background:#fff;padding:.4rem;border:1px solid #ddd}figcaption{font-size:13px;color:#555}
.red{color:#c22}
"""


@dataclass(frozen=True)
class Shown:
    """One clip of one task. strips: (file relative to the page, caption) of each drawing."""

    clip: str
    scores: Scores
    strips: Sequence[tuple[str, str]]


def error_picture(regions: np.ndarray, judged: Judged | None, inked: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: regions (H, W) int that got their colour pale, the others red, lines dark."""
    out = np.empty((*regions.shape, 3), np.uint8)
    out[:] = PAPER
    if judged is not None:
        live = (judged.size > 0)[regions]
        out[live] = RIGHT
        out[live & ~judged.right[regions]] = WRONG
    out[inked] = INK
    return out


def strip(truth: np.ndarray, ours: np.ndarray, error: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: the three (H, W, 3) side by side, no taller than ``TALLEST``."""
    pictures = [truth, fitted(ours, truth.shape[:2]), error]
    scale = min(1.0, TALLEST / truth.shape[0])
    size = (max(1, round(truth.shape[1] * scale)), max(1, round(truth.shape[0] * scale)))
    if scale < 1:
        pictures = [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in pictures]
    gap = np.full((pictures[0].shape[0], GAP, 3), 255, np.uint8)
    return np.hstack([pictures[0], gap, pictures[1], gap, pictures[2]])


def write_strip(path: Path, picture: np.ndarray) -> None:
    """(h, w, 3) uint8 as PNG."""
    write_png(path, np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]))


def table(rows: Sequence[tuple[str, Scores]]) -> str:
    """Scores of clips and their mean as text for a terminal."""
    lines = [f"{'clip':26}" + "".join(f"{name:>9}" for name in NAMES.values())]
    for name, scores in [*rows, ("MEAN", mean(s for _, s in rows))]:
        lines.append(f"{name:26}" + "".join(f"{value:9.2f}" for value in astuple(scores)))
    return "\n".join(lines)


def _table(rows: Sequence[tuple[str, Scores]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in NAMES.values())
    body = []
    for name, scores in [*rows, ("mean", mean(s for _, s in rows))]:
        kind = ' class="mean"' if name == "mean" else ""
        cells = "".join(f"<td>{value:.2f}</td>" for value in astuple(scores))
        body.append(f"<tr{kind}><td>{html.escape(name)}</td>{cells}</tr>")
    return f"<table><thead><tr><th>clip</th>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def write_page(path: Path, runs: dict[str, list[Shown]]) -> None:
    """Write the page; ``runs`` are clips by what was asked for ("key", "sheet, loose lines"). Raises ``AniDocError``."""
    parts = [
        "<!doctype html><meta charset=utf-8><title>AniDoc: evaluation</title>",
        f"<style>{STYLE}</style><h1>Evaluation</h1>",
        "<p>Each drawing: truth | ours | error, <span class=red>red</span> where a region has another colour than it should.</p>",
    ]
    for run, clips in runs.items():
        parts.append(f"<h2>{html.escape(run)}</h2>{_table([(c.clip, c.scores) for c in clips])}")
        for clip in clips:
            parts.append(f"<h3>{html.escape(clip.clip)}</h3>")
            parts += [
                f'<figure><img loading=lazy alt="" src="{html.escape(file, quote=True)}">'
                f"<figcaption>{html.escape(caption)}</figcaption></figure>"
                for file, caption in clip.strips
            ]
    write_bytes(path, "\n".join(parts).encode(), durable=False)
