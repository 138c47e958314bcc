"""The loaded model against recorded arrays of the authors' own program."""

import hashlib
import json

import numpy as np
import pytest
import torch

from backend.anidoc.folders import find_folders
from backend.anidoc.parity import Case, compare, read_cases
from backend.anidoc.pipeline import AniDocPipeline
from backend.anidoc.weights import load_networks
from backend.cli.main import main
from backend.contracts.errors import AniDocError
from tests.support.tiny_model import recorded


@pytest.fixture(scope="module")
def released():
    folder = recorded()
    return AniDocPipeline.of(load_networks(find_folders(folder / "weights")))


def only(folder, out, name, **params):
    """A fixture folder with one case of another, some of its parameters changed."""
    index = json.loads((folder / "index.json").read_text())
    entry = index["cases"][name]
    entry["params"].update(params)
    out.mkdir(exist_ok=True)
    (out / f"{name}.npz").write_bytes((folder / f"{name}.npz").read_bytes())
    (out / "index.json").write_text(json.dumps({"cases": {name: entry}}))
    return out


def test_every_stage_of_a_case_is_within_its_limit(released, tmp_path, capsys):
    """The whole way by the command: maps in the first frame, 5 frames; then the same with a wrong number in it."""
    folder = recorded()
    weights = ["--weights", str(folder / "weights"), "--json"]
    assert main(["parity", str(only(folder / "open", tmp_path / "a", "open_first5")), *weights]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == {"type": "summary", "stages": 43, "over": 0, "passed": True}
    assert {line["kind"] for line in lines[:-1]} == {"exact", "fed", "free"}
    assert max(line["difference"] for line in lines[:-1] if line["kind"] == "exact") == 0


def test_inputs_by_tracks_and_by_still_maps_are_exact(released):
    """Rounding ties, points outside, a collision, hidden points, more than 50 matches: bit for bit."""
    from backend.anidoc import parity

    seen = 0
    for case in read_cases(recorded() / "open"):
        for stage in parity._inputs(case, released):
            seen += 1
            assert stage.difference == 0, stage
    assert seen == 54


def test_another_order_of_the_context_is_over_the_limit(released, tmp_path):
    released.context.order = "diffusers"
    try:
        case = next(read_cases(only(recorded() / "open", tmp_path / "a", "open_repeat5")))
        from backend.anidoc import parity

        found = {stage.name: stage for stage in parity._networks(case, released)}
    finally:
        released.context.order = "release"
    assert not found["step0_unet_out"].passed and not found["step0_cn_mid"].passed
    assert found["step0_cond_embedding"].passed and found["decoded_raw_bcfhw"].passed


def test_a_wrong_control_scale_or_seed_is_found(released, tmp_path):
    from backend.anidoc import parity

    folder = recorded() / "open"
    scaled = next(read_cases(only(folder, tmp_path / "a", "open_first5", cond_scale=0.9)))
    assert not {s.name: s for s in parity._networks(scaled, released)}["step0_cn_down_00"].passed
    seeded = next(read_cases(only(folder, tmp_path / "b", "open_first5", gen_seed=9)))
    assert not {s.name: s for s in parity._inputs(seeded, released)}["aug_noise"].passed


def test_a_damaged_fixture_is_refused(tmp_path):
    folder = only(recorded() / "open", tmp_path / "a", "open_first5")
    index = json.loads((folder / "index.json").read_text())
    index["cases"]["open_first5"]["arrays"]["sigmas"]["sha256"] = hashlib.sha256(b"other").hexdigest()[:16]
    (folder / "index.json").write_text(json.dumps(index))
    with pytest.raises(AniDocError, match="sigmas"):
        next(read_cases(folder))
    (folder / "open_first5.npz").write_bytes(b"no zip")
    with pytest.raises(AniDocError, match="broken"):
        next(read_cases(folder))
    with pytest.raises(AniDocError, match="index"):
        next(read_cases(tmp_path))


def test_a_case_without_its_inputs_is_a_sentence(weights, tmp_path, capsys):
    np.savez(tmp_path / "one.npz", frames_fhwc01=np.zeros((2, 64, 64, 3), np.float32))
    params = {"mode": "repeat", "steps": 1, "seed": 1, "F": 2, "W": 64, "H": 64}
    (tmp_path / "index.json").write_text(json.dumps({"cases": {"one": {"params": params}}}))
    assert main(["parity", str(tmp_path), "--weights", str(weights)]) == 2
    assert "The case one cannot be run" in capsys.readouterr().err


@pytest.mark.parametrize("mode", ["tracking", "repeat", "first"])
@pytest.mark.parametrize(("frames", "pairs"), [(2, 6), (5, 0), (3, 60)])
def test_any_case_of_that_form_can_be_compared(pipeline, tmp_path, mode, frames, pairs):
    """Other sizes, few frames, no matches at all: compared with itself, input by input."""
    rng = np.random.default_rng(5)
    height, width = 64, 128
    arrays = {
        "in_ref_image_rgb_u8": rng.integers(0, 255, (40, 30, 3), np.uint8),
        "in_lineart_gray_u8": rng.integers(0, 255, (frames, height, width), np.uint8),
        "kp_ref": rng.uniform(-5, 130, (70, 2)).astype(np.float32),
        "kp_tgt": rng.uniform(-5, 130, (70, 2)).astype(np.float32),
        "matches": np.stack([rng.permutation(70)[:pairs]] * 2, 1).astype(np.int64),
        "tracks": rng.uniform(-9, 130, (1, frames, min(pairs, 50), 2)).astype(np.float32),
        "visibility": rng.integers(0, 2, (1, frames, min(pairs, 50))).astype(np.uint8),
        "timesteps": np.zeros(3, np.float32),
        "frames_fhwc01": np.zeros((frames, height, width, 3), np.float32),
    }
    np.savez(tmp_path / "one.npz", **arrays)
    params = {"mode": mode, "steps": 3, "seed": 1, "gen_seed": 2, "F": frames, "W": width, "H": height}
    index = {"cases": {"one": {"params": {**params, "cond_scale": 0.5, "decode_chunk": 2, "max_points": 10}}}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    case = next(read_cases(tmp_path))
    stages = list(compare(case, pipeline))
    assert [s.name for s in stages] == ["timesteps", "frames_fhwc01"]
    assert all(np.isfinite(s.difference) for s in stages)


def test_one_disturbed_array_is_over_its_limit_and_the_exit_code_says_so(weights, tmp_path, capsys):
    """A case of another size, with what our own pipeline gives as the recording; then a single number of it is moved."""
    pipeline = AniDocPipeline.of(load_networks(find_folders(weights)))
    rng = np.random.default_rng(2)
    frames, height, width = 3, 64, 128
    arrays = {
        "in_ref_image_rgb_u8": rng.integers(0, 255, (40, 30, 3), np.uint8),
        "in_lineart_gray_u8": rng.integers(0, 255, (frames, height, width), np.uint8),
        "pts_ref_sel": rng.integers(0, 60, (4, 2)),
        "pts_tgt_sel": rng.integers(0, 60, (4, 2)),
        "frames_fhwc01": np.zeros((frames, height, width, 3), np.float32),
        "sigmas": np.zeros(3, np.float32),
    }
    params = {"mode": "repeat", "steps": 2, "seed": 1, "gen_seed": 2, "F": frames, "W": width, "H": height}
    (tmp_path / "index.json").write_text(json.dumps({"cases": {"one": {"params": params}}}))

    def ask() -> tuple[int, list[dict]]:
        np.savez(tmp_path / "one.npz", **arrays)
        code = main(["parity", str(tmp_path), "--weights", str(weights), "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    from backend.anidoc import parity

    np.savez(tmp_path / "one.npz", **arrays)
    made = {}
    keep = parity._Compare.__call__

    def recording(self, name, make, title=""):
        if name in arrays:
            value = make()
            made[name] = value.float().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        return keep(self, name, make, title)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parity._Compare, "__call__", recording)
        list(compare(next(read_cases(tmp_path)), pipeline))
    arrays |= made
    code, lines = ask()
    assert code == 0 and lines[-1]["over"] == 0 and lines[-1]["stages"] == 4
    arrays["frames_fhwc01"] = arrays["frames_fhwc01"].copy()
    arrays["frames_fhwc01"][1, 5, 7, 0] += 0.01
    code, lines = ask()
    over = [line for line in lines[:-1] if not line["passed"]]
    assert code == 1 and [line["name"] for line in over] == ["frames_fhwc01"] and lines[-1]["over"] == 1
    arrays["frames_fhwc01"] = made["frames_fhwc01"]
    arrays["sigmas"] = np.nextafter(made["sigmas"], np.float32(np.inf))  # exact means to the last bit
    code, lines = ask()
    assert code == 1 and [line["name"] for line in lines[:-1] if not line["passed"]] == ["sigmas"]


def without(case, *names, **arrays):
    return Case(case.name, case.params, {k: v for k, v in case.arrays.items() if k not in names} | arrays)


def test_what_a_fixture_lacks_is_not_compared_and_stops_nothing(released):
    """A stage's own arrays, the inputs of the condition, times and ids that we know ourselves; and no match at all."""
    from backend.anidoc import parity

    case = next(c for c in read_cases(recorded() / "open") if c.name == "open_first5")
    lacking = without(case, "in_lineart_gray_u8", "matches", "added_time_ids", "step0_timestep", "decoded_raw_bcfhw")
    stages = list(compare(lacking, released))
    assert all(s.passed for s in stages)
    assert {"step0_unet_out", "latents_after_step_3"} <= {s.name for s in stages}
    none = without(
        case, "pts_ref_sel", "pts_tgt_sel", "pm_static_tgt_u8", "control_condition", matches=np.zeros((0, 2))
    )
    maps = {s.name: s.difference for s in parity._inputs(none, released)}
    assert maps["pm_static_ref_u8"] > 0  # the recorded map has points


def test_a_case_without_its_inputs_and_its_condition_is_refused_in_words(released):
    case = next(c for c in read_cases(recorded() / "open") if c.name == "open_first5")
    with pytest.raises(AniDocError, match="cannot be run"):
        list(compare(without(case, "in_lineart_gray_u8", "control_condition"), released))
