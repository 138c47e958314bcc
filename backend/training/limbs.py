"""Fit the judges that tell far limbs from near ones, on generated characters whose far limbs have shadow tones.

    python -m backend.training.limbs backend/cel/sheets/weights.npz

To the judges of sheet pairs in that file two are added: one sees a region alone, the other also what the first made of
its neighbours, and then what it made of them itself.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..cel.look import look_at
from ..cel.palette import Palette, make_palette, to_lab
from ..cel.paper import lifted
from ..cel.posterize import as_cel
from ..cel.sheets.evidence import Sheet, drawing_chances, prepare_sheet
from ..cel.sheets.limbs import Asked, asked, told
from ..cel.sheets.pairs import ALIKE
from ..cel.sheets.scorer import Judge
from ..contracts.drawing import Drawing
from ..contracts.options import Options
from ..evaluation.clips import Clip, find_clips, read
from ..evaluation.model_sheets import LAYOUTS, design_sheet
from ..evaluation.shots import write_shots
from ..lineart.lines import read_lines
from .poses import LEAN_DRAWING, Looks, posed, sampled
from .sheets import KEPT_APART, save, side_by_side

CHARACTERS, DRAWINGS = 50, 8
"""Characters in poses, and drawings of each."""

WILD = (0.0, 0.0, 0.0, 0.3, 1.0)
"""How wild poses are, by chance one of these: three fifths are moments of a walk."""

SIZES, HEADS, INK = (60.0, 75.0), (0.95, 1.15), (0.8, 1.4)
"""px a unit; size of the head, and width of the ink, against the sheet's."""

WALKERS, MOMENTS, TIMES = 29, 12, 2
"""Further characters that walk, drawings of each, and how often each counts."""

MIRRORED = 0.3
"""Part of the drawings that look the other way."""

HIDDEN, MEMBERS = 24, 3
EPOCHS, LATER_EPOCHS, PASSES = 40, 30, 3
BATCH, RATE, DECAY = 128, 0.01, 0.01


@dataclass(frozen=True)
class Example:
    """A drawing's regions in question, and (n,) int64 their true tone: 1 shadow, 0 base, -1 neither."""

    who: Asked
    tone: np.ndarray


@dataclass(frozen=True)
class Seen:
    """A drawing: labels (h, w) int32, paper (h, w) bool, count of regions, (count, 3) float32 true Lab or NaN."""

    labels: np.ndarray
    paper: np.ndarray
    count: int
    lab: np.ndarray


def examples(seed: int) -> list[Example]:
    """Drawings of one character in random poses, and at moments of a walk, against one of its sheets."""
    random = np.random.default_rng([23, seed])
    picture = lifted(design_sheet(seed, LAYOUTS[int(random.integers(len(LAYOUTS)))]))
    palette = make_palette([picture])
    sheet = prepare_sheet(picture, palette)
    out = []
    for number in range(DRAWINGS):
        wild = float(random.choice(WILD))
        looks = Looks(
            float(random.uniform(*SIZES)),
            wild,
            LEAN_DRAWING * wild,
            float(random.uniform(*HEADS)),
            float(random.uniform(*INK)),
        )
        sample = sampled(*posed(seed, random, number, looks), random)
        seen = Seen(sample.regions.labels, sample.regions.paper, len(sample.regions), sample.lab)
        out.append(_example(seen, palette, sheet, mirrored=random.random() < MIRRORED))
    return [e for e in out if e is not None]


def walking(seed: int) -> list[Example]:
    """Drawings of a walk of one character, read as the engine reads them, against its sheet."""
    with TemporaryDirectory() as folder:
        write_shots(Path(folder), range(seed, seed + 1), MOMENTS)
        (clip,) = find_clips(Path(folder))
        picture = as_cel(read(clip.references[0]))
        palette = make_palette([picture])
        sheet = prepare_sheet(picture, palette)
        out = [_example(_read(clip, number), palette, sheet, mirrored=False) for number in range(len(clip.names))]
    return [e for e in out if e is not None]


def _read(clip: Clip, number: int) -> Seen:
    """A clip's drawing at the working size."""
    name = clip.names[number]
    picture = read(clip.folder / "line" / name)
    height, width = picture.shape[:2]
    lines = read_lines(Drawing(name, name, None, picture), (), height, width, Options().gap)
    look = look_at(lines)
    flats, truth = clip.regions(number), clip.truth(number)
    largest = np.zeros(look.count)
    lab = np.full((look.count, 3), np.nan, np.float32)
    edge = np.concatenate([flats[0], flats[-1], flats[:, 0], flats[:, -1]])
    for flat in np.unique(flats[(flats > 0) & (flats != np.bincount(edge[edge > 0]).argmax())]):
        mask = flats == flat
        region = int(np.bincount(lines.regions.labels[mask]).argmax())
        if mask.sum() > largest[region]:
            largest[region] = mask.sum()
            lab[region] = to_lab(np.median(truth[mask], 0).astype(np.uint8)[None])[0]
    return Seen(look.labels, look.paper, look.count, lab)


