"""Parity: every stage of the model held against arrays that the authors' own program gave for the same input.

A fixture folder holds ``index.json`` and one ``NAME.npz`` for each case. Sizes, frame counts, mode, steps, seeds, control
scale and decode chunk are read from there.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import PIL.Image
import torch

from ..contracts.errors import AniDocError
from . import release
from .condition import Mode, binarized, control_condition
from .pipeline import AniDocPipeline, Features, Settings, WholeClip, guidance_scale, to_pictures
from .points import MOST_MATCHES, point_map

FED, FREE = 1e-4, 1e-3
"""Limits: of a stage fed with recorded input, times max(1, largest magnitude); of free-running latents and frames, times
the largest magnitude. One thread against two moves results by up to 4.5e-5 of it."""

_ONE_BIT = 2.0**-23
"""Of the largest timestep: processors differ in the last bit of a float32 logarithm, and so may the recording's."""

_MODES: Mapping[str, Mode] = {"tracking": "tracking", "track": "tracking", "repeat": "repeat", "first": "first"}
_HASH_LENGTH = 16
_REFERENCE, _LINE_ART = "in_ref_image_rgb_u8", "in_lineart_gray_u8"


@dataclass(frozen=True)
class Stage:
    """How far one array is from the recorded one.

    kind        exact: bit for bit; fed: from the recorded input of that stage; free: from the case's input on
    difference  largest; limit: what it may be; magnitude: the recorded array's largest
    """

    case: str
    name: str
    kind: Literal["exact", "fed", "free"]
    difference: float
    limit: float
    magnitude: float

    @property
    def passed(self) -> bool:
        """Whether it is within its limit (what is not a number is not)."""
        return self.difference <= self.limit


@dataclass(frozen=True)
class Case:
    """One case of a fixture folder: what it was made with, and its arrays by name."""

    name: str
    params: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]

    @property
    def size(self) -> tuple[int, int, int]:
        """Frames, height, width."""
        return int(self.params["F"]), int(self.params["H"]), int(self.params["W"])


