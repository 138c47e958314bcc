"""Scanned line art as strokes: the lines' middles, followed from fork to fork."""

import numpy as np

from ..contracts.drawing import LINE, Strokes, no_strokes
from ..lineart.sweep import cones, sweep
from ..lineart.thin import thin

STEP = 2.0
"""px between the points of a traced stroke."""

SPUR = 4
"""px. Branches shorter than this are the thinning's, not the artist's."""

_AROUND = (-1, 0), (0, 1), (1, 0), (0, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)


def line_width(lines: np.ndarray, middles: list[np.ndarray]) -> float:
    """px: how wide the lines of (H, W) uint8 0/1 are on the whole, by their area over the length of their ``middles``."""
    length = sum(1.0 + float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in middles)
    return float(lines.sum(dtype=np.int64)) / max(length, 1.0)


def trace(lines: np.ndarray) -> Strokes:
    """(H, W) uint8, 1 on lines -> strokes along their middles, all of one radius, px."""
    paths = [p for p in _paths(thin(lines)) if len(p)]
    if not paths:
        return no_strokes()
    lines_ = [_even(path) for path in paths]
    radius = max(line_width(lines, lines_) / 2, 0.5)
    sizes = np.array([len(line) for line in lines_])
    count = int(sizes.sum())
    return Strokes(
        points=np.concatenate(lines_).astype(np.float32),
        radius=np.full(count, radius, np.float32),
        opacity=np.ones(count, np.float32),
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        layer=np.zeros(len(sizes), np.int32),
        material=np.zeros(len(sizes), np.int32),
        cyclic=np.zeros(len(sizes), bool),
        role=np.full(len(sizes), LINE, np.uint8),
        ids=np.full(len(sizes), -1, np.int64),
    )


def _paths(skeleton: np.ndarray) -> list[np.ndarray]:
    """(K, 2) px x, y of each run of skeleton pixels between ends and forks, both included."""
    height, width = skeleton.shape
    wide = width + 2
    flat = np.zeros((height + 2, wide), np.uint8)
    flat[1:-1, 1:-1] = skeleton
    mask = flat.reshape(-1)
    at = np.flatnonzero(mask)
    if len(at) == 0:
        return []
    follows = {int(p): _follow(int(p), mask, wide) for p in at}
    nodes = {p for p, n in follows.items() if len(n) != 2}
    seen: set[tuple[int, int]] = set()
    paths: list[list[int]] = []
    for start in [*sorted(nodes), *(int(p) for p in at)]:
        for then in follows[start]:
            if (start, then) in seen or (start not in nodes and paths and _walked(start, then, seen)):
                continue
            path = [start]
            before, here = start, then
            while True:
                seen.add((before, here))
                seen.add((here, before))
                path.append(here)
                if here in nodes or here == start:
                    break
                ahead = [n for n in follows[here] if n != before]
                if not ahead:
                    break
                before, here = here, ahead[0]
            paths.append(path)
    out = []
    for path in paths:
        loose = sum(len(follows[end]) == 1 for end in (path[0], path[-1]))
        if loose == 1 and len(path) <= SPUR and len(follows[path[0]]) + len(follows[path[-1]]) > 3:
            continue
        place = np.array(path)
        out.append(np.column_stack([place % wide - 0.5, place // wide - 0.5]))
    lonely = [p for p in follows if not follows[p]]
    out += [np.array([[p % wide - 0.5, p // wide - 0.5]]) for p in lonely]
    return out


def _walked(start: int, then: int, seen: set[tuple[int, int]]) -> bool:
    return (start, then) in seen


def _follow(pixel: int, mask: np.ndarray, wide: int) -> list[int]:
    """The skeleton pixels that a line through this one goes on to; corners cut by an edge neighbour do not count."""
    straight = [pixel + dy * wide + dx for dy, dx in _AROUND[:4] if mask[pixel + dy * wide + dx]]
    beside = {dy * wide + dx for dy, dx in _AROUND[:4] if mask[pixel + dy * wide + dx]}
    out = list(straight)
    for dy, dx in _AROUND[4:]:
        if mask[pixel + dy * wide + dx] and dy * wide not in beside and dx not in beside:
            out.append(pixel + dy * wide + dx)
    return out


def _even(path: np.ndarray) -> np.ndarray:
    """The stairs of the pixels smoothed away, a point every ``STEP`` px; the ends stay."""
    path = path.astype(np.float64)
    if len(path) < 3:
        return path
    loop = bool((path[0] == path[-1]).all())
    padded = np.concatenate([path[-4:-1], path, path[1:4]]) if loop else np.concatenate(
        [2 * path[0] - path[3:0:-1] if len(path) > 3 else path[:1].repeat(3, 0), path,
         2 * path[-1] - path[-2:-5:-1] if len(path) > 3 else path[-1:].repeat(3, 0)]
    )  # fmt: skip
    kernel = np.array([1, 6, 15, 20, 15, 6, 1]) / 64
    smooth = np.stack([np.convolve(padded[:, k], kernel, "valid") for k in (0, 1)], 1)
    if not loop:
        smooth[0], smooth[-1] = path[0], path[-1]
    walked = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(smooth, axis=0).T))])
    count = max(2, round(walked[-1] / STEP) + 1)
    wanted = np.linspace(0, walked[-1], count)
    return np.column_stack([np.interp(wanted, walked, smooth[:, k]) for k in (0, 1)])


def draw(strokes: Strokes, size: tuple[int, int]) -> np.ndarray:
    """Strokes as line art: (H, W) uint8, lines 0 on 255, no greys."""
    segments, _ = cones(strokes.points, strokes.radius, strokes.offsets, strokes.cyclic, size)
    return np.where(sweep(size, segments) >= 128, np.uint8(0), np.uint8(255))
