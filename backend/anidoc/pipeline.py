"""The pipeline: from a reference and a clip's control condition to latents and frames, in passes for any length."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import PIL.Image
import torch
from diffusers import StableVideoDiffusionPipeline
from diffusers.pipelines.stable_video_diffusion.pipeline_stable_video_diffusion import (
    StableVideoDiffusionPipelineOutput,
)

from .context import ContextOrder, Order
from .control import ControlNet
from .passes import DECODE_CHUNK, PASS, Pass, Settings, chunks, joined, passes
from .unet import DeepCache, VideoUNet
from .weights import Networks

ADDED = (6.0, 128.0, 0.02)
"""Frames per second less one, motion, noise: the constants the released program runs with, whatever it is given."""
NOISE = 0.02
"""Of the noise laid over the reference before the VAE; -1..1 is the picture's range."""


_CACHED_PASSES = 8
"""Passes whose deep features are kept between steps; a longer clip is computed in full, so that memory does not grow."""


@dataclass(frozen=True)
class Features:
    """What the model knows of one reference, guidance's empty half first: embedding (2, 1, D), latents (2, 4, h, w)."""

    embedding: torch.Tensor
    latents: torch.Tensor


class Clip(Protocol):
    """A clip of any length, asked for a pass at a time so that no more of it is in memory."""

    @property
    def frames(self) -> int:
        """How many."""
        ...

    @property
    def height(self) -> int:
        """Of the model's picture, px."""
        ...

    @property
    def width(self) -> int:
        """Of the model's picture, px."""
        ...

    def condition(self, first: int, last: int) -> np.ndarray:
        """The control condition of frames ``first`` up to ``last``, (F, 8, H, W) float32."""
        ...

    def reference_of(self, frame: int) -> int:
        """Which reference a frame takes its colours from."""
        ...


@dataclass(frozen=True)
class WholeClip:
    """A clip whose condition (F, 8, H, W) float32 lies in memory, with one reference."""

    whole: np.ndarray

    @property
    def frames(self) -> int:
        """F."""
        return self.whole.shape[0]

    @property
    def height(self) -> int:
        """H, px."""
        return self.whole.shape[2]

    @property
    def width(self) -> int:
        """W, px."""
        return self.whole.shape[3]

    def condition(self, first: int, last: int) -> np.ndarray:
        """A part of it."""
        return self.whole[first:last]

    def reference_of(self, frame: int) -> int:
        """The only one."""
        return 0


@dataclass
class Work:
    """A clip being sampled: the latents as they are after ``step`` steps, and the picture they are heading for.

    latents, towards  (1, N, 4, h, w) float32; done of total in passes. Whoever listens may put other latents in after
    a step.
    """

    step: int
    done: int
    total: int
    latents: torch.Tensor
    towards: torch.Tensor | None = None


