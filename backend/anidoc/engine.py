"""The AniDoc engine: takes a shot, yields frames. Samples the whole clip once, then decodes what is asked for."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image

from ..contracts.correspondence import Correspondence
from ..contracts.engine import Event, Frame, Step, Store, Trouble
from ..contracts.errors import AniDocError, DrawingError
from ..contracts.options import Diffusion, Options
from ..contracts.shot import Reference, Shot
from ..lineart.lines import Lines, read_lines
from .background import figures
from .clip import ShotClip, best_references
from .correspond import find_points
from .fit import Fit, fit, resized
from .folders import Folders
from .installed import matcher, matte, weights
from .passes import DECODE_CHUNK, Settings, most_passes
from .pictures import Decoded, cut_out, finished, picture_of, reference_pictures
from .sparse import find_sparse, times_of

if TYPE_CHECKING:  # they bring torch along, which a run that finds everything there does not need
    import torch

    from .loaded import Loaded

VERSION = 1
"""Of everything that decides a picture. Another number: every frame is made anew."""

PREVIEWS = 4
"""How often in a run the picture is shown before it is done."""

_PASS_COST, _DECODE_COST = 10, 1
"""Units of progress: of one pass of one step, and of decoding one frame. From the count of operations at 512 x 320."""

Correspond = Callable[[Shot, ShotClip, Fit, Sequence[str]], Iterator[Step | Sequence[Correspondence]]]
"""Finds the shot's correspondences: given the shot, the clip and the fit, and the ids of the clip's drawings. Yields steps
while it works, and last a correspondence for each reference that has points."""


class AniDocEngine:
    """The paper's model behind the engines' interface."""

    name = "anidoc"

    def __init__(self, weights: Path | None = None, correspond: Correspond | None = None) -> None:
        self._weights, self._correspond = weights, correspond

    def frames(self, shot: Shot, options: Options, store: Store) -> Iterator[Event]:
        """Colour the shot. Raises ``AniDocError`` where weights or references are missing."""
        name, build = matcher()
        asked = options.anidoc or Diffusion()
        sparse = partial(find_sparse, seed=asked.seed, spacing=asked.spacing)
        correspond = self._correspond or partial(sparse if asked.drawn == "ends" else find_points, matcher=build)
        yield from _Colouring(shot, options, store, weights(self._weights), correspond, name).run()


class _Colouring:
    """One run over one shot."""

    def __init__(
        self, shot: Shot, options: Options, store: Store, folders: Folders, correspond: Correspond, matched: str
    ) -> None:
        self._shot, self._options, self._store, self._correspond = shot, options, store, correspond
        self._asked = options.anidoc or Diffusion()
        self._folders, self._matched = folders, matched
        self._identity = self._folders.identity()
        box = (self._asked.width, self._asked.height)
        self._fit = fit(shot.width, shot.height, box, squash=self._asked.like_release)
        self._given: Sequence[Reference] = ()

    def run(self) -> Iterator[Event]:
        """Steps, early and final frames and troubles of the whole shot."""
        shot, asked = self._shot, self._asked
        yield Step(0, 1, "reading the drawings")
        if asked.reference_background == "matte":
            yield Step(0, 1, "finding the figure in the reference")
        self._given, kept = figures(shot.references, asked.reference_background, self._store, matte)
        for name in kept:
            yield Step(0, 1, f"{name} keeps its background: none was found that could be taken off")
        references = reference_pictures(shot, self._given, self._fit, asked.like_release)
        width, height = self._fit.model
        heat = asked.drawn == "ends" and asked.heat and not asked.like_release
        clip = ShotClip(height, width, references, heat=heat, release=asked.seed if asked.like_release else None)
        ids = yield from self._read(clip)
        if not ids:
            return
        key = self._key(ids, references)
        settings = Settings(
            steps=asked.steps,
            guidance=(1.0, asked.guidance),
            length=asked.length,
            overlap=min(4, asked.length - 1),
        )
        kept = self._store.load(key)
        sampled = _PASS_COST * most_passes(len(ids), settings.length, settings.overlap, settings.steps)
        total = sampled + _DECODE_COST * len(ids)
        if kept is None or kept["latents"].shape[1] != len(ids):
            latents = yield from self._sample(clip, ids, settings, key, total)
            self._store.save(key, {"latents": latents})
        else:
            latents = kept["latents"]
        yield from self._show(ids, latents, settings, key, sampled, total)

    def _read(self, clip: ShotClip):
        """Sketches of all drawings that can be read; returns their ids."""
        ids = []
        given = list(enumerate(self._shot.ids))
        ends = self._asked.drawn == "ends"
        if ends:
            given = self._stretch(given)
        last = len(given) - 1
        if ends and (last == 0 or self._comes_back()):
            raise AniDocError(
                "The first and the last drawing are the same, so there is nothing between them.",
                "Choose two keys that differ.",
            )
        if ends and not 1 <= last < self._asked.length:
            raise AniDocError(
                f"From the first to the last drawing there are {last + 1} in one pass; it takes 2 to {self._asked.length}.",
                "Give the drawings between two of your own at a time, or a longer pass (the published weights know 14).",
            )
        for n, (number, drawing) in enumerate(given):
            yield Step(n, last + 1, "reading the drawings")
            if ends and 0 < n < last:  # not shown to the model, which is to invent it
                clip.add(np.full((clip.height, clip.width), 255, np.uint8))
                ids.append(drawing)
                continue
            try:
                sketch = self._sketch(number)
            except DrawingError as error:
                if ends:
                    raise AniDocError(
                        f"Without its two ends nothing can be drawn between. {error.sentence}", error.remedy
                    ) from error
                yield Trouble(drawing, error.sentence, error.remedy)
                continue
            clip.add(self._fit.to_model(sketch))
            ids.append(drawing)
        clip.drawn = np.ones(len(ids), bool)
        if ends:
            clip.drawn[1:-1] = False
        return ids

    def _stretch(self, given: list[tuple[int, str]]) -> list[tuple[int, str]]:
        """Those drawings that are exposed: a key from elsewhere lends its colours, is no end and gets no frame."""
        exposed = {e.drawing for e in self._shot.exposures} or set(self._shot.ids)
        return [(n, drawing) for n, drawing in given if drawing in exposed]

    def _comes_back(self) -> bool:
        """Whether the last drawing that is exposed is the first one again."""
        shown = sorted(self._shot.exposures, key=lambda e: e.frame)
        return len(shown) > 1 and shown[0].drawing == shown[-1].drawing

    def _sketch(self, number: int) -> np.ndarray:
        """(H, W) uint8 of the shot's size, 0 line, 255 paper."""
        return np.where(self._lines(number).sketch.boundary, np.uint8(0), np.uint8(255))

    def _lines(self, number: int) -> Lines:
        shot = self._shot
        return read_lines(shot.drawings[number], shot.materials, shot.height, shot.width, self._options.gap)

    def _key(self, ids: Sequence[str], references: Sequence[np.ndarray]) -> str:
        """Names everything that decides the latents."""
        h = hashlib.sha256(
            repr(
                (VERSION, self._identity, self._matched, self._fit, _sampling(self._asked), self._options.gap)
            ).encode()
        )
        h.update(repr(list(ids)).encode())
        if self._asked.drawn == "ends":
            h.update(times_of(self._shot, ids, self._asked.spacing).tobytes())
        for picture in references:
            h.update(np.ascontiguousarray(picture).tobytes())
        return f"anidoc-{h.hexdigest()[:40]}"

    def _sample(self, clip: ShotClip, ids: Sequence[str], settings: Settings, key: str, total: int):
        """Find points, sample the clip, show it now and then; returns the latents (1, N, 4, h, w) float32."""
        yield Step(0, total, "finding the same points in the drawings")
        found: Sequence[Correspondence] = ()
        for said in self._correspond(self._shot, clip, self._fit, ids):
            if isinstance(said, Step):
                yield Step(0, total, said.doing)
            else:
                found = said
        clip.correspondences = found
        clip.reference = best_references(found, len(ids), len(clip.references))
        yield Step(0, total, "loading the model")
        import torch

        loaded = self._ready(settings)
        generator = torch.Generator().manual_seed(self._asked.seed)
        width, height = self._fit.model
        loaded.place.encode()
        features = []
        for picture in clip.references:
            features.append(loaded.pipeline.features(PIL.Image.fromarray(picture), generator, height, width))
            yield Step(0, total, "looking at the reference")
        loaded.place.sample()
        doing = f"colouring with AniDoc, {loaded.word}"
        shown, latents = 0, None
        for work in loaded.pipeline.denoise(clip, features, settings, generator):
            yield Step(_PASS_COST * work.done, total, doing)
            latents = work.latents
            if work.towards is not None and work.step * (PREVIEWS + 1) // settings.steps > shown < PREVIEWS:
                shown = work.step * (PREVIEWS + 1) // settings.steps
                yield from self._early(ids, work.towards, f"{key} {work.step}")
        assert latents is not None
        return latents.float().cpu().numpy()

    def _early(self, ids: Sequence[str], towards: "torch.Tensor", recipe: str) -> Iterator[Frame]:
        from .preview import glance

        for n, drawing in enumerate(ids):
            guess = self._fit.to_shot(resized(glance(towards[0, n]), *self._fit.model))
            yield Frame(drawing, f"{recipe} {drawing}", partial(_opaque, guess), final=False)

    def _ready(self, settings: Settings) -> "Loaded":
        from .loaded import ready

        width, height = self._fit.model
        return ready(self._folders, self._identity, width * height, settings.length)

    def _show(
        self, ids: Sequence[str], latents: np.ndarray, settings: Settings, key: str, done: int, total: int
    ) -> Iterator[Event]:
        """The final frames; nothing is decoded for a frame that is there already."""
        numbers = [self._shot.ids.index(drawing) for drawing in ids]
        decoded = Decoded(lambda: self._ready(settings), latents, DECODE_CHUNK, settings.length)

        def soft(n: int) -> np.ndarray:
            return picture_of(decoded[n], self._fit)

        def plain(n: int) -> np.ndarray:
            if self._asked.background == "cut":
                return cut_out(soft(n), self._lines(numbers[n]))
            return _opaque(soft(n))

        paint: Callable[[int], np.ndarray] = plain
        if self._asked.finish:
            paint = finished(
                self._shot, self._given, [(ids[n], numbers[n]) for n in range(len(ids))], soft, self._options
            )
        look = (self._asked.finish, self._asked.background, *astuple(self._options)[:3])
        for n, drawing in enumerate(ids):
            recipe = hashlib.sha256(repr((key, drawing, n, look)).encode()).hexdigest()
            yield Frame(drawing, recipe, partial(paint, n), sketch=partial(self._sketch, numbers[n]))
            yield Step(done + _DECODE_COST * (n + 1), total, "bringing the pictures out")
        decoded.close()


def _sampling(asked: Diffusion) -> tuple:
    """The settings that decide the latents."""
    return (asked.seed, asked.steps, asked.guidance, asked.length, asked.drawn, asked.like_release, asked.heat)


def _opaque(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) -> (H, W, 4) uint8."""
    alpha = np.full((*picture.shape[:2], 1), 255, np.uint8)
    return np.concatenate([picture, alpha], axis=2)
