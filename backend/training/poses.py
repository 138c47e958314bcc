"""Training pictures: demo characters in wild poses, once as a design sheet, then as drawings with known colours."""

from dataclasses import dataclass, replace

import numpy as np

from ..cel.palette import to_lab
from ..demo.character import figure
from ..demo.design import INKS, design_from_seed
from ..demo.parts import Part
from ..demo.shot import DemoDrawing, DemoFlat, DemoShot
from ..demo.strokes import drawn
from ..demo.walk import Pose, pose_at
from ..evaluation.generated import coloured, line_art, true_flats
from ..lineart.regions import Regions, find_regions
from ..lineart.sketch import line_mask
from ..lineart.white import over_white

SIZES = (60.0, 110.0)
"""px a unit: figures of 360 to 660 px."""

UNIT_CANVAS = (8.4, 10.0)
"""Width and height of the canvas in units: a figure of six units and the arms it throws up."""

HIPS = np.array([0.0, 2.7])
"""The point of the figure that stands in the middle of the canvas, in units."""

ARM, LEG, HEAD = 0.55, 0.25, 9.0
"""Standard deviation of the turns: limbs in radians, the head in degrees."""

LEAN_SHEET, LEAN_DRAWING = 0.1, 0.3
"""Standard deviation of the whole figure's turn, radians."""

WARP, STRETCH = 0.05, 0.04
"""How far a drawing strays from the model: waves in units, width against height in fractions."""

FLATS_ONLY = 0.3
"""Part of the sheets that have no drawn lines."""

HEADS = (0.9, 1.7)
"""Size of a character's head against the model's: from grown-ups to comic children."""

THICK = (0.7, 2.6)
"""Width of the ink against the model's."""

BANDS = 0.4
"""Part of the drawings whose lines are both edges of the ink, as where lines were traced from colour."""

UNMARKED = 0.25
"""Part of the drawings without separation lines."""

ASTRAY, MOST_ASTRAY = 0.4, 4
"""Part of the pictures that lack details, and how many at most."""

VIEWS, STRANGERS = 0.25, 0.15
"""Part of the sheets with a second view of the character, and with another character."""


@dataclass(frozen=True)
class Sample:
    """A drawing with its truth: regions, (R, 3) float32 Lab of each, NaN where it is not scored, (R,) bool holes."""

    regions: Regions
    lab: np.ndarray
    hole: np.ndarray


@dataclass(frozen=True)
class Looks:
    """How a figure is thrown onto a canvas: px a unit, how wild the pose, size of the head, width of the ink."""

    size: float
    wild: float
    lean: float
    head: float
    ink: float


def samples(seed: int, count: int = 3) -> tuple[np.ndarray, list[Sample]]:
    """A character's sheet, (H, W, 4) uint8 on white, and ``count`` drawings of it in other poses."""
    random = np.random.default_rng([6, seed])
    head, ink = float(random.uniform(*HEADS)), float(np.exp(random.uniform(*np.log(THICK))))
    views = [_view(seed, random, 900, head, ink)]
    if random.random() < VIEWS:
        views.append(_view(seed, random, 901, head, ink))
    if random.random() < STRANGERS:
        views.append(_view(seed + 10_000, random, 902, float(random.uniform(*HEADS)), ink))
    tallest = max(v.shape[0] for v in views)
    sheet = np.hstack([np.pad(v, ((tallest - v.shape[0], 0), (0, 0), (0, 0)), constant_values=255) for v in views])
    drawings = []
    for number in range(count):
        looks = Looks(float(random.uniform(SIZES[0], 100)), 1.0, LEAN_DRAWING, head, ink)
        drawings.append(sampled(*posed(seed, random, number, looks), random))
    return sheet, drawings


def _view(seed: int, random: np.random.Generator, number: int, head: float, ink: float) -> np.ndarray:
    looks = Looks(float(random.uniform(70, SIZES[1])), float(random.uniform(0.1, 0.8)), LEAN_SHEET, head, ink)
    shot, drawing = posed(seed, random, number, looks)
    return _on_white(true_flats(shot, drawing) if random.random() < FLATS_ONLY else coloured(shot, drawing))


def _on_white(picture: np.ndarray) -> np.ndarray:
    return np.dstack([over_white(picture), np.full(picture.shape[:2], 255, np.uint8)])


