"""dev.py bench-anidoc: builds the AniDoc model at full size with random weights, checks it and times every mode, in one go.

Needs an NVIDIA card to measure anything. Without one it goes the same way with a small model, to show that it runs, and
says what it could not measure. Runs by itself too, wherever torch and diffusers are: python tools/bench_anidoc.py
"""

import argparse
import contextlib
import gc
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FLOOR_TERAFLOP = 25 * 29.41 + 26.5 + 0.69 + 0.33
"""Of a clip of 14 x 512 x 320 in 25 steps with guidance: counted multiplications and additions of the full-size networks."""

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


@dataclass
class Row:
    """One line of the table. seconds: of a whole clip; gigabytes: peak on the card; decibel: against the first row."""

    mode: str
    seconds: float | None = None
    gigabytes: float | None = None
    decibel: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Way:
    """A way to run the model: memory mode, shortcuts, and what is cached."""

    name: str
    mode: str = "full"
    one_token: bool = True
    channels_last: bool = False
    compiled: bool = False
    cache_every: int = 1


WAYS = (
    Way("eager", one_token=False),
    Way("eager, one-token cross attention"),
    Way("the same, channels last", channels_last=True),
    Way("compiled", compiled=True),
    Way("compiled, channels last", compiled=True, channels_last=True),
    Way("stages: only the part at work on the card", mode="stages"),
    Way("groups: networks block by block", mode="groups"),
    Way("eight: weights in 8 bits, as stages", mode="eight"),
    Way("eager, deep part every 2nd step", cache_every=2),
    Way("eager, deep part every 3rd step", cache_every=3),
)


