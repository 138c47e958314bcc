"""Matchers with networks, on seeded random weights: what they promise of shapes, units and order. Quality needs weights."""

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the AniDoc environment is not set up here")
pytest.importorskip("kornia", reason="the AniDoc environment is not set up here")

from backend.contracts.errors import AniDocError  # noqa: E402
from backend.correspondence.dift import Dift, DiftMatcher, strongest  # noqa: E402
from backend.correspondence.features import Aliked, Disk, Sift  # noqa: E402
from backend.correspondence.lightglue import LightGlueMatcher, build_lightglue, empty_lightglue  # noqa: E402


def picture(shift=0):
    """Shapes with corners of all sizes, (192, 256, 3) uint8."""
    random = np.random.default_rng(4)
    out = np.full((192, 256, 3), 255, np.uint8)
    for _ in range(60):
        x, y, w, h = (int(v) for v in random.integers(8, [200, 140, 50, 40]))
        cv2.rectangle(out, (x + shift, y), (x + w + shift, y + h), random.integers(0, 255, 3).tolist(), -1)
    return out


def random_state(net, seed=0):
    """Seeded weights of a network's own shapes."""
    source = torch.Generator().manual_seed(seed)
    state = {}
    for key, value in net.state_dict().items():
        if value.is_floating_point() and key != "confidence_thresholds":
            state[key] = (
                torch.rand(value.shape, generator=source)
                if "running_var" in key
                else torch.randn(value.shape, generator=source)
                / max(1, value[0].numel() if value.ndim > 1 else 8) ** 0.5
            )
    return state


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch):
    """A constructor that goes online by itself is a mistake."""
    import urllib.request

    def refuse(*arguments, **more):
        raise AssertionError("went online")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)
    monkeypatch.setattr(urllib.request, "urlopen", refuse)


def detector(name):
    from kornia.feature import ALIKED, DISK

    if name == "sift":
        return Sift()
    net = ALIKED("aliked-n16") if name == "aliked" else DISK()
    return (Aliked if name == "aliked" else Disk)(random_state(net))


@pytest.mark.parametrize("name", ["sift", "aliked", "disk"])
def test_points_are_pixels_of_the_picture_and_descriptors_have_their_length(name):
    found = detector(name).detect(picture())
    assert len(found.points) > 10 and found.descriptors.shape == (len(found.points), 128)
    assert (found.points >= 0).all() and (found.points <= (255, 191)).all()
    assert found.points[:, 0].max() > 192, "x goes across, not down"
    assert (found.scales is not None) == (name == "sift")


@pytest.mark.parametrize("name", ["sift", "aliked", "disk"])
def test_matches_are_pairs_in_pixels_of_each_picture_surest_first(name):
    net = build_lightglue(random_state(empty_lightglue(name)), name)
    net.conf.filter_threshold = 0.0
    grey = cv2.cvtColor(picture(9), cv2.COLOR_RGB2GRAY)
    matcher = LightGlueMatcher(detector(name), net)
    found = matcher.match(picture(), grey)
    assert matcher.name == f"lightglue-{name}" and len(found) > 0
    assert found.reference.shape == found.sketch.shape == (len(found), 2)
    assert (np.diff(found.confidence) <= 0).all() and (found.confidence <= 1).all()
    again = matcher.match(picture(), grey)
    assert np.array_equal(found.reference, again.reference) and np.array_equal(found.sketch, again.sketch)


def test_an_empty_sketch_has_no_matches():
    net = build_lightglue(random_state(empty_lightglue("sift")), "sift")
    found = LightGlueMatcher(Sift(), net).match(picture(), np.full((192, 256), 255, np.uint8))
    assert len(found) == 0 and found.sketch.shape == (0, 2)


def test_published_keys_are_understood_and_strange_ones_refused():
    state = random_state(empty_lightglue("disk"))
    published = {}
    for key, value in state.items():
        parts = key.split(".")
        if parts[0] == "transformers":
            key = ".".join([parts[2], parts[1], *parts[3:]])
        published[key] = value
    assert any(key.startswith("self_attn.0.") for key in published)
    net = build_lightglue(published, "disk")
    for key, value in net.state_dict().items():
        if key in state:
            assert torch.equal(value, state[key]), key
    with pytest.raises(AniDocError, match="not those of LightGlue for SIFT"):
        build_lightglue(published, "sift")
    with pytest.raises(AniDocError, match="not those of DISK"):
        Disk(published)


class OneBlock:
    """A diffusion model of a few thousand weights in the real classes."""

    def __init__(self):
        from diffusers import AutoencoderKL, UNet2DConditionModel

        torch.manual_seed(0)
        self.unet = UNet2DConditionModel(
            sample_size=16, block_out_channels=(8, 8, 16, 16), layers_per_block=1, cross_attention_dim=8,
            attention_head_dim=4, norm_num_groups=4,
        ).eval()  # fmt: skip
        self.vae = AutoencoderKL(
            block_out_channels=(8, 8, 8, 8), down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=4, latent_channels=4,
        ).eval()  # fmt: skip


@pytest.fixture(scope="module")
def dift():
    pytest.importorskip("diffusers", reason="the AniDoc environment is not set up here")
    models = OneBlock()
    return DiftMatcher(
        models.unet, models.vae, torch.zeros(1, 7, 8), torch.linspace(0.999, 0.005, 1000), Dift(size=256, ensemble=2)
    )


def test_features_are_unit_vectors_of_the_block_that_was_asked_for(dift):
    found = dift.features(picture())
    # 256 px are 32 latents; the up path starts at 4, and the second up block gives 16.
    assert found.shape == (16, 16, 16) and torch.allclose(found.norm(dim=0), torch.ones(16, 16), atol=1e-4)
    assert torch.equal(found, dift.features(picture()))


def test_dift_gives_every_point_a_place_in_the_sketch(dift):
    points = np.array([[10, 20], [250, 180]], np.float32)
    grey = cv2.cvtColor(picture(), cv2.COLOR_RGB2GRAY)
    found = dift.find(picture(), grey[:, :200], points)
    assert np.array_equal(found.reference, points)
    assert (found.sketch >= 0).all() and (found.sketch <= (199, 191)).all()
    assert len(dift.match(picture(), grey)) > 5


def test_the_strongest_likeness_is_found_where_it_is():
    random = torch.Generator().manual_seed(1)
    a = torch.nn.functional.normalize(torch.randn(24, 12, 16, generator=random), dim=0)
    b = torch.roll(a, shifts=(2, 3), dims=(1, 2))
    points = np.array([[8 * 5 + 3.5, 8 * 4 + 3.5], [8 * 9 + 3.5, 8 * 6 + 3.5]], np.float32)
    found, alike = strongest(a, b, points, (96, 128), (96, 128))
    assert np.abs(found - (points + (24, 16))).max() <= 4 and (alike > 0.85).all()
