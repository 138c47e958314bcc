"""Loading the released folders: the names and shapes of the full size, and every file that is not what it should be."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from backend.anidoc.control import ControlNet
from backend.anidoc.folders import find_folders
from backend.anidoc.unet import VideoUNet
from backend.anidoc.weights import from_settings, load_networks
from backend.contracts.errors import AniDocError
from tests.support.tiny_model import recorded

FULL = {
    "block_out_channels": [320, 640, 1280, 1280],
    "num_attention_heads": [5, 10, 20, 20],
    "cross_attention_dim": 1024,
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 768,
}


@pytest.mark.parametrize(("kind", "name", "count"), [(VideoUNet, "unet", 1428), (ControlNet, "controlnet", 671)])
def test_full_size_networks_have_the_released_names_and_shapes(kind, name, count):
    folder = recorded()
    tiny = json.loads((folder / "weights" / "anidoc-tiny" / name / "config.json").read_text())
    network = from_settings(kind, {**tiny, **FULL})
    have = {key: list(value.shape) for key, value in network.state_dict().items()}
    lines = (folder / f"keys_{name}_full.txt").read_text().splitlines()
    want = {key: json.loads(shape) for key, shape in (line.split("\t") for line in lines if line)}
    assert len(want) == count
    assert have == want


def broken(weights, tmp_path):
    shutil.copytree(weights, tmp_path / "w")
    return tmp_path / "w" / "anidoc" / "unet" / "diffusion_pytorch_model.safetensors", tmp_path / "w"


@pytest.mark.parametrize("what", ["missing", "extra", "shape", "torn", "empty", "swapped", "gone", "settings"])
def test_a_file_that_is_not_the_released_one_is_named_in_a_sentence(weights, tmp_path, what):
    file, folder = broken(weights, tmp_path)
    state = load_file(file)
    if what == "missing":
        state.pop("conv_in.bias")
        save_file(state, file)
    elif what == "extra":
        save_file({**state, "conv_in.more": torch.zeros(1)}, file)
    elif what == "shape":
        save_file({**state, "conv_in.bias": torch.zeros(7)}, file)
    elif what == "torn":
        file.write_bytes(file.read_bytes()[:-1000])
    elif what == "empty":
        file.write_bytes(b"")
    elif what == "swapped":
        shutil.copy(folder / "anidoc" / "controlnet" / file.name, file)
    elif what == "gone":
        file.unlink()
    else:
        (file.parent / "config.json").write_text('{"block_out_channels": 3}')
    with pytest.raises(AniDocError) as told:
        load_networks(find_folders(folder))
    assert "unet" in told.value.sentence and told.value.remedy


def test_a_bin_file_is_read_without_running_what_is_in_it(weights, tmp_path):
    file, folder = broken(weights, tmp_path)
    state = load_file(file)
    file.unlink()
    torch.save(state, file.with_suffix(".bin"))
    assert torch.equal(load_networks(find_folders(folder)).unet.conv_in.bias, state["conv_in.bias"])

    class Mischief:
        def __reduce__(self):
            return print, ("this must not run",)

    torch.save({"conv_in.bias": Mischief()}, file.with_suffix(".bin"))
    with pytest.raises(AniDocError, match="more than numbers"):
        load_networks(find_folders(folder))


def test_a_folder_without_the_weights_says_which_are_missing(weights, tmp_path):
    with pytest.raises(AniDocError, match="no folder"):
        find_folders(tmp_path / "nothing")
    shutil.copytree(weights / "anidoc", tmp_path / "anidoc")
    with pytest.raises(AniDocError, match="Stable Video Diffusion"):
        find_folders(tmp_path)


def test_other_weights_are_told_apart_without_reading_them_whole(weights, tmp_path):
    file, folder = broken(weights, tmp_path)
    assert find_folders(folder).identity() == find_folders(weights).identity()
    state = load_file(file)
    save_file({**state, "conv_in.bias": torch.zeros(64)}, file)
    assert find_folders(folder).identity() != find_folders(weights).identity()
