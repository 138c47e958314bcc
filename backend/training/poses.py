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
from ..evaluation.generated import coloured, line_art, true_flats, true_regions
from ..lineart.regions import Regions, find_regions
from ..lineart.sketch import line_mask

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


@dataclass(frozen=True)
class Sample:
    """A drawing with its truth: regions, (R, 3) float32 Lab of each, NaN where it is not scored, (R,) bool holes."""

    regions: Regions
    lab: np.ndarray
    hole: np.ndarray


def samples(seed: int, count: int = 3) -> tuple[np.ndarray, list[Sample]]:
    """A character's sheet, (H, W, 4) uint8 on white, and ``count`` drawings of it in other poses."""
    random = np.random.default_rng([5, seed])
    shot, drawing = _posed(seed, random, 900, random.uniform(70, SIZES[1]), 0.8, LEAN_SHEET)
    picture = true_flats(shot, drawing) if random.random() < FLATS_ONLY else coloured(shot, drawing)
    found = []
    for number in range(count):
        found.append(_sample(*_posed(seed, random, number, random.uniform(SIZES[0], 100), 1.0, LEAN_DRAWING)))
    return _on_white(picture), found


def _on_white(picture: np.ndarray) -> np.ndarray:
    cover = picture[..., 3:] / 255.0
    rgb = np.round(picture[..., :3] * cover + 255 * (1 - cover)).astype(np.uint8)
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


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


def _posed(
    seed: int, random: np.random.Generator, number: int, size: float, wild: float, lean: float
) -> tuple[DemoShot, DemoDrawing]:
    design = design_from_seed(seed)
    pose = _thrown(pose_at(design, random.uniform(0, 2)), random, wild)
    waves, phase, reach = (
        random.normal(0, 1.2, (6, 2)),
        random.uniform(0, 6.3, 6),
        random.normal(0, WARP * wild, (6, 2)),
    )
    turn, stretch = random.normal(0, lean), np.exp(random.normal(0, STRETCH * wild, 2))
    width, height = (round(side * size) for side in UNIT_CANVAS)

    def pixels(points: np.ndarray) -> np.ndarray:
        at = points - HIPS
        at = _turn((at + np.sin(at @ waves.T + phase) @ reach) * stretch, turn)
        return at * (size, -size) + (width / 2, height / 2)

    parts = [
        Part(
            part.name,
            pixels(part.polygon),
            part.colour,
            tuple(replace(line, points=pixels(line.points)) for line in part.lines),
            part.on,
        )
        for part in figure(design, pose)
    ]
    flats = tuple(DemoFlat(part.polygon, part.colour, part.name) for part in parts if part.colour)
    drawing = DemoDrawing(number, tuple(drawn(parts, seed, number, size / 96)), flats)
    return DemoShot(width, height, dict(design.colours), dict(INKS), (drawing,)), drawing


def _sample(shot: DemoShot, drawing: DemoDrawing) -> Sample:
    regions = find_regions(line_mask(255 - line_art(shot, drawing)))
    flats = true_flats(shot, drawing)
    count = len(regions)
    truth = true_regions(shot, drawing)
    lab = to_lab(flats[..., :3])
    known = np.full((count, 3), np.nan, np.float32)
    # A region that holds several flats (no line between them) is taught the largest.
    size = np.bincount(truth.ravel())
    for number in np.argsort(size[1:], kind="stable") + 1:
        y, x = np.nonzero(truth == number)
        known[np.bincount(regions.labels[y, x]).argmax()] = np.median(lab[y, x], axis=0)
    paper = np.bincount(regions.labels[regions.paper], minlength=count)
    empty = np.bincount(regions.labels[regions.paper & (flats[..., 3] == 0)], minlength=count)
    return Sample(regions, known, (empty > 0.5 * np.maximum(paper, 1)) & np.isnan(known[:, 0]))
