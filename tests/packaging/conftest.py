"""The zip, built once by Blender's own tool, for every test here."""

from pathlib import Path

import pytest

from tools.package import zip_file


@pytest.fixture(scope="session")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's zip. Blender's tool has built and validated it, or the tests stop here with its words."""
    return zip_file(tmp_path_factory.mktemp("zip"))