class AniDocPipeline(StableVideoDiffusionPipeline):
    """Stable Video Diffusion with the control network beside the UNet."""

    model_cpu_offload_seq = "image_encoder->controlnet->unet->vae"

    def __init__(
        self,
        vae,
        image_encoder,
        unet: VideoUNet,
        controlnet: ControlNet,
        scheduler,
        feature_extractor,
        order: Order = "release",
    ) -> None:
        super().__init__(vae, image_encoder, unet, scheduler, feature_extractor)
        self.register_modules(controlnet=controlnet)
        self.register_to_config(order=order)
        self.place: torch.device | None = None
        self.context = ContextOrder([unet, controlnet], order)
        self.set_progress_bar_config(disable=True)

    @classmethod
    def of(cls, networks: Networks, order: Order = "release") -> "AniDocPipeline":
        """The pipeline of loaded networks."""
        n = networks
        return cls(n.vae, n.image_encoder, n.unet, n.controlnet, n.scheduler, n.feature_extractor, order)

    @property
    def _execution_device(self) -> torch.device:
        """Where the networks compute: ``place``, while parts of the pipeline rest elsewhere."""
        return self.place or super()._execution_device

    def embed_reference(self, picture: PIL.Image.Image) -> torch.Tensor:
        """CLIP's view of the reference (at the model's size) and the empty half's zeros, (2, 1, D)."""
        return self._encode_image(picture, self._execution_device, 1, True)

    def noised(self, picture: PIL.Image.Image, noise: torch.Tensor) -> torch.Tensor:
        """What the VAE gets: the reference -1..1 with a little of ``noise``, (1, 3, H, W) float32."""
        image = self.video_processor.preprocess(picture, height=noise.shape[2], width=noise.shape[3])
        return image + NOISE * noise

    def encode_reference(self, noised: torch.Tensor) -> torch.Tensor:
        """The image latents, unscaled, and the empty half's zeros, (2, 4, h, w). In float32 where the VAE needs it."""
        wide = self.vae.dtype == torch.float16 and self.vae.config.force_upcast
        if wide:
            self.vae.to(dtype=torch.float32)
        latents = self._encode_vae_image(noised, self._execution_device, 1, True)
        if wide:
            self.vae.to(dtype=torch.float16)
        return latents.to(self.unet.dtype)

    def added_ids(self) -> torch.Tensor:
        """The constants for both halves, (2, 3)."""
        return torch.tensor([ADDED, ADDED], dtype=self.unet.dtype, device=self._execution_device)

    def schedule(self, steps: int) -> torch.Tensor:
        """The timesteps, 0.25 ln sigma; the scheduler is then at the beginning.

        The logarithm is taken in float64: processors differ in the last bit of the float32 one, and equal seeds should
        give equal pictures.
        """
        scheduler = self.scheduler
        scheduler.set_timesteps(steps, device=self._execution_device)
        if scheduler.config.timestep_type == "continuous" and scheduler.config.prediction_type == "v_prediction":
            exact = 0.25 * scheduler.sigmas[:-1].double().cpu().log()
            scheduler.timesteps = exact.float().to(self._execution_device)
        return scheduler.timesteps

    def residuals(self, sample, t, embedding, embedded, scale: float = 1.0):
        """The control network's residuals for both halves."""
        return self.controlnet(sample, t, embedding, self.added_ids(), embedded, scale)

    @torch.no_grad()
    def denoise(
        self,
        clip: Clip,
        features: Sequence[Features],
        settings: Settings,
        generator: torch.Generator,
        latents: torch.Tensor | None = None,
    ) -> Iterator[Work]:
        """Sample the clip; speaks after every pass of every step, the last time with the finished latents.

        ``latents`` (1, N, 4, h, w) may replace the generator's draw of unit noise. Raises ``ValueError`` for a picture
        size that is not in steps of 8 px.
        """
        self.check_inputs(PIL.Image.new("RGB", (8, 8)), clip.height, clip.width)
        device, dtype = self._execution_device, self.unet.dtype
        scale = self.vae_scale_factor
        shape = (1, clip.frames, 4, clip.height // scale, clip.width // scale)
        noise = torch.randn(shape, generator=generator) if latents is None else latents
        times = self.schedule(settings.steps)
        x = noise.to(device, torch.float32) * self.scheduler.init_noise_sigma
        guidance = guidance_scale(clip.frames, settings.guidance).to(device)
        memory = _Memory(self, clip)
        plans = [
            passes(clip.frames, settings.length, settings.overlap, self._arrangement(i, settings))
            for i in range(settings.steps)
        ]
        work = Work(0, 0, sum(map(len, plans)), x)
        caches: dict[int, DeepCache] = {}
        caching = settings.cache_every > 1 and len(plans[0]) <= _CACHED_PASSES
        for i, t in enumerate(times):
            shallow = caching and i % settings.cache_every != 0
            if not shallow:
                caches.clear()
            scaled = self.scheduler.scale_model_input(x, t)
            total, weights = torch.zeros_like(x), torch.zeros(clip.frames, device=device)
            for stretch in plans[i]:
                part = slice(stretch.first, stretch.last)
                cache = caches.setdefault(stretch.first, DeepCache()) if caching else None
                predicted = self._predict(
                    scaled[:, part].to(dtype), t, stretch, clip, features, memory, settings, cache, shallow
                )
                empty, told = predicted.float().chunk(2)
                guided = empty + guidance[:, part] * (told - empty)
                if len(plans[i]) == 1:
                    total = guided
                else:
                    weight = torch.from_numpy(stretch.weight).to(device, torch.float32)
                    total[:, part] += guided * weight[None, :, None, None, None]
                    weights[part] += weight
                work.done += 1
                if stretch is not plans[i][-1]:
                    yield work
            if len(plans[i]) > 1:
                total = total / weights[None, :, None, None, None]
            stepped = self.scheduler.step(total, t, x)
            x = stepped.prev_sample
            work.step, work.latents, work.towards = i + 1, x, stepped.pred_original_sample
            yield work
            x = work.latents

    def _arrangement(self, step: int, settings: Settings) -> int:
        """Which arrangement of passes a step takes: cached features belong to a pass, so it stays while they are used."""
        return step - step % max(1, settings.cache_every)

    def _predict(
        self,
        scaled,
        t,
        stretch: Pass,
        clip: Clip,
        features,
        memory: "_Memory",
        settings: Settings,
        cache,
        shallow: bool,
    ) -> torch.Tensor:
        """The networks' answer for one pass, both halves: (2, F, 4, h, w)."""
        which = [clip.reference_of(f) for f in range(stretch.first, stretch.last)]
        most = max(set(which), key=which.count)  # one look at the reference for a pass; the latents are each frame's
        image = torch.stack([features[w].latents for w in which], dim=1).to(scaled.dtype)
        sample = torch.cat([torch.cat([scaled, scaled]), image], dim=2)
        embedding = features[most].embedding
        if shallow:
            return self.unet(sample, t, embedding, self.added_ids(), cache=cache, shallow=True)
        if cache is None:
            return self.answer(sample, t, embedding, self.added_ids(), memory.embedded(stretch), settings.control)
        down, mid = self.residuals(sample, t, embedding, memory.embedded(stretch), settings.control)
        return self.unet(sample, t, embedding, self.added_ids(), down, mid, cache=cache)

    def answer(self, sample, t, embedding, ids, embedded, scale: float = 1.0) -> torch.Tensor:
        """What both networks make of one pass, nothing cached; a function of tensors on one device."""
        down, mid = self.controlnet(sample, t, embedding, ids, embedded, scale)
        return self.unet(sample, t, embedding, ids, down, mid)

    @torch.no_grad()
    def decode(
        self, latents: torch.Tensor, chunk: int = DECODE_CHUNK, length: int = PASS
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Frame after frame: (number, (H, W, 3) float32 0..1) from latents (1, N, 4, h, w)."""
        stretches = chunks(latents.shape[1], chunk, length)

        def decoded(stretch: Pass) -> np.ndarray:
            part = latents[:, stretch.first : stretch.last].to(self._execution_device, self.vae.dtype)
            raw = self.decode_latents(part, part.shape[1], part.shape[1])
            return to_pictures(raw)

        yield from joined(stretches, (decoded(stretch) for stretch in stretches))

    @torch.no_grad()
    def __call__(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        image: PIL.Image.Image,
        condition: np.ndarray,
        settings: Settings | None = None,
        generator: torch.Generator | None = None,
        callback_on_step_end: Callable[["AniDocPipeline", int, Any, dict], dict] | None = None,
        output_type: str = "np",
        return_dict: bool = True,
    ):
        """Colour a clip that fits into memory.

        image       the reference at the model's size; condition (F, 8, H, W) float32
        callback_on_step_end(pipeline, step, timestep, {"latents": ...}) after each step; may return new latents
        output_type np: (1, F, H, W, 3) float32 0..1; pil: lists of pictures; latent: (1, F, 4, h, w)
        """
        settings = settings or Settings()
        generator = generator or torch.Generator().manual_seed(42)
        clip = WholeClip(condition)
        features = [self.features(image, generator, clip.height, clip.width)]
        work = None
        step = 0
        for work in self.denoise(clip, features, settings, generator):
            if callback_on_step_end is not None and work.step > step:
                step = work.step
                time = self.scheduler.timesteps[step - 1]
                said = callback_on_step_end(self, step - 1, time, {"latents": work.latents})
                work.latents = (said or {}).get("latents", work.latents)
        assert work is not None
        if output_type == "latent":
            frames = work.latents
        else:
            frames = np.stack([f for _, f in self.decode(work.latents, settings.decode_chunk, settings.length)])[None]
            if output_type == "pil":
                frames = [self.video_processor.numpy_to_pil(clip_) for clip_ in frames]
        self.maybe_free_model_hooks()
        return StableVideoDiffusionPipelineOutput(frames=frames) if return_dict else frames

    @torch.no_grad()
    def features(self, picture: PIL.Image.Image, generator: torch.Generator, height: int, width: int) -> Features:
        """All that the model knows of a reference; takes the generator's next draw."""
        noise = torch.randn((1, 3, height, width), generator=generator)
        embedding = self.embed_reference(picture).to(self.unet.dtype)
        return Features(embedding, self.encode_reference(self.noised(picture, noise)))


def guidance_scale(frames: int, ends: tuple[float, float]) -> torch.Tensor:
    """Guidance of each frame, from the first's to the last's evenly, (1, N, 1, 1, 1)."""
    return torch.linspace(*ends, frames)[None, :, None, None, None]


def to_pictures(raw: torch.Tensor) -> np.ndarray:
    """(1, 3, F, H, W) as decoded, -1..1, to (F, H, W, 3) float32 0..1."""
    return (raw / 2 + 0.5).clamp(0, 1)[0].permute(1, 2, 3, 0).float().cpu().numpy()


@dataclass
class _Memory:
    """Embedded conditions of the passes seen last: a clip of one pass is embedded once, a long one again and again."""

    pipeline: AniDocPipeline
    clip: Clip
    kept: dict[int, torch.Tensor] = field(default_factory=dict)

    def embedded(self, stretch: Pass) -> torch.Tensor:
        """The embedded condition of a pass, (F, C, h, w)."""
        if stretch.first not in self.kept:
            network = self.pipeline.controlnet
            condition = torch.from_numpy(self.clip.condition(stretch.first, stretch.last))
            made = network.embed(condition.to(self.pipeline._execution_device, network.dtype))
            self.kept.clear()
            self.kept[stretch.first] = made
        return self.kept[stretch.first]
