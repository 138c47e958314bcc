"""Matchers from the models folder: built from files as published, of random weights; missing or damaged is a sentence."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the AniDoc environment is not set up here")
pytest.importorskip("kornia", reason="the AniDoc environment is not set up here")
pytest.importorskip("diffusers", reason="the AniDoc environment is not set up here")

from backend.contracts.errors import AniDocError  # noqa: E402
from backend.correspondence.lightglue import empty_lightglue  # noqa: E402
from backend.correspondence.load import MATCHERS, build_matcher  # noqa: E402
from backend.setup.models import take_over  # noqa: E402
from backend.setup.models_table import MODELS  # noqa: E402

OF = {model.name: model for model in MODELS}


def own(root, name, state):
    """Weights as the user may have them: a .pth of plain tensors in a folder of their own."""
    folder = root / "mine" / name
    folder.mkdir(parents=True)
    torch.save(state, folder / OF[name].files[0].path)
    take_over(root, OF[name], folder)


def published(net):
    return {k: v for k, v in net.state_dict().items() if k != "confidence_thresholds"}


def test_lightglue_is_built_from_the_files(tmp_path):
    from kornia.feature import DISK

    torch.manual_seed(0)
    own(tmp_path, "lightglue-sift", published(empty_lightglue("sift")))
    own(tmp_path, "lightglue-disk", published(empty_lightglue("disk")))
    own(tmp_path, "disk", {"extractor": DISK().state_dict()})
    sketch = np.full((96, 128), 255, np.uint8)
    sketch[20:60, 30:32] = 0
    for name in ("lightglue-sift", "lightglue-disk"):
        matcher = build_matcher(name, tmp_path)
        assert matcher.name == name
        found = matcher.match(np.dstack([sketch] * 3), sketch)
        assert found.reference.shape == found.sketch.shape


def test_weights_in_the_wrong_place_are_refused(tmp_path):
    own(tmp_path, "lightglue-sift", published(empty_lightglue("disk")))
    with pytest.raises(AniDocError, match="not those of LightGlue for SIFT"):
        build_matcher("lightglue-sift", tmp_path)


def test_dift_is_built_from_a_diffusers_folder(tmp_path):
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    folder = tmp_path / "sd"
    UNet2DConditionModel(
        sample_size=8, block_out_channels=(8, 8, 16, 16), layers_per_block=1, cross_attention_dim=8,
        attention_head_dim=4, norm_num_groups=4,
    ).save_pretrained(folder / "unet", variant="fp16")  # fmt: skip
    AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=4, latent_channels=4,
    ).save_pretrained(folder / "vae", variant="fp16")  # fmt: skip
    DDIMScheduler().save_pretrained(folder / "scheduler")
    text = CLIPTextConfig(
        vocab_size=4, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=7, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    CLIPTextModel(text).save_pretrained(folder / "text_encoder", variant="fp16")
    words = folder / "tokenizer"
    words.mkdir()
    (words / "vocab.json").write_text(json.dumps({"<|startoftext|>": 0, "<|endoftext|>": 1, "!": 2, "a": 3}))
    (words / "merges.txt").write_text("#version: 0.2\n")
    tokens = {
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "pad_token": "!",
        "unk_token": "<|endoftext|>",
    }
    (words / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 7, **tokens}))
    (words / "special_tokens_map.json").write_text(json.dumps(tokens))
    with pytest.raises(AniDocError, match="anidoc models get sd-2-1"):
        build_matcher("dift", tmp_path)
    take_over(tmp_path, OF["sd-2-1"], folder)
    matcher = build_matcher("dift", tmp_path)
    assert (
        matcher.name == "dift" and matcher.asked.step == 261 and matcher.asked.size == 768 and matcher.asked.block == 1
    )


def test_what_is_missing_or_damaged_is_a_sentence(tmp_path):
    assert build_matcher(MATCHERS[0], tmp_path).name == "regions"
    with pytest.raises(AniDocError, match="There is no matcher called sieve"):
        build_matcher("sieve", tmp_path)
    with pytest.raises(AniDocError, match="LightGlue for SIFT is not on this computer"):
        build_matcher("lightglue-sift", tmp_path)
    own(tmp_path, "lightglue-sift", {})
    path = tmp_path / "mine" / "lightglue-sift" / "sift_lightglue.pth"
    path.write_bytes(path.read_bytes()[:-20] + bytes(20))
    with pytest.raises(AniDocError, match="is damaged"):
        build_matcher("lightglue-sift", tmp_path)
