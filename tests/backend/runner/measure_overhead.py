"""What the runner costs beside the engine, at 1920 x 1080: python -m tests.backend.runner.measure_overhead

Not a test: prints milliseconds of processor time and of the clock a drawing, for a shot with 300 flat regions, and what
other ways of packing a frame would cost. Processor time is the honest number on a busy machine.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from backend.contracts.drawing import LINE, Strokes, file_id
from backend.contracts.engine import Event, Frame, Store
from backend.contracts.files import write_bytes
from backend.contracts.job import DrawingFile, Job
from backend.contracts.jobfolder import save_job, strokes_to_bytes
from backend.contracts.options import Options
from backend.contracts.shot import Material, Shot
from backend.pictures.read import read_picture
from backend.pictures.write import encode_png
from backend.runner.run import run_and_tell
from backend.runner.store import EvidenceStore

WIDTH, HEIGHT, DRAWINGS, REGIONS = 1920, 1080, 40, 300


class Instant:
    """An engine that reads every drawing and has every picture at hand."""

    name = "instant"

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self._pictures = pictures

    def frames(self, shot: Shot, options: Options, store: Store) -> Iterator[Event]:
        """One final frame a drawing."""
        for n, drawing in enumerate(shot.ids):
            assert shot.drawings[n].id == drawing
            yield Frame(drawing, str(n), lambda n=n: self._pictures[n % len(self._pictures)])


def corners(region: int, shift: float) -> np.ndarray:
    """(40, 2) float32 px: the outline of one region."""
    turn = np.linspace(0, 2 * np.pi, 40, dtype=np.float32)
    x, y = region % 20 * 96 + 48 + shift, region // 20 * 72 + 36
    return np.stack([x + 45 * np.cos(turn), y + 33 * np.sin(turn)], 1).astype(np.float32)


def flats(shift: float) -> np.ndarray:
    """(H, W, 4) uint8: regions of random colours with dark lines around them."""
    colours = np.random.default_rng(1).integers(0, 256, (REGIONS, 3))
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    for region in range(REGIONS):
        outline = corners(region, shift).astype(np.int32)
        cv2.fillPoly(picture, [outline], (*map(int, colours[region]), 255))
        cv2.polylines(picture, [outline], True, (20, 20, 20, 255), 4, cv2.LINE_AA)
    return picture


def stroke_file(shift: float) -> bytes:
    """The same as strokes, 12,000 points."""
    n, s = 40 * REGIONS, REGIONS
    return strokes_to_bytes(
        Strokes(
            np.concatenate([corners(r, shift) for r in range(s)]), np.full(n, 2, np.float32), np.ones(n, np.float32),
            np.arange(0, n + 1, 40, dtype=np.int32), np.zeros(s, np.int32), np.zeros(s, np.int32), np.ones(s, np.bool_),
            np.full(s, LINE, np.uint8), np.arange(s, dtype=np.int64),
        )
    )  # fmt: skip


def scan_file(shift: float) -> bytes:
    """The same as a scanned page."""
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for region in range(REGIONS):
        cv2.polylines(page, [corners(region, shift).astype(np.int32)], True, 0, 4, cv2.LINE_AA)
    return encode_png(page)


def cost(label: str, work: Callable[[], object], times: int = 1, share: int = 1) -> None:
    """Print what ``work`` takes, divided by ``share``."""
    clock, processor = time.perf_counter(), time.process_time()
    for _ in range(times):
        work()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    each = 1000 / times / share
    print(f"{label:<46} {processor * each:7.1f} ms processor {clock * each:7.1f} ms clock", flush=True)


def measure(folder: Path) -> None:
    """All the rows."""
    cv2.setNumThreads(1)
    pictures = [flats(k) for k in range(8)]
    for kind, make, suffix in (("strokes", stroke_file, "npz"), ("scans", scan_file, "png")):
        job, drawings = folder / kind, []
        for k in range(DRAWINGS):
            data = make(k / 4)
            drawings.append(DrawingFile(file_id(data), f"drawings/{file_id(data)}.{suffix}"))
            write_bytes(job / drawings[-1].file, data, durable=False)
        save_job(job, Job(kind, WIDTH, HEIGHT, tuple(drawings), materials=(Material("line"),), engine="instant"))

        def run(job: Path = job) -> None:
            end = run_and_tell(job, lambda message: None, engines={"instant": lambda: Instant(pictures)})
            assert end.coloured == DRAWINGS

        cost(f"{kind}: first run, a drawing", run, share=DRAWINGS)
        cost(f"{kind}: second run, a drawing", run, share=DRAWINGS)
    frame, page = encode_png(pictures[0]), scan_file(0)
    cost("read a frame", lambda: read_picture(frame, "frame"), 10)
    cost("read a scan", lambda: read_picture(page, "page"), 10)
    labels = (np.arange(HEIGHT)[:, None] // 50 * 40 + np.arange(WIDTH) // 50).astype(np.int32)
    store = EvidenceStore(folder)
    cost("keep a label map as evidence", lambda: store.save("labels", {"labels": labels}), 5)
    cost("read it back", lambda: store.load("labels"), 5)
    pixels = cv2.cvtColor(pictures[0], cv2.COLOR_RGBA2BGRA)
    for level in (1, 3, 6):
        for strategy in ("DEFAULT", "FILTERED", "RLE"):
            for row_filter in ("as OpenCV chooses", "NONE"):
                way = [cv2.IMWRITE_PNG_COMPRESSION, level, cv2.IMWRITE_PNG_STRATEGY]
                way.append(getattr(cv2, f"IMWRITE_PNG_STRATEGY_{strategy}"))
                if row_filter == "NONE":
                    way += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
                size = len(cv2.imencode(".png", pixels, way)[1]) // 1000
                label = f"PNG {level} {strategy}, filter {row_filter}: {size} KB"
                cost(label, lambda way=way: cv2.imencode(".png", pixels, way), 3)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place))
