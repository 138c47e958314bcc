"""Characters whose strokes' true motion is known: puppets of rigid limbs, and the demo's own figure."""

from dataclasses import dataclass

import cv2
import numpy as np

from backend.contracts.drawing import LINE, Strokes
from backend.demo.geometry import inside
from backend.demo.shot import DRAWINGS_A_CYCLE, _actors, demo_shot
from backend.evaluation.generated import line_art


@dataclass(frozen=True)
class Clip:
    """A clip with true tracks.

    strokes   F drawings as strokes with ids
    sketches  F times (H, W) uint8, 0 line, 255 paper
    points    (F, N, 2) float32 px (whole numbers: middles of pixels), true places of points of the figure
    visible   (F, N) bool
    """

    strokes: list[Strokes]
    sketches: list[np.ndarray]
    points: np.ndarray
    visible: np.ndarray


def _limb(length: float, width: float) -> np.ndarray:
    """A rounded limb along x with a bulge, so that it has one way round: (N, 2) px about its joint."""
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x, y = np.cos(t), np.sin(t)
    return np.stack([length * (x + 1) / 2, width * (1 + 0.35 * np.cos(t + 0.8)) * y], 1)


def puppet(frames: int = 8, width: int = 512, height: int = 320, seed: int = 0, swing: float = 0.5) -> Clip:
    """A puppet of seven rigid parts that swings its limbs and wanders; nearer parts hide farther ones."""
    random = np.random.default_rng(seed)
    unit = height / 320
    sizes = [(90, 26), (60, 30), (70, 13), (60, 11), (75, 15), (70, 13), (26, 20)]
    hung = [None, (0, 92, 0), (0, 80, -10), (2, 64, 0), (0, 6, 6), (4, 70, 0), (1, 40, 4)]
    start = [-1.57, -0.1, 0.6, 0.2, 1.4, 0.3, 0.8]
    speed, phase = random.uniform(0.5, 1.0, 7), random.uniform(0, 6.28, 7)
    strokes, sketches, points, visible = [], [], [], []
    shapes = [_limb(*(np.array(s) * unit)) for s in sizes]
    marks = [_limb(s[0] * 0.5 * unit, s[1] * 0.45 * unit) + np.array([s[0] * 0.22, 0]) * unit for s in sizes]
    inner = [
        np.array([[s[0] * f * unit, g * s[1] * unit] for f in (0.2, 0.5, 0.8) for g in (-0.4, 0.4)]) for s in sizes
    ]
    order = [2, 3, 4, 5, 0, 1, 6]
    for n in range(frames):
        places: list[tuple[np.ndarray, float]] = []
        for k, joint in enumerate(hung):
            angle = start[k] + swing * 0.5 * np.sin(speed[k] * n * 0.6 + phase[k])
            if joint is None:
                places.append(
                    (np.array([width * 0.4 + 5 * n * unit, height * 0.62 + 6 * np.sin(n * 0.9) * unit]), angle)
                )
                continue
            parent, turned = places[joint[0]]
            places.append((parent + _turn(turned) @ (np.array(joint[1:]) * unit), turned + angle))
        outlines = [s @ _turn(a).T + p for s, (p, a) in zip(shapes, places, strict=True)]
        lines = [(k, part, m) for k in order for part, m in ((0, shapes[k]), (1, marks[k]))]
        runs, ids, cyclic, true, seen = [], [], [], [], []
        for k, part, shape in lines:
            at = shape @ _turn(places[k][1]).T + places[k][0]
            hidden = np.zeros(len(at), bool)
            for other in order[order.index(k) + 1 :]:
                hidden |= inside(at, outlines[other])
            true += [at[::6]]
            seen += [~hidden[::6]]
            pieces = _pieces(hidden)
            for number, piece in enumerate(pieces):
                if len(piece) > 3:
                    runs.append(at[piece])
                    ids.append(1 + (k * 2 + part) * 10 + number)
                    cyclic.append(len(piece) == len(at))
        for k in order:
            at = inner[k] @ _turn(places[k][1]).T + places[k][0]
            hidden = np.zeros(len(at), bool)
            for other in order[order.index(k) + 1 :]:
                hidden |= inside(at, outlines[other])
            true.append(at)
            seen.append(~hidden)
        strokes.append(_strokes(runs, ids, cyclic))
        sketches.append(_drawn(runs, cyclic, width, height))
        points.append(np.concatenate(true) - 0.5)
        visible.append(np.concatenate(seen))
    return Clip(strokes, sketches, np.array(points, np.float32), np.array(visible))


