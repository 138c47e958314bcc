"""Fit the judges of sheet pairs on generated characters.

    python -m backend.training.sheets backend/cel/sheets/weights.npz --characters 200

The data are the characters of ``backend.demo`` in poses of their own, so no artist's picture is needed or learned.
Two small networks are fitted one after the other: the first sees pairs alone, the second also what the first made
of the neighbours, and then what it made of them itself.
"""

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..cel.palette import make_palette
from ..cel.sheets.align import Fit
from ..cel.sheets.evidence import Figure, believed, compared, drawing_layout, prepare_sheet
from ..cel.sheets.layout import Layout
from ..cel.sheets.pairs import ALIKE, context
from ..cel.sheets.scorer import Judge, belief
from .poses import samples

HIDDEN = 32
MEMBERS = 3
"""Networks fitted from different random weights and then averaged: one alone is right or wrong by luck."""

EPOCHS = 14
BATCH = 4
RATE = 0.01
DECAY = 1e-3
DRAWINGS = 2
"""Drawings of each character."""

KEPT_APART = range(100, 1000)
"""Seeds of characters for measuring (``backend.evaluation.shots``): never fitted on."""

THIN_OUT = 37
"""Every so many pairs count for mean and spread."""


@dataclass(frozen=True)
class Example:
    """A drawing compared with a sheet. right (R, S) bool: which areas have a region's colour; counts (R,) float32."""

    drawing: Layout
    found: list[tuple[Figure, Fit, np.ndarray]]
    right: np.ndarray
    counts: np.ndarray


def examples(seed: int) -> list[Example]:
    """The drawings of one character against its sheet."""
    picture, drawings = samples(seed, DRAWINGS)
    palette = make_palette([picture])
    sheet = prepare_sheet(picture, palette)
    lab = [np.concatenate([palette.lab[f.shares.argmax(1)], np.full((1, 3), 999)]) for f in sheet.figures]
    empty = np.cumsum([len(part) for part in lab]) - 1
    out = []
    for sample in drawings:
        regions = sample.regions
        layout = drawing_layout(regions.labels, regions.paper, len(regions), sheet.clear)
        if layout is None:
            continue
        gap = np.linalg.norm(sample.lab[layout.ids][:, None] - np.concatenate(lab)[None], axis=2)
        right = gap < ALIKE
        right[np.ix_(sample.hole[layout.ids], empty)] = True
        counts = right.any(1).astype(np.float32)
        out.append(Example(layout, compared(layout, sheet), right, counts * (10 / max(float(counts.sum()), 1))))
    return out


