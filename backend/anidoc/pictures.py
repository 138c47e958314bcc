"""From the shot's references to what the model sees, and from the model's answers to the shot's frames."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image

from ..cel.engine import key_picture
from ..contracts.errors import AniDocError, DrawingError
from ..contracts.options import Options
from ..contracts.shot import Reference, Shot
from ..lineart.lines import Lines
from .fit import Fit, on_paper, resized
from .passes import Pass, chunks

if TYPE_CHECKING:  # it brings torch along, which a run that finds everything there does not need
    from .loaded import Loaded


def reference_pictures(
    shot: Shot, references: Sequence[Reference], fitted: Fit, squash: bool = False
) -> list[np.ndarray]:
    """``references``, then the shot's keys, each (h, w, 3) uint8 at the model's size on white. Raises ``AniDocError``."""
    pictures = [_whole(on_paper(reference.picture), fitted, squash) for reference in references]
    for key in shot.keys:
        pictures.append(fitted.to_model(on_paper(key_picture(key, shot))))
    if not pictures:
        raise AniDocError(
            "There is nothing to take colours from.", "Give a reference picture or a coloured key drawing."
        )
    return pictures


def _whole(picture: np.ndarray, fitted: Fit, squash: bool) -> np.ndarray:
    """A picture of any size in the middle of the model's, beside it white; or stretched to it, as released."""
    width, height = fitted.model
    if squash:
        return np.asarray(PIL.Image.fromarray(picture).resize((width, height)))
    scale = min(width / picture.shape[1], height / picture.shape[0])
    w, h = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    out = np.full((height, width, 3), 255, np.uint8)
    x, y = (width - w) // 2, (height - h) // 2
    out[y : y + h, x : x + w] = resized(picture, w, h)
    return out


class Decoded(Sequence[np.ndarray]):
    """The clip's frames (h, w, 3) float32 0..1, decoded when asked for, chunk by chunk; the last two chunks are kept."""

    def __init__(self, ready: Callable[[], "Loaded"], latents: np.ndarray, chunk: int, length: int) -> None:
        self._ready, self._latents, self._loaded = ready, latents, None
        self._stretches = chunks(latents.shape[1], chunk, length)
        self._kept: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        return self._latents.shape[1]

    def __getitem__(self, number: int) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]
        mine = [s for s in self._stretches if s.first <= number < s.last]
        weights = [float(s.weight[number - s.first]) for s in mine]
        if len(mine) == 1:
            return self._chunk(mine[0])[number - mine[0].first]
        parts = [self._chunk(s)[number - s.first] * w for s, w in zip(mine, weights, strict=True)]
        return np.stack(parts).sum(axis=0, dtype=np.float32) / np.float32(sum(weights))

    def close(self) -> None:
        """Let go of pictures, and of the card where memory is short."""
        self._kept.clear()
        if self._loaded is not None:
            self._loaded.place.rest()

    def _chunk(self, stretch: Pass) -> np.ndarray:
        if stretch.first not in self._kept:
            if self._loaded is None:
                self._loaded = self._ready()
                self._loaded.place.decode()
            import torch

            part = torch.from_numpy(self._latents[:, stretch.first : stretch.last])
            frames = list(self._loaded.pipeline.decode(part, part.shape[1], part.shape[1]))
            while len(self._kept) > 1:
                self._kept.pop(next(iter(self._kept)))
            self._kept[stretch.first] = np.stack([frame for _, frame in frames])
        return self._kept[stretch.first]


def picture_of(frame: np.ndarray, fitted: Fit) -> np.ndarray:
    """A decoded frame (h, w, 3) float32 0..1 as a picture of the shot's size, (H, W, 3) uint8."""
    return (fitted.to_shot(frame).clip(0, 1) * 255).round().astype(np.uint8)


def cut_out(picture: np.ndarray, lines: Lines) -> np.ndarray:
    """(H, W, 3) -> (H, W, 4) uint8: transparent where the line art's outside regions are, soft along the drawn edge."""
    labels = lines.regions.labels
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    outside = np.isin(labels, border)
    if outside.all():  # nothing is enclosed: there is no figure to cut out
        return np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], axis=2)
    alpha = np.where(outside, lines.sketch.ink.picture()[..., 3], np.uint8(255))
    return np.concatenate([picture, alpha[..., None]], axis=2)


def finished(
    shot: Shot,
    given: Sequence[Reference],
    drawings: Sequence[tuple[str, int]],
    soft: Callable[[int], np.ndarray],
    options: Options,
) -> Callable[[int], np.ndarray]:
    """Cel finish as a way to paint: n -> (H, W, 4) uint8. Nothing is computed before the first picture is asked for.

    ``given``: the references; ``drawings``: id and number in the shot of each frame; ``soft``: the model's picture, (H, W, 3) uint8.
    """
    from ..finish.clip import Failed, Finish, Pair, finish

    def opaque(n: int) -> np.ndarray:
        picture = soft(n)
        return np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], axis=2)

    def sketch(number: int) -> np.ndarray:
        from ..lineart.lines import read_lines

        drawing = shot.drawings[number]
        if drawing.line_art is not None:
            return drawing.line_art
        return read_lines(drawing, shot.materials, shot.height, shot.width, options.gap).sketch.ink.picture()

    pairs = [
        Pair(name, lambda n=n: opaque(n), lambda number=number: sketch(number))
        for n, (name, number) in enumerate(drawings)
    ]
    references = [r.picture for r in given] + [key_picture(k, shot) for k in shot.keys]
    asked = Finish(lines=options.lines, gap=options.gap, shading=options.shading)
    work: Iterator | None = None
    done: dict[int, np.ndarray | AniDocError] = {}
    numbers = {name: n for n, (name, _) in enumerate(drawings)}

    def paint(n: int) -> np.ndarray:
        nonlocal work
        work = work or iter(finish(pairs, references, asked))
        while n not in done:
            made = next(work)
            done[numbers[made.name]] = made.error if isinstance(made, Failed) else made.picture
        made = done.pop(n)
        if isinstance(made, AniDocError):
            raise DrawingError(made.sentence, made.remedy, made.detail)
        return made

    return paint
