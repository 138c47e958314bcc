"""The tests' own Blenders leave no user folder behind, however they end."""

import os
import signal
import subprocess
import sys

import pytest

from tests.support.blender import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

WAITING = "import time; from tests.support.blender import RESOURCES; print(RESOURCES, flush=True); time.sleep(60)"


def blender(tmp_path, code: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def said(process: subprocess.Popen) -> str:
    return next(line.strip() for line in process.stdout if "anidoc-blender-" in line)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL], ids=lambda by: by.name)
def test_the_user_folder_goes_with_the_process_or_with_the_next_one(tmp_path, by):
    process = blender(tmp_path, WAITING)
    folder = said(process)
    process.send_signal(by)
    process.wait(timeout=30)
    if by == signal.SIGKILL:
        assert os.path.isdir(folder)  # noqa: PTH112  nobody could clean up
        blender(tmp_path, "import tests.support.blender").wait(timeout=60)
    assert list(tmp_path.glob("anidoc-blender-*")) == []