def _example(seen: Seen, palette: Palette, sheet: Sheet, mirrored: bool) -> Example | None:
    labels, paper = seen.labels, seen.paper
    if mirrored:
        labels, paper = np.ascontiguousarray(labels[:, ::-1]), np.ascontiguousarray(paper[:, ::-1])
    found = drawing_chances(sheet, labels, paper, seen.count)
    if found is None or not found.figure.pairs:
        return None
    who = asked(found.drawing, found.chance, found.figure.pairs, found.laid)
    if who is None:
        return None
    lab = seen.lab[found.drawing.ids[who.row]]
    tones = np.array([(p.base, p.shadow) for p in found.figure.pairs])[who.pair]
    gap = np.linalg.norm(palette.lab[tones] - lab[:, None], axis=2)
    near = np.nan_to_num(gap, nan=np.inf).min(1) < ALIKE
    return Example(who, np.where(near, gap[:, 1] < gap[:, 0], -1).astype(np.int64))


def fitted(numbers: np.ndarray, tone: np.ndarray, seed: int, epochs: int) -> Judge:
    """A judge of (n, K) numbers by logistic loss: Adam with a falling rate (Kingma and Ba, ICLR 2015)."""
    random, size = np.random.default_rng(seed), numbers.shape[1]
    mean, spread = numbers.mean(0), numbers.std(0) + 0.05
    seen = (numbers - mean) / spread
    values = {
        "hidden": random.normal(0, size**-0.5, (size, HIDDEN)),
        "bias": np.full(HIDDEN, 0.1),
        "out": random.normal(0, 0.1 * HIDDEN**-0.5, HIDDEN),
        "direct": np.zeros(size),
    }
    first = {name: np.zeros_like(value) for name, value in values.items()}
    second = {name: np.zeros_like(value) for name, value in values.items()}
    steps, step = epochs * -(-len(seen) // BATCH), 0
    for _ in range(epochs):
        order = random.permutation(len(seen))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            x = seen[some]
            bent = np.maximum(x @ values["hidden"] + values["bias"], 0)
            chance = 1 / (1 + np.exp(-(bent @ values["out"] + x @ values["direct"])))
            slope = (chance - tone[some]) / len(some)
            back = np.outer(slope, values["out"]) * (bent > 0)
            slopes = {"hidden": x.T @ back, "bias": back.sum(0), "out": bent.T @ slope, "direct": x.T @ slope}
            step += 1
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for name, value in values.items():
                whole = slopes[name] + DECAY * 0.1 * value
                first[name] = 0.9 * first[name] + 0.1 * whole
                second[name] = 0.99 * second[name] + 0.01 * whole * whole
                values[name] = value - rate * first[name] / (1 - 0.9**step) / (
                    np.sqrt(second[name] / (1 - 0.99**step)) + 1e-8
                )
    parts = {"mean": mean, "spread": spread, **values}
    return Judge(**{name: part.astype(np.float32) for name, part in parts.items()})


def committee(numbers: np.ndarray, tone: np.ndarray, epochs: int) -> Judge:
    """The mean of ``MEMBERS`` judges, as one judge with their hidden units side by side."""
    return side_by_side([fitted(numbers, tone, seed, epochs) for seed in range(MEMBERS)])


def fit_judges(data: list[Example]) -> tuple[Judge, Judge]:
    """Both judges, one after the other; the second learns on what it made of the neighbours before."""
    tone = np.concatenate([e.tone[e.tone >= 0] for e in data])
    alone = committee(np.concatenate([e.who.local[e.tone >= 0] for e in data]), tone, EPOCHS)
    logs = [alone.scores(e.who.local.T) for e in data]
    pool: list[np.ndarray] = []
    hearing = alone
    for turn in range(PASSES + 1):
        heard = [np.concatenate([e.who.local, told(e.who, log)], 1) for e, log in zip(data, logs, strict=True)]
        pool.append(np.concatenate([h[e.tone >= 0] for e, h in zip(data, heard, strict=True)]))
        hearing = committee(np.concatenate(pool), np.tile(tone, len(pool)), LATER_EPOCHS if turn else EPOCHS)
        logs = [hearing.scores(h.T) for h in heard]
    return alone, hearing


def training_seeds(count: int) -> list[int]:
    """The first ``count`` odd seeds that are not kept apart: every character with an odd one has far limbs in shadow tones."""
    return [s for s in range(1, 2 * (count + len(KEPT_APART)), 2) if s not in KEPT_APART][:count]


def main() -> None:
    """Fit, and save beside the judges of pairs."""
    parser = argparse.ArgumentParser(description="Fit the judges of far limbs on generated characters.")
    parser.add_argument("weights", type=Path, help="the file with the judges of pairs, which is written anew")
    parser.add_argument("--processes", type=int, default=2, help="processes that draw the characters (default: 2)")
    options = parser.parse_args()
    seeds = training_seeds(CHARACTERS + WALKERS)
    with ProcessPoolExecutor(options.processes) as pool:
        data = [e for some in pool.map(examples, seeds[:CHARACTERS]) for e in some]
        data += [e for some in pool.map(walking, seeds[CHARACTERS:]) for e in some] * TIMES
    save(fit_judges(data), options.weights, ("tone", "tone_context"))
    print(f"{len(data)} drawings, at {options.weights}")


if __name__ == "__main__":
    main()