def _turn(vector: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return vector @ np.array([[c, s], [-s, c]])


def _thrown(pose: Pose, random: np.random.Generator, wild: float) -> Pose:
    """The pose with limbs and head turned at random."""

    def limb(root: np.ndarray, middle: np.ndarray, end: np.ndarray, much: float) -> tuple[np.ndarray, np.ndarray]:
        upper, lower = random.normal(0, much), random.normal(0, much * 0.7)
        bent = root + _turn(middle - root, upper)
        return bent, bent + _turn(end - middle, upper + lower)

    near = limb(pose.near_arm.shoulder, pose.near_arm.elbow, pose.near_arm.wrist, ARM * wild)
    far = limb(pose.far_arm.shoulder, pose.far_arm.elbow, pose.far_arm.wrist, ARM * wild)
    left = limb(pose.near_leg.hip, pose.near_leg.knee, pose.near_leg.ankle, LEG * wild)
    right = limb(pose.far_leg.hip, pose.far_leg.knee, pose.far_leg.ankle, LEG * wild)
    return replace(
        pose,
        near_arm=replace(pose.near_arm, elbow=near[0], wrist=near[1]),
        far_arm=replace(pose.far_arm, elbow=far[0], wrist=far[1]),
        near_leg=replace(pose.near_leg, knee=left[0], ankle=left[1]),
        far_leg=replace(pose.far_leg, knee=right[0], ankle=right[1]),
        head_tilt=pose.head_tilt + random.normal(0, HEAD * wild),
        facing=float(np.clip(random.uniform(-0.4, 1.4), 0, 1)),
        eyes=float(random.choice([1, 1, 1, 0.7, 0])),
    )


def posed(seed: int, random: np.random.Generator, number: int, looks: Looks) -> tuple[DemoShot, DemoDrawing]:
    """A character thrown onto a canvas: a shot of this one drawing, and the drawing."""
    design = design_from_seed(seed)
    pose = _thrown(pose_at(design, random.uniform(0, 2)), random, looks.wild)
    waves, phase, reach = (
        random.normal(0, 1.2, (6, 2)),
        random.uniform(0, 6.3, 6),
        random.normal(0, WARP * looks.wild, (6, 2)),
    )
    turn, stretch = random.normal(0, looks.lean), np.exp(random.normal(0, STRETCH * looks.wild, 2))
    width, height = (round(side * looks.size) for side in UNIT_CANVAS)

    def pixels(points: np.ndarray) -> np.ndarray:
        above = np.clip((points[:, 1:] - pose.neck[1]) / 0.35 + 0.3, 0, 1)
        at = points + (looks.head - 1) * above * (points - pose.neck) - HIPS
        at = _turn((at + np.sin(at @ waves.T + phase) @ reach) * stretch, turn)
        return at * (looks.size, -looks.size) + (width / 2, height / 2)

    parts = figure(design, pose)
    if random.random() < ASTRAY:
        gone = set(random.integers(0, len(parts), random.integers(1, MOST_ASTRAY + 1)).tolist())
        parts = [part for k, part in enumerate(parts) if k not in gone or len(part.lines) > 3]
    parts = [
        Part(
            part.name,
            pixels(part.polygon),
            part.colour,
            tuple(replace(line, points=pixels(line.points)) for line in part.lines),
            part.on,
        )
        for part in parts
    ]
    flats = tuple(DemoFlat(part.polygon, part.colour, part.name) for part in parts if part.colour)
    drawing = DemoDrawing(number, tuple(drawn(parts, seed, number, looks.ink * looks.size / 96)), flats)
    return DemoShot(width, height, dict(design.colours), dict(INKS), (drawing,)), drawing


def sampled(shot: DemoShot, drawing: DemoDrawing, random: np.random.Generator) -> Sample:
    """A drawing's lines as they may come, and what is true of the regions they make."""
    if random.random() < UNMARKED:
        strokes = tuple(s for s in drawing.strokes if s.material != "Separation")
        drawing = replace(drawing, strokes=strokes)
    ink = line_art(shot, drawing) < 128
    flats = true_flats(shot, drawing)
    codes = flats.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1, 1 << 24])
    values, code = np.unique(codes, return_inverse=True)
    code = code.reshape(codes.shape)
    if random.random() < BANDS:
        traced = np.where(ink, len(values), code)
        edge = np.zeros(ink.shape, np.uint8)
        edge[:, 1:] |= traced[:, 1:] != traced[:, :-1]
        edge[1:] |= traced[1:] != traced[:-1]
        regions = find_regions(edge | np.roll(edge, -1, 1) | np.roll(edge, -1, 0))
    else:
        regions = find_regions(line_mask(255 - line_art(shot, drawing)))
    # A region that holds several flats (no line between them) is taught the largest.
    count, there = len(regions), regions.paper
    kind = np.where(ink, len(values), code)[there]
    joint = np.bincount(regions.labels[there] * (len(values) + 1) + kind, minlength=count * (len(values) + 1))
    joint = joint.reshape(count, -1)
    best = joint.argmax(1)
    lab = np.full((len(values) + 1, 3), np.nan, np.float32)
    rgb = np.stack([values >> 16 & 255, values >> 8 & 255, values & 255], 1).astype(np.uint8)
    painted = values >> 24 > 0
    lab[:-1][painted] = to_lab(rgb[painted])
    hole = np.append(~painted, False)[best] & (joint.sum(1) > 0)
    return Sample(regions, lab[best], hole)
