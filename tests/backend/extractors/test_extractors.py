"""Line extractors and the matte on seeded random weights: names, shapes, range, and loading. Quality needs real weights."""

import json

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the AniDoc environment is not set up here")
pytest.importorskip("kornia", reason="the AniDoc environment is not set up here")

from backend.contracts.errors import AniDocError  # noqa: E402
from backend.correspondence.features import filled  # noqa: E402
from backend.extractors.drawings import AnimeLineart, InformativeDrawings  # noqa: E402
from backend.extractors.edges import Hed, PiDiNet, _Difference  # noqa: E402
from backend.extractors.load import Matte, NetworkExtractor, build_extractor, build_matte, published  # noqa: E402
from backend.extractors.u2net import U2Net  # noqa: E402
from backend.setup.models import take_over  # noqa: E402
from backend.setup.models_table import MODELS  # noqa: E402
from tests.support.jobs import anidoc  # noqa: E402

OF = {model.name: model for model in MODELS}
SMALL = {
    "informative": lambda: InformativeDrawings(1, 4),
    "anime": lambda: AnimeLineart(2),
    "hed": lambda: Hed(4),
    "pidinet": lambda: PiDiNet(8, 4),
}


def figure(height=90, width=130, alpha=False) -> np.ndarray:
    """A red disc on blue, (H, W, 3 or 4) uint8."""
    picture = np.full((height, width, 3), (60, 90, 200), np.uint8)
    cv2.circle(picture, (width // 2, height // 2), 30, (220, 40, 30), -1)
    return np.dstack([picture, np.full((height, width), 255, np.uint8)]) if alpha else picture


def seeded(make):
    torch.manual_seed(0)
    return make()


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch):
    """A constructor that goes online by itself is a mistake."""

    def refuse(*arguments, **more):
        raise AssertionError("went online")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)


def own(root, name, state):
    """Weights in a folder of the user's own."""
    folder = root / "mine" / name
    folder.mkdir(parents=True)
    torch.save(state, folder / OF[name].files[0].path)
    take_over(root, OF[name], folder)


@pytest.mark.parametrize(
    ("make", "count", "keys"),
    [
        (InformativeDrawings, 4_290_945, ["model0.1.weight", "model2.2.conv_block.5.bias", "model4.1.bias"]),
        (AnimeLineart, 54_405_505, ["model.model.1.model.3.model.3.model.1.weight", "model.model.3.bias"]),
        (Hed, 14_716_168, ["norm", "block5.convs.2.weight", "block1.projection.bias"]),
        (PiDiNet, 710_149, ["init_block.weight", "block2_1.shortcut.bias", "dilations.3.conv2_4.weight"]),
        (U2Net, 44_009_869, ["stage1.rebnconvin.bn_s1.running_var", "stage5d.rebnconv1d.conv_s1.bias", "side6.bias"]),
    ],
)
def test_full_size_networks_have_the_published_names(make, count, keys):
    with torch.device("meta"):
        network = make()
    assert sum(p.numel() for p in network.parameters()) == count
    assert set(keys) <= network.state_dict().keys()


@pytest.mark.parametrize("name", list(SMALL))
@pytest.mark.parametrize("size", [(90, 130), (17, 300), (5, 5)])
def test_lines_are_grey_of_the_pictures_size(name, size):
    extractor = NetworkExtractor(name, seeded(SMALL[name]))
    grey = extractor.strength(figure(*size))
    assert grey.shape == size and grey.dtype == np.uint8
    assert np.array_equal(grey, extractor.strength(figure(*size, alpha=True)))
    clear = np.dstack([figure(*size), np.zeros(size, np.uint8)])  # transparent is white paper
    assert np.array_equal(extractor.strength(clear), extractor.strength(np.full((*size, 3), 255, np.uint8)))


def test_a_large_picture_is_shrunk_for_the_network(monkeypatch):
    monkeypatch.setattr("backend.extractors.load.LARGEST", 4000)
    seen = []
    network = seeded(SMALL["informative"])
    network.register_forward_hook(lambda module, given, made: seen.append(made.shape[2:]))
    assert NetworkExtractor("informative", network).strength(figure(200, 300)).shape == (200, 300)
    assert seen[0].numel() <= 4400


@pytest.mark.parametrize("kind", ["central", "angular", "radial"])
def test_differences_of_pixels_do_not_see_an_even_picture(kind):
    conv = _Difference(kind, 3, 5)
    torch.nn.init.normal_(conv.weight)
    assert conv(torch.full((1, 3, 9, 9), 0.7))[..., 2:-2, 2:-2].abs().max() < 1e-5
    assert conv(torch.rand(1, 3, 9, 9)).abs().max() > 0.1


def test_the_matte_says_of_every_pixel_how_much_it_is_figure():
    matte = Matte(seeded(lambda: U2Net(1)))
    found = matte.of(figure())
    assert found.shape == (90, 130) and found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1 and np.ptp(found) > 0.5
    assert matte.of(np.zeros((8, 8, 3), np.uint8)).shape == (8, 8)


def test_extractors_are_built_from_the_files_as_published(tmp_path):
    small = {f"module.{k}": v for k, v in seeded(PiDiNet).state_dict().items()}
    own(tmp_path, "lines-pidinet", {"state_dict": small})
    own(tmp_path, "lines-informative", seeded(InformativeDrawings).state_dict())
    for name in ("pidinet", "informative"):
        extractor = build_extractor(name, tmp_path)
        assert extractor.name == name and extractor.licence
        assert extractor.strength(figure()).shape == (90, 130)
    with pytest.raises(AniDocError, match="U-2-Net is not on this computer"):
        build_matte(tmp_path)
    with pytest.raises(AniDocError, match="There is no extractor called pencil"):
        build_extractor("pencil", tmp_path)


def test_swapped_files_and_files_of_more_than_numbers_are_refused(tmp_path):
    own(tmp_path, "lines-hed", seeded(lambda: PiDiNet(8, 4)).state_dict())
    with pytest.raises(AniDocError, match="not those of HED"):
        build_extractor("hed", tmp_path)
    with pytest.raises(AniDocError, match="not those of HED"):
        published({"state_dict": 3}, "HED")
    with pytest.raises(AniDocError, match="not those of U-2-Net"):
        filled(U2Net(1), {}, "U-2-Net")
    own(tmp_path, "u2net", {"weight": tmp_path})  # more than tensors: opening it as Python does would run code
    with pytest.raises(AniDocError, match="damaged"):
        build_matte(tmp_path)


def test_the_command_takes_the_extractor_and_the_papers_threshold(tmp_path):
    (tmp_path / "frames").mkdir()
    cv2.imwrite(str(tmp_path / "frames" / "0001.png"), figure())
    given = ["sketch", "--frames", tmp_path / "frames", "--out", tmp_path / "out", "--models", tmp_path / "models"]
    done = anidoc(*given, "--extractor", "informative", timeout=300)
    assert done.returncode == 2 and "anidoc models get lines-informative" in done.stderr
    own(tmp_path / "models", "lines-informative", seeded(InformativeDrawings).state_dict())
    done = anidoc(*given, "--extractor", "informative", "--json", timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["extractor"] == "informative"
    made = cv2.imread(str(tmp_path / "out" / "0001.png"), -1)
    grey = build_extractor("informative", tmp_path / "models").strength(figure()[..., ::-1])
    assert made is not None and np.array_equal(made, np.where(grey > 200, 255, 0))
