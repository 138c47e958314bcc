"""Generated shots with known colours: our demo characters as pictures, sketch folders and job folders.

    python -m backend.evaluation.generated OUT --drawings 100 --width 1920 --height 1080 --characters 4

writes OUT/job (strokes, one filled key), OUT/sketches, OUT/key.png and OUT/truth, for benchmarks and scores.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from ..contracts.drawing import picture_id
from ..contracts.files import write_bytes
from ..contracts.job import DrawingFile, Job, KeyFile
from ..contracts.jobfolder import save_job, strokes_to_bytes
from ..contracts.shot import Exposure
from ..demo import contract
from ..demo.shot import DemoDrawing, DemoShot, demo_shot
from ..pictures.write import write_png

_FINE = 4
"""Lines are drawn this many times larger and shrunk, which is how they get soft edges."""
_SHIFT = 4
"""Fraction bits of cv2's fixed-point coordinates: 1/16 px."""
_CLEAR = 250
"""Grey level of line art from which a pixel has no line on it at all."""
SMALLEST_REGION = 9
"""px; smaller flats are not counted as regions of the truth."""


def _fixed(points: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """Pixels as cv2's fixed-point coordinates, whose (0, 0) is the centre of a pixel, not its corner."""
    return np.round((points * scale - 0.5) * 2**_SHIFT).astype(np.int32)


def true_flats(shot: DemoShot, drawing: DemoDrawing) -> np.ndarray:
    """The true colours without lines: (H, W, 4) uint8 sRGB, alpha 0 or 255, no blended pixel."""
    picture = np.zeros((shot.height, shot.width, 4), np.uint8)
    for flat in drawing.flats:
        r, g, b = shot.colours[flat.colour]
        cv2.fillPoly(picture, [_fixed(flat.polygon)], (r, g, b, 255), cv2.LINE_8, _SHIFT)
    return picture


def true_regions(shot: DemoShot, drawing: DemoDrawing) -> np.ndarray:
    """Connected areas of one true colour clear of lines: (H, W) int32, 0 = lines, background and crumbs."""
    flats = true_flats(shot, drawing).astype(np.int64)
    codes = flats @ np.array([1 << 16, 1 << 8, 1, 1 << 24])
    codes[line_art(shot, drawing) < _CLEAR] = 0
    found = np.zeros(codes.shape, np.int32)
    count = 0
    for code in np.unique(codes[codes > 0]):
        number, labels, stats, _ = cv2.connectedComponentsWithStats((codes == code).astype(np.uint8), connectivity=4)
        for label in range(1, number):
            if stats[label, cv2.CC_STAT_AREA] >= SMALLEST_REGION:
                count += 1
                x, y, w, h = stats[label, :4]
                found[y : y + h, x : x + w][labels[y : y + h, x : x + w] == label] = count
    return found


def _coverage(shot: DemoShot, drawing: DemoDrawing, materials: set[str]) -> np.ndarray:
    """How much of each pixel the lines of these materials cover: (H, W) float32, 0..1."""
    fine = np.zeros((shot.height * _FINE, shot.width * _FINE), np.uint8)
    for stroke in drawing.strokes:
        if stroke.material not in materials:
            continue
        places = _fixed(stroke.points, _FINE)
        ends = np.roll(np.arange(len(places)), -1) if stroke.cyclic else np.arange(1, len(places))
        for start, end in zip(range(len(ends)), ends, strict=True):
            width = max(1, round(float(stroke.radius[start] + stroke.radius[end]) * _FINE))
            cv2.line(fine, places[start].tolist(), places[end].tolist(), 255, width, cv2.LINE_8, _SHIFT)
    small = cv2.resize(fine, (shot.width, shot.height), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255.0


def line_art(shot: DemoShot, drawing: DemoDrawing) -> np.ndarray:
    """The drawing as scanned line art: (H, W) uint8, dark lines on white, separation lines among them."""
    return np.round(255.0 * (1.0 - _coverage(shot, drawing, set(shot.inks)))).astype(np.uint8)


def coloured(shot: DemoShot, drawing: DemoDrawing) -> np.ndarray:
    """The drawing as the artist would colour it: flats with ink lines over them, (H, W, 4) uint8 sRGB."""
    return _drawn_over(true_flats(shot, drawing), shot, drawing, ("Ink",))


def pencilled(shot: DemoShot, drawing: DemoDrawing) -> np.ndarray:
    """The drawing on transparency with its pencils' own colours, as Blender shows it: (H, W, 4) uint8 sRGB."""
    empty = np.zeros((shot.height, shot.width, 4), np.uint8)
    return _drawn_over(empty, shot, drawing, ("Separation", "Ink"))


def _drawn_over(picture: np.ndarray, shot: DemoShot, drawing: DemoDrawing, pencils: tuple[str, ...]) -> np.ndarray:
    result = picture.astype(np.float32)
    for name in pencils:
        cover = _coverage(shot, drawing, {name})[:, :, None]
        under = result[:, :, 3:] / 255.0 * (1.0 - cover)
        total = cover + under
        ink = np.array(shot.inks[name], np.float32)
        mixed = (ink * cover + result[:, :, :3] * under) / np.maximum(total, 1e-6)
        result = np.concatenate([mixed, total * 255.0], axis=2)
    return np.round(result).astype(np.uint8)


def write_job(folder: Path, shot: DemoShot, hold: int = 2, key: int = 0) -> Job:
    """The shot as a job folder: strokes, each drawing held for ``hold`` frames, drawing number ``key`` filled."""
    files, exposures = [], []
    for drawing in shot.drawings:
        strokes = contract.lines(shot, drawing)
        name = picture_id(strokes, shot.width, shot.height)
        frame = 1 + hold * drawing.number
        write_bytes(folder / "drawings" / f"{name}.npz", strokes_to_bytes(strokes))
        files.append(DrawingFile(name, f"drawings/{name}.npz", f"frame {frame}"))
        exposures.append(Exposure(frame, hold, name))
    filled = files[key].id
    write_bytes(folder / "keys" / f"{filled}.npz", strokes_to_bytes(contract.fills(shot, shot.drawings[key])))
    job = Job(
        name="generated",
        width=shot.width,
        height=shot.height,
        drawings=tuple(files),
        exposures=tuple(exposures),
        layers=contract.LAYERS,
        materials=contract.materials(shot),
        keys=(KeyFile(filled, f"keys/{filled}.npz", files[key].name),),
    )
    save_job(folder, job)
    return job


def write_pictures(folder: Path, shot: DemoShot) -> None:
    """``sketches/0001.png…`` (dark on white), ``truth/0001.png…`` (flats) and ``key.png``, the first one coloured."""
    for drawing in shot.drawings:
        name = f"{drawing.number + 1:04d}.png"
        art = line_art(shot, drawing)
        opaque = np.full_like(art, 255)
        write_png(folder / "sketches" / name, np.stack([art, art, art, opaque], axis=2))
        write_png(folder / "truth" / name, true_flats(shot, drawing))
    write_png(folder / "key.png", coloured(shot, shot.drawings[0]))


def main() -> None:
    """Write one generated shot; prints how many regions it has."""
    parser = argparse.ArgumentParser(description="Write a generated shot with known colours.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--drawings", type=int, default=100)
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--characters", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-pictures", action="store_true", help="the job folder only")
    options = parser.parse_args()
    shot = demo_shot(options.drawings, options.width, options.height, options.seed, options.characters)
    job = write_job(options.out / "job", shot)
    if not options.no_pictures:
        write_pictures(options.out, shot)
    regions = int(true_regions(shot, shot.drawings[0]).max())
    print(
        f"{len(job.drawings)} drawings of {job.width} x {job.height}, {regions} regions in the first, at {options.out}"
    )


if __name__ == "__main__":
    main()
