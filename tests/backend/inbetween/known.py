"""Drawings whose in-betweens are known: lines moved, turned, grown and bent, drawn again in another order and other pieces."""

import numpy as np

from backend.contracts.drawing import LINE, Strokes

SIZE = (800, 800)
CENTRE = 400 + 400j


def drawing(lines: list[np.ndarray], cyclic: bool = False) -> Strokes:
    """Strokes through complex points, px."""
    at = np.concatenate(lines)
    count = len(lines)
    return Strokes(
        points=np.column_stack([np.real(at), np.imag(at)]).astype(np.float32),
        radius=np.full(len(at), 2, np.float32),
        opacity=np.ones(len(at), np.float32),
        offsets=np.cumsum([0, *map(len, lines)]).astype(np.int32),
        layer=np.zeros(count, np.int32),
        material=np.zeros(count, np.int32),
        cyclic=np.full(count, cyclic),
        role=np.full(count, LINE, np.uint8),
        ids=np.full(count, -1, np.int64),
    )


def figure(count: int = 14, seed: int = 0, points: int = 50) -> list[np.ndarray]:
    """Curved lines all over the middle of the picture."""
    random = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        centre = 800 * (0.25 + 0.5 * random.random() + 1j * (0.25 + 0.5 * random.random()))
        length = 800 * (0.08 + 0.22 * random.random())
        s = np.linspace(-0.5, 0.5, points)
        way = random.uniform(0, 6.28) + random.uniform(-2, 2) * s + 0.5 * np.sin(6 * s + random.uniform(0, 6))
        line = np.cumsum(np.exp(1j * way)) * length / points
        out.append(centre + line - line.mean())
    return out


def moved(z: np.ndarray, t: float) -> np.ndarray:
    """Slid."""
    return z + t * (60 - 35j)


def turned(z: np.ndarray, t: float) -> np.ndarray:
    """Turned by 40 degrees about the middle."""
    return CENTRE + (z - CENTRE) * np.exp(0.7j * t)


def swung(z: np.ndarray, t: float) -> np.ndarray:
    """Swung by 69 degrees about a point at its foot."""
    return 300 + 650j + (z - 300 - 650j) * np.exp(1.2j * t)


def grown(z: np.ndarray, t: float) -> np.ndarray:
    """Grown by 35 % about the middle."""
    return CENTRE + (z - CENTRE) * (1 + 0.35 * t)


def bent(z: np.ndarray, t: float) -> np.ndarray:
    """Bent like a rod that is held at its left end."""
    k = max(t * 1.2 / 700, 1e-9)
    s, beside = np.real(z) - 100, np.imag(z) - 400
    return 100 + 400j + (np.exp(1j * k * s) - 1) / (1j * k) + 1j * beside * np.exp(1j * k * s)


MOTIONS = {f.__name__: f for f in (moved, turned, swung, grown, bent)}


def _resampled(line: np.ndarray, count: int) -> np.ndarray:
    along = np.concatenate([[0], np.cumsum(np.abs(np.diff(line)))])
    at = np.linspace(0, along[-1], count)
    return np.interp(at, along, np.real(line)) + 1j * np.interp(at, along, np.imag(line))


def drawn_anew(lines: list[np.ndarray], how: str, seed: int = 1) -> list[np.ndarray]:
    """The same lines as another hand would have put them down."""
    random = np.random.default_rng(seed)
    if how == "shuffled":
        return [lines[i] for i in random.permutation(len(lines))]
    if how == "reversed":
        return [line[::-1] if random.random() < 0.5 else line for line in lines]
    if how == "split":
        cuts = [int(random.integers(10, len(line) - 10)) for line in lines]
        return [part for line, k in zip(lines, cuts, strict=True) for part in (line[: k + 1], line[k:])]
    if how == "resampled":
        return [_resampled(line, int(random.integers(25, 120))) for line in lines]
    if how == "everything":
        for n, way in enumerate(("split", "resampled", "reversed", "shuffled")):
            lines = drawn_anew(lines, way, n)
    return lines