def main() -> int:
    """Measure, print a table, and leave it as JSON with ``--out``. Exit code 1 if a check failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write what was measured as JSON")
    parser.add_argument("--parity", type=Path, default=ROOT.parent / "shared" / "parity", help="recorded arrays")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--only", help="ways whose name holds this text")
    chosen = parser.parse_args()
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import torch

    card = torch.cuda.is_available()
    facts = {"torch": torch.__version__, "python": platform.python_version(), "machine": platform.machine()}
    facts["card"] = torch.cuda.get_device_name() if card else "none"
    print(", ".join(f"{k} {v}" for k, v in facts.items()))
    failed = not check_parity(chosen.parity)
    frames, height, width, steps = (14, 320, 512, chosen.steps) if card else (4, 64, 64, 2)
    size = f"{frames} frames of {width} x {height}, {steps} steps"
    print(f"\n{'full-size networks, random weights, bf16' if card else 'a small model on the processor'}; {size}\n")
    rows: list[Row] = []
    first = None
    for way in WAYS:
        if chosen.only and chosen.only not in way.name and rows:
            continue
        if not card and (way.mode != "full" or way.compiled):
            rows.append(Row(way.name, note="not measured: needs an NVIDIA card"))
        else:
            row, made = measure(way, card, frames, height, width, steps)
            if made is not None:
                first = made if first is None else first
                row.decibel = decibel(made, first)
                failed |= bool((made != made).any())
            rows.append(row)
        show(rows[-1])
    for sentence in unsaid(card, rows, frames, steps):
        print(sentence)
    if chosen.out:
        data = {**facts, "size": size, "full_size": card, "rows": [asdict(r) for r in rows]}
        chosen.out.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return int(failed)


def unsaid(card: bool, rows: list[Row], frames: int, steps: int) -> Iterator[str]:
    """What the numbers mean, and what they do not say."""
    if not card:
        yield "\nNo NVIDIA card: the seconds above are of a small model on a processor and say nothing about the full size."
        yield "Not measured: seconds a clip, memory on a card, compiled networks, memory modes, half precision."
        return
    best = min((r.seconds for r in rows if r.seconds), default=None)
    if best and steps == 25 and frames == 14:
        yield f"\nfastest: {best:.2f} s a clip, {FLOOR_TERAFLOP / best:.0f} TFLOP/s of {FLOOR_TERAFLOP:.0f} TFLOP counted"
    yield "The weights are random: what caching and 8 bits do to a picture must be judged on the published ones."


def check_parity(folder: Path) -> bool:
    """Hold the small recorded weights against their recorded arrays, in 32 bits on the processor."""
    if not (folder / "open" / "index.json").is_file():
        print("parity: not checked, the recorded arrays are not here")
        return True
    from backend.anidoc.folders import find_folders
    from backend.anidoc.parity import compare, read_cases
    from backend.anidoc.pipeline import AniDocPipeline
    from backend.anidoc.weights import load_networks

    pipeline = AniDocPipeline.of(load_networks(find_folders(folder / "weights")))
    stages = [stage for case in read_cases(folder / "open") for stage in compare(case, pipeline)]
    over = [stage for stage in stages if not stage.passed]
    print(f"parity: {len(stages)} stages, {len(over)} over their limit")
    for stage in over:
        print(f"  {stage.case} {stage.name}: {stage.difference:.3g} of {stage.limit:.3g}")
    return not over


def measure(way: Way, card: bool, frames: int, height: int, width: int, steps: int):
    """The row, and the latents (1, N, 4, h, w) on the processor; None where it did not fit."""
    import torch

    row = Row(way.name)
    pipeline = None
    try:
        pipeline = build(card)
        clip = prepared(pipeline, way, frames, height, width)
        run: Callable[[], object] = lambda: one_clip(pipeline, way, clip, steps)  # noqa: E731
        if card:
            run()  # kernels are chosen and compiled
            torch.cuda.reset_peak_memory_stats()
        seconds, made = [], None
        for _ in range(3 if card else 1):
            if card:
                torch.cuda.synchronize()
            started = time.perf_counter()
            made = run()
            if card:
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - started)
        row.seconds = sorted(seconds)[len(seconds) // 2]
        row.gigabytes = torch.cuda.max_memory_allocated() / 1e9 if card else None
        return row, made
    except torch.cuda.OutOfMemoryError:
        row.note = "out of memory"
    except Exception as problem:  # one way that fails must not cost the others' measurements
        row.note = f"failed: {type(problem).__name__}: {str(problem)[:200]}"
    finally:
        pipeline = None
        gc.collect()
        if card:
            torch._dynamo.reset()
            torch.cuda.empty_cache()
    return row, None


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

    torch.backends.cudnn.benchmark = True
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
    if way.compiled:
        for network in (pipeline.unet, pipeline.controlnet):
            network.forward = torch.compile(network.forward)
    draw = np.random.default_rng(0)
    condition = draw.choice(np.array([-1, 1], np.float32), (frames, 8, height, width))
    picture = PIL.Image.fromarray(draw.integers(0, 255, (height, width, 3), np.uint8))
    return place, WholeClip(condition), picture


def one_clip(pipeline, way: Way, prepared_, steps: int):
    """From reference to decoded frames; returns the latents."""
    import torch

    from backend.anidoc.passes import Settings

    place, clip, picture = prepared_
    settings = Settings(steps=steps, cache_every=way.cache_every)
    generator = torch.Generator().manual_seed(42)
    place.encode()
    features = [pipeline.features(picture, generator, clip.height, clip.width)]
    place.sample()
    latents = None
    for work in pipeline.denoise(clip, features, settings, generator):
        latents = work.latents
    place.decode()
    for _ in pipeline.decode(latents, settings.decode_chunk):
        pass
    with contextlib.suppress(AttributeError):
        latents = latents.float().cpu()
    return latents


def decibel(made, first) -> float | None:
    """Signal to noise of latents against the first way's, dB; None where they are equal."""
    noise = float(((made - first) ** 2).mean())
    signal = float((first**2).mean())
    if noise == 0 or signal == 0:
        return None
    from math import log10

    return 10 * log10(signal / noise)


def show(row: Row) -> None:
    """A row of a Markdown table."""
    cells = [
        row.mode,
        "" if row.seconds is None else f"{row.seconds:.2f} s",
        "" if row.gigabytes is None else f"{row.gigabytes:.1f} GB",
        "" if row.decibel is None else f"{row.decibel:.1f} dB",
        row.note,
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