@dataclass
class Network:
    """The parameters of a judge while they are fitted."""

    mean: np.ndarray
    spread: np.ndarray
    values: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def fresh(cls, numbers: list[np.ndarray], seed: int) -> "Network":
        """Small random weights, and the mean and spread of the numbers they will see."""
        some = np.concatenate([n.reshape(len(n), -1).T[::THIN_OUT] for n in numbers])
        random, size = np.random.default_rng(seed), some.shape[1]
        values = {
            "hidden": random.normal(0, size**-0.5, (size, HIDDEN)),
            "bias": np.zeros(HIDDEN),
            "out": random.normal(0, 0.1 * HIDDEN**-0.5, HIDDEN),
            "direct": np.zeros(size),
        }
        return cls(some.mean(0), some.std(0) + 0.05, values)

    def judge(self) -> Judge:
        """The fitted judge."""
        parts = {"mean": self.mean, "spread": self.spread, **self.values}
        return Judge(**{name: value.astype(np.float32) for name, value in parts.items()})

    def slopes(self, numbers: np.ndarray, right: np.ndarray, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Derivatives of the loss: minus log of the belief that falls on areas of the right colour."""
        weights = {name: value.astype(np.float32) for name, value in self.values.items()}
        x = numbers.reshape(len(numbers), -1) - self.mean[:, None].astype(np.float32)
        x /= self.spread[:, None].astype(np.float32)
        bent = weights["hidden"].T @ x + weights["bias"][:, None]
        np.maximum(bent, 0, out=bent)
        chance = belief((weights["out"] @ bent + weights["direct"] @ x).reshape(numbers.shape[1:]))
        hit = chance * right
        slope = (chance - hit / (hit.sum(1, keepdims=True) + 1e-6)) * counts[:, None]
        slope = slope.astype(np.float32).ravel()
        back = weights["out"][:, None] * slope[None] * (bent > 0)
        return {"hidden": x @ back.T, "bias": back.sum(1), "out": bent @ slope, "direct": x @ slope}


def fitted(data: list[tuple[np.ndarray, np.ndarray, np.ndarray]], seed: int, epochs: int = EPOCHS) -> Judge:
    """A judge for (numbers, right, counts) triples: Adam with a falling rate (Kingma and Ba, ICLR 2015)."""
    net = Network.fresh([numbers for numbers, _, _ in data], seed)
    random = np.random.default_rng(seed)
    first = {name: np.zeros_like(value) for name, value in net.values.items()}
    second = {name: np.zeros_like(value) for name, value in net.values.items()}
    steps = epochs * -(-len(data) // BATCH)
    step = 0
    for _ in range(epochs):
        order = random.permutation(len(data))
        for start in range(0, len(order), BATCH):
            some = [data[k] for k in order[start : start + BATCH]]
            each = [net.slopes(*triple) for triple in some]
            weight = sum(float(counts.sum()) for _, _, counts in some)
            step += 1
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for name, value in net.values.items():
                slope = sum((e[name] for e in each), np.zeros(())) / max(weight, 1) + DECAY * value
                first[name] = 0.9 * first[name] + 0.1 * slope
                second[name] = 0.99 * second[name] + 0.01 * slope * slope
                move = first[name] / (1 - 0.9**step) / (np.sqrt(second[name] / (1 - 0.99**step)) + 1e-8)
                net.values[name] = value - rate * move
    return net.judge()


def committee(data: list[tuple[np.ndarray, np.ndarray, np.ndarray]], seed: int, epochs: int = EPOCHS) -> Judge:
    """The mean of ``MEMBERS`` judges, as one judge with their hidden units side by side."""
    return side_by_side([fitted(data, seed + 10 * k, epochs) for k in range(MEMBERS)])


def side_by_side(members: list[Judge]) -> Judge:
    """The mean of judges that were fitted on the same numbers, as one judge with all their hidden units."""
    return Judge(
        mean=members[0].mean,
        spread=members[0].spread,
        hidden=np.concatenate([m.hidden for m in members], 1),
        bias=np.concatenate([m.bias for m in members]),
        out=np.concatenate([m.out for m in members]) / len(members),
        direct=np.stack([m.direct for m in members]).mean(0, dtype=np.float32),
    )


def _together(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts, 2)


def fit_judges(data: list[Example]) -> tuple[Judge, Judge]:
    """Both judges, one after the other."""
    alone = committee([(_together([n for _, _, n in e.found]), e.right, e.counts) for e in data], 0)

    def heard(example: Example, now: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        numbers = [
            np.concatenate([n, context(example.drawing, figure.layout, figure.hood, part)])
            for (figure, _, n), part in zip(example.found, now, strict=True)
        ]
        return _together(numbers), example.right, example.counts

    early = [heard(e, believed(e.drawing, e.found, alone, alone, 0)) for e in data]
    hearing = committee(early, 1)
    late = [heard(e, believed(e.drawing, e.found, alone, hearing, 1)) for e in data]
    return alone, committee(early + late, 1, EPOCHS // 2 + 1)


def training_seeds(count: int) -> list[int]:
    """The first ``count`` seeds that are not kept apart."""
    return [seed for seed in range(count + len(KEPT_APART)) if seed not in KEPT_APART][:count]


def save(judges: tuple[Judge, Judge], path: Path, names: tuple[str, str] = ("pair", "context")) -> None:
    """Write the weights that ``backend.cel.sheets.scorer`` reads; other judges in the file stay."""
    arrays: dict[str, Any] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as old:
            arrays = dict(old)
    arrays |= {
        f"{name}.{part}": getattr(judge, part)
        for name, judge in zip(names, judges, strict=True)
        for part in Judge.__dataclass_fields__
    }
    np.savez(path, **arrays)


def main() -> None:
    """Fit and save."""
    parser = argparse.ArgumentParser(description="Fit the judges of sheet pairs on generated characters.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--characters", type=int, default=200)
    parser.add_argument("--without", type=int, nargs="*", default=[], help="looks (seed mod 12) kept out, for testing")
    options = parser.parse_args()
    seeds = [s for s in training_seeds(options.characters) if s % 12 not in options.without]
    data = [example for seed in seeds for example in examples(seed)]
    save(fit_judges(data), options.out)
    print(f"{len(seeds)} characters, {len(data)} drawings, at {options.out}")


if __name__ == "__main__":
    main()
