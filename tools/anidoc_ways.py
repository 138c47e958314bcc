"""What tools/bench_anidoc.py times: the AniDoc model at full size with random weights, set up in one way or another."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

FULL = {
    "block_out_channels": [320, 640, 1280, 1280],
    "num_attention_heads": [5, 10, 20, 20],
    "cross_attention_dim": 1024,
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 768,
    "layers_per_block": 2,
    "in_channels": 8,
    "num_frames": 14,
}
SMALL = {**FULL, "block_out_channels": [32, 32, 32, 32], "num_attention_heads": [1, 1, 2, 2], "cross_attention_dim": 32}
SMALL = {**SMALL, "addition_time_embed_dim": 32, "projection_class_embeddings_input_dim": 96, "layers_per_block": 1}
FULL_VAE, SMALL_VAE = [128, 256, 512, 512], [32, 32, 32, 32]
FULL_CLIP = {"hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 16, "num_hidden_layers": 32}
FULL_CLIP = {**FULL_CLIP, "patch_size": 14, "projection_dim": 1024, "hidden_act": "gelu", "image_size": 224}
SMALL_CLIP = {**FULL_CLIP, "hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "num_hidden_layers": 1}
SMALL_CLIP = {**SMALL_CLIP, "patch_size": 56, "projection_dim": 32}


@dataclass(frozen=True)
class Way:
    """A way to run the model: memory mode, shortcuts, and what is cached.

    recorded  the networks' kernels are recorded once and played back (a CUDA graph)
    compiled  "" not, "blocks": the networks' repeated blocks each, "whole": the networks as they are
    autotune  cuDNN tries its algorithms; another run may then choose others, so that bits may differ
    limit     bytes that torch may take at most, 0: all there is
    guess     seconds that it may take with building and first run: it is left out where less is left
    """

    name: str
    mode: str = "full"
    one_token: bool = True
    channels_last: bool = False
    recorded: bool = False
    compiled: str = ""
    autotune: bool = False
    cache_every: int = 1
    limit: int = 0
    guess: float = 30.0


def build(card: bool):
    """The pipeline with random weights: full size in bf16 on a card's machine, else small in 32 bits."""
    import diffusers
    import torch
    from diffusers import AutoencoderKLTemporalDecoder, EulerDiscreteScheduler
    from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModelWithProjection

    from backend.anidoc.control import ControlNet
    from backend.anidoc.pipeline import AniDocPipeline
    from backend.anidoc.unet import VideoUNet

    diffusers.utils.logging.set_verbosity_error()
    torch.manual_seed(0)
    settings = FULL if card else SMALL
    control = {**settings, "conditioning_embedding_out_channels": [16, 32, 96, 256]}
    vae = {"block_out_channels": FULL_VAE if card else SMALL_VAE, "layers_per_block": 2, "scaling_factor": 0.18215}
    vae |= {"force_upcast": True, "latent_channels": 4, "down_block_types": ["DownEncoderBlock2D"] * 4}
    schedule = {"sigma_max": 700.0, "sigma_min": 0.002, "use_karras_sigmas": True, "prediction_type": "v_prediction"}
    schedule |= {"timestep_type": "continuous", "beta_schedule": "scaled_linear", "beta_start": 0.00085}
    schedule |= {"beta_end": 0.012, "timestep_spacing": "leading", "steps_offset": 1}
    dtype = torch.bfloat16 if card else torch.float32
    made = []
    with torch.device("cuda" if card else "cpu"):
        for kind, config in ((AutoencoderKLTemporalDecoder, vae), (VideoUNet, settings), (ControlNet, control)):
            made.append(kind.from_config(config).to(dtype).eval().requires_grad_(False))
        clip = CLIPVisionModelWithProjection(CLIPVisionConfig(**(FULL_CLIP if card else SMALL_CLIP)))
    clip = clip.to(dtype).eval().requires_grad_(False)
    for conv in [*made[2].controlnet_down_blocks, made[2].controlnet_mid_block]:
        torch.nn.init.normal_(conv.weight, std=0.02)  # untrained they let nothing through
    scheduler = EulerDiscreteScheduler.from_config(schedule)
    return AniDocPipeline(made[0], clip, made[1], made[2], scheduler, CLIPImageProcessorPil())


