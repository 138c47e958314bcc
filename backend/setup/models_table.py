"""All models in one table: what each is for, where it comes from, under which licence, and how its files are recognized.

No hash is written here, because none was seen: sizes and hashes come from the hub when a model is fetched, are held
against what arrives, and are pinned on this computer from then on. Standard library only.
"""

from dataclasses import dataclass
from typing import Literal

HUB = "https://huggingface.co"
"""Where models are published; ``--mirror`` or the environment variable ANIDOC_HUB names another place of the same form."""

OWN_WEIGHTS = "ANIDOC_WEIGHTS"
"""Environment variable: a folder that holds the AniDoc engine's weights, whatever the models' list says. No part of a job,
because it is another on each machine."""

Use = Literal["engine", "matching", "optional", "named"]


@dataclass(frozen=True)
class Licence:
    """name; tag: how the hub calls it (empty: not compared); where its text is; what it means in one sentence."""

    name: str
    tag: str
    text: str
    means: str


@dataclass(frozen=True)
class File:
    """One file of a model.

    path    in the source's repository and in our folder
    size    bytes, 0 where only the hub knows
    sha256  empty where only the hub knows
    marks   names of tensors that it must hold (safetensors), by which a swapped file is found
    """

    path: str
    size: int = 0
    sha256: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """One model.

    name      for the command line; title for people; purpose in one sentence
    repo      OWNER/NAME at the hub; empty: not fetched by us, only recognized where the user has it
    revision  what is asked for the first time; the commit it names then is pinned
    about     bytes to be fetched in all, as far as known, 0 if not
    gated     the hub wants an account that has accepted the licence
    use       engine: needed by AniDoc · matching: one way of finding correspondence · optional: for more · named: known by
              name, fetched and checked, but this version has no code that runs it
    """

    name: str
    title: str
    purpose: str
    repo: str
    files: tuple[File, ...]
    licence: Licence
    use: Use
    revision: str = "main"
    about: int = 0
    gated: bool = False


STABILITY = Licence(
    "Stability AI Community License",
    "stable-video-diffusion-community",
    "LICENSE.md in the model's repository",
    "Free for research, and for commercial use below a yearly revenue that the licence names; above it Stability AI's "
    "permission is needed.",
)
APACHE = Licence("Apache License 2.0", "apache-2.0", "apache.org/licenses/LICENSE-2.0", "Free for any use.")
APACHE_UNTAGGED = Licence("Apache License 2.0", "", "apache.org/licenses/LICENSE-2.0", "Free for any use.")
MIT = Licence("MIT License", "", "in the authors' repository", "Free for any use.")
BSD = Licence("BSD 3-Clause License", "", "in the authors' repository", "Free for any use.")
RAIL = Licence(
    "CreativeML Open RAIL++-M",
    "openrail++",
    "in the model's repository",
    "Free for any use but those that the licence forbids (harm, deception and the like).",
)
AUTHORS = Licence(
    "not stated for the weights",
    "",
    "the authors' repository",
    "The weights are made from Stable Video Diffusion, so that its licence binds as well; ask the authors before selling work.",
)
RESEARCH = Licence(
    "non-commercial",
    "",
    "in the authors' repository",
    "Research and private use only. AniDoc never needs or fetches it.",
)
UNCLEAR = Licence(
    "as its authors state it",
    "",
    "in the authors' repository",
    "Read it in the authors' repository before commercial use.",
)

_SVD_UNUSED = "unet"
"""Folder of the SVD repository that is not fetched: AniDoc's own network stands in its place."""

