"""One set of small weights for the whole room, and the pipeline of them."""

import pytest

from backend.anidoc.folders import find_folders
from backend.anidoc.pipeline import AniDocPipeline
from backend.anidoc.weights import load_networks
from tests.support.tiny_model import make_weights


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """A folder with the released layout and random numbers."""
    return make_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def pipeline(weights):
    """The pipeline of those weights, new for each test."""
    return AniDocPipeline.of(load_networks(find_folders(weights)))