def read_cases(folder: Path) -> Iterator[Case]:
    """The cases of a fixture folder, one at a time, each checked against the index's hashes. Raises ``AniDocError``."""
    again = "Give the folder that holds index.json and the .npz files it names."
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        cases = dict(index["cases"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise AniDocError(f"The folder {folder} holds no index of fixtures.", again, repr(problem)) from problem
    for name, entry in cases.items():
        try:
            with np.load(folder / f"{name}.npz", allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files}
            case = Case(name, dict(entry["params"]), arrays)
            assert min(case.size) >= 1
            described = dict(entry.get("arrays", {}))
        except (OSError, ValueError, KeyError, TypeError, AssertionError) as problem:
            raise AniDocError(f"The case {name} is missing or broken.", again, repr(problem)) from problem
        for key, about in described.items():
            if key not in arrays:
                raise AniDocError(f"The case {name} lacks the array {key} that the index describes.", again)
            found = hashlib.sha256(np.ascontiguousarray(arrays[key]).tobytes()).hexdigest()
            if "sha256" in about and not found.startswith(str(about["sha256"])[:_HASH_LENGTH]):
                raise AniDocError(f"The array {key} of case {name} is not the one the index describes.", again)
        yield case


@torch.no_grad()
def compare(case: Case, pipeline: AniDocPipeline) -> Iterator[Stage]:
    """All stages whose arrays were recorded, in the order of the program. Raises ``AniDocError`` where inputs are missing."""
    for run in (_inputs, _encoders, _networks, _free):
        try:
            yield from run(case, pipeline)
        except (KeyError, IndexError, ValueError, RuntimeError) as problem:
            raise AniDocError(
                f"The case {case.name} cannot be run: its arrays or settings do not fit together or with these weights.",
                "Give fixtures of the documented form, and the weights that they were recorded with.",
                repr(problem),
            ) from problem


def _inputs(case: Case, pipeline: AniDocPipeline) -> Iterator[Stage]:
    exact, a = _Exact(case), case.arrays
    frames, height, width = case.size
    if _REFERENCE in a:
        yield from exact("ref_image_resized_rgb", lambda: np.asarray(_reference(case)))
    if _LINE_ART in a:
        yield from exact("sketch_binary_u8", lambda: np.repeat(_sketches(case)[..., None], 3, axis=-1))
    if _has_points(a):
        yield from _points(case, exact)
    if _has_condition(case):
        yield from exact("control_condition", lambda: _condition(case)[None])
    generator = _generator(case)
    noise = torch.randn((1, 3, height, width), generator=generator)
    yield from exact("aug_noise", lambda: noise.numpy())
    yield from exact("vae_input_noised", lambda: pipeline.noised(_reference(case), noise).numpy())
    unit = torch.randn((1, frames, 4, height // 8, width // 8), generator=generator)
    yield from exact("latents_init_unit", lambda: unit.numpy())
    times = pipeline.schedule(_steps(case))
    logarithm = _Logarithm(case)
    yield from logarithm("timesteps", lambda: times.numpy())
    yield from exact("sigmas", lambda: pipeline.scheduler.sigmas.numpy())
    yield from exact("latents_init_scaled", lambda: (unit * pipeline.scheduler.init_noise_sigma).numpy())
    yield from exact("added_time_ids", lambda: pipeline.added_ids().numpy())
    yield from exact("guidance_scale", lambda: guidance_scale(frames, _guidance(case)).numpy())
    yield from logarithm("step0_timestep", lambda: times[:1].numpy())


def _points(case: Case, exact: "_Exact") -> Iterator[Stage]:
    """Which points, and their maps."""
    _, height, width = case.size
    pairs = _pairs(case)
    for name, points in zip(("pts_ref_sel", "pts_tgt_sel"), pairs, strict=True):
        yield from exact(name, lambda points=points: points)
    for name, points in zip(("pm_static_ref_u8", "pm_static_tgt_u8"), pairs, strict=True):
        yield from exact(name, lambda points=points: point_map(points, width, height))
    yield from exact("tracker_queries", lambda: np.insert(pairs[1].astype(np.float32), 0, 0.0, axis=1)[None])
    if "tracks" in case.arrays:
        chosen = _tracks(case, pairs[0])
        yield from exact("pmf_coords0", lambda: chosen.reference)
        yield from exact("pmf_coords1", lambda: chosen.frames)
        yield from exact("pmf_visibility", lambda: chosen.visible)
        maps = release.track_maps(chosen, width, height)
        for name, made in zip(("pm_frames_ref_u8", "pm_frames_tgt_u8"), maps, strict=True):
            yield from exact(name, lambda made=made: made)


def _encoders(case: Case, pipeline: AniDocPipeline) -> Iterator[Stage]:
    fed, a = _Fed(case), case.arrays
    if "ref_image_resized_rgb" in a:
        picture = PIL.Image.fromarray(a["ref_image_resized_rgb"])
        yield from fed("image_embeddings_cfg", lambda: pipeline.embed_reference(picture))
    if "vae_input_noised" in a:
        yield from fed("image_latents_cfg", lambda: pipeline.encode_reference(_tensor(a["vae_input_noised"])))


def _networks(case: Case, pipeline: AniDocPipeline) -> Iterator[Stage]:
    fed, a = _Fed(case), case.arrays
    frames = case.size[0]
    times = pipeline.schedule(_steps(case))
    if {"latents_init_scaled", "image_latents_cfg"} <= a.keys():
        scaled = pipeline.scheduler.scale_model_input(_tensor(a["latents_init_scaled"]), times[0])
        image = _tensor(a["image_latents_cfg"])[:, None].expand(-1, frames, -1, -1, -1)
        yield from fed("step0_model_input", lambda: torch.cat([torch.cat([scaled, scaled]), image], dim=2))
    embedded = None
    if "control_condition" in a:
        embedded = pipeline.controlnet.embed(_tensor(a["control_condition"][0]))
        yield from fed("step0_cond_embedding", lambda: embedded.repeat(2, 1, 1, 1))
    if embedded is None or not {"step0_model_input", "image_embeddings_cfg"} <= a.keys():
        return
    sample, embedding = _tensor(a["step0_model_input"]), _tensor(a["image_embeddings_cfg"])
    ids = _tensor(a["added_time_ids"]) if "added_time_ids" in a else pipeline.added_ids()
    t = _tensor(a["step0_timestep"])[0] if "step0_timestep" in a else times[0]
    down, mid = pipeline.controlnet(sample, t, embedding, ids, embedded, _scale(case))
    for i, residual in enumerate(down):
        yield from fed(f"step0_cn_down_{i:02d}", lambda residual=residual: residual)
    yield from fed("step0_cn_mid", lambda: mid)
    recorded = [_tensor(a[f"step0_cn_down_{i:02d}"]) for i in range(len(down)) if f"step0_cn_down_{i:02d}" in a]
    if len(recorded) == len(down) and "step0_cn_mid" in a:
        given = _tensor(a["step0_cn_mid"])
        yield from fed("step0_unet_out", lambda: pipeline.unet(sample, t, embedding, ids, recorded, given))
    yield from fed("step0_unet_out_nores", lambda: pipeline.unet(sample, t, embedding, ids))
    if {"step0_unet_out", "latents_init_scaled"} <= a.keys():
        yield from fed(
            "latents_after_step_0", lambda: _first_step(case, pipeline), "latents_after_step_0 from the prediction"
        )
    last = f"latents_after_step_{_steps(case) - 1}"
    if last in a:
        yield from fed("decoded_raw_bcfhw", lambda: pipeline.decode_latents(_tensor(a[last]), frames, _chunk(case)))
    if "decoded_raw_bcfhw" in a:
        pictures = to_pictures(_tensor(a["decoded_raw_bcfhw"]))
        yield from fed("frames_fhwc01", lambda: torch.from_numpy(pictures), "frames_fhwc01 from the decoded")


def _first_step(case: Case, pipeline: AniDocPipeline) -> torch.Tensor:
    """Guidance and the scheduler, fed with the recorded prediction."""
    times = pipeline.schedule(_steps(case))
    latents = _tensor(case.arrays["latents_init_scaled"])
    pipeline.scheduler.scale_model_input(latents, times[0])
    empty, told = _tensor(case.arrays["step0_unet_out"]).chunk(2)
    guided = empty + guidance_scale(case.size[0], _guidance(case)) * (told - empty)
    return pipeline.scheduler.step(guided, times[0], latents).prev_sample


def _free(case: Case, pipeline: AniDocPipeline) -> Iterator[Stage]:
    free = _Free(case)
    frames, height, width = case.size
    generator = _generator(case)
    features: list[Features] = [pipeline.features(_reference(case), generator, height, width)]
    settings = Settings(
        steps=_steps(case), guidance=_guidance(case), control=_scale(case), length=frames, decode_chunk=_chunk(case)
    )
    latents = None
    # A fixture without the inputs of the condition may still bring the condition itself.
    condition = _condition(case) if _has_condition(case) else case.arrays["control_condition"][0]
    for work in pipeline.denoise(WholeClip(condition), features, settings, generator):
        latents = work.latents
        yield from free(f"latents_after_step_{work.step - 1}", lambda latents=latents: latents)
    assert latents is not None
    made = np.stack([frame for _, frame in pipeline.decode(latents, settings.decode_chunk, settings.length)])
    yield from free("frames_fhwc01", lambda: torch.from_numpy(made))


def _reference(case: Case) -> PIL.Image.Image:
    _, height, width = case.size
    if _REFERENCE not in case.arrays:
        return PIL.Image.fromarray(case.arrays["ref_image_resized_rgb"])
    return PIL.Image.fromarray(case.arrays[_REFERENCE]).resize((width, height))  # PIL's own default filter


def _sketches(case: Case) -> np.ndarray:
    return binarized(case.arrays[_LINE_ART])


def _has_points(arrays: Mapping[str, np.ndarray]) -> bool:
    return {"matches", "kp_ref", "kp_tgt"} <= arrays.keys() or {"pts_ref_sel", "pts_tgt_sel"} <= arrays.keys()


def _has_condition(case: Case) -> bool:
    """Whether all is there that the control condition is made from."""
    a = case.arrays
    return _has_points(a) and _LINE_ART in a and ("tracks" in a or _mode(case) != "tracking")


def _pairs(case: Case) -> tuple[np.ndarray, np.ndarray]:
    _, height, width = case.size
    a = case.arrays
    if "matches" not in a:
        return a["pts_ref_sel"], a["pts_tgt_sel"]
    i = a["matches"].reshape(-1, 2).astype(np.intp)  # without any they are of no kind
    most = int(case.params.get("max_matches", MOST_MATCHES))
    return release.choose_pairs(
        a["kp_ref"][i[:, 0]], a["kp_tgt"][i[:, 1]], width, height, int(case.params["seed"]), most
    )


def _tracks(case: Case, reference: np.ndarray) -> release.Chosen:
    _, height, width = case.size
    most, seed = int(case.params.get("max_points", 10)), int(case.params["seed"])
    a = case.arrays
    return release.choose_tracks(reference, a["tracks"][0], a["visibility"][0], width, height, most, seed)


def _mode(case: Case) -> Mode:
    asked = str(case.params.get("mode", "tracking"))
    if asked not in _MODES:
        raise AniDocError(f"The case {case.name} is of mode {asked}; known are {', '.join(_MODES)}.")
    return _MODES[asked]


def _condition(case: Case) -> np.ndarray:
    _, height, width = case.size
    mode = _mode(case)
    pairs = _pairs(case)
    if mode == "tracking":
        maps = release.track_maps(_tracks(case, pairs[0]), width, height)
    else:
        maps = (point_map(pairs[0], width, height), point_map(pairs[1], width, height))
    return control_condition(_sketches(case), np.asarray(_reference(case)), *maps, mode)


def _generator(case: Case) -> torch.Generator:
    return torch.Generator().manual_seed(int(case.params.get("gen_seed", 42)))


def _steps(case: Case) -> int:
    return int(case.params["steps"])


def _scale(case: Case) -> float:
    return float(case.params.get("cond_scale", 1.0))


def _chunk(case: Case) -> int:
    return int(case.params.get("decode_chunk", 8))


def _guidance(case: Case) -> tuple[float, float]:
    return float(case.params.get("min_guidance", 1.0)), float(case.params.get("max_guidance", 3.0))


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


@dataclass(frozen=True)
class _Compare:
    """Compares what ``make`` makes with a recorded array; says nothing of an array that was not recorded."""

    case: Case
    kind = "exact"

    def limit(self, magnitude: float) -> float:
        """What the difference may be."""
        return 0.0

    def __call__(self, name: str, make: Callable[[], Any], title: str = "") -> Iterator[Stage]:
        recorded = self.case.arrays.get(name)
        if recorded is None:
            return
        made = make()
        made = made.float().numpy() if isinstance(made, torch.Tensor) else np.asarray(made)
        magnitude = float(np.abs(recorded.astype(np.float64)).max(initial=0.0))
        if made.shape != recorded.shape and (made.size or recorded.size):
            difference = float("inf")
        else:
            apart = np.abs(made.reshape(recorded.shape).astype(np.float64) - recorded.astype(np.float64))
            difference = float(apart.max(initial=0.0))
        yield Stage(self.case.name, title or name, self.kind, difference, self.limit(magnitude), magnitude)  # pyright: ignore


class _Exact(_Compare):
    pass


class _Logarithm(_Compare):
    def limit(self, magnitude: float) -> float:
        """One bit of the recording processor's logarithm."""
        return _ONE_BIT * magnitude


class _Fed(_Compare):
    kind = "fed"

    def limit(self, magnitude: float) -> float:
        """1e-4 of the largest magnitude, where that is over 1."""
        return FED * max(1.0, magnitude)


class _Free(_Compare):
    kind = "free"

    def limit(self, magnitude: float) -> float:
        """1e-3 of the largest magnitude."""
        return FREE * magnitude