MODELS: tuple[Model, ...] = (
    Model(
        "svd",
        "Stable Video Diffusion, 14 frames (without its UNet)",
        "the picture coder and the reference's encoder that AniDoc works with",
        "stabilityai/stable-video-diffusion-img2vid",
        (
            File("model_index.json"),
            File("scheduler/scheduler_config.json"),
            File("feature_extractor/preprocessor_config.json"),
            File("vae/config.json"),
            File("vae/diffusion_pytorch_model.fp16.safetensors", marks=("encoder.conv_in.weight",)),
            File("image_encoder/config.json"),
            File("image_encoder/model.fp16.safetensors", marks=("visual_projection.weight",)),
        ),
        STABILITY,
        "engine",
        about=1_460_000_000,
        gated=True,
    ),
    Model(
        "anidoc",
        "AniDoc",
        "the paper's network: control branch and video network",
        "Yhmeng1106/anidoc",
        (
            File("unet/config.json"),
            File("unet/diffusion_pytorch_model.safetensors", marks=("conv_in.weight", "conv_out.weight")),
            File("controlnet/config.json"),
            File(
                "controlnet/diffusion_pytorch_model.safetensors",
                marks=("controlnet_cond_embedding.conv_in.weight", "controlnet_mid_block.weight"),
            ),
        ),
        AUTHORS,
        "engine",
    ),
    Model(
        "lightglue-sift", "LightGlue for SIFT", "matches colour with colour", "kornia/lightglue",
        (File("sift_lightglue.pth"),), APACHE_UNTAGGED, "matching",
    ),
    Model(
        "lightglue-aliked", "LightGlue for ALIKED", "matches ALIKED's points", "kornia/lightglue",
        (File("aliked_lightglue.pth"),), APACHE_UNTAGGED, "matching",
    ),
    Model(
        "lightglue-disk", "LightGlue for DISK", "matches DISK's points", "kornia/lightglue",
        (File("disk_lightglue.pth"),), APACHE_UNTAGGED, "matching",
    ),
    Model("aliked", "ALIKED (n16)", "finds points", "kornia/aliked", (File("aliked-n16.pth"),), BSD, "matching"),
    Model("disk", "DISK (depth)", "finds points", "kornia/disk", (File("depth-save.pth"),), APACHE_UNTAGGED, "matching"),
    Model(
        "sd-2-1",
        "Stable Diffusion 2.1 (UNet and VAE)",
        "DIFT: finds like places of a coloured reference and a line drawing",
        "stabilityai/stable-diffusion-2-1",
        (
            File("unet/config.json"),
            File("unet/diffusion_pytorch_model.fp16.safetensors", marks=("conv_in.weight", "conv_out.weight")),
            File("vae/config.json"),
            File("vae/diffusion_pytorch_model.fp16.safetensors", marks=("encoder.conv_in.weight",)),
            File("text_encoder/config.json"),
            File("text_encoder/model.fp16.safetensors"),
            File("tokenizer/vocab.json"),
            File("tokenizer/merges.txt"),
            File("tokenizer/tokenizer_config.json"),
            File("tokenizer/special_tokens_map.json"),
            File("scheduler/scheduler_config.json"),
        ),
        RAIL,
        "matching",
    ),
    Model(
        "lines-informative", "informative-drawings", "line art of colour pictures, as the paper trains with",
        "lllyasviel/Annotators", (File("sk_model.pth"),), MIT, "optional",
    ),
    Model(
        "lines-anime", "Anime Lineart", "line art of anime frames", "lllyasviel/Annotators", (File("netG.pth"),), UNCLEAR,
        "optional",
    ),
    Model(
        "lines-hed", "HED", "soft edges of colour pictures", "lllyasviel/Annotators", (File("ControlNetHED.pth"),), APACHE_UNTAGGED,
        "optional",
    ),
    Model(
        "lines-pidinet", "PiDiNet", "edges of colour pictures", "lllyasviel/Annotators", (File("table5_pidinet.pth"),),
        UNCLEAR, "optional",
    ),
    Model(
        "u2net", "U-2-Net", "cuts a reference's figure out of its background", "", (File("u2net.pth"),), APACHE_UNTAGGED,
        "optional",
    ),
    Model("superpoint", "SuperPoint", "finds points as the release does", "", (File("superpoint_v1.pth"),), RESEARCH, "named"),
    Model("cotracker2", "CoTracker 2", "follows points as the release does", "", (File("cotracker2.pth"),), RESEARCH, "named"),
)  # fmt: skip


def model_named(name: str) -> Model | None:
    """The model of that name."""
    return next((m for m in MODELS if m.name == name), None)