def _turn(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _pieces(hidden: np.ndarray) -> list[np.ndarray]:
    """Visible runs of a closed line, as index arrays; a line that is all visible is one closed run."""
    if not hidden.any():
        return [np.arange(len(hidden))]
    start = int(np.flatnonzero(hidden)[0])
    order = (np.arange(len(hidden)) + start) % len(hidden)
    shown = ~hidden[order]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shown.astype(int), [0]])))
    return [order[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _strokes(runs: list[np.ndarray], ids: list[int], cyclic: list[bool]) -> Strokes:
    count = len(runs)
    points = np.concatenate(runs).astype(np.float32)
    return Strokes(
        points=points,
        radius=np.full(len(points), 1.2, np.float32),
        opacity=np.ones(len(points), np.float32),
        offsets=np.concatenate([[0], np.cumsum([len(r) for r in runs])]).astype(np.int32),
        layer=np.zeros(count, np.int32),
        material=np.zeros(count, np.int32),
        cyclic=np.array(cyclic),
        role=np.full(count, LINE, np.uint8),
        ids=np.array(ids, np.int64),
    )


def _drawn(runs: list[np.ndarray], cyclic: list[bool], width: int, height: int) -> np.ndarray:
    out = np.full((height, width), 255, np.uint8)
    for run, closed in zip(runs, cyclic, strict=True):
        at = np.round((run - 0.5) * 16).astype(np.int32)
        cv2.polylines(out, [at], closed, 0, 2, cv2.LINE_8, 4)
    return out


def demo_clip(frames: int = 6, width: int = 512, height: int = 320, seed: int = 0) -> Clip:
    """The demo's walking character, with the true places of those lines whose points keep their number."""
    from backend.demo import contract

    shot = demo_shot(frames, width, height, seed)
    sketches = [np.where(line_art(shot, d) < 200, 0, 255).astype(np.uint8) for d in shot.drawings]
    actor = _actors(1, width, height, seed)[0]
    parts = [actor.parts(n / DRAWINGS_A_CYCLE) for n in range(frames)]
    sizes = [{(p.name, k): len(line.points) for p in each for k, line in enumerate(p.lines)} for each in parts]
    same = [key for key in sizes[0] if all(s.get(key) == sizes[0][key] for s in sizes)]
    points, visible = [], []
    for each in parts:
        at, seen = [], []
        names = [p.name for p in each]
        for name, k in same:
            index = names.index(name)
            line = each[index].lines[k].points[::8]
            hidden = np.zeros(len(line), bool)
            for p in each[index + 1 :]:
                if p.colour and name not in p.on:
                    hidden |= inside(line, p.polygon)
            at.append(line)
            seen.append(~hidden)
        points.append(np.concatenate(at) - 0.5)
        visible.append(np.concatenate(seen))
    strokes = [contract.lines(shot, d) for d in shot.drawings]
    return Clip(strokes, sketches, np.array(points, np.float32), np.array(visible))


def within(tracks, clip: Clip, px: float = 4.0) -> tuple[float, float, float]:
    """Of points both true and tracked as seen, the part within ``px``; and how many of the truly seen are tracked."""
    both = clip.visible[1:] & tracks.visible[1:] & clip.visible[:1]
    close = np.linalg.norm(tracks.points[1:] - clip.points[1:], axis=2) <= px
    true = clip.visible[1:] & clip.visible[:1]
    return (
        float(close[both].mean()) if both.any() else float("nan"),
        float(both.sum() / max(true.sum(), 1)),
        float((close & both).sum() / max(true.sum(), 1)),
    )