def prepared(pipeline, way: Way, frames: int, height: int, width: int):
    """Sets the pipeline up for a way; returns the placement, the clip and the reference."""
    import numpy as np
    import PIL.Image
    import torch

    from backend.anidoc.context import use_one_token
    from backend.anidoc.memory import Placement
    from backend.anidoc.pipeline import WholeClip

    torch.backends.cudnn.benchmark = way.autotune
    if way.one_token:
        use_one_token([pipeline.unet, pipeline.controlnet])
    if way.channels_last:
        for network in (pipeline.unet, pipeline.controlnet, pipeline.vae):
            for module in network.modules():
                if isinstance(module, torch.nn.Conv2d):  # the ones over time have five dimensions
                    module.to(memory_format=torch.channels_last)
    on_card = next(pipeline.unet.parameters()).is_cuda
    if on_card and way.mode != "full":
        pipeline.to("cpu")
        torch.cuda.empty_cache()
    place = Placement(pipeline, way.mode if on_card else "cpu")
    if way.compiled == "whole":
        for network in (pipeline.unet, pipeline.controlnet):
            network.forward = torch.compile(network.forward)
    elif way.compiled:
        torch._dynamo.config.cache_size_limit = 64  # a block has another shape at each level
        for network in (pipeline.unet, pipeline.controlnet):
            for module in network.modules():
                if type(module).__name__ in _BLOCKS:
                    module.compile(dynamic=False)
    if way.recorded:
        pipeline.answer = Recorded(pipeline.answer)
    draw = np.random.default_rng(0)
    condition = draw.choice(np.array([-1, 1], np.float32), (frames, 8, height, width))
    picture = PIL.Image.fromarray(draw.integers(0, 255, (height, width, 3), np.uint8))
    return place, WholeClip(condition), picture


_BLOCKS = ("BasicTransformerBlock", "TemporalBasicTransformerBlock", "SpatioTemporalResBlock")
"""diffusers' blocks that the networks consist of."""


class Recorded:
    """A function of tensors on the card, its kernels recorded at the first call and played back at the others.

    Launching some thousands of kernels from Python takes about as long as the card needs for them.
    """

    def __init__(self, function: Callable) -> None:
        self._function, self._graph = function, None

    def __call__(self, *arguments):
        """As the function; what it returns lives until the next call. Numbers among the arguments stay as first given."""
        import torch

        if self._graph is None:
            self._given = [a.clone() if isinstance(a, torch.Tensor) else a for a in arguments]
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(2):
                    self._function(*self._given)
            torch.cuda.current_stream().wait_stream(aside)
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._made = self._function(*self._given)
        for given, now in zip(self._given, arguments, strict=True):
            if isinstance(given, torch.Tensor):
                given.copy_(now)
        self._graph.replay()
        return self._made


def timed(pipeline, way: Way, prepared_, steps: int, card: bool):
    """From reference to decoded frames: latents on the processor, seconds in all, and of the three parts."""
    import torch

    from backend.anidoc.passes import Settings

    def now() -> float:
        if card:
            torch.cuda.synchronize()
        return time.perf_counter()

    place, clip, picture = prepared_
    settings = Settings(steps=steps, cache_every=way.cache_every)
    generator = torch.Generator().manual_seed(42)
    times = [now()]
    place.encode()
    features = [pipeline.features(picture, generator, clip.height, clip.width)]
    place.sample()
    times.append(now())
    latents = None
    for work in pipeline.denoise(clip, features, settings, generator):
        latents = work.latents
    times.append(now())
    place.decode()
    for _ in pipeline.decode(latents, settings.decode_chunk):
        pass
    times.append(now())
    assert latents is not None
    parts = tuple(b - a for a, b in itertools.pairwise(times))
    return latents.float().cpu(), times[-1] - times[0], parts
